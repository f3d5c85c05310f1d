"""The environment of each embedded service: the only place where the demo's connections and settings differ from AWS's.

What a service does not need it does not get. Nothing here is written to a command line or a file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from include import settings
from local import broker, s3
from local.credentials import AIRFLOW_USER, Credentials
from local.stack import QUEUES, ROOT, WORKER_NODES, Stack

# what a stack of another shell, another Airflow or another cloud account would bring in
_FOREIGN = ("AIRFLOW", "AWS_", "PG", "DJANGO_", "PYTHON", "SUPERVISOR_", "VIRTUAL_ENV", "MAKE", "MFLAGS")
_LOOPBACK = "127.0.0.1,localhost,.localhost"

STATE_MARK = "OTTO_STACK_STATE"
SERVICE_MARK = "OTTO_STACK_SERVICE"


def base(stack: Stack, service: str, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What every service gets: the caller's environment less foreign settings, and the marks that it is ours."""
    kept = {name: value for name, value in environ.items() if not name.startswith(_FOREIGN)}
    return kept | {
        STATE_MARK: str(stack.state),
        SERVICE_MARK: service,
        "OTTO_STATE": str(stack.state),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "SPT_NOENV": "1",  # a changed process title must not overwrite the marks
        "NO_PROXY": _LOOPBACK,
        "no_proxy": _LOOPBACK,
    }


def airflow(stack: Stack, secrets: Credentials) -> dict[str, str]:
    """What every Airflow component and task gets on top: airflow.cfg holds the rest."""
    home = stack.airflow_home
    database = f"127.0.0.1:{stack.ports['postgres']}/airflow"
    options = {
        "CORE__DAGS_FOLDER": os.environ.get("OTTO_DAGS_FOLDER") or str(ROOT / "dags"),
        "CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "CORE__FERNET_KEY": secrets.airflow_fernet_key,
        "CORE__PARALLELISM": str(parallelism()),
        "CORE__EXECUTION_API_SERVER_URL": f"{stack.url('airflow')}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{AIRFLOW_USER}:admin",
        "DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://otto_airflow:{secrets.otto_airflow}@{database}",
        "LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(home / "logs" / "dag_processor"),
        "API__BASE_URL": stack.url("airflow"),
        "API__PORT": str(stack.ports["airflow"]),
        "API__SECRET_KEY": secrets.airflow_api_secret,
        "API_AUTH__JWT_SECRET": secrets.airflow_jwt_secret,
    }
    if stack.cluster:
        options |= _celery(stack, secrets)
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW_CONFIG": str(ROOT / "airflow.cfg"),
        "OTTO_MALLS_FILE": str(stack.malls_file),
        **{f"AIRFLOW__{name}": value for name, value in options.items()},
        **connections(stack, secrets),
    }


def log_bucket() -> str:
    """Where a cluster keeps the logs of its tasks."""
    return f"{settings.bucket()}-logs"


def worker(stack: Stack, secrets: Credentials, node: str) -> dict[str, str]:
    """What a Celery worker gets: Airflow's settings, and folders of its own node, which no other node reads."""
    home = stack.state / "nodes" / node
    return airflow(stack, secrets) | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
    }


def _celery(stack: Stack, secrets: Credentials) -> dict[str, str]:
    """What makes a cluster of it: the executor and its broker, and logs that outlive their worker."""
    database = f"127.0.0.1:{stack.ports['postgres']}/airflow"
    return {
        "CORE__EXECUTOR": "CeleryExecutor",
        "CORE__PARALLELISM": str(len(WORKER_NODES) * sum(QUEUES.values())),
        "CELERY__BROKER_URL": broker.url(stack.ports["broker"], secrets.broker),
        "CELERY__RESULT_BACKEND": f"db+postgresql+psycopg2://otto_airflow:{secrets.otto_airflow}@{database}",
        "LOGGING__REMOTE_LOGGING": "True",
        "LOGGING__REMOTE_BASE_LOG_FOLDER": f"s3://{log_bucket()}/airflow",
        "LOGGING__REMOTE_LOG_CONN_ID": settings.AWS_CONN_ID,
        "LOGGING__DELETE_LOCAL_LOGS": "True",
    }


def connections(stack: Stack, secrets: Credentials) -> dict[str, str]:
    """The four connections of design section 4, as Airflow reads them from the environment."""
    aws = {
        "conn_type": "aws",
        "login": secrets.s3_access_key,
        "password": secrets.s3_secret_key,
        "extra": {
            "region_name": s3.REGION,
            "endpoint_url": stack.url("s3"),
            "config_kwargs": {
                "connect_timeout": 5,
                "read_timeout": 30,
                "retries": {"max_attempts": 4, "mode": "standard"},
                "s3": {"addressing_style": "path"},
            },
        },
    }
    redshift = {
        "conn_type": "redshift",
        "host": "127.0.0.1",
        "port": stack.ports["redshift"],
        "schema": "warehouse",
        "login": "otto_loader",
        "password": secrets.otto_loader,
        # the time-out is the socket's: it bounds every single answer, a COPY's too
        "extra": {"ssl": False, "timeout": 600},
    }
    rds = {
        "conn_type": "postgres",
        "host": "127.0.0.1",
        "port": stack.ports["postgres"],
        "schema": "rds",
        "login": "otto_publisher",
        "password": secrets.otto_publisher,
        "extra": {"connect_timeout": 10},
    }
    copy = {"conn_type": "aws", "extra": {"role_arn": "arn:aws:iam::000000000000:role/otto-redshift-copy"}}
    known = {"aws_default": aws, "redshift_default": redshift, "rds_default": rds, "redshift_copy": copy}
    return {f"AIRFLOW_CONN_{name.upper()}": json.dumps(value) for name, value in known.items()}


def gateway(secrets: Credentials) -> dict[str, str]:
    """The Redshift gateway reads and writes S3 itself."""
    return {
        "AWS_ACCESS_KEY_ID": secrets.s3_access_key,
        "AWS_SECRET_ACCESS_KEY": secrets.s3_secret_key,
        "AWS_DEFAULT_REGION": s3.REGION,
    }


def web(stack: Stack, secrets: Credentials) -> dict[str, str]:
    """The web layer reads one database as the reader, and the malls' image hosts."""
    return {
        "DJANGO_SETTINGS_MODULE": "web.settings.development",
        "OTTO_READER_DSN": stack.dsn("rds", "otto_reader"),
        "OTTO_WEB_SECRET": secrets.web_secret,
        "OTTO_MALLS_FILE": str(stack.malls_file),
    }


def api(stack: Stack, secrets: Credentials) -> dict[str, str]:
    """The API reads the same database as the same reader, and knows nothing of cookies or images."""
    return {"OTTO_READER_DSN": stack.dsn("rds", "otto_reader")}


def parallelism(cores: int | None = None) -> int:
    """Tasks at once: about one a core; at least two, so that a waiting task blocks nobody; four bound the memory."""
    return min(4, max(2, cores or os.cpu_count() or 2))
