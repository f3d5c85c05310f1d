"""Brings the warehouse and the serving database to the repository's schema: `python -m local migrate`.

A process of its own, with the environment of a task: the warehouse's code reads its connection from Airflow, whose
import takes seconds that an ordinary `up` shall not pay.
"""

from __future__ import annotations

import hashlib
import importlib

from local.credentials import Credentials
from local.stack import ROOT, Stack


def schema_digest() -> str:
    """Changes when any statement that makes a table does."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "include" / "sql").rglob("*.sql")):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def migrate(stack: Stack, secrets: Credentials) -> None:
    """Create or complete the tables of both databases."""
    serving = importlib.import_module("include.serving")
    with serving.connect_to(stack.dsn("rds", "otto_publisher", secrets.otto_publisher)) as connection:
        serving.migrate(connection)
    warehouse = importlib.import_module("include.warehouse")
    warehouse.create_tables()
