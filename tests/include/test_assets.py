"""The reading of the day, without a scheduler: contexts are plain mappings."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from include import assets
from include.retries import Lasting


def context(
    *, run_date: str | None = None, extras: list[Any] | None = None, logical: datetime | None = None
) -> dict[str, Any]:
    """A context of a run that was created at 05:00 KST on 22 November, when the UTC day was still the 21st."""
    run_after = datetime(2026, 11, 21, 20, tzinfo=UTC)
    events = {assets.STAGED_ROWS: [SimpleNamespace(extra=extra) for extra in extras or []]}
    return {
        "params": {"run_date": run_date},
        "triggering_asset_events": events if extras is not None else {},
        "dag_run": SimpleNamespace(logical_date=logical, run_after=run_after),
        "ds": "2026-11-21",
    }


def test_the_parameter_wins_over_events_and_clock() -> None:
    assert assets.run_dates(context(run_date="2026-11-03", extras=[{"run_dates": ["2026-11-20"]}])) == [
        date(2026, 11, 3)
    ]


def test_all_dates_of_all_events_count_once_and_ascend() -> None:
    extras = [{"run_dates": ["2026-11-20", "2026-11-19"]}, {"run_dates": ["2026-11-18", "2026-11-20"]}]
    assert assets.run_dates(context(extras=extras)) == [date(2026, 11, day) for day in (18, 19, 20)]


@pytest.mark.parametrize("extras", [None, [], [None], [{}], [{"run_dates": []}]])
def test_without_parameter_and_events_the_day_is_that_of_seoul(extras: list[Any] | None) -> None:
    assert assets.run_dates(context(extras=extras)) == [date(2026, 11, 22)]


def test_the_logical_date_comes_before_the_moment_of_creation() -> None:
    assert assets.run_dates(context(logical=datetime(2026, 11, 19, 16, tzinfo=UTC))) == [date(2026, 11, 20)]


@pytest.mark.parametrize("text", ["22.11.2026", "2026-11-31", "soon", "2026-11"])
def test_what_is_no_day_is_named(text: str) -> None:
    with pytest.raises(assets.InvalidRunDate, match=f"run_date '{text}' is not a day; write it as YYYY-MM-DD"):
        assets.run_dates(context(run_date=text))


def test_a_day_in_the_future_is_refused_and_today_in_seoul_is_not() -> None:
    today = datetime.now(ZoneInfo("Asia/Seoul")).date()
    assert assets.run_dates(context(run_date=today.isoformat())) == [today]
    tomorrow = today + timedelta(days=1)
    with pytest.raises(assets.InvalidRunDate, match=f"run_date {tomorrow} lies in the future"):
        assets.run_dates(context(run_date=tomorrow.isoformat()))


def test_a_wrong_day_is_not_tried_again() -> None:
    assert issubclass(assets.InvalidRunDate, Lasting)


def test_an_event_holds_every_date_ascending_and_every_mall_once() -> None:
    dates = [date(2026, 11, 21), date(2026, 11, 20), date(2026, 11, 21)]
    made = assets.extra(dates, ["zigzag", "musinsa", "zigzag"])  # noqa: S610 (not Django's)
    assert made == {
        "run_dates": ["2026-11-20", "2026-11-21"],
        "malls": ["musinsa", "zigzag"],
    }


def test_the_malls_of_a_run_are_those_of_its_events() -> None:
    assert assets.malls_of(context(extras=[{"malls": ["musinsa"]}, {"malls": ["29cm", "musinsa"]}, None])) == [
        "29cm",
        "musinsa",
    ]
    assert assets.malls_of(context()) == []
