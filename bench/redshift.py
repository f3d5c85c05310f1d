"""The Redshift gateway against the PostgreSQL behind it, and staging + MERGE against one INSERT a row.

Rows are reviews as they are staged. Each figure is the best of a few runs, the two sides in turn, since the machine is
shared.
"""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import redshift_connector

from bench.row import Row, judged
from tests import servers

COPY_ROWS = 1_000_000
MERGE_ROWS = 200_000
INSERTED_ROWS = 2_000  # one INSERT a row is measured on so many, and scaled
RUNS = 3
GOAL_COPY = 0.5
GOAL_MERGE = 50
_ROLE = "IAM_ROLE 'arn:aws:iam::123456789012:role/otto'"
_TABLE = (Path(__file__).parent.parent / "include/sql/staging/review/ddl.sql").read_text(encoding="utf-8")


def measure_copy_rate() -> list[Row]:
    """Both figures, with servers of their own."""
    with tempfile.TemporaryDirectory(prefix="otto-bench-") as name:
        folder = Path(name)
        with (
            servers.postgres_server(folder) as cluster,
            servers.s3_server(folder) as endpoint,
            servers.redshift_gateway(cluster.port, endpoint, folder) as port,
        ):
            client = servers.s3_client(endpoint)
            client.create_bucket(Bucket="bench")
            session = redshift_connector.connect(
                host="127.0.0.1", port=port, user="postgres", password="", database="postgres", ssl=False
            )
            _run(session, "CREATE SCHEMA staging", _TABLE)
            return [_copy_row(session, client, cluster.dsn()), _merge_row(session, client)]


def reviews(count: int) -> pa.Table:
    """So many staged reviews, all columns filled."""
    ids = np.arange(count)
    body = pa.array(np.random.default_rng(1).integers(1400, 2000, 1000)).cast(pa.decimal128(20, 0))
    bodies = pa.array([value.scaleb(-1) for value in body.to_pylist()], pa.decimal128(4, 1))
    draw = pa.array(ids * 7919 % 1000)

    def same(value: str) -> pa.Array:
        return pa.repeat(pa.scalar(value), count)

    key = "raw/mall=musinsa/kind=reviews/run_date=2026-11-21/part-00001.jsonl.gz"
    options = pa.array([f"[{i % 20}]LIGHT GRAY/M[{i:03}]" for i in range(1000)])
    moment = pa.scalar(1_795_000_000_000_000, pa.int64())
    return pa.table(
        {
            "mall": same("musinsa"),
            "run_date": pa.repeat(pa.scalar(date(2026, 11, 21)), count),
            "review_id": pa.array(ids).cast(pa.string()),
            "product_id": pa.array(ids // 100).cast(pa.string()),
            "gender": pa.array(["male", "female"]).take(pa.array(ids % 2)),
            "gender_implied": pa.array(ids % 3 == 0),
            "height_cm": bodies.take(draw),
            "weight_kg": bodies.take(draw),
            "size_option": options.take(draw),
            "size_label": same("M"),
            "size_alias": same("095"),
            "size_ruler": same("letter"),
            "size_order": pa.array(ids % 7 * 1.5),
            "fit": same("true"),
            "fit_slight": pa.array(ids % 7 == 0),
            "rating": pa.array((ids % 5 + 1).astype("int16")),
            "reviewed_on": pa.repeat(pa.scalar(date(2026, 9, 1)), count),
            "captured_at": pa.repeat(moment, count).cast(pa.timestamp("us", "UTC")),
            "capture_key": same(key),
            "capture_line": pa.array((ids % 1000).astype("int32")),
        }
    )


def _copy_row(session: redshift_connector.Connection, client, dsn: str) -> Row:  # type: ignore[no-untyped-def]
    table = reviews(COPY_ROWS)
    sink = io.BytesIO()
    pacsv.write_csv(table, sink, pacsv.WriteOptions(include_header=False))
    text = sink.getvalue()
    _put(client, "copy/1.parquet", table)
    gateway, database = [], []
    for _ in range(RUNS):
        _run(session, "TRUNCATE staging.review")
        gateway.append(_seconds(lambda: _run(session, _copy("copy/"))))
        _run(session, "TRUNCATE staging.review")
        database.append(_seconds(lambda: _copy_from_stdin(dsn, text)))
    name = f"gateway COPY of {COPY_ROWS:,} reviews (Parquet in S3) vs PostgreSQL COPY FROM STDIN (CSV)"
    return judged(name, COPY_ROWS / min(gateway), "rows/s", GOAL_COPY, "more", reference=COPY_ROWS / min(database))


def _merge_row(session: redshift_connector.Connection, client) -> Row:  # type: ignore[no-untyped-def]
    table = reviews(MERGE_ROWS)
    names = table.schema.names
    _put(client, "merge/1.parquet", table)
    _run(session, "CREATE TABLE core_review (LIKE staging.review)")
    updated = ", ".join(f"{name} = s.{name}" for name in names if name not in ("mall", "review_id"))
    merge = f"""
        MERGE INTO core_review USING staging.review AS s
            ON core_review.mall = s.mall AND core_review.review_id = s.review_id
        WHEN MATCHED THEN UPDATE SET {updated}
        WHEN NOT MATCHED THEN INSERT ({", ".join(names)}) VALUES ({", ".join(f"s.{name}" for name in names)})
    """  # noqa: S608 - the names of a table of ours
    rows = [list(row.values()) for row in table.slice(0, INSERTED_ROWS).to_pylist()]
    loads, inserts = [], []
    for _ in range(RUNS):
        _run(session, "TRUNCATE core_review", "TRUNCATE staging.review")
        loads.append(_seconds(lambda: _run(session, _copy("merge/"), merge)))
        _run(session, "TRUNCATE core_review")
        inserts.append(_seconds(lambda: _insert(session, names, rows)))
    inserting = min(inserts) / INSERTED_ROWS
    name = (
        f"Parquet to core by COPY + MERGE, {MERGE_ROWS:,} reviews, vs one INSERT a row by the same driver "
        f"(measured on {INSERTED_ROWS:,} rows, scaled)"
    )
    return judged(name, MERGE_ROWS / min(loads), "rows/s", GOAL_MERGE, "more", reference=1 / inserting)


def _insert(session: redshift_connector.Connection, names: list[str], rows: list[list[object]]) -> None:
    cursor = session.cursor()
    places = ", ".join(["%s"] * len(names))
    cursor.executemany(f"INSERT INTO core_review ({', '.join(names)}) VALUES ({places})", rows)  # noqa: S608
    session.commit()


def _put(client, key: str, table: pa.Table) -> None:  # type: ignore[no-untyped-def]
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="snappy")
    client.put_object(Bucket="bench", Key=key, Body=sink.getvalue())


def _copy(prefix: str) -> str:
    return f"COPY staging.review FROM 's3://bench/{prefix}' {_ROLE} FORMAT AS PARQUET"


def _run(session: redshift_connector.Connection, *statements: str) -> None:
    cursor = session.cursor()
    for statement in statements:
        cursor.execute(statement)
    session.commit()


def _copy_from_stdin(dsn: str, text: bytes) -> None:
    with psycopg.connect(dsn) as connection:
        with connection.cursor().copy("COPY staging.review FROM STDIN (FORMAT csv)") as copy:
            for start in range(0, len(text), 1 << 18):
                copy.write(text[start : start + (1 << 18)])
        connection.commit()


def _seconds(work: Callable[[], None]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began
