"""Starts the stack in order, waits for each part's health, and prepares what a first run needs.

Everything may run again: what runs stays, what is prepared is not prepared twice, what a kill -9 left is put right.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from include import settings
from local import airflow_api, databases, environment, migrate, s3, services, supervisor
from local.credentials import AIRFLOW_USER, Credentials, credentials
from local.ports import check_ports
from local.services import BY_NAME, SERVICES, Service
from local.stack import ROOT, Stack, StackError, write_private

# seconds that a part may take until it works; the slowest machine that was tried needed a third
_PATIENCE = {"airflow-api-server": 180, "airflow-scheduler": 180, "airflow-dag-processor": 180}
# seconds between two tries to start; a service that was not up for a moment in that time will not be
_CRASHING = 15

_TABLES = {"airflow": "Airflow", "schema": "warehouse and serving database"}


class StartFailed(StackError):
    """A service did not become healthy; the message has the end of its log."""


@dataclass
class Starting:
    """One `up`: the stack, its secrets, and who is told."""

    stack: Stack
    names: tuple[str, ...]  # the services that are wanted
    console: Console
    secrets: Credentials = field(init=False)

    def __post_init__(self) -> None:
        prepare_folder(self.stack)
        self.secrets = credentials(self.stack.state)

    def wants(self, *names: str) -> bool:
        """Whether all of these services are part of this start."""
        return set(names) <= set(self.names)

    def launch(self, *names: str) -> None:
        """Have services started, without waiting."""
        for name in names:
            if name in self.names:
                supervisor.start(self.stack, name)

    def wait(self, *names: str) -> None:
        """Wait until services work. Raises StartFailed."""
        for name in names:
            if name in self.names:
                began = time.monotonic()
                self._wait(BY_NAME[name])
                self.say(f"{name} works", time.monotonic() - began)

    def _wait(self, service: Service) -> None:
        deadline = time.monotonic() + _PATIENCE.get(service.name, 90)
        never_ran = time.monotonic() + _CRASHING
        with self.console.status(f"{service.name} is starting"):
            while True:
                now = supervisor.states(self.stack)[service.name]
                if now["statename"] == "RUNNING" and service.healthy(self.stack, self.secrets, now["start"]):
                    return
                if now["statename"] != "BACKOFF":
                    never_ran = time.monotonic() + _CRASHING
                late = time.monotonic() > min(deadline, never_ran)
                if late or now["statename"] == "FATAL":
                    log = self.stack.logs / f"{service.name}.log"
                    raise StartFailed(
                        f"{service.name} is {now['statename']} and does not work; {log} ends with\n{tail(log)}"
                    )
                time.sleep(0.1)

    def say(self, what: str, seconds: float | None = None) -> None:
        """One line of progress."""
        took = f" ({seconds:.1f} s)" if seconds is not None and seconds >= 0.1 else ""
        self.console.print(f"  {what}{took}", highlight=False)


def up(stack: Stack, console: Console, only: Iterable[str] | None = None) -> None:
    """Start the stack, or some of its services. Raises StackError with what to do."""
    wanted = tuple(only) if only else tuple(service.name for service in SERVICES)
    unknown = set(wanted) - set(BY_NAME)
    if unknown:
        raise StackError(f"unknown service {', '.join(sorted(unknown))}; there are {', '.join(BY_NAME)}")
    absent = [name for name in wanted if not BY_NAME[name].present()]
    if absent:
        console.print(f"  not in this checkout yet: {', '.join(absent)}", highlight=False)
    start = Starting(stack, tuple(name for name in wanted if name not in absent), console)
    check_ports(stack, start.names)
    stack.save()
    supervisor.ensure(stack)
    _data_stores(start)
    migrations = _begin_migrations(start)
    start.launch("redshift", "malls")
    start.wait("redshift", "malls")
    _write_malls(start)
    for what, stamp, process, log in migrations:
        _finish_migration(start, what, stamp, process, log)
    _airflow_and_web(start)


def prepare_folder(stack: Stack) -> None:
    """The state folder. As root others may pass through it, since PostgreSQL runs as a user of its own."""
    stack.state.mkdir(parents=True, exist_ok=True)
    stack.state.chmod(0o711 if os.geteuid() == 0 else 0o700)
    for folder in (stack.logs, stack.airflow_home, stack.airflow_home / "logs"):
        folder.mkdir(mode=0o700, exist_ok=True)


def _data_stores(start: Starting) -> None:
    if start.wants("postgres"):
        services.cluster(start.stack, start.secrets)
        databases.write_hba(start.stack)
    start.launch("postgres", "s3")
    start.wait("postgres", "s3")
    if start.wants("postgres"):
        databases.create(start.stack, start.secrets)
    if start.wants("s3"):
        client = s3.client(start.stack.url("s3"), start.secrets.s3_access_key, start.secrets.s3_secret_key)
        bucket = settings.bucket()
        if bucket not in {known["Name"] for known in client.list_buckets()["Buckets"]}:
            client.create_bucket(Bucket=bucket)


Migration = tuple[str, str, subprocess.Popen | None, Path]


def _begin_migrations(start: Starting) -> list[Migration]:
    """Airflow's migration runs while other things start; each only when its subject changed."""
    begun: list[Migration] = []
    if start.wants("postgres", "airflow-api-server"):
        version = importlib.metadata.version("apache-airflow")
        if start.stack.stamps.get("airflow") != version:
            begun.append(_run_migration(start, "airflow", version, ["airflow", "db", "migrate"]))
    parts = all(importlib.util.find_spec(name) for name in ("include.serving", "include.warehouse"))
    if start.wants("postgres", "redshift") and parts:
        digest = migrate.schema_digest()
        if start.stack.stamps.get("schema") != digest:
            begun.append(("schema", digest, None, start.stack.logs / "migrate-schema.log"))
    return begun


