"""The serving database (RDS PostgreSQL): its connection, its migrations, and the counts of a scrape.

Publishing is in `include.publish`, which takes the connection as an argument. Connections are in autocommit: every
transaction is written out as `with connection.transaction()`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from include import settings

SQL_FOLDER = Path(__file__).parent / "sql" / "serving"

# A publisher's longest statement is the COPY or the primary key of ten million rows, some twenty seconds each.
# client_connection_check_interval: the server notices within 2 s that a killed publisher is gone and lets go its locks.
_OPTIONS = (
    "-c statement_timeout=600s -c lock_timeout=10s -c idle_in_transaction_session_timeout=300s "
    "-c client_connection_check_interval=2s -c timezone=UTC"
)
_CONNECT_SECONDS = 5
# A network that has gone silent ends the connection, and with it the task's try, within a minute or so.
_TRANSPORT: dict[str, Any] = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


class MigrationChanged(RuntimeError):
    """A migration that was applied has another text now; the message names it."""


@dataclass(frozen=True)
class Migration:
    """One numbered file and its text."""

    number: int
    name: str
    text: str

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class MigrationState(NamedTuple):
    """One migration and what became of it."""

    name: str
    state: str
    applied_at: datetime | None


def connect(application: str = "otto") -> psycopg.Connection:
    """A connection of rds_default, in autocommit, with every timeout set.

    The Airflow hook makes it, so that whatever the connection's extra says (sslmode, IAM) holds.
    """
    from airflow.providers.postgres.hooks.postgres import PostgresHook

    hook = PostgresHook(postgres_conn_id=settings.RDS_CONN_ID, options=_OPTIONS)
    extra = _TRANSPORT | {"connect_timeout": _CONNECT_SECONDS, "application_name": application}
    extra |= {"client_encoding": "UTF8"}
    # the hook copies its connection's extra into the driver's arguments: what the operator has set there wins
    hook.connection.extra = json.dumps(extra | hook.connection.extra_dejson)
    connection = hook.get_conn()
    if not isinstance(connection, psycopg.Connection):
        raise TypeError(f"{settings.RDS_CONN_ID} gave a {type(connection).__name__}; psycopg 3 is needed")
    connection.autocommit = True
    return connection


def connect_to(dsn: str, application: str = "otto") -> psycopg.Connection:
    """The same connection from a libpq URI, for the stack's start and the tests."""
    return psycopg.connect(
        dsn,
        autocommit=True,
        connect_timeout=_CONNECT_SECONDS,
        application_name=application,
        options=_OPTIONS,
        **_TRANSPORT,
    )


def migrations() -> list[Migration]:
    """The numbered files, in order."""
    files = sorted((SQL_FOLDER / "ddl").glob("[0-9][0-9][0-9][0-9]_*.sql"))
    return [Migration(int(file.name[:4]), file.stem, file.read_text(encoding="utf-8")) for file in files]


def migrate(connection: psycopg.Connection) -> list[str]:
    """Apply the migrations that ops.migration does not list, each in its own transaction; gives their names.

    Two at once: the second waits, then finds nothing to do. Raises MigrationChanged.
    """
    _make_record(connection)
    applied = _applied(connection)
    new = [migration for migration in migrations() if not _is_applied(migration, applied)]
    done = [migration.name for migration in new if _apply(connection, migration)]
    with _alone(connection):
        connection.execute((SQL_FOLDER / "grants.sql").read_bytes())
    return done


def migration_states(connection: psycopg.Connection) -> list[MigrationState]:
    """Every migration that this repository or this database knows, in order, and what became of it."""
    applied: dict[int, tuple[str, str, datetime]] = {}
    if connection.execute("SELECT to_regclass('ops.migration')").fetchone() != (None,):
        rows = connection.execute("SELECT number, name, digest, applied_at FROM ops.migration")
        applied = {number: (name, digest, at) for number, name, digest, at in rows}
    files = {migration.number: migration for migration in migrations()}
    states = []
    for number in sorted(files.keys() | applied.keys()):
        name, digest, at = applied.get(number, (files[number].name if number in files else "", None, None))
        if at is None:
            word = "not applied"
        elif number not in files:
            word = "applied by another version of Otto"
        else:
            word = "applied" if digest == files[number].digest else "applied with another text"
        states.append(MigrationState(name, word, at))
    return states


