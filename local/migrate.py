"""Brings the warehouse and the serving database to the repository's schema: `python -m local migrate`.

A process of its own, with the environment of a task: the warehouse's code reads its connection from Airflow, whose
import takes seconds that an ordinary `up` shall not pay.
"""

from __future__ import annotations

import hashlib
import importlib

from rich.console import Console

from local.credentials import Credentials
from local.services import connects
from local.stack import ROOT, Stack, StackError


def schema_digest() -> str:
    """Changes when any statement that makes a table does."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "include" / "sql").rglob("*.sql")):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def show(stack: Stack, secrets: Credentials, console: Console) -> int:
    """Print which migrations the serving database has; 1 where it has not exactly those of this checkout."""
    dsn = stack.dsn("rds", "otto_publisher", secrets.otto_publisher)
    if not connects(dsn):
        raise StackError("the serving database does not answer; run `make up` first")
    serving = importlib.import_module("include.serving")
    with serving.connect_to(dsn, "otto command line") as connection:
        states = serving.migration_states(connection)
    for each in states:
        when = f"{each.applied_at:%Y-%m-%d %H:%M:%S} UTC" if each.applied_at else ""
        console.print(f"{each.name:<32} {each.state:<12} {when}", highlight=False)
    return 0 if all(each.state == "applied" for each in states) else 1


def migrate(stack: Stack, secrets: Credentials) -> None:
    """Create or complete the tables of both databases."""
    serving = importlib.import_module("include.serving")
    with serving.connect_to(stack.dsn("rds", "otto_publisher", secrets.otto_publisher)) as connection:
        serving.migrate(connection)
    warehouse = importlib.import_module("include.warehouse")
    warehouse.create_tables()
