"""Old releases leave: seven are kept, the partitions of the others are detached beside the readers and dropped.

A plain DETACH behind a slow reader would make every other reader wait, so it is DETACH CONCURRENTLY, which cannot run
in a transaction and may be cut off half-way; `sweep` finishes what a killed publisher has left.
"""

from __future__ import annotations

import logging
import time

import psycopg
from psycopg import sql

from include.publish import events
from include.publish.build import PARENTS, partition, table
from include.publish.lock import publishing
from include.publish.pointer import live_release, release_before

log = logging.getLogger(__name__)

KEPT_RELEASES = 7
DETACH_TRIES = 12


class PartitionHeld(RuntimeError):
    """A reader kept a retired partition open for longer than the retries; the next sweep drops it."""


def retire(connection: psycopg.Connection, by: str) -> list[int]:
    """Retire what is beyond the kept seven, then drop its partitions; gives the releases. Raises PartitionHeld."""
    with publishing(connection):
        with connection.transaction():
            old = _beyond_kept(connection)
            for release_id in old:
                connection.execute("UPDATE otto.release SET state = 'retired' WHERE release_id = %s", [release_id])
                events.record(connection, release_id, "retired", by, f"{KEPT_RELEASES} releases are kept")
        drop_orphans(connection)
    return old


def sweep(connection: psycopg.Connection, by: str = "keep_house") -> list[str]:
    """Clean up after publishers that were killed; gives the tables dropped. Raises PublisherBusy, PartitionHeld."""
    with publishing(connection):
        fail_abandoned(connection, by)
        return drop_orphans(connection)


def fail_abandoned(connection: psycopg.Connection, by: str) -> list[int]:
    """Releases whose publisher is gone are failed. The caller holds the publisher's lock, so nobody is building."""
    reason = "its publisher ended before the release was ready"
    with connection.transaction():
        rows = connection.execute(
            "UPDATE otto.release SET state = 'failed', reason = %s WHERE state = 'building' RETURNING release_id",
            [reason],
        ).fetchall()
        for (release_id,) in rows:
            events.record(connection, release_id, "failed", by, reason)
    return [release_id for (release_id,) in rows]


def drop_orphans(connection: psycopg.Connection) -> list[str]:
    """Drop the partitions of every release that is not kept. The caller holds the publisher's lock."""
    dropped = []
    for parent in PARENTS:
        rows = connection.execute(
            """
            SELECT substring(relation.relname FROM '[0-9]+$')::BIGINT, relation.relname
            FROM pg_class AS relation
            WHERE relation.relnamespace = 'otto'::REGNAMESPACE
                AND relation.relkind = 'r'
                AND relation.relname ~ ('^' || %s || '_[0-9]+$')
                AND substring(relation.relname FROM '[0-9]+$')::BIGINT NOT IN (
                    SELECT release_id FROM otto.release WHERE state IN ('ready', 'withdrawn')
                )
            ORDER BY 1
            """,
            [parent],
        ).fetchall()
        for release_id, name in rows:
            _drop(connection, parent, release_id)
            dropped.append(name)
    if dropped:
        log.info("dropped %d partitions", len(dropped))
    return dropped


def _beyond_kept(connection: psycopg.Connection) -> list[int]:
    always = {live_release(connection), release_before(connection)} - {None}
    kept = [
        release_id
        for (release_id,) in connection.execute(
            "SELECT release_id FROM otto.release WHERE state IN ('ready', 'withdrawn') ORDER BY release_id DESC"
        )
    ]
    newest = [release_id for release_id in kept if release_id not in always][: KEPT_RELEASES - len(always)]
    return [release_id for release_id in kept if release_id not in always and release_id not in newest]


def _drop(connection: psycopg.Connection, parent: str, release_id: int) -> None:
    name = partition(parent, release_id)
    for _ in range(DETACH_TRIES):
        try:
            _detach(connection, parent, release_id)
            with connection.transaction():
                connection.execute("SET LOCAL lock_timeout = '500ms'")
                connection.execute(sql.SQL("DROP TABLE {}").format(name))
            return
        except (psycopg.errors.LockNotAvailable, psycopg.errors.ObjectInUse):
            time.sleep(0.5)
    raise PartitionHeld(f"otto.{parent}_{release_id} is still being read; the next sweep drops it")


def _detach(connection: psycopg.Connection, parent: str, release_id: int) -> None:
    row = connection.execute(
        "SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = to_regclass(%s)", [f"otto.{parent}_{release_id}"]
    ).fetchone()
    if row is None:
        return  # never attached, or detached already
    how = "FINALIZE" if row[0] else "CONCURRENTLY"
    connection.execute(
        sql.SQL("ALTER TABLE {} DETACH PARTITION {} {}").format(
            table(parent), partition(parent, release_id), sql.SQL(how)
        )
    )
