"""The provider's own operator and hook, unchanged, against the gateway.

Outside of a task Airflow 3.3 asks no supervisor for connections: the SDK falls back to its secrets backends, of which
the environment (AIRFLOW_CONN_*) is the first. `execute` is called without a task instance, which only logs a warning.
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pyarrow as pa
import pytest

from include.lake import Lake
from tests.local.redshift.conftest import put_manifest, put_parquet

pytestmark = pytest.mark.slow


@pytest.fixture
def _connections(monkeypatch: pytest.MonkeyPatch, gateway: int, database: str, s3_endpoint: str) -> None:
    connections = {
        "redshift_default": {
            "conn_type": "redshift",
            "host": "127.0.0.1",
            "port": gateway,
            "login": "postgres",
            "password": "unused",
            "schema": urlsplit(database).path[1:],
            "extra": {"ssl": False},
        },
        "redshift_copy": {"conn_type": "aws", "extra": {"role_arn": "arn:aws:iam::123456789012:role/otto"}},
    }
    for name, value in connections.items():
        monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(value))


@pytest.mark.usefixtures("_connections")
def test_the_operator_replaces_a_table_from_a_manifest_and_may_do_so_twice(lake: Lake) -> None:
    from airflow.providers.amazon.aws.hooks.redshift_sql import RedshiftSQLHook
    from airflow.providers.amazon.aws.transfers.s3_to_redshift import S3ToRedshiftOperator

    hook = RedshiftSQLHook(redshift_conn_id="redshift_default")
    hook.run(["CREATE SCHEMA staging", "CREATE TABLE staging.t (a INT, b VARCHAR(8)) SORTKEY (a)"])
    size = put_parquet(lake, "a.parquet", pa.table({"a": pa.array([1, 2], pa.int32()), "b": ["x", "한"]}))
    put_manifest(lake, "m.json", {"a.parquet": size})
    for _ in range(2):
        operator = S3ToRedshiftOperator(
            task_id="copy_t",
            schema="staging",
            table="t",
            s3_bucket=lake.bucket,
            s3_key="m.json",
            redshift_conn_id="redshift_default",
            aws_conn_id="redshift_copy",
            copy_options=["FORMAT AS PARQUET", "MANIFEST"],
            method="REPLACE",
        )
        operator.execute({})
    assert [tuple(row) for row in hook.get_records("SELECT a, b FROM staging.t ORDER BY a")] == [(1, "x"), (2, "한")]
    assert hook.get_first("SELECT NVL(max(a), 0) FROM staging.t WHERE b = %s", parameters=("x",))[0] == 1


@pytest.mark.usefixtures("_connections")
def test_the_operators_upsert_uses_its_temporary_table(lake: Lake) -> None:
    from airflow.providers.amazon.aws.hooks.redshift_sql import RedshiftSQLHook
    from airflow.providers.amazon.aws.transfers.s3_to_redshift import S3ToRedshiftOperator

    hook = RedshiftSQLHook(redshift_conn_id="redshift_default")
    hook.run(["CREATE TABLE t (k INT, v VARCHAR(8))", "INSERT INTO t VALUES (1, 'old'), (2, 'old')"])
    table = pa.table({"k": pa.array([2, 3], pa.int32()), "v": ["new", "new"]})
    size = put_parquet(lake, "a.parquet", table)
    put_manifest(lake, "m.json", {"a.parquet": size})
    S3ToRedshiftOperator(
        task_id="upsert_t",
        table="t",
        s3_bucket=lake.bucket,
        s3_key="m.json",
        aws_conn_id="redshift_copy",
        copy_options=["FORMAT AS PARQUET", "MANIFEST"],
        method="UPSERT",
        upsert_keys=["k"],
    ).execute({})
    found = [tuple(row) for row in hook.get_records("SELECT k, v FROM t ORDER BY k")]
    assert found == [(1, "old"), (2, "new"), (3, "new")]
