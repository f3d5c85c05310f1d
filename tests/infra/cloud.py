"""One installation on the AWS of `tests.infra.aws_server`: a bucket, the pointer's parameters, instances."""

from __future__ import annotations

import contextlib
import functools
import json
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from deploy.fleet import report_key
from deploy.handler import Run
from deploy.settings import Settings
from infra.release.build import Release
from infra.release.manifest import Pin
from infra.release.upload import upload
from local import s3
from tests import servers

_ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


@contextlib.contextmanager
def aws_server(folder: Path, port: int | None = None) -> Iterator[str]:
    """The server; gives its endpoint."""
    port = port or servers.free_port()
    environ = s3.environment(folder, port) | _ENVIRONMENT | {"S3_PERSIST": "0", "PERSIST_STATE": "0"}
    environ.pop("SERVICES")  # all of them
    command = [sys.executable, "-m", "tests.infra.aws_server"]
    with servers.process(command, folder / "aws.log", lambda: servers.http_ok(s3.health_url(port)), environ):
        yield f"http://127.0.0.1:{port}"


@functools.cache
def _client(endpoint: str, service: str, use: str = "plain") -> Any:
    # one for each use: making one takes a third of a second
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(connect_timeout=2, read_timeout=60, retries={"total_max_attempts": 1}),
    )


@dataclass
class Cloud:
    """Clients and names of one installation."""

    endpoint: str
    bucket: str = field(default_factory=lambda: f"releases-{secrets.token_hex(6)}")
    nodes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.prefix = f"/{self.bucket}"
        self.client("s3").create_bucket(Bucket=self.bucket)

    @property
    def env(self) -> dict[str, str]:
        """What a process needs to work on it."""
        names = {"OTTO_RELEASE_BUCKET": self.bucket, "OTTO_PARAMETER_PREFIX": self.prefix}
        return _ENVIRONMENT | names | {"AWS_ENDPOINT_URL": self.endpoint}

    def client(self, service: str) -> Any:
        """A boto3 client that gives up soon."""
        return _client(self.endpoint, service)

    @contextlib.contextmanager
    def hooked(self, hook: Callable[..., None], *events: str) -> Iterator[dict[str, Any]]:
        """The Lambda's three clients, with a hook of botocore on these events ("before-call.s3", ...)."""
        clients = {name: _client(self.endpoint, name, "hooked") for name in ("s3", "ssm", "ec2")}
        pairs = [(client.meta.events, event) for client in clients.values() for event in events]
        for register, event in pairs:
            register.register(event, hook)
        try:
            yield clients
        finally:
            for register, event in pairs:
                register.unregister(event, hook)

    def start_node(self, role: str = "worker", agent: bool = True) -> str:
        """An instance of that role; without an agent it is one that SSM does not hear of."""
        tags = [{"Key": "otto:role", "Value": role}, {"Key": "agent", "Value": "on"}][: 1 + agent]
        answer = self.client("ec2").run_instances(
            ImageId="ami-1", MinCount=1, MaxCount=1, TagSpecifications=[{"ResourceType": "instance", "Tags": tags}]
        )
        self.nodes.append(answer["Instances"][0]["InstanceId"])
        return self.nodes[-1]

    def stop_all(self) -> None:
        """Terminate the instances: others' deploys must not wait for them."""
        if self.nodes:
            self.client("ec2").terminate_instances(InstanceIds=self.nodes)
        self.nodes.clear()

    def publish(self, release: Release) -> Pin:
        """Upload a release."""
        upload(self.client("s3"), self.bucket, release)
        return release.pin

    def parameter(self, name: str) -> str | None:
        """The value of current or proven."""
        ssm = self.client("ssm")
        try:
            return ssm.get_parameter(Name=f"{self.prefix}/{name}")["Parameter"]["Value"]
        except ssm.exceptions.ParameterNotFound:
            return None

    def point(self, pin: Pin | str, name: str = "current") -> int:
        """Move a parameter by hand."""
        answer = self.client("ssm").put_parameter(
            Name=f"{self.prefix}/{name}", Value=str(pin), Type="String", Overwrite=True
        )
        return answer["Version"]

    def json(self, key: str) -> Any:
        """A JSON object of the bucket."""
        return json.loads(self.client("s3").get_object(Bucket=self.bucket, Key=key)["Body"].read())

    def keys(self, prefix: str) -> list[str]:
        """Keys below a prefix."""
        listed = self.client("s3").list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [entry["Key"] for entry in listed.get("Contents", ())]

    def report(self, node: str) -> dict[str, Any]:
        """A node's last report; empty where there is none."""
        return self.json(report_key(node)) if report_key(node) in self.keys("nodes/") else {}

    def run(self, clients: dict[str, Any] | None = None, remaining: float = 600, **times: float) -> Run:
        """One invocation's work in this process, with short times."""
        chosen = {"health_seconds": 3, "back_seconds": 2, "lease_seconds": 0.4, "poll_seconds": 0.02} | times
        settings = replace(Settings(self.bucket, prefix=self.prefix), **chosen)
        clients = clients or {name: self.client(name) for name in ("s3", "ssm", "ec2")}
        return Run(settings, clients, secrets.token_hex(8), lambda: remaining)


class AnsweringNodes(threading.Thread):
    """Nodes that only report, as `behaviour` says: node -> (release) -> state and cause, or None for silence."""

    def __init__(self, cloud: Cloud, behaviour: Callable[[str, str], dict[str, str] | None]) -> None:
        super().__init__(daemon=True)
        self.cloud, self.behaviour = cloud, behaviour
        self.ending = threading.Event()

    def run(self) -> None:
        ssm, bucket = self.cloud.client("ssm"), self.cloud.client("s3")
        seen = 0
        while not self.ending.is_set():
            time.sleep(0.02)
            with contextlib.suppress(ssm.exceptions.ParameterNotFound):
                word = ssm.get_parameter(Name=f"{self.cloud.prefix}/current")["Parameter"]
                if word["Version"] == seen or word["Value"] == "none":
                    continue
                seen = word["Version"]
                for node in self.cloud.nodes:
                    answer = self.behaviour(node, word["Value"])
                    if answer:
                        body = json.dumps({"release": word["Value"], "version": seen, **answer})
                        bucket.put_object(Bucket=self.cloud.bucket, Key=report_key(node), Body=body)

    def __enter__(self) -> AnsweringNodes:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        self.join(10)
