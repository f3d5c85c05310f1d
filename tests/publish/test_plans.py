"""A reader whose statement was planned before a release was there, and the move to it, on a real PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable

import psycopg
import pytest

from include.lake import Lake
from include.publish import plans, pointer, publication
from tests import servers
from tests.publish import invented
from tests.publish.invented import DAY

pytestmark = pytest.mark.slow

READING = "SELECT count(*) FROM otto.size_table"


@pytest.fixture
def live(rds: psycopg.Connection, lake: Lake) -> int:
    """A live release."""
    invented.lay(lake)
    (published,) = publication.publish(rds, lake, [DAY], by="before")
    return published.release_id


@pytest.fixture
def ready(rds: psycopg.Connection, lake: Lake, live: int) -> Callable[[], int]:
    """Builds the next release."""
    return lambda: publication.build_releases(rds, lake, [DAY], by="next")[0]


def _pointer(dsn: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT release_id FROM otto.live").fetchone()
        return row[0] if row else None


def test_a_statement_that_was_planned_before_the_release_still_finds_its_rows(
    rds: psycopg.Connection, serving_dsn: str, live: int, ready: Callable[[], int]
) -> None:
    found: list[int] = []

    def read() -> None:
        with psycopg.connect(serving_dsn) as reader:
            row = reader.execute(READING).fetchone()
            found.append(row[0] if row else 0)

    def move() -> None:  # as make_live does, without its look at the views, which would wait for the same lock
        with psycopg.connect(serving_dsn) as mover:
            plans.let_finish(mover, 30)
            mover.execute("UPDATE otto.live SET release_id = %s", [release])

    with psycopg.connect(serving_dsn) as holder:
        # planning reads the list of partitions, then waits for this one
        holder.execute(f"LOCK TABLE otto.size_band_{live} IN ACCESS EXCLUSIVE MODE".encode())
        reading = threading.Thread(target=read)
        reading.start()
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        servers.wait_until(lambda: rds.execute(waiting).fetchone() == (1,), "the reader plans")
        release = ready()
        moving = threading.Thread(target=move)
        moving.start()
        moving.join(0.5)
        assert (moving.is_alive(), _pointer(serving_dsn)) == (True, live)
        holder.rollback()
    reading.join(10)
    moving.join(10)
    assert found
    assert found[0] > 0
    assert _pointer(serving_dsn) == release


def test_the_pointer_waits_for_a_reader_of_now(
    rds: psycopg.Connection, serving_dsn: str, live: int, ready: Callable[[], int]
) -> None:
    release = ready()
    with psycopg.connect(serving_dsn) as reader:
        reader.execute(READING)  # and its transaction stays open
        moving = threading.Thread(target=pointer.make_live, args=(rds, release, "test"))
        moving.start()
        moving.join(0.5)
        assert (moving.is_alive(), _pointer(serving_dsn)) == (True, live)
        reader.rollback()
        moving.join(10)
        assert _pointer(serving_dsn) == release


def test_a_reader_who_never_ends_does_not_hold_up_publishing(
    rds: psycopg.Connection, serving_dsn: str, live: int, ready: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "PATIENCE_SECONDS", 0.2)
    release = ready()
    with psycopg.connect(serving_dsn) as reader:
        reader.execute(READING)
        assert pointer.make_live(rds, release, "test").live
        assert _pointer(serving_dsn) == release
