"""What a run of the pipeline leaves for its readers, and how two runs differ."""

from __future__ import annotations

import psycopg

from include.lake import Lake
from include.settings import bucket
from local import s3
from tests.stack import RunningStack

# what a run leaves for the next reader; when and from which capture a row was read is not part of it
TABLES = {
    "core.product_rank": "mall, category, run_date, rank, product_id",
    "core.product": "mall, product_id, name, brand, gender, price_krw, size_run, size_chart, sold_out, listed",
    "core.review": "mall, review_id, product_id, gender, height_cm, weight_kg, size_label, fit, rating, reviewed_on",
    "mart.sample": "run_date, mall, product_id, review_id, size_index, target, weight",
    "mart.excluded": "run_date, mall, product_id, review_id, reason",
}
SIZE_TABLE = """\
SELECT mall, product_id, gender, height_cm, weight_from_kg, weight_to_kg, state, size_label, probability,
    runner_up, runner_up_probability, reviews
FROM otto.size_table
"""

Tables = dict[str, list[tuple]]


def tables(stack: RunningStack) -> Tables:
    """Every table that a run leaves, in a fixed order."""
    found: Tables = {}
    with psycopg.connect(stack.dsn("warehouse"), connect_timeout=5) as connection:
        for name, columns in TABLES.items():
            found[name] = sorted(connection.execute(f"SELECT {columns} FROM {name}").fetchall(), key=repr)
    with psycopg.connect(stack.dsn("rds"), connect_timeout=5) as connection:
        found["otto.size_table"] = sorted(connection.execute(SIZE_TABLE).fetchall(), key=repr)
    return found


def differences(now: Tables, then: Tables) -> dict[str, list[tuple]]:
    """Rows that stand in one and not in the other, a few of each table."""
    return {name: sorted(set(now[name]) ^ set(then[name]), key=repr)[:5] for name in then if now[name] != then[name]}


def empty(stack: RunningStack) -> None:
    """Nothing of an earlier run is left for a reader: no object, no row. Old releases stay, as they would."""
    lake = lake_of(stack)
    lake.delete([key for key, _ in lake.list("")])
    with psycopg.connect(owner(stack, "warehouse"), connect_timeout=5, autocommit=True) as connection:
        for name in (*TABLES, "mart.size_run", "staging.review", "staging.product", "staging.product_rank"):
            connection.execute(f"DELETE FROM {name}")


def owner(stack: RunningStack, database: str) -> str:
    """The superuser's address: past the gateway and past the reader's rights."""
    return f"postgresql://postgres:{stack.credentials.postgres}@127.0.0.1:{stack.ports['postgres']}/{database}"


def lake_of(stack: RunningStack) -> Lake:
    """The stack's lake."""
    secrets = stack.credentials
    return Lake(s3.client(stack.stack.url("s3"), secrets.s3_access_key, secrets.s3_secret_key), bucket())
