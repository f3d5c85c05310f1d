"""The diary of releases: who did what to which release, and why. It also rules the hold."""

from __future__ import annotations

import psycopg


def record(
    connection: psycopg.Connection, release_id: int | None, action: str, by: str, reason: str | None = None
) -> None:
    """One line in otto.release_event."""
    connection.execute(
        "INSERT INTO otto.release_event (release_id, action, by, reason) VALUES (%s, %s, %s, %s)",
        [release_id, action, by, reason],
    )


def is_held(connection: psycopg.Connection) -> bool:
    """Whether publications may not become live: the last hold or unhold rules."""
    row = connection.execute(
        "SELECT action FROM otto.release_event WHERE action IN ('hold', 'unhold') ORDER BY at DESC LIMIT 1"
    ).fetchone()
    return row == ("hold",)
