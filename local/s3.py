"""The embedded S3 server: ministack behind a guard, S3 only, objects on disk, loopback only."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

REGION = "us-east-1"


def command() -> list[str]:
    """The foreground command."""
    return [sys.executable, "-m", "local.s3_server"]


def environment(folder: Path, port: int) -> dict[str, str]:
    """The environment that makes it keep objects below `folder` and listen on 127.0.0.1:port."""
    for part in ("objects", "state", "tmp"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return kept | {
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
        "SERVICES": "s3,sts,iam",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(folder / "objects"),
        "PERSIST_STATE": "1",
        "STATE_DIR": str(folder / "state"),
        "TMPDIR": str(folder / "tmp"),
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
    }


def health_url(port: int) -> str:
    """Answers 200 once the server serves."""
    return f"http://127.0.0.1:{port}/_ministack/health"


def client(endpoint: str, access_key: str, secret_key: str) -> Any:
    """A boto3 client for it, for the stack's own preparations."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=Config(connect_timeout=5, read_timeout=30, retries={"max_attempts": 3}, s3={"addressing_style": "path"}),
    )
