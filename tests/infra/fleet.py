"""Three nodes that are real processes, the Lambda on the emulator, and the commits that they are sent."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from infra.release.invoke import deploy
from infra.release.lambda_zip import HANDLER, zipped
from infra.release.manifest import Pin
from local.stack import ROOT
from tests import servers
from tests.infra.cloud import Cloud
from tests.infra.node import DOCUMENT, Processes
from tests.infra.releases import Repository

FUNCTION = "fleet-deploy"  # the stacks of test_cloudformation make an `otto-deploy` on the same emulator


@dataclass
class Fleet:
    """Nodes below one folder, each with its agent."""

    cloud: Cloud
    folder: Path
    repository: Repository
    ports: dict[str, int] = field(default_factory=dict)
    running: dict[str, ExitStack] = field(default_factory=dict)

    def boot(self, node: str) -> None:
        """Start a node: its agent looks at once, as it does after a boot, and then for commands."""
        self.ports.setdefault(node, servers.free_port())
        (self.tasks(node)).mkdir(parents=True, exist_ok=True)
        environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "OTTO_"))},
            **self.cloud.env,
            "OTTO_NODE_ID": node,
            "OTTO_NODE_ROLE": "worker",
            "OTTO_NODE_ROOT": str(self.root(node)),
            "OTTO_NODE_STEADY_SECONDS": "0.5",
            "OTTO_NODE_HEALTH_SECONDS": "10",
            "OTTO_TEST_WEB_PORT": str(self.ports[node]),
            "OTTO_TEST_TASKS": str(self.tasks(node)),
            "OTTO_TEST_IMPORTS": str(self.folder / f"{node}-imports"),
            "PYTHONPATH": f"{ROOT}:{ROOT / 'infra' / 'lambda'}",
        }
        command = [sys.executable, "-m", "tests.infra.node"]
        self.running[node] = ExitStack()
        log = self.folder / f"{node}.log"
        self.running[node].enter_context(servers.process(command, log, lambda: True, environ))

    def shut_down(self, node: str) -> None:
        """Its agent and its services are gone."""
        self.running.pop(node).close()
        Processes(self.root(node)).end_all()

    def root(self, node: str) -> Path:
        return self.folder / node

    def tasks(self, node: str) -> Path:
        return self.folder / f"{node}-tasks"

    def publish(self, **files: str) -> Pin:
        """Commit, build and upload."""
        self.repository.commit(**files)
        return self.cloud.publish(self.repository.release(self.folder / "build"))

    def deploy(self, pin: Pin, imports: int = 0) -> dict[str, Any]:
        """Invoke the Lambda and give its report; so many of the nodes import the DAGs, which takes them seconds."""
        self.import_dags(imports)
        return self.invoke({"action": "deploy", "release": str(pin)})

    def import_dags(self, nodes: int) -> None:
        """Have so many of the nodes import the DAGs of what they are sent."""
        for number, node in enumerate(self.running):
            flag = self.folder / f"{node}-imports"
            flag.touch() if number < nodes else flag.unlink(missing_ok=True)

    def invoke(self, event: dict[str, str]) -> dict[str, Any]:
        config = Config(read_timeout=200, retries={"total_max_attempts": 1})
        client = boto3.client(
            "lambda",
            endpoint_url=self.cloud.endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=config,
        )
        return deploy(client, FUNCTION, event)

    def current(self) -> set[str]:
        """The release folders that the nodes run."""
        return {(self.root(node) / "current").resolve().name for node in self.running}

    def lives(self) -> dict[str, str]:
        """What each node's state says was started last, with the process of its web service."""
        found = {}
        for node in self.running:
            state = json.loads((self.root(node) / "state.json").read_text())
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[node]}/", timeout=5) as answer:
                found[node] = json.dumps([state["instances"], json.loads(answer.read())["pid"]])
        return found


@contextlib.contextmanager
def running_fleet(aws_endpoint: str, folder: Path) -> Iterator[Fleet]:
    """Three healthy nodes on the first release."""
    cloud = Cloud(aws_endpoint)
    made = Fleet(cloud, folder, Repository(folder / "git"))
    lambdas = cloud.client("lambda")
    variables = {
        "OTTO_RELEASE_BUCKET": cloud.bucket,
        "OTTO_PARAMETER_PREFIX": cloud.prefix,
        "OTTO_DEPLOY_DOCUMENT": DOCUMENT,
        "OTTO_DEPLOY_HEALTH_SECONDS": "120",
        "OTTO_DEPLOY_BACK_SECONDS": "60",
        "OTTO_DEPLOY_POLL_SECONDS": "0.2",
    }
    lambdas.create_function(
        FunctionName=FUNCTION,
        Runtime="python3.13",
        Role="arn:aws:iam::000000000000:role/otto-deploy",
        Handler=HANDLER,
        Code={"ZipFile": zipped(ROOT)},
        Timeout=300,
        Environment={"Variables": variables},
    )
    try:
        for role in ("airflow", "worker", "worker"):
            made.boot(cloud.start_node(role))
        report = made.deploy(made.publish())
        assert report["outcome"] == "healthy", report
        yield made
    finally:
        for node in list(made.running):
            made.shut_down(node)
        lambdas.delete_function(FunctionName=FUNCTION)
        cloud.stop_all()
