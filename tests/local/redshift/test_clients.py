"""psql and psycopg against the gateway, in the simple and the extended protocol; how a role logs in."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
import redshift_connector

from include.lake import Lake
from local import postgres
from tests import servers
from tests.local.redshift.conftest import ROLE, put_parquet

pytestmark = pytest.mark.slow

needs_psql = pytest.mark.skipif(shutil.which("psql") is None, reason="psql is not installed")


def psql(dsn: str, *arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    command = ["psql", dsn, "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-w", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, check=False)


@needs_psql
def test_psql_runs_a_script_with_load_and_unload_in_one_transaction(gateway_dsn: str, lake: Lake) -> None:
    put_parquet(lake, "p/1.parquet", pa.table({"a": pa.array([1, 2], pa.int32())}))
    script = f"""
        CREATE TABLE t (a INT ENCODE az64) DISTSTYLE ALL;
        BEGIN;
        COPY t FROM '{lake.uri("p/")}' {ROLE} FORMAT AS PARQUET;
        UNLOAD ('SELECT sum(a) AS total FROM t') TO '{lake.uri("u/")}' {ROLE} PARQUET;
        SELECT NVL(sum(a), 0) FROM t;
        ROLLBACK;
        SELECT count(*) FROM t;
    """
    done = psql(gateway_dsn, text=script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["3", "0"]
    assert "record(s) loaded successfully" in done.stderr
    assert lake.get_table("u/0000_part_00.parquet").to_pylist() == [{"total": 3}]


@needs_psql
def test_several_statements_in_one_simple_query_are_one_transaction(gateway_dsn: str, lake: Lake) -> None:
    put_parquet(lake, "p/1.parquet", pa.table({"a": pa.array([1], pa.int32())}))
    psql(gateway_dsn, "-c", "CREATE TABLE t (a INT)")
    copy = f"COPY t FROM '{lake.uri('p/')}' {ROLE} PARQUET"
    failed = psql(gateway_dsn, "-c", f"SELECT 7; {copy}; SELECT 1/0; SELECT 8")
    assert failed.returncode != 0
    assert failed.stdout.split() == ["7"]
    assert "division by zero" in failed.stderr
    assert psql(gateway_dsn, "-c", f"{copy}; SELECT count(*) FROM t").stdout.split() == ["1"]


@needs_psql
def test_psql_describes_and_prepares_by_the_extended_protocol(gateway_dsn: str) -> None:
    text = "SELECT NVL(1, 2) AS one, LEN('abc') AS length \\gdesc\nSELECT LEN('abc') \\gset\n\\echo :length\n"
    done = psql(gateway_dsn, text=text)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["one|integer", "length|integer", "3"]


@needs_psql
def test_psql_prepares_a_rewritten_statement(gateway_dsn: str) -> None:
    done = psql(gateway_dsn, text="PREPARE p AS SELECT NVL($1::int, 5);\nEXECUTE p(NULL);\nEXECUTE p(4);\n")
    assert done.stdout.split() == ["5", "4"]


@needs_psql
def test_an_error_of_the_gateway_reads_like_one_of_the_database(gateway_dsn: str) -> None:
    failed = psql(gateway_dsn, "-c", "CREATE INDEX i ON t (a)")
    assert failed.stderr.startswith('ERROR:  SQL command "CREATE INDEX" is not supported')


def test_prepared_statements_pipelines_and_server_side_copy_work_with_psycopg(gateway_dsn: str, lake: Lake) -> None:
    put_parquet(lake, "p/1.parquet", pa.table({"a": pa.array([1, 2, 3], pa.int32())}))
    with psycopg.connect(gateway_dsn) as connection:
        connection.execute("CREATE TABLE t (a INT)")
        for number in range(8):
            row = connection.execute("SELECT NVL(%s::int, 0)", (number,), prepare=True).fetchone()
            assert row == (number,)
        with connection.pipeline():
            connection.execute("INSERT INTO t VALUES (0)")
            connection.execute(f"COPY t FROM '{lake.uri('p/')}' {ROLE} PARQUET")
            total = connection.execute("SELECT sum(a), count(*) FROM t")
        assert total.fetchone() == (6, 4)


def test_an_error_in_a_pipeline_leaves_the_session_usable(gateway_dsn: str, lake: Lake) -> None:
    with psycopg.connect(gateway_dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (a INT)")
        with pytest.raises(psycopg.errors.DivisionByZero):
            _pipelined(connection, ["SELECT 1/0", f"COPY t FROM '{lake.uri('p/')}' {ROLE} PARQUET"])
        assert connection.execute("SELECT 1").fetchone() == (1,)


def _pipelined(connection: psycopg.Connection, statements: list[str]) -> None:
    with connection.pipeline():
        for statement in statements:
            connection.execute(statement)


def test_scram_passwords_are_checked_and_a_trusted_role_needs_none(tmp_path: Path, s3_endpoint: str) -> None:
    cluster = postgres.prepare(tmp_path / "pg", servers.free_port(), password="a secret 한")
    rules = "host all otto_reader 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
    (cluster.data / "pg_hba.conf").write_text(rules, encoding="utf-8")
    dsn = cluster.dsn(password="a%20secret%20%ED%95%9C")
    ready = lambda: servers.answers(dsn)  # noqa: E731
    with servers.process(cluster.command(), tmp_path / "pg.log", ready):
        with psycopg.connect(dsn, autocommit=True) as admin:
            admin.execute("CREATE ROLE otto_reader LOGIN")
            admin.execute("CREATE ROLE otto_loader LOGIN PASSWORD 'load'")
            admin.execute("CREATE DATABASE warehouse OWNER otto_loader")
        with _gateway(cluster.port, s3_endpoint, tmp_path) as port:
            settings = {"host": "127.0.0.1", "port": port, "database": "warehouse", "ssl": False, "timeout": 30}
            loader = redshift_connector.connect(user="otto_loader", password="load", **settings)
            cursor = loader.cursor()
            cursor.execute("SELECT current_user, (SELECT count(*) FROM stl_load_errors)")
            assert cursor.fetchone() == ["otto_loader", 0]
            with pytest.raises(redshift_connector.Error, match="password authentication failed"):
                redshift_connector.connect(user="otto_loader", password="wrong", **settings)
            with psycopg.connect(f"postgresql://otto_reader@127.0.0.1:{port}/warehouse") as reader:
                row = reader.execute("SELECT current_user, (SELECT count(*) FROM sys_load_error_detail)").fetchone()
                assert row == ("otto_reader", 0)


def _gateway(upstream: int, s3_endpoint: str, folder: Path):
    """The fixture's gateway asks as `postgres` whether it is up, which needs the password here."""
    import contextlib
    import os
    import sys
    from collections.abc import Iterator

    @contextlib.contextmanager
    def start() -> Iterator[int]:
        port = servers.free_port()
        command = [sys.executable, "-m", "local.redshift", "--port", str(port)]
        command += ["--upstream", f"127.0.0.1:{upstream}", "--s3-endpoint", s3_endpoint]
        ready = lambda: servers.answers(f"postgresql://otto_reader@127.0.0.1:{port}/postgres")  # noqa: E731
        with servers.process(command, folder / "gateway.log", ready, dict(os.environ)):
            yield port

    return start()