def _run_migration(start: Starting, what: str, stamp: str, arguments: list[str]) -> Migration:
    log = start.stack.logs / f"migrate-{what}.log"
    environ = environment.base(start.stack, f"migrate-{what}") | environment.airflow(start.stack, start.secrets)
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
        )
    return what, stamp, process, log


def _finish_migration(start: Starting, what: str, stamp: str, process: subprocess.Popen | None, log: Path) -> None:
    began = time.monotonic()
    if process is None:  # it needs the gateway, which runs by now
        _, _, process, log = _run_migration(start, what, stamp, ["local", "migrate"])
    assert process is not None
    with start.console.status(f"the tables of {_TABLES[what]} are prepared"):
        try:
            process.wait(300)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.returncode != 0:
        raise StartFailed(f"preparing the tables of {_TABLES[what]} failed; {log} ends with\n{tail(log)}")
    start.stack.stamps[what] = stamp
    start.stack.save()
    start.say(f"the tables of {_TABLES[what]} are prepared", time.monotonic() - began)


def _write_malls(start: Starting) -> None:
    if not start.wants("malls"):
        return
    malls = importlib.import_module("local.malls")
    text = malls.malls_toml(start.stack.ports["malls"], reviews=start.stack.malls.reviews is not None)
    start.stack.malls_file.write_text(text, encoding="utf-8")


def _airflow_and_web(start: Starting) -> None:
    stack, secrets = start.stack, start.secrets
    parts = ("airflow-api-server", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer", "web")
    if start.wants("airflow-api-server"):
        passwords = stack.airflow_home / "passwords.json"
        write_private(passwords, f'{{"{AIRFLOW_USER}": "{secrets.airflow_password}"}}\n')
        databases.grant_airflow_tables(stack, secrets)
    start.launch(*parts)
    start.wait(*parts)
    if start.wants("airflow-api-server"):
        api = airflow_api.Airflow(stack.url("airflow"), AIRFLOW_USER, secrets.airflow_password)
        os.environ["OTTO_MALLS_FILE"] = str(stack.malls_file) if stack.malls_file.exists() else ""
        for name in settings.malls():
            api.ensure_pool(f"mall_{name}", 2, f"browsers that read {name} at once")


def tail(log: Path, lines: int = 15) -> str:
    """The end of a log."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "(no log)"
    return "\n".join(text.rstrip().split("\n")[-lines:])
