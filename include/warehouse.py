"""The warehouse: Redshift through redshift_default, or the embedded gateway under the same connection.

Each function is one transaction and may run twice: what it writes for a day replaces what it wrote for that day.
The SQL lies in include/sql; this module binds the day, keeps the order and counts.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import date
from typing import Any

from include import checks, manifests, settings, sql_files
from include.lake import ENTITIES, Lake, unload_folder
from include.retries import Lasting

log = logging.getLogger(__name__)

SCHEMAS = ("staging", "core", "mart")

# COPY from Parquet takes no other option (REGION and MAXERROR are refused); the manifest makes a missing file an error.
COPY_OPTIONS = ("MANIFEST", "FORMAT AS PARQUET")

# A statement that runs longer is stuck: the largest day so far takes seconds. The socket waits a little longer than the
# server, so that the server's own sentence arrives.
STATEMENT_SECONDS = 900
SOCKET_SECONDS = STATEMENT_SECONDS + 60

UNLOADED = {"sample": "mart.sample", "product": "core.product", "product_rank": "core.product_rank"}

# The order in which the samples of a day are made; the first and third are temporary tables.
_BUILD = (
    ("mart.candidate", "load"),
    ("mart.size_run", "load"),
    ("mart.candidate", "place"),
    ("mart.fit_share", "load"),
    ("mart.sample", "load"),
    ("mart.excluded", "load"),
)

# SQLSTATE classes of a connection that failed and of a server that shuts down or starts.
_GONE = ("08", "57P")

_PLAIN = re.compile(r"[A-Za-z0-9:/=._+@-]+")


class WarehouseAway(ConnectionError):
    """The warehouse cannot be reached, or went away in the middle of a transaction."""


class NothingToUnload(Lasting, LookupError):
    """A day has no rows in the warehouse; the message says which and what to run first."""


def create_tables() -> None:
    """Make every schema and table that is not there."""
    with transaction() as cursor:
        for schema in SCHEMAS:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        for table in (*sql_files.STAGING, *sql_files.CORE, *sql_files.MART):
            _run_file(cursor, table, "ddl", {})


def plan_copies(lake: Lake, run_dates: Sequence[date]) -> list[dict[str, str]]:
    """What to COPY for a run: table, s3_bucket and s3_key of each entity that has rows.

    The staging table of an entity without rows is emptied here, since COPY refuses an empty manifest. A run of several
    days gets a manifest that joins theirs: staging holds the rows of one run. Raises NothingStaged, BrokenManifest.
    """
    keys = {entity: manifests.of_run(lake, entity, run_dates) for entity in ENTITIES}
    with transaction() as cursor:
        for entity, key in keys.items():
            if key is None:
                cursor.execute(f"DELETE FROM staging.{entity}")  # noqa: S608
    return [{"table": entity, "s3_bucket": lake.bucket, "s3_key": key} for entity, key in keys.items() if key]


def check_staging(run_dates: Sequence[date]) -> list[str]:
    """Check the staged rows of a run. Gives the warnings; raises ChecksFailed."""
    with transaction() as cursor:
        for table in sql_files.STAGING:
            cursor.execute(f"ANALYZE {table}")  # REPLACE deletes before it copies, so COPY does not do it by itself
        return checks.run(cursor, sql_files.STAGING, {"run_dates": ",".join(day.isoformat() for day in run_dates)})


def merge(run_date: date) -> dict[str, Any]:
    """Bring one day from staging to core: all entities and their checks in one transaction.

    Gives run_date, staged, duplicates and loaded rows of each entity, and the warnings. Raises ChecksFailed, and then
    core is as it was.
    """
    with transaction() as cursor:
        for table in sql_files.CORE:
            _run_file(cursor, table, "load", {"run_date": run_date})
        rows = {table.partition(".")[2]: _merged(cursor, table, run_date) for table in sql_files.CORE}
        warnings = checks.run(cursor, sql_files.CORE, {"run_date": run_date})
    log.info("merged %s: %s", run_date, rows)
    return {"run_date": run_date.isoformat(), "rows": rows, "warnings": warnings}


def build_samples(run_date: date) -> dict[str, Any]:
    """Make the size runs, samples and exclusions of one day, and check them, in one transaction.

    Gives run_date, the rows by verdict (sampled, or the reason of exclusion) and the warnings. Raises ChecksFailed, and
    then the day's samples are as they were.
    """
    with transaction() as cursor:
        for table, purpose in _BUILD:
            _run_file(cursor, table, purpose, {"run_date": run_date})
        rows = _sampled(cursor, run_date)
        warnings = checks.run(cursor, sql_files.MART, {"run_date": run_date})
    log.info("samples of %s: %s", run_date, rows)
    return {"run_date": run_date.isoformat(), "rows": rows, "warnings": warnings}


def unload(lake: Lake, run_date: date) -> dict[str, int]:
    """Write the samples, products and rankings of one day to the lake. Gives their rows; raises NothingToUnload."""
    return {entity: _unload(lake, entity, run_date) for entity in UNLOADED}


def drop_old_samples(before: date) -> dict[str, int]:
    """Remove mart rows of days before `before`, but never the newest day. Gives the rows removed from each table."""
    removed = {}
    with transaction() as cursor:
        for table in sql_files.MART:
            _run_file(cursor, table, "drop_old", {"before": before})
            removed[table] = cursor.rowcount
    return removed


@contextmanager
def transaction() -> Iterator[Any]:
    """A cursor with named parameters; commits at the end, or nothing of it happened. Raises WarehouseAway."""
    import redshift_connector

    try:
        with closing(_connect()) as connection:
            cursor = connection.cursor()
            cursor.paramstyle = "named"
            cursor.execute(f"SET statement_timeout TO {STATEMENT_SECONDS * 1000}")
            yield cursor
            connection.commit()
    except redshift_connector.Error as error:
        if not _went_away(error):
            raise
        raise WarehouseAway(
            f"the warehouse of {settings.REDSHIFT_CONN_ID} does not answer ({error}); nothing was changed, try again"
        ) from error


def _went_away(error: Exception) -> bool:
    """Whether an error of the driver is about the connection, not about what was asked."""
    import redshift_connector

    state = str(error.args[0].get("C", "")) if error.args and isinstance(error.args[0], dict) else ""
    lost = (redshift_connector.InterfaceError, redshift_connector.OperationalError)
    return isinstance(error, lost) or state.startswith(_GONE)


def _connect() -> Any:
    from airflow.providers.amazon.aws.hooks.redshift_sql import RedshiftSQLHook

    hook = RedshiftSQLHook(redshift_conn_id=settings.REDSHIFT_CONN_ID)
    # the driver waits for ever unless it is told; a connection of URI form could only state the limit as text
    hook.conn.extra = json.dumps({**hook.conn.extra_dejson, "timeout": SOCKET_SECONDS})
    return hook.get_conn()


def _run_file(cursor: Any, table: str, purpose: str, parameters: Mapping[str, Any]) -> None:
    for statement in sql_files.statements(sql_files.path(table, purpose)):
        cursor.execute(statement, dict(parameters))


def _rows(cursor: Any, table: str, purpose: str, parameters: Mapping[str, Any]) -> list[Sequence[Any]]:
    _run_file(cursor, table, purpose, parameters)
    return list(cursor.fetchall())


def _merged(cursor: Any, table: str, run_date: date) -> dict[str, int]:
    staged, loaded = _rows(cursor, table, "count", {"run_date": run_date})[0]
    return {"staged": int(staged), "duplicates": int(staged) - int(loaded), "loaded": int(loaded)}


def _sampled(cursor: Any, run_date: date) -> dict[str, int]:
    return {verdict: int(reviews) for verdict, reviews in _rows(cursor, "mart.sample", "count", {"run_date": run_date})}


def _unload(lake: Lake, entity: str, run_date: date) -> int:
    table, folder = UNLOADED[entity], unload_folder(entity, run_date)
    *prepare, write = sql_files.statements(sql_files.path(table, "unload"))
    with transaction() as cursor:
        for statement in prepare:
            cursor.execute(statement, {"run_date": run_date})
        rows = cursor.rowcount
        if rows < 1:
            raise NothingToUnload(
                f"{table} has no rows for {run_date}: run load_warehouse for that day, or see mart.excluded"
            )
        # An earlier unload may have had more files; this one writes the first name only, and replaces it in one move.
        lake.delete(key for key, _ in lake.list(folder) if not key.endswith("/000.parquet"))
        cursor.execute(_rendered(write, target=lake.uri(folder), role_arn=_role_arn()))
    return rows


def _rendered(statement: str, **values: str) -> str:
    """UNLOAD takes no parameters: its target and role are written into it, if they are plain."""
    for name, value in values.items():
        if not _PLAIN.fullmatch(value):
            raise settings.SettingsError(f"{name} {value!r} cannot stand in UNLOAD; letters, digits and :/=._+@- can")
        statement = statement.replace(f"{{{name}}}", value)
    return statement


def _role_arn() -> str:
    from airflow.sdk import BaseHook

    role_arn = BaseHook.get_connection(settings.COPY_CONN_ID).extra_dejson.get("role_arn")
    if not role_arn:
        raise settings.SettingsError(f"the connection {settings.COPY_CONN_ID} has no role_arn in its extra")
    return role_arn
