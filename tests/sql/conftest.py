"""An empty warehouse behind the real gateway, driver and hook, and an empty lake."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest

from include import warehouse
from include.lake import Lake
from tests.sql.days import Days


@pytest.fixture
def days(database: str, gateway: int, s3_endpoint: str, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Days:
    """Days of a warehouse of the test's own."""
    connections(monkeypatch, gateway, urlsplit(database).path.removeprefix("/"), s3_endpoint, lake.bucket)
    warehouse.create_tables()
    return Days(lake)


def connections(monkeypatch: pytest.MonkeyPatch, gateway: int, database: str, s3_endpoint: str, bucket: str) -> None:
    """The connections of design section 4, for these servers."""
    redshift = {
        "conn_type": "redshift",
        "host": "127.0.0.1",
        "port": gateway,
        "login": "postgres",
        "password": "unused",
        "schema": database,
        "extra": {"ssl": False},
    }
    aws = {
        "conn_type": "aws",
        "login": "otto",
        "password": "otto-local",
        "extra": {"endpoint_url": s3_endpoint, "region_name": "us-east-1"},
    }
    copy = {"conn_type": "aws", "extra": {"role_arn": "arn:aws:iam::000000000000:role/otto-copy"}}
    for name, connection in {"REDSHIFT_DEFAULT": redshift, "AWS_DEFAULT": aws, "REDSHIFT_COPY": copy}.items():
        monkeypatch.setenv(f"AIRFLOW_CONN_{name}", json.dumps(connection))
    monkeypatch.setenv("OTTO_LAKE_BUCKET", bucket)
