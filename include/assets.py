"""Every Asset that joins the DAGs, and the one reading of the day.

A DAG that makes an Asset attaches `{"run_dates": [...], "malls": [...]}` from its last, unmapped task; a consumer reads
all of the dates, since Airflow joins events that arrive close together into one run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import Asset

from include.retries import Lasting
from include.settings import SEOUL

STAGED_ROWS = Asset("staged_rows")
SAMPLES = Asset("samples")
ACCEPTED_SIZE_MODEL = Asset("accepted_size_model")
LIVE_RELEASE = Asset("live_release")


class InvalidRunDate(Lasting, ValueError):
    """A run date is not a day, or lies in the future."""


def run_dates(context: Mapping[str, Any]) -> list[date]:
    """The days (Asia/Seoul) that a run is for, ascending.

    The parameter run_date if it is given, else every distinct date in extra["run_dates"] of the triggering events,
    else the run's own moment as a day in Seoul. Never `ds`: that is the UTC day. Raises InvalidRunDate.
    """
    given = (context.get("params") or {}).get("run_date")
    if given:
        return [_not_in_future(parse_run_date(given), context)]
    events = context.get("triggering_asset_events") or {}
    dates = {
        parse_run_date(text)
        for asset_events in events.values()
        for event in asset_events
        for text in (event.extra or {}).get("run_dates", ())
    }
    if dates:
        return sorted(dates)
    return [_moment(context).astimezone(ZoneInfo(SEOUL)).date()]


def parse_run_date(value: str | date) -> date:
    """A day from YYYY-MM-DD. Raises InvalidRunDate."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise InvalidRunDate(f"run_date {value!r} is not a day; write it as YYYY-MM-DD") from error


def extra(dates: Iterable[date], malls: Iterable[str]) -> dict[str, list[str]]:
    """What a producer attaches to its Asset's event."""
    return {"run_dates": [day.isoformat() for day in sorted(set(dates))], "malls": sorted(set(malls))}


def malls_of(context: Mapping[str, Any]) -> list[str]:
    """The malls that the triggering events name; empty where the run was started by hand."""
    events = context.get("triggering_asset_events") or {}
    return sorted({m for group in events.values() for event in group for m in (event.extra or {}).get("malls", ())})


def _moment(context: Mapping[str, Any]) -> datetime:
    dag_run = context["dag_run"]
    return context.get("logical_date") or dag_run.logical_date or dag_run.run_after


def _not_in_future(day: date, context: Mapping[str, Any]) -> date:
    today = datetime.now(ZoneInfo(SEOUL)).date()
    if day > today:
        raise InvalidRunDate(f"run_date {day} lies in the future; today in Seoul is {today}")
    return day
