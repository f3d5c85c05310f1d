"""The stack's secrets: made once, kept in the state folder for its owner only, never on a command line."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from local.stack import StackError, write_private

AIRFLOW_USER = "admin"


@dataclass(frozen=True)
class Credentials:
    """Every secret of one stack."""

    postgres: str
    otto_airflow: str
    otto_loader: str
    otto_publisher: str
    s3_access_key: str
    s3_secret_key: str
    airflow_fernet_key: str
    airflow_jwt_secret: str
    airflow_api_secret: str
    airflow_password: str
    web_secret: str
    broker: str


def credentials(state: Path) -> Credentials:
    """The secrets of this state folder, made when it has none yet. Raises StackError for an unreadable file."""
    path = state / "secrets.json"
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = {}
    except (OSError, ValueError) as error:
        raise StackError(f"{path} cannot be read ({error}); `make clean` starts afresh") from error
    fresh = _generate()
    # a later version may need one more secret: the known ones stay
    complete = {name: known.get(name) or value for name, value in asdict(fresh).items()}
    if complete != known:
        write_private(path, json.dumps(complete, indent=1))
    return Credentials(**complete)


def _generate() -> Credentials:
    return Credentials(
        postgres=secrets.token_urlsafe(24),
        otto_airflow=secrets.token_urlsafe(24),
        otto_loader=secrets.token_urlsafe(24),
        otto_publisher=secrets.token_urlsafe(24),
        s3_access_key="OTTO" + secrets.token_hex(8).upper(),
        s3_secret_key=secrets.token_urlsafe(30),
        airflow_fernet_key=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        airflow_jwt_secret=secrets.token_urlsafe(48),
        airflow_api_secret=secrets.token_urlsafe(32),
        airflow_password=secrets.token_urlsafe(9),
        web_secret=secrets.token_urlsafe(48),
        broker=secrets.token_urlsafe(24),
    )
