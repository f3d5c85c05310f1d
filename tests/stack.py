"""A whole embedded stack for a test: in a state folder of its own, on free ports, and gone when the block ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from local import environment, pipeline_run, processes
from local.airflow_api import Airflow
from local.credentials import AIRFLOW_USER, Credentials, credentials
from local.pipeline_run import Step
from local.stack import DEFAULT_PORTS, ROOT, Stack, load, port_variable
from tests.servers import free_port, wait_until


@dataclass
class RunningStack:
    """One stack under test, driven as a person would: by `python -m local`."""

    state: Path
    ports: dict[str, int]
    log: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        """The environment in which `python -m local` (and `make`) speaks to this stack."""
        ports = {port_variable(name): str(port) for name, port in self.ports.items()}
        return os.environ | {"OTTO_STATE": str(self.state)} | ports | self.extra

    @property
    def stack(self) -> Stack:
        """The stack as it was last written."""
        return load(self.env)

    @property
    def credentials(self) -> Credentials:
        """Its secrets."""
        return credentials(self.state)

    @property
    def task_env(self) -> dict[str, str]:
        """What a task finds in its environment: connections, the malls file, Airflow's settings."""
        return environment.airflow(self.stack, self.credentials)

    @property
    def airflow(self) -> Airflow:
        """Airflow's REST API, logged in."""
        return Airflow(self.stack.url("airflow"), AIRFLOW_USER, self.credentials.airflow_password)

    def local(self, *arguments: str, check: bool = True, seconds: float = 400) -> subprocess.CompletedProcess[str]:
        """Run `python -m local …`; its output also goes to the log."""
        command = [sys.executable, "-m", "local", *arguments]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        with self.log.open("a", encoding="utf-8") as sink:
            sink.write(f"$ {' '.join(arguments)}\n{done.stdout}{done.stderr}")
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def status(self) -> dict[str, Any]:
        """`python -m local status --json`."""
        return json.loads(self.local("status", "--json").stdout)

    def service(self, name: str) -> dict[str, Any]:
        """The status of one service."""
        return next(row for row in self.status()["services"] if row["name"] == name)

    def kill(self, name: str) -> int:
        """kill -9 of a service; gives the process id it had."""
        pid = self.service(name)["pid"]
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_healthy(self, name: str, other_than: int | None = None, seconds: float = 90) -> int:
        """Wait until a service works, as another process than `other_than`; gives its process id."""
        found: dict[str, Any] = {}

        def works() -> bool:
            found.update(self.service(name))
            return found["healthy"] and found["pid"] != other_than

        wait_until(works, name, seconds)
        return found["pid"]

    def trigger(self, dag_id: str, conf: dict[str, Any] | None = None) -> str:
        """Start a run once its DAG is parsed; gives its id."""
        self.airflow.wait_for_dags({dag_id})
        return self.airflow.trigger(dag_id, conf)

    def wait(self, dag_id: str, run_id: str, seconds: float = 280) -> str:
        """Wait for the end of a run; gives its state. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            state = self.airflow.run(dag_id, run_id)["state"]
            if state in ("success", "failed"):
                return state
            time.sleep(0.5)
        raise TimeoutError(f"{dag_id} {run_id} did not end within {seconds} s")

    def run_chain(self, conf: dict[str, Any] | None = None, seconds: float = 600) -> list[Step]:
        """Trigger scrape_malls and follow all four DAGs. Raises RunFailed with the failing task's error."""
        self.airflow.wait_for_dags(set(pipeline_run.CHAIN))
        steps = pipeline_run.follow(self.airflow, conf or {}, lambda steps: None, seconds)
        for step in steps:
            if step.failure:
                raise pipeline_run.RunFailed(step.failure)
        return steps

    def dsn(self, database: str) -> str:
        """The reader's address of airflow, warehouse or rds."""
        return self.stack.dsn(database, "otto_reader")

    def processes(self) -> list[psutil.Process]:
        """Every living process of this stack."""
        return processes.of_stack(self.state)


def stack_of(folder: Path, **extra: str) -> RunningStack:
    """A stack that is not started: state below `folder`, every port free."""
    ports = dict.fromkeys(DEFAULT_PORTS, 0)
    while len(set(ports.values())) < len(ports):
        ports = {name: free_port() for name in DEFAULT_PORTS}
    return RunningStack(folder / "state", ports, folder / "stack.log", extra)


@contextlib.contextmanager
def running_stack(folder: Path, *arguments: str, verb: str = "up", **extra: str) -> Iterator[RunningStack]:
    """`python -m local up` (or `cluster`) with these arguments (--only, --products, ...); down again at the end.

    `extra` goes to the environment of every service.
    """
    stack = stack_of(folder, **extra)
    try:
        stack.local(verb, *arguments)
        yield stack
    finally:
        stack.local("down", check=False)
        processes.end(stack.processes(), 2)
