"""What a client sees when PostgreSQL or S3 dies, when it cancels, and when it leaves: an error in bounded time."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest
import redshift_connector

from include.lake import Lake
from local import postgres
from tests import servers
from tests.local.redshift.conftest import ROLE, put_parquet, refusal

pytestmark = pytest.mark.slow

Run = Callable[..., list[Any]]


def connect(port: int) -> redshift_connector.Connection:
    return redshift_connector.connect(
        host="127.0.0.1", port=port, user="postgres", password="x", database="postgres", ssl=False, timeout=30
    )


def test_a_postgresql_that_dies_ends_the_statement_with_an_error_and_its_return_is_noticed(
    tmp_path: Path, s3_endpoint: str
) -> None:
    cluster = postgres.prepare(tmp_path / "pg", servers.free_port())
    ready = lambda: servers.answers(cluster.dsn())  # noqa: E731
    with servers.process(cluster.command(), tmp_path / "pg.log", ready) as server:  # noqa: SIM117
        with servers.redshift_gateway(cluster.port, s3_endpoint, tmp_path) as port:
            session = connect(port)
            killer = threading.Timer(1, servers.kill_all, [server.pid])
            killer.start()
            began = time.monotonic()
            with pytest.raises(redshift_connector.ProgrammingError) as error:
                session.cursor().execute("SELECT pg_sleep(60)")
            assert time.monotonic() - began < 20
            assert refusal(error)["C"] == "57P01"
            with pytest.raises(redshift_connector.Error) as refused:
                connect(port)
            assert "cannot reach the PostgreSQL" in str(refused.value)
            server.wait(10)
            with servers.process(cluster.command(), tmp_path / "pg.log", ready):
                cursor = connect(port).cursor()
                cursor.execute("SELECT 1")
                assert cursor.fetchone() == [1]


def test_a_postgresql_that_dies_in_the_middle_of_a_copy_ends_it_with_an_error(tmp_path: Path, s3_endpoint: str) -> None:
    cluster = postgres.prepare(tmp_path / "pg", servers.free_port())
    lake = Lake(servers.s3_client(s3_endpoint), "dying")
    lake.client.create_bucket(Bucket="dying")
    put_parquet(lake, "p/1.parquet", pa.table({"a": pa.array(range(3_000_000), pa.int64())}))
    ready = lambda: servers.answers(cluster.dsn())  # noqa: E731
    with servers.process(cluster.command(), tmp_path / "pg.log", ready) as server:  # noqa: SIM117
        with servers.redshift_gateway(cluster.port, s3_endpoint, tmp_path) as port:
            session = connect(port)
            session.cursor().execute("CREATE TABLE t (a BIGINT)")
            with psycopg.connect(cluster.dsn(), autocommit=True) as watcher:
                threading.Thread(target=_kill_during_copy, args=(watcher, server.pid)).start()
                with pytest.raises(redshift_connector.Error):
                    session.cursor().execute(f"COPY t FROM 's3://dying/p/' {ROLE} PARQUET")
            # the session is over; the driver lets the closed connection's own error through
            with pytest.raises((redshift_connector.Error, ConnectionError)):
                session.cursor().execute("SELECT 1")


def _kill_during_copy(watcher: psycopg.Connection, pid: int) -> None:
    copying = "SELECT count(*) FROM pg_stat_progress_copy WHERE tuples_processed > 0"
    servers.wait_until(lambda: watcher.execute(copying).fetchone() == (1,), "the COPY", 30)
    servers.kill_all(pid)


def test_an_s3_that_is_down_is_an_error_in_seconds_and_the_session_lives_on(
    tmp_path: Path, cluster: postgres.Cluster
) -> None:
    closed = f"http://127.0.0.1:{servers.free_port()}"
    with servers.redshift_gateway(cluster.port, closed, tmp_path) as port:
        session = connect(port)
        cursor = session.cursor()
        cursor.execute("CREATE TEMP TABLE t (a INT)")
        session.commit()
        began = time.monotonic()
        with pytest.raises(redshift_connector.ProgrammingError) as error:
            cursor.execute(f"COPY t FROM 's3://bucket/key' {ROLE} PARQUET")
        assert time.monotonic() - began < 20
        assert refusal(error)["C"] == "08006"
        assert "S3 does not answer" in refusal(error)["M"]
        session.rollback()
        cursor.execute("SELECT count(*) FROM t")
        assert cursor.fetchone() == [0]


def test_an_s3_that_hangs_is_an_error_too_and_other_sessions_do_not_wait(
    tmp_path: Path, cluster: postgres.Cluster
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with servers.redshift_gateway(cluster.port, endpoint, tmp_path) as port:
            loading, other = connect(port), connect(port)
            loading.cursor().execute("CREATE TEMP TABLE t (a INT)")
            failed: list[Exception] = []
            thread = threading.Thread(target=_fail, args=(loading, failed))
            began = time.monotonic()
            thread.start()
            other.cursor().execute("SELECT 1")
            assert time.monotonic() - began < 5
            thread.join(40)
            assert not thread.is_alive()
            assert "S3 does not answer" in str(failed[0])


def _fail(session: redshift_connector.Connection, failed: list[Exception]) -> None:
    session._usock.settimeout(60)
    try:
        session.cursor().execute(f"COPY t FROM 's3://bucket/key' {ROLE} PARQUET")
    except redshift_connector.Error as error:
        failed.append(error)


def test_a_cancel_request_stops_a_query(gateway_dsn: str) -> None:
    with psycopg.connect(gateway_dsn) as connection:
        threading.Timer(1, connection.cancel_safe).start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(60)")


def test_a_cancel_request_stops_a_copy_that_waits_for_s3(tmp_path: Path, cluster: postgres.Cluster) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with servers.redshift_gateway(cluster.port, endpoint, tmp_path) as port:
            dsn = f"postgresql://postgres@127.0.0.1:{port}/postgres"
            with psycopg.connect(dsn, autocommit=True) as connection:
                connection.execute("CREATE TEMP TABLE t (a INT)")
                threading.Timer(1, connection.cancel_safe).start()
                began = time.monotonic()
                with pytest.raises(psycopg.errors.QueryCanceled):
                    connection.execute(f"COPY t FROM 's3://bucket/key' {ROLE} PARQUET")
                assert time.monotonic() - began < 6
                assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_a_client_that_leaves_in_the_middle_leaves_nothing(
    run: Run, session: redshift_connector.Connection, lake: Lake, direct: psycopg.Connection
) -> None:
    run("CREATE TABLE t (a BIGINT)")
    session.commit()
    put_parquet(lake, "p/1.parquet", pa.table({"a": pa.array(range(2_000_000), pa.int64())}))
    thread = threading.Thread(target=_try, args=(run, f"COPY t FROM '{lake.uri('p/')}' {ROLE} PARQUET"))
    thread.start()
    time.sleep(0.7)
    session._usock.shutdown(socket.SHUT_RDWR)
    thread.join(20)
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    servers.wait_until(lambda: direct.execute(others).fetchone() == (0,), "the end of the session", 20)
    assert direct.execute("SELECT count(*) FROM t").fetchone() == (0,)


def _try(run: Run, sql: str) -> None:
    with contextlib.suppress(Exception):  # the connection is cut below it
        run(sql)
