"""What a service of a node finds in its environment: its own secrets, and nothing of the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from infra.node.launch import environment
from infra.node.services import SERVICES

SECRETS = {
    "otto/airflow": {"password": "seed" * 16},
    "otto/database/airflow": {"username": "otto_airflow", "password": "p@ss/word"},
    "otto/broker": {"password": "t/o:ken"},
    "otto/database/reader": {"username": "otto_reader", "password": "r"},
    "otto/web": {"secret_key": "w" * 64},
}
NODE = {
    "PATH": "/usr/bin",
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",  # of whoever set the node up by hand: not of the release
    "OTTO_RDS_HOST": "db.internal",
    "OTTO_BROKER_HOST": "broker.internal",
    "OTTO_AIRFLOW_HOST": "airflow.internal",
    "OTTO_LOG_BUCKET": "otto-lake",
    "OTTO_COPY_ROLE_ARN": "arn:aws:iam::1:role/copy",
    "OTTO_SECRET_PREFIX": "otto",
}


def of(service: str) -> tuple[dict[str, str], set[str]]:
    """The environment of a service and the secrets that were read for it."""
    read: set[str] = set()

    def secret(name: str) -> dict[str, Any]:
        read.add(name)
        return SECRETS[name]

    return environment(service, Path("/opt/otto/releases/x"), NODE, secret), read


@pytest.mark.parametrize("service", ["api-server", "scheduler", "dag-processor", "triggerer", "worker-browser"])
def test_airflow_s_parts_run_the_release_with_celery_and_logs_in_s3(service: str) -> None:
    environ, read = of(service)
    assert read == {"otto/airflow", "otto/database/airflow", "otto/broker"}
    assert environ["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
    assert environ["AIRFLOW__CORE__DAGS_FOLDER"] == "/opt/otto/releases/x/dags"
    assert environ["PYTHONPATH"] == "/opt/otto/releases/x"
    dsn = "//otto_airflow:p%40ss%2Fword@db.internal:5432/airflow?sslmode=require"
    assert environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == f"postgresql+psycopg2:{dsn}"
    assert environ["AIRFLOW__CELERY__RESULT_BACKEND"] == f"db+postgresql:{dsn}"
    assert environ["AIRFLOW__CELERY__BROKER_URL"].startswith("rediss://:t%2Fo%3Aken@broker.internal:6379/0")
    assert environ["AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER"] == "s3://otto-lake/airflow"
    assert json.loads(environ["AIRFLOW_CONN_REDSHIFT_COPY"])["extra"] == {"role_arn": NODE["OTTO_COPY_ROLE_ARN"]}


def test_airflow_s_keys_are_three_different_ones_of_one_secret_and_the_same_on_every_node() -> None:
    environ, _ = of("scheduler")
    keys = [environ[f"AIRFLOW__{name}"] for name in ("CORE__FERNET_KEY", "API__SECRET_KEY", "API_AUTH__JWT_SECRET")]
    assert len(set(keys)) == 3
    assert keys[0] == of("worker-default")[0]["AIRFLOW__CORE__FERNET_KEY"]
    Fernet(keys[0])  # raises for what is no key


@pytest.mark.parametrize("service", ["web", "api"])
def test_the_site_sees_the_reader_and_its_own_secret_only(service: str) -> None:
    environ, read = of(service)
    assert read == {"otto/database/reader", "otto/web"}
    assert environ["OTTO_READER_DSN"] == "postgresql://otto_reader:r@db.internal:5432/rds?sslmode=require"
    assert not [name for name in environ if name.startswith("AIRFLOW")]


def test_glances_sees_no_secret() -> None:
    environ, read = of("glances")
    assert read == set()
    assert environ["PATH"] == "/usr/bin"


def test_every_service_has_an_environment() -> None:
    assert all(of(name)[0]["PYTHONPATH"] for name in SERVICES)
