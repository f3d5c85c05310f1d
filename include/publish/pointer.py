"""The pointer: which release is live. Every move is one short transaction that checks the views before it commits."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date

import psycopg

from include.publish import events, plans
from include.publish.bands import HEIGHTS_CM, WEIGHTS_KG
from include.publish.checks import CheckFailed
from include.retries import Lasting

log = logging.getLogger(__name__)

_CELLS = (HEIGHTS_CM[1] - HEIGHTS_CM[0] + 1) * (WEIGHTS_KG[1] - WEIGHTS_KG[0] + 1)


class NoSuchRelease(Lasting):
    """A release cannot become live; the message says why and which ones can."""


@dataclass(frozen=True)
class Outcome:
    """What became of a release that was to go live."""

    release_id: int
    live: bool
    reason: str  # why it is live, or why it stays ready


@dataclass(frozen=True)
class _Release:
    release_id: int
    run_date: date
    state: str
    was_live: bool


def make_live(connection: psycopg.Connection, release_id: int, by: str, go_live: bool = False) -> Outcome:
    """Move the pointer to a ready release, unless a hold or a newer live day forbids it (go_live overrules both).

    Running it twice is one move. Raises NoSuchRelease, CheckFailed (then the pointer has not moved).
    """
    plans.let_finish(connection)
    with connection.transaction():
        _take_pointer(connection)
        release, live = _release(connection, release_id), live_release(connection)
        if live == release_id:
            return Outcome(release_id, True, "it is live already")
        if release.state != "ready":
            raise NoSuchRelease(f"release {release_id} is {release.state} and does not become live by itself")
        why_not = None if go_live else _why_not(connection, release, live)
        if why_not:
            events.record(connection, release_id, "stays_ready", by, why_not)
            return Outcome(release_id, False, why_not)
        if go_live and events.is_held(connection):
            events.record(connection, live, "unhold", by, "published with go_live")
        _move(connection, release_id)
        events.record(connection, release_id, "live", by, "published with go_live" if go_live else "published")
    log.info("release %d is live", release_id)
    return Outcome(release_id, True, "published")


def roll_back(connection: psycopg.Connection, release_id: int | None, reason: str, hold: bool, by: str) -> Outcome:
    """Make a kept release live again (None: the one before the live one) and withdraw the one that is left.

    With `hold` later publications stay ready until released. Raises NoSuchRelease, CheckFailed.
    """
    with connection.transaction():
        _take_pointer(connection)
        live = live_release(connection)
        target = choose(connection, release_id)
        if hold:
            events.record(connection, live, "hold", by, reason)
        if target == live:
            return Outcome(target, True, "it is live already")
        if _release(connection, target).state not in ("ready", "withdrawn"):
            raise NoSuchRelease(f"release {target} is not kept; {_kept(connection)}")
        connection.execute("UPDATE otto.release SET state = 'ready', reason = NULL WHERE release_id = %s", [target])
        _move(connection, target)
        events.record(connection, target, "roll_back", by, reason)
        if live is not None:
            connection.execute(
                "UPDATE otto.release SET state = 'withdrawn', reason = %s WHERE release_id = %s", [reason, live]
            )
            events.record(connection, live, "withdrawn", by, reason)
    log.info("rolled back to release %d", target)
    return Outcome(target, True, "rolled back")


def choose(connection: psycopg.Connection, release_id: int | None) -> int:
    """The release that a roll-back goes to: the one asked for, or the one before. Raises NoSuchRelease."""
    target = release_before(connection) if release_id is None else release_id
    if target is None:
        raise NoSuchRelease(
            f"there is no release before the live one ({live_release(connection)}); {_kept(connection)}"
        )
    _release(connection, target)
    return target


def set_hold(connection: psycopg.Connection, hold: bool, by: str, reason: str) -> None:
    """Stop later publications from becoming live, or let them again."""
    events.record(connection, live_release(connection), "hold" if hold else "unhold", by, reason)


def live_release(connection: psycopg.Connection) -> int | None:
    """The live release's number."""
    row = connection.execute("SELECT release_id FROM otto.live").fetchone()
    return row[0] if row else None


