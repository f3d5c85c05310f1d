"""The readers' connections: one small pool a process, for the web page and the API alike. No framework.

Read-only, with short timeouts: a page that cannot be had in a few seconds is better told to be away. The server ends a
slow statement; a network that has gone silent is noticed here.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, Concatenate

import psycopg
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool, PoolTimeout

# Every statement is a look-up by key: the generic plan is the right one, and planning over the kept releases'
# partitions would cost more than running it.
OPTIONS = (
    "-c default_transaction_read_only=on -c statement_timeout=3s -c idle_in_transaction_session_timeout=10s "
    "-c plan_cache_mode=force_generic_plan -c jit=off -c max_parallel_workers_per_gather=0 -c timezone=UTC"
)
_CONNECT_SECONDS = 3
_ANSWER_SECONDS = 4.0  # longer than statement_timeout: only a server that cannot be heard takes so long
_WAIT_SECONDS = 2.0
_LARGEST = 8

_starting = threading.Lock()
_open: dict[str, ConnectionPool] = {}  # by DSN; a process has one, the tests have several


class DatabaseAway(RuntimeError):
    """The serving database does not answer."""


class Unanswered(psycopg.OperationalError):
    """A statement was sent and nothing came back in time; its connection is closed."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that waits for no answer longer than _ANSWER_SECONDS, whatever becomes of the network."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """As psycopg's own, which waits for ever; this is where every statement waits. Raises Unanswered."""
        try:
            return super().wait(gen, interval, _ANSWER_SECONDS if timeout is None else timeout)
        except Exception as error:
            if self.pgconn.transaction_status != TransactionStatus.ACTIVE:
                raise
            self.close()
            raise Unanswered(f"no answer within {_ANSWER_SECONDS:.0f} s") from error


def read[**P, T](
    question: Callable[Concatenate[psycopg.Connection[Any], P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Ask one question of `web.queries` over a pooled connection. Raises DatabaseAway.

    A connection that the database has closed meanwhile (a restart) is replaced and the question asked once more.
    """
    try:
        try:
            with _pool().connection(timeout=_WAIT_SECONDS) as connection:
                return question(connection, *args, **kwargs)
        except (psycopg.errors.AdminShutdown, psycopg.OperationalError) as error:
            if isinstance(error, psycopg.errors.QueryCanceled | PoolTimeout | Unanswered):
                raise
            _pool().check()
            with _pool().connection(timeout=_WAIT_SECONDS) as connection:
                return question(connection, *args, **kwargs)
    except psycopg.OperationalError as error:
        raise DatabaseAway(type(error).__name__) from error


def close() -> None:
    """Let go of every connection; the next question opens a pool again."""
    with _starting:
        for pool in _open.values():
            pool.close(timeout=1)
        _open.clear()


def _pool() -> ConnectionPool:
    with _starting:  # threads of one process must not open two pools
        dsn = os.environ.get("OTTO_READER_DSN", "")
        if not dsn:
            raise DatabaseAway("OTTO_READER_DSN is not set; it names the serving database as otto_reader")
        if dsn not in _open:
            _open[dsn] = _new_pool(dsn)
        return _open[dsn]


def _new_pool(dsn: str) -> ConnectionPool:
    pool = ConnectionPool(
        dsn,
        connection_class=BoundedConnection,
        min_size=1,
        max_size=_LARGEST,
        open=False,
        timeout=_WAIT_SECONDS,
        max_idle=300,
        reconnect_timeout=1,  # then the next question tries afresh, without the pool's growing pauses
        kwargs={
            "autocommit": True,
            "connect_timeout": _CONNECT_SECONDS,
            "tcp_user_timeout": int(_ANSWER_SECONDS * 1000),
            "application_name": "otto-web",
            "options": OPTIONS,
            "prepare_threshold": 0,
        },
    )
    pool.open(wait=False)
    return pool
