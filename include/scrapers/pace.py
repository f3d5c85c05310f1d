"""How often? One row per host in ops.pace, shared by all tasks on all nodes, on the database's clock.

A slot is taken by one statement, so that two workers never get the same moment. What leaves later than its slot, as a
page's own requests do, is moved to when it left, so that any ten seconds are those that the host sees. Retry-After and
the circuit breaker write the same row: what one worker learns, every worker keeps to.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import psycopg

from include.retries import Lasting

log = logging.getLogger(__name__)

# A shorter block is waited for, such as a Retry-After of minutes; a longer one is the breaker's, and the task fails.
_PATIENCE_SECONDS = 600.0
# In any so many seconds no more pages than the pace allows, whatever is asked for together. A little longer than ten:
# what is late by less than _NOTICED_SECONDS is not moved, and requests travel for different times.
_WINDOW_SECONDS = 10.0
_TRAVEL = 1.015
_NOTICED_SECONDS = 0.05
_MOST_KEPT = 100  # moments of a host; a pace that allows more in ten seconds is held in as much shorter ones
# So many pages' time that nobody used is made up for, within what any ten seconds allow.
_CREDIT_PAGES = 4

_ENTER = """
INSERT INTO ops.pace (host, next_at) SELECT host, clock_timestamp() FROM unnest(%(hosts)s::text[]) AS asked (host)
ON CONFLICT (host) DO NOTHING
"""
# The rows are locked in the order of their hosts, so that no two takers wait for each other.
_TAKE = """
WITH asked AS (SELECT * FROM unnest(%(hosts)s::text[], %(pages)s::int[]) AS asked (host, pages)),
held AS MATERIALIZED (
    SELECT pace.*, asked.pages, greatest(asked.pages, %(most)s) AS most
    FROM ops.pace JOIN asked USING (host) ORDER BY host FOR UPDATE OF pace
),
slot AS MATERIALIZED (
    SELECT max(greatest(
        next_at,
        clock_timestamp(),
        coalesce(blocked_until, '-infinity'),
        coalesce(recent[most - pages + 1] + %(window)s * interval '1 second', '-infinity')
    )) AS moment
    FROM held
    HAVING coalesce(max(blocked_until), '-infinity') <= clock_timestamp() + %(patience)s * interval '1 second'
)
UPDATE ops.pace
SET next_at = greatest(pace.next_at, moment - %(credit)s * interval '1 second')
        + held.pages * %(interval)s * interval '1 second',
    recent = ARRAY(
        SELECT given FROM unnest(array_fill(moment, ARRAY[held.pages]) || pace.recent) AS given
        ORDER BY given DESC LIMIT most
    )
FROM held, slot
WHERE pace.host = held.host
RETURNING moment, extract(epoch FROM moment - clock_timestamp())::float8
"""
_MOVE = """
UPDATE ops.pace
SET recent = ARRAY(
    SELECT given + CASE WHEN place = array_position(recent, %(moment)s) THEN %(late)s ELSE 0 END * interval '1 second'
    FROM unnest(recent) WITH ORDINALITY AS slots (given, place) ORDER BY 1 DESC
)
WHERE host = %(host)s
"""
_ADD = """
UPDATE ops.pace
SET next_at = greatest(next_at, clock_timestamp()) + %(interval)s * interval '1 second',
    recent = ARRAY(
        SELECT given FROM unnest(recent || (clock_timestamp() - %(ago)s * interval '1 second')) AS given
        ORDER BY given DESC LIMIT %(most)s
    )
WHERE host = %(host)s
"""
_BLOCKED = """
SELECT host, extract(epoch FROM blocked_until - clock_timestamp())::float8, reason
FROM ops.pace WHERE host = ANY(%(hosts)s) ORDER BY blocked_until DESC NULLS LAST LIMIT 1
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


@dataclass(frozen=True, slots=True)
class Slot:
    """A moment that was given out for all that leaves at once."""

    moment: datetime  # on the database's clock
    due: float  # the same on this process's monotonic clock, in seconds


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
        self._interval = 1 / pages_per_second
        self._most = min(_MOST_KEPT, max(1, int(_WINDOW_SECONDS * pages_per_second)))
        self._window = min(_WINDOW_SECONDS, _MOST_KEPT * self._interval)  # seconds that may hold so many
        self._sleep = sleep
        self._known: set[str] = set()

    def take(self, *hosts: str) -> Slot:
        """Wait for the next moment at which each of the hosts is free, and take it: a host named twice, for two pages.

        Raises HostBlocked where one is closed for long; then nothing is taken.
        """
        pages = Counter(hosts)
        asked = {"hosts": list(pages), "pages": list(pages.values())}
        if not self._known.issuperset(pages):
            self._connection.execute(_ENTER, asked)
            self._known.update(pages)
        values = {
            "interval": self._interval,
            "credit": _CREDIT_PAGES * self._interval,
            "most": self._most,
            "window": _TRAVEL * self._window,
            "patience": _PATIENCE_SECONDS,
        }
        row = self._connection.execute(_TAKE, asked | values).fetchone()
        if row is None:
            found = self._connection.execute(_BLOCKED, asked).fetchone()
            host, seconds, reason = found or (", ".join(pages), None, "its row in ops.pace is gone")
            raise HostBlocked(f"{host} is not asked for another {seconds or 0:.0f} s: {reason}")
        moment, wait = row
        slot = Slot(moment, time.monotonic() + wait)
        if wait > 0:
            self._sleep(wait)
        return slot

    def left(self, departures: Iterable[tuple[str, float, Slot | None]]) -> None:
        """Account when pages were asked for: host, monotonic seconds, and the slot that was taken, or None."""
        moved, added = [], []
        for host, at, slot in departures:
            if slot is None:
                ago = max(0.0, time.monotonic() - at)
                added.append({"host": host, "ago": ago, "interval": self._interval, "most": self._most})
            elif (late := at - slot.due) > _NOTICED_SECONDS:
                moved.append({"host": host, "moment": slot.moment, "late": late})
        with self._connection.cursor() as cursor:
            if moved:
                cursor.executemany(_MOVE, moved)
            if added:
                cursor.executemany(_ADD, added)

    def block(self, host: str, seconds: float, reason: str) -> None:
        """Close a host for every worker."""
        log.warning("%s is not asked for %.0f s: %s", host, seconds, reason)
        self._connection.execute(_BLOCK, {"host": host, "seconds": seconds, "reason": reason})
