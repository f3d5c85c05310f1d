"""Old releases leave: seven are kept, the partitions of the others are detached beside the readers and dropped.

A plain DETACH behind a slow reader would make every other reader wait, so it is DETACH CONCURRENTLY, which cannot run
in a transaction and may be cut off half-way; `sweep` finishes what a killed publisher has left.
"""

from __future__ import annotations

import logging

import psycopg
from psycopg import sql

from include.publish import events
from include.publish.build import PARENTS, partition, table
from include.publish.lock import publishing
from include.publish.pointer import live_release, release_before

log = logging.getLogger(__name__)

KEPT_RELEASES = 7
# A detach waits for every transaction that may read the partition. Readers hold one for some seconds at most.
LOCK_SECONDS = 4
SWEEP_TRIES = 10


class PartitionHeld(RuntimeError):
    """A reader kept a retired partition open for longer than a sweep waits; the message names it."""


def retire(connection: psycopg.Connection, by: str) -> list[int]:
    """Retire what is beyond the kept seven and drop its partitions; gives the releases retired.

    What a reader still holds is left to the next publication or sweep: a slow reader must not fail a publication.
    """
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
        dropped, held = drop_orphans(connection, tries=SWEEP_TRIES)
    if held:
        raise PartitionHeld(f"{', '.join(held)} is still being read; end that transaction, or let the next sweep try")
    return dropped


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


def drop_orphans(connection: psycopg.Connection, tries: int = 1) -> tuple[list[str], list[str]]:
    """Drop the partitions of every release that is not kept; gives what was dropped and what a reader still holds.

    The caller holds the publisher's lock.
    """
    dropped: list[str] = []
    held: list[str] = []
    for parent in PARENTS:
        for release_id in _orphans(connection, parent):
            name = f"{parent}_{release_id}"
            if not _drop(connection, parent, release_id, tries):
                held.append(name)
                break  # one pending detach of a parent keeps back all others
            dropped.append(name)
    if dropped or held:
        log.info("dropped %d partitions; still read: %s", len(dropped), ", ".join(held) or "none")
    return dropped, held


def _orphans(connection: psycopg.Connection, parent: str) -> list[int]:
    rows = connection.execute(
        """
        SELECT substring(relation.relname FROM '[0-9]+$')::BIGINT
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
    return [release_id for (release_id,) in rows]


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


def _drop(connection: psycopg.Connection, parent: str, release_id: int, tries: int) -> bool:
    """Whether the partition is gone; a reader that holds it is waited for a few seconds a try."""
    connection.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'".encode())
    try:
        for _ in range(tries):
            try:
                _detach(connection, parent, release_id)
                connection.execute(sql.SQL("DROP TABLE {}").format(partition(parent, release_id)))
                return True
            except psycopg.errors.LockNotAvailable:
                log.info("otto.%s_%d is being read", parent, release_id)
        return False
    finally:
        connection.execute("RESET lock_timeout")


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
