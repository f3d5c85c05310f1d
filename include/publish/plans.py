"""Readers whose statement was planned before a release had its partitions: they may finish before the pointer moves.

A statement is planned first and takes its snapshot after. Planned before the partitions were attached, it knows none of
them; with a snapshot from after the move it looks for the new release and finds no row (docs/decisions/0034).
"""

from __future__ import annotations

import logging
import time

import psycopg

log = logging.getLogger(__name__)

# A page's read takes milliseconds. Who holds a transaction for longer must not hold up publishing.
PATIENCE_SECONDS = 2.0
_POLL_SECONDS = 0.01

# Planning locks every table that it knows of, and the lock is kept to the end of the transaction.
_READING = """
SELECT DISTINCT locked.virtualtransaction
FROM pg_locks AS locked
JOIN pg_class AS relation ON relation.oid = locked.relation
WHERE relation.relnamespace = 'otto'::REGNAMESPACE
    AND relation.relkind = 'p'
    AND locked.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND locked.pid <> pg_backend_pid()
"""


def let_finish(connection: psycopg.Connection, seconds: float | None = None) -> None:
    """Wait until every transaction that reads a partitioned table now has ended, at most so long (PATIENCE_SECONDS)."""
    deadline = time.monotonic() + (PATIENCE_SECONDS if seconds is None else seconds)
    waiting = _reading(connection)
    while waiting and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        waiting &= _reading(connection)
    if waiting:
        log.warning("%d readers still hold a transaction; the pointer moves all the same", len(waiting))


def _reading(connection: psycopg.Connection) -> set[str]:
    return {transaction for (transaction,) in connection.execute(_READING)}
