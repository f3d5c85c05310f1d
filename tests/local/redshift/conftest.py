"""Sessions through the gateway, each test in a database and a bucket of its own."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import redshift_connector

from include.lake import Lake

ROLE = "IAM_ROLE 'arn:aws:iam::123456789012:role/otto'"

Connect = Callable[..., redshift_connector.Connection]


@pytest.fixture
def connect(gateway: int, database: str) -> Iterator[Connect]:
    """Opens redshift_connector sessions to the test's own database."""
    opened = []

    def open_session(**more: Any) -> redshift_connector.Connection:
        settings: dict[str, Any] = {"user": "postgres", "password": "unused", "port": gateway, "ssl": False}
        settings |= {"host": "127.0.0.1", "database": urlsplit(database).path[1:], "timeout": 60}
        session = redshift_connector.connect(**settings | more)
        opened.append(session)
        return session

    yield open_session
    for session in opened:
        if session._sock is not None:
            session.close()


@pytest.fixture
def session(connect: Connect) -> redshift_connector.Connection:
    """One session."""
    return connect()


@pytest.fixture
def run(session: redshift_connector.Connection) -> Callable[..., list[Any]]:
    """Runs one statement in `session`; gives its rows."""

    def execute(sql: str, parameters: Any = None) -> list[Any]:
        cursor = session.cursor()
        cursor.execute(sql, parameters)
        return [list(row) for row in cursor.fetchall()] if cursor.description else []

    return execute


@pytest.fixture
def gateway_dsn(gateway: int, database: str) -> str:
    """The test's database through the gateway, as libpq spells it."""
    return f"postgresql://postgres@127.0.0.1:{gateway}{urlsplit(database).path}"


@pytest.fixture
def direct(database: str) -> Iterator[psycopg.Connection]:
    """A session to the PostgreSQL behind the gateway."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


def put_parquet(lake: Lake, key: str, table: pa.Table, **options: Any) -> int:
    """Store a Parquet object; gives its size."""
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    lake.put(key, sink.getvalue())
    return sink.tell()


def put_manifest(lake: Lake, key: str, sizes: dict[str, int | None], mandatory: bool = True) -> None:
    """Store a manifest of objects with their sizes; None leaves the size out."""
    entries = [
        {"url": lake.uri(name), "mandatory": mandatory} | ({} if size is None else {"meta": {"content_length": size}})
        for name, size in sizes.items()
    ]
    lake.put(key, json.dumps({"entries": entries}).encode())


def refusal(error: pytest.ExceptionInfo[redshift_connector.Error]) -> dict[str, str]:
    """The fields of the error that redshift_connector raised."""
    return error.value.args[0]
