"""What the services need before they can work: folders, secrets, databases, a bucket, tables, pools.

Each step may run again and is quick when there is nothing to do. `up` takes the steps in between the services' starts;
docker-compose.yaml takes them as one-shot containers (`python -m local prepare STEP`).
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from include import settings
from local import airflow_api, broker, databases, environment, migrate, s3, services
from local.credentials import AIRFLOW_USER, Credentials, credentials
from local.stack import ROOT, WORKER_NODES, Stack, StackError, write_private

_MIGRATION_SECONDS = 300


class PreparationFailed(StackError):
    """Tables could not be made; the message has the end of the log."""


def state(stack: Stack) -> Credentials:
    """The state folder with the record, the secrets, and the files that are made from them."""
    stack.state.mkdir(parents=True, exist_ok=True)
    # as root PostgreSQL runs as a user of its own, who must get through
    stack.state.chmod(0o711 if os.geteuid() == 0 else 0o700)
    for folder in (stack.logs, stack.airflow_home, stack.airflow_home / "logs"):
        folder.mkdir(mode=0o700, exist_ok=True)
    secrets = credentials(stack.state)
    stack.save()
    write_private(stack.airflow_home / "passwords.json", f'{{"{AIRFLOW_USER}": "{secrets.airflow_password}"}}\n')
    if stack.cluster:
        broker.configure(stack.state / "broker", stack.ports["broker"], secrets.broker)
        for node in WORKER_NODES:
            (stack.state / "nodes" / node / "logs").mkdir(mode=0o700, parents=True, exist_ok=True)
    malls = importlib.import_module("local.malls")
    text = malls.malls_toml(stack.ports["malls"], reviews=stack.malls.reviews is not None)
    stack.malls_file.write_text(text, encoding="utf-8")
    return secrets


def cluster(stack: Stack, secrets: Credentials) -> None:
    """PostgreSQL's files."""
    services.cluster(stack, secrets)
    databases.write_hba(stack)


def bucket(stack: Stack, secrets: Credentials) -> None:
    """The lake, and the logs of a cluster's tasks."""
    client = s3.client(stack.url("s3"), secrets.s3_access_key, secrets.s3_secret_key)
    wanted = {settings.bucket(), environment.log_bucket()} if stack.cluster else {settings.bucket()}
    for name in sorted(wanted - {known["Name"] for known in client.list_buckets()["Buckets"]}):
        client.create_bucket(Bucket=name)


@dataclass
class Migration:
    """One set of tables that is brought up to date by a process of its own, when its subject has changed."""

    stack: Stack
    secrets: Credentials
    name: str
    tables: str  # of what, for people
    arguments: tuple[str, ...]
    subject: str  # changes when there is something to do
    process: subprocess.Popen | None = None

    @property
    def log(self) -> Path:
        """What it said."""
        return self.stack.logs / f"migrate-{self.name}.log"

    def begin(self) -> bool:
        """Start it, if there is anything to do."""
        if self.stack.stamps.get(self.name) == self.subject:
            return False
        mark = environment.base(self.stack, f"migrate-{self.name}")
        with self.log.open("wb") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.arguments],
                cwd=ROOT,
                env=mark | environment.airflow(self.stack, self.secrets),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
            )
        return True

    def finish(self) -> None:
        """Wait for its end. Raises PreparationFailed."""
        if self.process is None:
            return
        try:
            code: int | None = self.process.wait(_MIGRATION_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            code = None
        if code != 0:
            raise PreparationFailed(f"the tables of {self.tables} could not be made; {self.log} ends with\n{self.end}")
        self.stack.stamps[self.name] = self.subject
        self.stack.save()

    @property
    def end(self) -> str:
        """The end of its log."""
        return tail(self.log)


def airflow_tables(stack: Stack, secrets: Credentials) -> Migration:
    """Airflow's own migration; needs PostgreSQL."""
    version = importlib.metadata.version("apache-airflow")
    return Migration(stack, secrets, "airflow", "Airflow", ("airflow", "db", "migrate"), version)


def own_tables(stack: Stack, secrets: Credentials) -> Migration:
    """Otto's migrations; they need PostgreSQL and the gateway."""
    what = "the warehouse and the serving database"
    return Migration(stack, secrets, "schema", what, ("local", "migrate"), migrate.schema_digest())


def pools(stack: Stack, secrets: Credentials) -> None:
    """One pool a mall, which bounds the browsers that read it at once; needs the api-server."""
    api = airflow_api.Airflow(stack.url("airflow"), AIRFLOW_USER, secrets.airflow_password)
    for name in settings.MALLS:
        api.ensure_pool(f"mall_{name}", 2, f"browsers that read {name} at once")


def _data(stack: Stack, secrets: Credentials) -> None:
    databases.create(stack, secrets)
    bucket(stack, secrets)


def _tables(stack: Stack, secrets: Credentials) -> None:
    for migration in (airflow_tables(stack, secrets), own_tables(stack, secrets)):
        migration.begin()
        migration.finish()
    databases.grant_airflow_tables(stack, secrets)


# the one-shot containers of docker-compose.yaml, in their order
STEPS: dict[str, Callable[[Stack, Credentials], None]] = {
    "state": cluster,
    "data": _data,
    "tables": _tables,
    "pools": pools,
}


def tail(log: Path, lines: int = 15) -> str:
    """The end of a log."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "(no log)"
    return "\n".join(text.rstrip().split("\n")[-lines:])
