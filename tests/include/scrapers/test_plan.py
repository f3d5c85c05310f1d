"""What a run is asked for, and whether it is scraped or replayed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from include.scrapers import plan
from include.scrapers.errors import InvalidScope, RawMissing
from include.scrapers.plan import Unit
from tests.include.scrapers.fakes import DAY, FakeLake, card, put_raw, ranking

pytestmark = pytest.mark.usefixtures("malls_file")


def categories(lake: FakeLake, **wanted: object) -> list[str]:
    """The planned categories of a live run."""
    units = plan.plan_mall(
        lake, "musinsa", "run", DAY, wanted.get("malls", []), wanted.get("categories", []), today=lambda: DAY
    )  # type: ignore[arg-type]
    return [unit.category for unit in units]


def test_nothing_named_means_every_category_of_the_settings() -> None:
    assert {"tops", "bottoms", "outer"} <= set(categories(FakeLake()))
    assert categories(FakeLake(), categories=["tops"]) == ["tops"]
    assert categories(FakeLake(), malls=["musinsa"], categories=["tops"]) == ["tops"]


def test_an_unknown_mall_is_named_with_the_known_ones() -> None:
    with pytest.raises(InvalidScope, match="unknown mall 'amazon'; the malls that can be scraped are: .*musinsa"):
        categories(FakeLake(), malls=["amazon"])


def test_a_category_that_no_mall_has_is_named_with_those_there_are() -> None:
    with pytest.raises(InvalidScope, match="musinsa.* has no category hats; it has .*tops"):
        categories(FakeLake(), categories=["tops", "hats"])


def test_a_day_is_live_on_the_day_on_which_its_run_first_started_and_stays_so_for_that_run() -> None:
    lake = FakeLake()
    first = plan.plan_mall(lake, "musinsa", "run", DAY, [], ["tops"], today=lambda: DAY)
    later = plan.plan_mall(lake, "musinsa", "run", DAY, [], ["tops"], today=lambda: date(2026, 11, 25))
    assert first == later == [Unit("musinsa", "tops", "2026-11-20", "run", is_replay=False)]


def test_a_past_day_is_replayed_where_it_has_raw_pages_and_refused_where_not() -> None:
    lake = FakeLake()
    put_raw(lake, "old", "tops", [ranking("001", card("1", 1))], {})
    units = plan.plan_mall(lake, "musinsa", "run", DAY, [], ["tops"], today=lambda: date(2026, 11, 21))
    assert [unit.is_replay for unit in units] == [True]
    with pytest.raises(RawMissing, match="musinsa bottoms for 2026-11-20"):
        plan.plan_mall(lake, "musinsa", "other", DAY, [], ["tops", "bottoms"], today=lambda: date(2026, 11, 21))


def test_two_runs_never_share_a_part_or_a_checkpoint(malls_file: Path) -> None:
    one, two = Unit("musinsa", "tops", "2026-11-20", "run 1"), Unit("musinsa", "tops", "2026-11-20", "run 2")
    assert one.part != two.part
    assert one.part == Unit("musinsa", "tops", "2026-11-21", "run 1").part
    assert one.state_key("x") == "state/scrape/mall=musinsa/run_date=2026-11-20/x.json"
