"""A worker node of the cluster whose Celery workers are the agent's, started from a release as on AWS.

`python -m tests.cluster.node pull NODE ROOT S3 PIN VERSION` is one run of the agent, in the place of its unit;
`... worker NODE RELEASE QUEUE INSTANCE` turns into a worker, in the node's namespace where it has one.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from infra.node.agent import Agent
from infra.node.services import WORKER_BROWSER, WORKER_DEFAULT, Role, Service
from infra.node.settings import NodeSettings
from local import environment, nodes
from local import stack as stacks
from local.credentials import credentials
from local.stack import QUEUES, ROOT
from tests.infra.memory_aws import MemoryS3, MemorySsm
from tests.infra.node import Processes, this_environment


@dataclass
class Workers(Processes):
    """Control of one node's workers."""

    node: str = ""

    def _command(self, service: Service, instance: str, release: Path) -> list[str]:
        queue = service.name.removeprefix("worker-")
        return [sys.executable, "-m", "tests.cluster.node", "worker", self.node, str(release), queue, instance]

    def _place(self, release: Path) -> Path:
        return ROOT


def agent(node: str, root: Path, s3: Path, pin: str = "none", version: int = 0) -> Agent:
    """The agent of a node; its pointer says so."""
    ssm = MemorySsm()
    ssm.value, ssm.version = pin, version
    settings = NodeSettings(node, "worker", "bucket", root, health_seconds=60, steady_seconds=1)
    control = Workers(root, node)
    return Agent(settings, Role((WORKER_DEFAULT, WORKER_BROWSER)), control, MemoryS3(s3), ssm, this_environment)


def become_worker(node: str, release: Path, queue: str, instance: str) -> None:
    """Does not return."""
    stack = stacks.load()
    # its marks are those of the cluster's own worker, so that `down` finds it
    environ = environment.base(stack, f"{node}-{queue}") | environment.worker(stack, credentials(stack.state), node)
    environ |= {
        "PYTHONPATH": str(release),
        "AIRFLOW__CORE__DAGS_FOLDER": str(release / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(release / "plugins"),
    }
    if stack.apart:
        nodes.enter(stack, node)
    os.chdir(release)
    python = str(release / "venv/bin/python")
    slots, name = str(QUEUES[queue]), f"{queue}-{instance}@{node}"
    celery = ["airflow", "celery", "worker", "--queues", queue, "--concurrency", slots, "--celery-hostname", name]
    os.execve(python, [python, "-m", *celery, "--skip-serve-logs", "--without-mingle", "--without-gossip"], environ)  # noqa: S606


def main(verb: str, node: str, place: str, *more: str) -> None:
    """Be what the command line says."""
    if verb == "worker":
        become_worker(node, Path(place), *more)
    s3, pin, version = more
    print(agent(node, Path(place), Path(s3), pin, int(version)).pull())


if __name__ == "__main__":
    main(*sys.argv[1:])
