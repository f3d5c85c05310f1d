"""One publisher at a time, over all nodes: a row that names the publishing session, and is free when that session ends.

Not an advisory lock: any role that may connect can take one, so that a reader could stop publishing.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import psycopg

# Longer than the server takes to notice that a killed publisher is gone (client_connection_check_interval, 2 s).
PATIENCE_SECONDS = 6.0

# A session is known by its process and its begin. The begin of another role's session may be hidden: then it counts.
_HOLDER = """
    SELECT FROM pg_stat_activity AS activity
    WHERE activity.pid = publisher.pid
        AND coalesce(activity.backend_start, publisher.session_from) = publisher.session_from
"""


class PublisherBusy(RuntimeError):
    """Another publisher is at work; the message says which."""


@contextlib.contextmanager
def publishing(connection: psycopg.Connection, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Be the only publisher until the block ends. Raises PublisherBusy after a few seconds of waiting."""
    deadline = time.monotonic() + patience
    while not _take(connection):
        if time.monotonic() > deadline:
            raise PublisherBusy(f"{_holder(connection)} is publishing; run this again when it has finished")
        time.sleep(0.25)
    try:
        yield
    finally:
        # a session that is gone holds nothing any more
        with contextlib.suppress(psycopg.OperationalError):
            connection.execute(
                "UPDATE otto.publisher SET pid = NULL, session_from = NULL, application = NULL"
                " WHERE pid = pg_backend_pid()"
            )


def _take(connection: psycopg.Connection) -> bool:
    taken = connection.execute(
        f"""
        UPDATE otto.publisher
        SET (pid, session_from, application) = (
            SELECT activity.pid, activity.backend_start, activity.application_name
            FROM pg_stat_activity AS activity
            WHERE activity.pid = pg_backend_pid()
        )
        WHERE NOT EXISTS ({_HOLDER})
        """.encode()  # noqa: S608 (a constant of this module)
    )
    return taken.rowcount == 1


def _holder(connection: psycopg.Connection) -> str:
    row = connection.execute(
        f"SELECT application, pid, session_from FROM otto.publisher WHERE EXISTS ({_HOLDER})".encode()  # noqa: S608
    ).fetchone()
    return f"{row[0]} (backend {row[1]}, since {row[2]:%Y-%m-%d %H:%M:%S} UTC)" if row else "another publisher"
