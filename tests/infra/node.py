"""A node made of processes: the real agent, with a process runner in the place of systemd.

`python -m tests.infra.node` is one: what its SSM agent would do (watch Run Command for its instance) and then the pull,
each time in a process of its own, as the unit does. OTTO_TEST_WEB_PORT and OTTO_TEST_TASKS are its services'
settings. DAGs are imported while the file OTTO_TEST_IMPORTS is there: it takes seconds of processor time.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from infra.node.agent import Agent
from infra.node.environments import COMPLETE
from infra.node.services import Role, Service
from infra.node.settings import NodeSettings

DOCUMENT = "otto-pull"


def services(port: int, tasks: Path) -> tuple[Service, ...]:
    """A web server and a worker, of parts that a release of `tests.infra.releases` has."""
    return (
        Service("web", ("web/server.py", str(port)), ("web/",), f"http://127.0.0.1:{port}/"),
        Service("worker-default", ("ml/worker.py", str(tasks)), ("dags/", "include/", "ml/"), overlaps=True),
    )


@dataclass
class Processes:
    """Control by plain processes with a file each; what systemd does, but that nothing is restarted by itself."""

    root: Path

    def install(self, release: Path, services: tuple[Service, ...]) -> None:
        self._folder.mkdir(exist_ok=True)

    def alive(self, service: Service, instance: str) -> str | None:
        with contextlib.suppress(FileNotFoundError, ValueError, psutil.Error):
            pid, began = (self._folder / f"{service.name}@{instance}").read_text().split()
            process = psutil.Process(int(pid))
            if str(process.create_time()) == began and process.status() != psutil.STATUS_ZOMBIE:
                return f"{pid} {began}"
        return None

    def start(self, service: Service, instance: str) -> None:
        if not service.overlaps:
            self._end(service, wait=True)
        older = self._instances(service)
        release = (self.root / "current").resolve()
        with (self._folder / f"{service.name}.log").open("ab") as log:
            child = subprocess.Popen(
                self._command(service, instance, release),
                cwd=self._place(release),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._folder.mkdir(exist_ok=True)
        began = psutil.Process(child.pid).create_time()
        (self._folder / f"{service.name}@{instance}").write_text(f"{child.pid} {began}")
        self._end(service, wait=False, instances=older)

    def stop(self, service: Service) -> None:
        self._end(service, wait=False)

    def log(self, service: Service, instance: str) -> str:
        return (self._folder / f"{service.name}.log").read_text(errors="replace")[-1500:]

    def _command(self, service: Service, instance: str, release: Path) -> list[str]:
        return [str(release / "venv/bin/python"), *service.command]

    def _place(self, release: Path) -> Path:
        return release

    def _end(self, service: Service, wait: bool, instances: list[str] | None = None) -> None:
        for instance in self._instances(service) if instances is None else instances:
            life = self.alive(service, instance)
            if life is None:
                continue
            process = psutil.Process(int(life.split()[0]))
            process.send_signal(signal.SIGTERM)
            if wait:
                process.wait(10)

    def _instances(self, service: Service) -> list[str]:
        return [path.name.partition("@")[2] for path in self._folder.glob(f"{service.name}@*")]

    @property
    def _folder(self) -> Path:
        return self.root / "services"

    def end_all(self) -> None:
        """Kill whatever runs; for the end of a test."""
        for path in self._folder.glob("*@*"):
            with contextlib.suppress(ValueError, psutil.Error, OSError):
                pid, began = path.read_text().split()
                process = psutil.Process(int(pid))
                if str(process.create_time()) == began:
                    process.kill()


def this_environment(lock: Path, environments: Path, python: str) -> Path:
    """In the place of an installation: the environment that the tests run in."""
    target = environments / "tests"
    if not target.is_symlink():
        target.symlink_to(sys.prefix)
    assert COMPLETE
    return target


def agent(settings: NodeSettings, role: Role, s3: Any, ssm: Any) -> Agent:
    """The agent with the tests' control."""
    return Agent(settings, role, Processes(settings.root), s3, ssm, this_environment)


def _settings() -> tuple[NodeSettings, Role]:
    port, tasks = int(os.environ["OTTO_TEST_WEB_PORT"]), Path(os.environ["OTTO_TEST_TASKS"])
    return NodeSettings.of(), Role(services(port, tasks))


def pull() -> int:
    """One run of the agent."""
    import boto3
    from botocore.config import Config

    settings, role = _settings()
    config = Config(connect_timeout=2, read_timeout=20, retries={"total_max_attempts": 2})
    s3, ssm = (boto3.client(name, config=config) for name in ("s3", "ssm"))
    one = agent(settings, role, s3, ssm)
    if not Path(os.environ["OTTO_TEST_IMPORTS"]).exists():
        one.check_dags = lambda release: []
    print(one.pull())
    return 0


def _pull_in_a_child() -> None:
    """In a process of its own, as the unit does; forked, since the imports take longest."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    code = 1
    try:
        code = pull()
    finally:
        sys.stdout.flush()
        os._exit(code)


def watch() -> None:
    """Run the agent for each new command, as the node's SSM agent would."""
    import boto3
    import boto3.s3.transfer  # what a pull needs, imported once

    node, ssm = NodeSettings.of().node, boto3.client("ssm")
    done: set[str] = set()
    while True:
        commands = ssm.list_commands(InstanceId=node)["Commands"]
        fresh = {each["CommandId"] for each in commands if each["DocumentName"] == DOCUMENT} - done
        if fresh:
            done |= fresh
            _pull_in_a_child()
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(pull() if sys.argv[1:] == ["pull"] else watch())
