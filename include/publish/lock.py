"""One publisher at a time, over all nodes: an advisory lock of the session, which ends with the session."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import psycopg

_PUBLISHER_LOCK = 7_306_002
# Longer than the server takes to notice that a killed publisher is gone (client_connection_check_interval, 2 s).
PATIENCE_SECONDS = 6.0


class PublisherBusy(RuntimeError):
    """Another publisher is at work; the message says which."""


@contextlib.contextmanager
def publishing(connection: psycopg.Connection, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Be the only publisher until the block ends. Raises PublisherBusy after a few seconds of waiting."""
    deadline = time.monotonic() + patience
    while not _try(connection):
        if time.monotonic() > deadline:
            raise PublisherBusy(f"{_holder(connection)} is publishing; run this again when it has finished")
        time.sleep(0.25)
    try:
        yield
    finally:
        # a session that is gone has let go of its lock already
        with contextlib.suppress(psycopg.OperationalError):
            connection.execute("SELECT pg_advisory_unlock(%s)", [_PUBLISHER_LOCK])


def _try(connection: psycopg.Connection) -> bool:
    return connection.execute("SELECT pg_try_advisory_lock(%s)", [_PUBLISHER_LOCK]).fetchone() == (True,)


def _holder(connection: psycopg.Connection) -> str:
    row = connection.execute(
        """
        SELECT activity.application_name, activity.pid, activity.backend_start
        FROM pg_locks AS held
        JOIN pg_stat_activity AS activity
            ON activity.pid = held.pid
        WHERE held.locktype = 'advisory' AND held.granted AND held.objid = %s
        """,
        [_PUBLISHER_LOCK],
    ).fetchone()
    return f"{row[0]} (backend {row[1]}, since {row[2]:%Y-%m-%d %H:%M:%S} UTC)" if row else "another publisher"
