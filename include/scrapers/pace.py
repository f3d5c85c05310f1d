"""How often? One row per host in ops.pace, shared by all tasks on all nodes, on the database's clock.

A slot is taken by one UPDATE ... RETURNING, so that two workers never get the same moment. Retry-After and the circuit
breaker write the same row: what one worker learns, every worker keeps to.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import psycopg

from include.retries import Lasting

log = logging.getLogger(__name__)

# A shorter block is waited for, such as a Retry-After of minutes; a longer one is the breaker's, and the task fails.
_PATIENCE_SECONDS = 600.0
# In any so many seconds no more pages than the pace allows: answers that a page asks for together leave together, so
# the distance of two slots alone would let a few too many into a short window. A little more than ten, since a request
# leaves a little after its slot.
_WINDOW_SECONDS = 10.0
_LATE_SECONDS = 0.25
# A request leaves a little after its slot. Without this margin the jitter of two slots can press one page too many
# into a window; with it the rate stays above 0.95 of what is allowed.
_MARGIN = 1.03

_ENTER = """
INSERT INTO ops.pace (host, next_at) VALUES (%(host)s, clock_timestamp()) ON CONFLICT (host) DO NOTHING
"""
_SLOT = """greatest(
    next_at,
    clock_timestamp(),
    coalesce(blocked_until, '-infinity'),
    coalesce(recent[%(most)s - %(pages)s + 1] + %(window)s * interval '1 second', '-infinity')
)"""
_TAKE = f"""
UPDATE ops.pace
SET next_at = {_SLOT} + %(pages)s * %(interval)s * interval '1 second',
    recent = (array_fill({_SLOT}, ARRAY[%(pages)s::int]) || recent)[1:%(most)s]
WHERE host = %(host)s
    AND (blocked_until IS NULL OR blocked_until <= clock_timestamp() + %(patience)s * interval '1 second')
RETURNING extract(epoch FROM next_at - clock_timestamp())::float8 - %(pages)s * %(interval)s
"""  # noqa: S608 (no value in it)
_BLOCKED = """
SELECT extract(epoch FROM blocked_until - clock_timestamp())::float8, reason FROM ops.pace WHERE host = %(host)s
"""
_BLOCK = """
INSERT INTO ops.pace (host, next_at, blocked_until, reason)
VALUES (%(host)s, clock_timestamp(), clock_timestamp() + %(seconds)s * interval '1 second', %(reason)s)
ON CONFLICT (host) DO UPDATE
SET blocked_until = greatest(excluded.blocked_until, coalesce(pace.blocked_until, '-infinity')),
    reason = excluded.reason
"""


class HostBlocked(Lasting, RuntimeError):
    """A host is closed for longer than a task waits, by its Retry-After or by the circuit breaker."""


class Pace:
    """Free moments of the hosts of one mall. The connection must commit by itself (autocommit)."""

    def __init__(
        self,
        connection: psycopg.Connection,
        pages_per_second: float,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not connection.autocommit:
            raise ValueError("the pace needs a connection in autocommit: a slot must be seen by others at once")
        self._connection = connection
        self._interval = _MARGIN / pages_per_second
        self._most = max(1, int(_WINDOW_SECONDS * pages_per_second))  # in any ten seconds
        self._sleep = sleep
        self._known: set[str] = set()

    def take(self, host: str, pages: int = 1) -> None:
        """Wait for the host's next free moment, and take as many pages' time as are asked for together.

        Raises HostBlocked where the host is closed for long.
        """
        if host not in self._known:
            self._connection.execute(_ENTER, {"host": host})
            self._known.add(host)
        values = {
            "host": host,
            "pages": pages,
            "interval": self._interval,
            "most": max(self._most, pages),
            "window": _WINDOW_SECONDS + _LATE_SECONDS,
            "patience": _PATIENCE_SECONDS,
        }
        row = self._connection.execute(_TAKE, values).fetchone()
        if row is None:
            blocked = self._connection.execute(_BLOCKED, {"host": host}).fetchone()
            seconds, reason = blocked or (0.0, "its row in ops.pace is gone")
            raise HostBlocked(f"{host} is not asked for another {seconds or 0:.0f} s: {reason}")
        if row[0] > 0:
            self._sleep(row[0])

    def block(self, host: str, seconds: float, reason: str) -> None:
        """Close a host for every worker."""
        log.warning("%s is not asked for %.0f s: %s", host, seconds, reason)
        self._connection.execute(_BLOCK, {"host": host, "seconds": seconds, "reason": reason})