def release_before(connection: psycopg.Connection) -> int | None:
    """The kept release that was live before the live one: where a roll-back without a number goes."""
    row = connection.execute(
        """
        SELECT max(release.release_id)
        FROM otto.release AS release
        JOIN otto.live AS live
            ON release.release_id < live.release_id
        WHERE release.state = 'ready' AND release.live_from IS NOT NULL
        """
    ).fetchone()
    return row[0] if row else None


def _why_not(connection: psycopg.Connection, release: _Release, live: int | None) -> str | None:
    if events.is_held(connection):
        return "publications are on hold"
    if release.was_live:
        return "it was live before and has been replaced"
    if live is not None:
        current = _release(connection, live)
        if (current.run_date, current.release_id) > (release.run_date, release.release_id):
            return f"release {live} of {current.run_date} is live and newer"
    return None


def _move(connection: psycopg.Connection, release_id: int) -> None:
    connection.execute(
        """
        INSERT INTO otto.live (release_id) VALUES (%s)
        ON CONFLICT ("only") DO UPDATE SET release_id = EXCLUDED.release_id
        """,
        [release_id],
    )
    connection.execute("UPDATE otto.release SET live_from = clock_timestamp() WHERE release_id = %s", [release_id])
    check_views(connection, release_id)


def check_views(connection: psycopg.Connection, release_id: int) -> None:
    """What readers will see once this transaction commits. Raises CheckFailed.

    Bounded work whatever the release's size: going back must take less than a second.
    """
    seen = connection.execute(
        """
        SELECT
            (SELECT release_id FROM otto.release_status WHERE state = 'live'),
            (SELECT products FROM otto.release_status WHERE state = 'live'),
            (SELECT count(*) FROM otto.product),
            (
                SELECT count(*)
                FROM otto.product_rank AS ranked
                LEFT JOIN otto.product AS product
                    ON product.mall = ranked.mall AND product.product_id = ranked.product_id
                WHERE product.product_id IS NULL
            )
        """
    ).fetchone()
    assert seen is not None
    live, expected, products, lost = seen
    if live != release_id or products != expected or lost:
        raise CheckFailed(
            f"the views show release {live} with {products} of {expected} products and {lost} ranked places without one"
        )
    first = connection.execute("SELECT mall, product_id, gender FROM otto.size_table LIMIT 1").fetchone()
    if first is None:
        raise CheckFailed(f"the views show no size table for release {release_id}")
    tiled = connection.execute(
        """
        SELECT sum(weight_to_kg - weight_from_kg + 1)
        FROM otto.size_table
        WHERE mall = %s AND product_id = %s AND gender = %s
        """,
        first,
    ).fetchone()
    if tiled != (_CELLS,):
        raise CheckFailed(f"the size table of {'/'.join(first)} shows {tiled} of {_CELLS} cells")


def _take_pointer(connection: psycopg.Connection) -> None:
    # one mover at a time; readers of the table are let through, and no reader's role may take this lock
    connection.execute("LOCK TABLE otto.live IN SHARE ROW EXCLUSIVE MODE")


def _release(connection: psycopg.Connection, release_id: int) -> _Release:
    row = connection.execute(
        """
        SELECT release_id, run_date, state, live_from IS NOT NULL
        FROM otto.release
        WHERE release_id = %s
        FOR UPDATE
        """,
        [release_id],
    ).fetchone()
    if row is None:
        raise NoSuchRelease(f"there is no release {release_id}; {_kept(connection)}")
    return _Release(*row)


def _kept(connection: psycopg.Connection) -> str:
    rows = connection.execute(
        "SELECT release_id, run_date FROM otto.release WHERE state IN ('ready', 'withdrawn') ORDER BY release_id"
    ).fetchall()
    return "kept releases: " + (", ".join(f"{release_id} of {day}" for release_id, day in rows) or "none")
