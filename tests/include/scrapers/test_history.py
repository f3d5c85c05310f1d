"""What is known of the reviews of earlier days, and what a day reads because of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from include.scrapers import history
from include.scrapers.history import NEWEST, Read
from tests.include.scrapers.fakes import DAY, FakeLake


def days(count: int) -> date:
    """So many days after DAY."""
    return DAY + timedelta(days=count)


def test_what_a_day_read_is_known_on_the_days_after_it_and_never_on_itself() -> None:
    lake = FakeLake()
    history.write(lake, "29cm", DAY, {"10": ["3", "2", "1"]})
    assert history.before(lake, "29cm", DAY) == {}
    assert history.before(lake, "29cm", days(1)) == {"10": Read(DAY, ("3", "2", "1"))}
    assert history.before(lake, "29cm", days(20)) == {"10": Read(DAY, ("3", "2", "1"))}
    assert history.before(lake, "musinsa", days(1)) == {}


def test_a_later_day_adds_its_newest_and_keeps_the_products_that_it_did_not_read() -> None:
    lake = FakeLake()
    history.write(lake, "29cm", DAY, {"10": ["2", "1"], "20": ["9"]})
    history.write(lake, "29cm", days(2), {"10": ["4", "3", "2"]})
    assert history.before(lake, "29cm", days(3)) == {"10": Read(days(2), ("4", "3", "2", "1")), "20": Read(DAY, ("9",))}


def test_a_day_written_again_gives_the_same_and_a_replay_of_an_older_one_does_not_touch_the_newer() -> None:
    lake = FakeLake()
    history.write(lake, "29cm", DAY, {"10": ["1"]})
    history.write(lake, "29cm", days(1), {"10": ["2", "1"]})
    before = dict(lake.objects)
    history.write(lake, "29cm", days(1), {"10": ["2", "1"]})
    history.write(lake, "29cm", DAY, {"10": ["1"]})
    assert lake.objects == before


def test_no_more_is_kept_than_a_response_can_hold() -> None:
    lake = FakeLake()
    history.write(lake, "29cm", DAY, {"10": [str(number) for number in range(500)]})
    assert len(history.before(lake, "29cm", days(1))["10"].newest) == NEWEST


@pytest.mark.parametrize(("age", "due"), [(1, False), (6, False), (7, True), (8, True)])
def test_where_the_newest_do_not_come_first_a_product_is_due_every_week(age: int, due: bool) -> None:
    read = Read(DAY, ())
    assert history.is_due(read, days(age), newest_first=False) is due
    assert history.is_due(read, days(age), newest_first=True)
    assert history.is_due(None, DAY, newest_first=False)


def test_how_often_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTTO_REVIEW_DAYS", "1")
    assert history.is_due(Read(DAY, ()), days(1), newest_first=False)
