"""The pace, on a real database: slots are shared, blocks are kept by everybody."""

from __future__ import annotations

import threading
import time
from datetime import datetime

import psycopg
import pytest

from include import serving
from include.scrapers.pace import HostBlocked, Pace, Slot

pytestmark = pytest.mark.slow


def recent(connection: psycopg.Connection, host: str) -> list[datetime]:
    """The moments of a host that count, the newest first."""
    row = connection.execute("SELECT recent FROM ops.pace WHERE host = %s", [host]).fetchone()
    assert row
    return row[0]


def test_two_workers_never_get_the_same_moment(connection: psycopg.Connection, database: str) -> None:
    moments: list[float] = []

    def work() -> None:
        with serving.connect_to(database) as own:
            pace = Pace(own, pages_per_second=40)
            for _ in range(20):
                pace.take("www.x")
                moments.append(time.monotonic())

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    span = max(moments) - min(moments)
    assert len(moments) == 40
    assert span >= 35 / 40  # never faster than allowed, but for the four pages' time that may be made up for
    assert span <= 40 / 40 / 0.85  # and no great waste (a busy machine wakes late)


def test_hosts_do_not_wait_for_each_other(connection: psycopg.Connection) -> None:
    waits: list[float] = []
    pace = Pace(connection, pages_per_second=1, sleep=waits.append)
    for host in ("a.x", "b.x", "c.x"):
        pace.take(host)
    assert waits == []
    pace.take("a.x")
    assert 0.5 < waits[0] <= 1


def test_pages_that_are_asked_for_together_take_their_time_together(connection: psycopg.Connection) -> None:
    waits: list[float] = []
    pace = Pace(connection, pages_per_second=1, sleep=waits.append)
    pace.take("a.x", "a.x", "a.x")
    pace.take("a.x")
    assert 2.5 < waits[0] <= 3


def test_what_leaves_together_waits_for_the_busiest_of_its_hosts_and_has_one_moment(
    connection: psycopg.Connection,
) -> None:
    waits: list[float] = []
    pace = Pace(connection, pages_per_second=1, sleep=waits.append)
    pace.take("b.x", "b.x", "b.x")
    slot = pace.take("a.x", "b.x")
    assert 2.5 < waits[0] <= 3
    assert recent(connection, "a.x") == [slot.moment]
    assert recent(connection, "b.x")[0] == slot.moment


def test_takers_of_several_hosts_in_any_order_do_not_lock_each_other_out(
    connection: psycopg.Connection, database: str
) -> None:
    slots: list[Slot] = []

    def work(hosts: tuple[str, ...]) -> None:
        with serving.connect_to(database) as own:
            pace = Pace(own, pages_per_second=10_000)
            slots.extend(pace.take(*hosts) for _ in range(150))

    workers = [threading.Thread(target=work, args=(hosts,)) for hosts in (("a.x", "b.x"), ("b.x", "a.x"))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert len(slots) == 300
    assert len({slot.moment for slot in slots}) == 300  # nobody got another's moment
    assert recent(connection, "a.x") == recent(connection, "b.x")


def test_time_that_nobody_used_is_made_up_for_up_to_four_pages(connection: psycopg.Connection) -> None:
    waits: list[float] = []
    pace = Pace(connection, pages_per_second=1, sleep=waits.append)
    pace.take("a.x")
    connection.execute("UPDATE ops.pace SET next_at = clock_timestamp() - interval '1 hour'")
    for _ in range(5):
        pace.take("a.x")
    assert waits == []
    pace.take("a.x")
    assert 0.5 < waits[0] <= 1


def test_what_left_late_counts_from_when_it_left(connection: psycopg.Connection) -> None:
    waits: list[float] = []
    pace = Pace(connection, pages_per_second=1, sleep=waits.append)
    first = pace.take("a.x", "a.x")
    for _ in range(8):
        pace.take("a.x")
    pace.left([("a.x", first.due + 0.01, first), ("a.x", first.due + 3, first)])
    for expected in (10, 12, 13):  # ten seconds after the first at 0, at 2, and after the two that left at 3
        pace.take("a.x")
        assert expected < waits[-1] <= expected + 0.2


def test_a_page_that_nobody_foresaw_is_counted(connection: psycopg.Connection) -> None:
    waits: list[float] = []
    pace = Pace(connection, pages_per_second=1, sleep=waits.append)
    slot = pace.take("a.x")
    left = time.monotonic()
    pace.left([("a.x", left, None), ("a.x", left, None)])
    pace.take("a.x")
    assert 2.5 < waits[0] <= 3
    assert len(recent(connection, "a.x")) == 4
    assert recent(connection, "a.x")[-1] == slot.moment


@pytest.mark.parametrize(
    ("groups", "share"),
    [((1,) * 40, 0.97), ((2, 1, 1, 1, 1, 1) * 6, 0.95), ((1, 1, 3, 1, 1, 1, 3, 1, 3, 3, 1, 1, 2, 1), 0.9)],
)
def test_no_ten_seconds_hold_more_than_the_pace_allows_however_many_are_asked_for_together(
    connection: psycopg.Connection, groups: tuple[int, ...], share: float
) -> None:
    waits: list[float] = []
    pace = Pace(connection, pages_per_second=1, sleep=waits.append)
    moments: list[float] = []
    for pages in groups:
        waits.clear()
        begun = time.monotonic()
        pace.take(*["a.x"] * pages)
        moments += [begun + sum(waits)] * pages
    crowds = [sum(start <= moment < start + 10 for moment in moments) for start in moments]
    assert 9 <= max(crowds) <= 10
    assert (len(moments) - 1) / (moments[-1] - moments[0]) > share  # and no great waste


def test_a_retry_after_holds_for_every_worker(connection: psycopg.Connection, database: str) -> None:
    waits: list[float] = []
    Pace(connection, 100).block("a.x", 5, "answered 429")
    with serving.connect_to(database) as other:
        Pace(other, 100, sleep=waits.append).take("a.x")
    assert 4 < waits[0] <= 5


def test_a_long_block_fails_with_its_reason_and_takes_no_slot(connection: psycopg.Connection) -> None:
    pace = Pace(connection, 100)
    pace.block("a.x", 1800, "it shows a captcha")
    with pytest.raises(HostBlocked, match=r"a\.x is not asked for another 1[78]\d\d s: it shows a captcha"):
        pace.take("a.x")


def test_a_shorter_block_never_shortens_a_longer_one(connection: psycopg.Connection) -> None:
    pace = Pace(connection, 100)
    pace.block("a.x", 1800, "403")
    pace.block("a.x", 1, "answered 429")
    with pytest.raises(HostBlocked):
        pace.take("a.x")


def test_a_connection_in_a_transaction_is_refused(database: str) -> None:
    with psycopg.connect(database) as bound, pytest.raises(ValueError, match="autocommit"):
        Pace(bound, 1)
