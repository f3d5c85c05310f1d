"""The readers' connections: one small pool a process, for the web page and the API alike. No framework.

Read-only, with short timeouts: a page that cannot be had in three seconds is better told to be away.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, Concatenate

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

# Every statement is a look-up by key: the generic plan is the right one, and planning over the kept releases'
# partitions would cost more than running it.
_OPTIONS = (
    "-c default_transaction_read_only=on -c statement_timeout=3s -c idle_in_transaction_session_timeout=10s "
    "-c plan_cache_mode=force_generic_plan -c timezone=UTC"
)
_CONNECT_SECONDS = 3
_WAIT_SECONDS = 2.0
_LARGEST = 8

_starting = threading.Lock()
_open: dict[str, ConnectionPool] = {}  # by DSN; a process has one, the tests have several


class DatabaseAway(RuntimeError):
    """The serving database does not answer."""


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
            if isinstance(error, psycopg.errors.QueryCanceled | PoolTimeout):
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
        min_size=1,
        max_size=_LARGEST,
        open=False,
        timeout=_WAIT_SECONDS,
        max_idle=300,
        reconnect_timeout=1,  # then the next question tries afresh, without the pool's growing pauses
        kwargs={
            "autocommit": True,
            "connect_timeout": _CONNECT_SECONDS,
            "application_name": "otto-web",
            "options": _OPTIONS,
            "prepare_threshold": 0,
        },
    )
    pool.open(wait=False)
    return pool
