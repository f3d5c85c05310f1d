"""Becomes one service of this node: gathers its environment from the node's settings and secrets, then turns into it.

The release is resolved once: a worker that finishes its tasks during a deploy goes on in the code it began with.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

# which parts of the secrets each kind of service gets to see
_AIRFLOW = ("api-server", "scheduler", "dag-processor", "triggerer", "worker-default", "worker-browser")
_SITE = ("web", "api")


def environment(service: str, release: Path, environ: Mapping[str, str], secrets: Any) -> dict[str, str]:
    """What the service's process finds in its environment. `secrets` gives the JSON of a secret by its name."""
    kept = {name: value for name, value in environ.items() if not name.startswith("AIRFLOW")}
    own = kept | {"PYTHONPATH": str(release), "PYTHONUNBUFFERED": "1"}
    if service in _AIRFLOW or service == "run":
        return own | _airflow(release, environ, secrets)
    if service in _SITE:
        reader = secrets(f"{environ['OTTO_SECRET_PREFIX']}/database/reader")
        dsn = _dsn("postgresql", reader["username"], reader["password"], environ["OTTO_RDS_HOST"], 5432, "rds")
        return own | {
            "OTTO_READER_DSN": f"{dsn}?sslmode=require",
            "OTTO_WEB_SECRET": secrets(f"{environ['OTTO_SECRET_PREFIX']}/web")["secret_key"],
        }
    return own


def launch(service: str, release: Path, environ: Mapping[str, str] = os.environ) -> None:
    """Turn into the service; does not return."""
    from infra.node.services import SERVICES

    release, arguments = release.resolve(), SERVICES[service].command
    if SERVICES[service].overlaps:
        # two instances of one worker may run on a node for a while: the old one ends, the new one works
        arguments += ("--celery-hostname", f"{service}-{environ['OTTO_INSTANCE']}@%h")
    become(release, arguments, environment(service, release, environ, read_secret))


def become(release: Path, arguments: tuple[str, ...], environ: Mapping[str, str]) -> None:
    """Replace this process by the release's python with these arguments."""
    python = str(release / "venv" / "bin" / "python")
    os.chdir(release)
    os.execve(python, [python, *arguments], dict(environ))  # noqa: S606 - no shell


def read_secret(name: str) -> dict[str, Any]:
    """One secret of Secrets Manager."""
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 4})
    client = boto3.client("secretsmanager", config=config)
    return json.loads(client.get_secret_value(SecretId=name)["SecretString"])


def _airflow(release: Path, environ: Mapping[str, str], secrets: Any) -> dict[str, str]:
    prefix = environ["OTTO_SECRET_PREFIX"]
    seed, broker = secrets(f"{prefix}/airflow")["password"], secrets(f"{prefix}/broker")
    owner = secrets(f"{prefix}/database/airflow")
    dsn = _dsn("postgresql", owner["username"], owner["password"], environ["OTTO_RDS_HOST"], 5432, "airflow")
    dsn += "?sslmode=require"
    broker_url = f"rediss://:{quote(broker['password'], safe='')}@{environ['OTTO_BROKER_HOST']}:6379/0"
    backend = {"connections_prefix": f"{prefix}/connections", "variables_prefix": None}
    options = {
        "CORE__EXECUTOR": "CeleryExecutor",
        "CORE__DAGS_FOLDER": str(release / "dags"),
        "CORE__PLUGINS_FOLDER": str(release / "plugins"),
        "CORE__FERNET_KEY": _derived(seed, "fernet"),
        "CORE__EXECUTION_API_SERVER_URL": f"http://{environ['OTTO_AIRFLOW_HOST']}:8080/execution/",
        "DATABASE__SQL_ALCHEMY_CONN": dsn.replace("postgresql:", "postgresql+psycopg2:", 1),
        "CELERY__BROKER_URL": f"{broker_url}?ssl_cert_reqs=required",
        "CELERY__RESULT_BACKEND": f"db+{dsn}",
        "API__SECRET_KEY": _derived(seed, "api"),
        "API_AUTH__JWT_SECRET": _derived(seed, "jwt"),
        "LOGGING__REMOTE_LOGGING": "True",
        "LOGGING__REMOTE_BASE_LOG_FOLDER": f"s3://{environ['OTTO_LOG_BUCKET']}/airflow",
        "LOGGING__REMOTE_LOG_CONN_ID": "aws_default",
        "LOGGING__DELETE_LOCAL_LOGS": "True",  # once they are in S3
        "SECRETS__BACKEND": "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend",
        "SECRETS__BACKEND_KWARGS": json.dumps(backend),
    }
    copy = {"conn_type": "aws", "extra": {"role_arn": environ["OTTO_COPY_ROLE_ARN"]}}
    return {
        "AIRFLOW_HOME": "/var/lib/otto/airflow",
        "AIRFLOW_CONFIG": str(release / "airflow.cfg"),
        "AIRFLOW_CONN_AWS_DEFAULT": json.dumps({"conn_type": "aws"}),  # the node's own role
        "AIRFLOW_CONN_REDSHIFT_COPY": json.dumps(copy),
        **{f"AIRFLOW__{name}": value for name, value in options.items()},
    }


def _dsn(scheme: str, user: str, password: str, host: str, port: int, database: str) -> str:
    return f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{host}:{port}/{database}"


def _derived(seed: str, purpose: str) -> str:
    """A key for one purpose, in the form that Fernet wants: Secrets Manager generates one text a secret, no more."""
    return base64.urlsafe_b64encode(hmac.digest(seed.encode(), purpose.encode(), "sha256")).decode()