def record_scrape_run(
    connection: psycopg.Connection,
    *,
    run_date: date,
    mall: str,
    kind: str,
    captured: int,
    parsed: int,
    refused: int,
    pages: int = 0,
    records: int = 0,
    wanted: int = 0,
    absent: Mapping[str, int] = MappingProxyType({}),
) -> None:
    """Write the counts of one mall, kind and day; a later call for the same replaces them."""
    connection.execute(
        """
        INSERT INTO ops.scrape_run (run_date, mall, kind, captured, parsed, refused, pages, records, wanted, absent)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (run_date, mall, kind)
        DO UPDATE SET
            captured = EXCLUDED.captured,
            parsed = EXCLUDED.parsed,
            refused = EXCLUDED.refused,
            pages = EXCLUDED.pages,
            records = EXCLUDED.records,
            wanted = EXCLUDED.wanted,
            absent = EXCLUDED.absent
        """,
        [run_date, mall, kind, captured, parsed, refused, pages, records, wanted, Jsonb(dict(absent))],
    )


def scrape_runs(
    connection: psycopg.Connection, *, mall: str, kind: str, before: date, limit: int
) -> list[dict[str, Any]]:
    """The counts of one mall and kind on days before `before`, the newest first."""
    cursor = connection.cursor(row_factory=dict_row)
    cursor.execute(
        """
        SELECT captured, parsed, refused, pages, records, wanted, absent
        FROM ops.scrape_run
        WHERE mall = %s
            AND kind = %s
            AND run_date < %s
        ORDER BY run_date DESC
        LIMIT %s
        """,
        [mall, kind, before, limit],
    )
    return cursor.fetchall()


def identifier(name: str) -> sql.Identifier:
    """schema.name as a quoted identifier."""
    return sql.Identifier(*name.split("."))


def _make_record(connection: psycopg.Connection) -> None:
    for last in (False, True):
        try:
            with connection.transaction():
                connection.execute("CREATE SCHEMA IF NOT EXISTS ops")
                connection.execute(
                    """
                    CREATE TABLE IF NOT EXISTS ops.migration (
                        number INTEGER PRIMARY KEY,
                        name TEXT NOT NULL,
                        digest TEXT NOT NULL,
                        applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
                    )
                    """
                )
            return
        except psycopg.errors.UniqueViolation:  # somebody else makes it at this moment: now it is there
            if last:
                raise


@contextmanager
def _alone(connection: psycopg.Connection) -> Iterator[None]:
    """A transaction of the only migrator. A lock of a table, since any role may take an advisory one."""
    with connection.transaction():
        connection.execute("LOCK TABLE ops.migration IN SHARE ROW EXCLUSIVE MODE")
        yield


def _apply(connection: psycopg.Connection, migration: Migration) -> bool:
    """Whether it was applied here and not by another migrator meanwhile."""
    with _alone(connection):
        if migration.number in _applied(connection):
            return False
        connection.execute(migration.text.encode())
        connection.execute(
            "INSERT INTO ops.migration (number, name, digest) VALUES (%s, %s, %s)",
            [migration.number, migration.name, migration.digest],
        )
    return True


def _applied(connection: psycopg.Connection) -> dict[int, str]:
    return {number: digest for number, digest in connection.execute("SELECT number, digest FROM ops.migration")}


def _is_applied(migration: Migration, applied: dict[int, str]) -> bool:
    if migration.number not in applied:
        return False
    if applied[migration.number] != migration.digest:
        raise MigrationChanged(
            f"{migration.name}.sql is not the text that was applied to this database; "
            "leave applied migrations alone and write the change as the next number"
        )
    return True
