"""What each service finds in its environment."""

import json
from pathlib import Path

import pytest

from include import settings
from local import environment
from local.credentials import Credentials, credentials
from local.stack import DEFAULT_PORTS, Stack


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return Stack(tmp_path, DEFAULT_PORTS)


@pytest.fixture
def secrets(stack: Stack) -> Credentials:
    return credentials(stack.state)


def test_the_four_connections_are_there_as_airflow_reads_them(stack: Stack, secrets: Credentials) -> None:
    found = {name: json.loads(text) for name, text in environment.connections(stack, secrets).items()}
    names = (settings.AWS_CONN_ID, settings.REDSHIFT_CONN_ID, settings.RDS_CONN_ID, settings.COPY_CONN_ID)
    assert set(found) == {f"AIRFLOW_CONN_{name.upper()}" for name in names}
    assert found["AIRFLOW_CONN_REDSHIFT_DEFAULT"]["port"] == DEFAULT_PORTS["redshift"]
    assert found["AIRFLOW_CONN_REDSHIFT_DEFAULT"]["extra"]["ssl"] is False
    assert found["AIRFLOW_CONN_RDS_DEFAULT"]["login"] == "otto_publisher"
    assert found["AIRFLOW_CONN_AWS_DEFAULT"]["extra"]["endpoint_url"] == "http://127.0.0.1:9100"


def test_the_copy_connection_holds_a_role_and_nothing_else(stack: Stack, secrets: Credentials) -> None:
    copy = json.loads(environment.connections(stack, secrets)["AIRFLOW_CONN_REDSHIFT_COPY"])
    assert copy["conn_type"] == "aws"
    assert list(copy["extra"]) == ["role_arn"]


def test_every_outside_call_of_a_connection_has_a_time_out(stack: Stack, secrets: Credentials) -> None:
    found = {name: json.loads(text)["extra"] for name, text in environment.connections(stack, secrets).items()}
    assert found["AIRFLOW_CONN_AWS_DEFAULT"]["config_kwargs"]["read_timeout"] > 0
    assert found["AIRFLOW_CONN_AWS_DEFAULT"]["config_kwargs"]["connect_timeout"] > 0
    assert found["AIRFLOW_CONN_REDSHIFT_DEFAULT"]["timeout"] > 0
    assert found["AIRFLOW_CONN_RDS_DEFAULT"]["connect_timeout"] > 0


def test_foreign_settings_of_the_shell_do_not_reach_a_service(stack: Stack) -> None:
    shell = {
        "PATH": "/bin",
        "AWS_PROFILE": "work",
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "PGHOST": "elsewhere",
        "PYTHONPATH": "/elsewhere",
        "DJANGO_SETTINGS_MODULE": "other",
        "OTTO_RAW_DAYS": "3",
    }
    found = environment.base(stack, "web", shell)
    assert found["PATH"] == "/bin"
    assert found["OTTO_RAW_DAYS"] == "3"
    assert found["PYTHONPATH"] == str(environment.ROOT)
    assert not {"AWS_PROFILE", "AIRFLOW__CORE__EXECUTOR", "PGHOST", "DJANGO_SETTINGS_MODULE"} & set(found)


def test_a_proxy_of_the_shell_is_not_asked_for_loopback(stack: Stack) -> None:
    found = environment.base(stack, "web", {"https_proxy": "http://proxy.invalid:3128"})
    assert "127.0.0.1" in found["no_proxy"]
    assert ".localhost" in found["NO_PROXY"]


def test_the_web_layer_gets_no_password_of_a_database(stack: Stack, secrets: Credentials) -> None:
    found = environment.base(stack, "web", {}) | environment.web(stack, secrets)
    values = " ".join(found.values())
    assert found["OTTO_READER_DSN"] == "postgresql://otto_reader@127.0.0.1:5442/rds"
    for secret in (secrets.postgres, secrets.otto_publisher, secrets.otto_loader, secrets.airflow_jwt_secret):
        assert secret not in values


@pytest.mark.parametrize(("cores", "tasks"), [(1, 2), (2, 2), (3, 3), (4, 4), (64, 4)])
def test_parallelism_is_about_a_task_a_core_within_bounds(cores: int, tasks: int) -> None:
    assert environment.parallelism(cores) == tasks
