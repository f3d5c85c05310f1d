"""Celery's broker of a cluster: Valkey or Redis from the system, on loopback, with a password and an append-only file.

The file makes that a broker that was killed comes back with every task that it had acknowledged.
"""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path
from urllib.parse import quote

from local.stack import StackError, write_private

_PROGRAMS = ("valkey-server", "redis-server")

# celery replaces its own module while it is imported: a second thread would find the half of it
_importing = threading.Lock()


class BrokerMissing(StackError):
    """No broker is installed; the message says how to install one."""


def program(environ: dict[str, str] | os._Environ[str] = os.environ) -> str:
    """The path of the broker's program. Raises BrokerMissing."""
    named = environ.get("OTTO_BROKER")
    for name in (named,) if named else _PROGRAMS:
        if found := shutil.which(name):
            return found
    raise BrokerMissing(
        f"neither {' nor '.join(_PROGRAMS)} is on PATH; install one (Debian, Ubuntu: apt-get install valkey-server,"
        " or redis-server on older ones), or name one by OTTO_BROKER"
    )


def configure(folder: Path, port: int, password: str) -> None:
    """Write its configuration, readable by its owner only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = {
        "bind": "127.0.0.1",
        "port": port,
        "requirepass": password,
        "dir": f'"{folder}"',
        "appendonly": "yes",
        # written before the answer, brought to the disk every second: a killed process loses nothing
        "appendfsync": "everysec",
        "save": '""',
        "maxmemory": "256mb",
        "maxmemory-policy": "noeviction",  # a full broker refuses; it forgets no task
        "daemonize": "no",
    }
    write_private(_file(folder), "".join(f"{name} {value}\n" for name, value in options.items()))


def command(folder: Path) -> list[str]:
    """The foreground command. Raises BrokerMissing."""
    return [program(), str(_file(folder))]


def url(port: int, password: str) -> str:
    """Where Celery finds it."""
    return f"redis://:{quote(password, safe='')}@127.0.0.1:{port}/0"


def answers(address: str) -> bool:
    """Whether the broker answers."""
    import redis

    with redis.Redis.from_url(address, socket_timeout=3, socket_connect_timeout=3) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def worker_answers(address: str, worker: str) -> bool:
    """Whether a Celery worker of this name (queue@node) answers, within five seconds."""
    if not answers(address):
        return False
    with _importing:
        from celery import Celery
        from kombu.exceptions import OperationalError

    with Celery(broker=address) as app:
        try:
            return bool(app.control.ping(destination=[worker], timeout=5))
        except (OperationalError, OSError):
            return False


def _file(folder: Path) -> Path:
    return folder / "broker.conf"
