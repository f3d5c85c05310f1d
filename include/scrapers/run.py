"""The steps of scrape_malls with their connections: what a task calls. Units and counts go in and out, pages do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import date
from typing import Any

from include import serving
from include.lake import Lake
from include.scrapers import finish, parse, plan, scrape
from include.scrapers.plan import Unit


def plan_mall(mall: str, dag_run: str, run_date: date, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The units of one mall, none where the run does not ask for it. Raises InvalidScope, RawMissing."""
    units = plan.plan_mall(Lake.from_connection(), mall, dag_run, run_date, params["malls"], params["categories"])
    return [asdict(unit) for unit in units]


def scrape_ranking(unit: Mapping[str, Any], max_ranks: int) -> str:
    """Capture one category's rankings; gives the key of its checkpoint."""
    with closing(serving.connect("otto-scrape")) as connection:
        return scrape.scrape_ranking(
            Lake.from_connection(), lambda mall: scrape.open_tab(mall, connection), Unit(**unit), max_ranks
        )


def plan_batches(units: Sequence[Mapping[str, Any]], max_reviews: int | None) -> list[str]:
    """Cut a mall's ranked products into batches; gives their keys."""
    return scrape.plan_batches(Lake.from_connection(), [Unit(**unit) for unit in units], max_reviews)


def scrape_products(batch: str) -> dict[str, int]:
    """Capture one batch's products and their reviews; gives counts."""
    with closing(serving.connect("otto-scrape")) as connection:
        return scrape.scrape_products(Lake.from_connection(), lambda mall: scrape.open_tab(mall, connection), batch)


def batch_name(batch: str) -> str:
    """What the UI calls a batch: its mall and number."""
    mall = batch.split("mall=")[1].split("/")[0]
    return f"{mall} batch {batch.rsplit('-', 1)[1].removesuffix('.json')}"


def keep_raw(units: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Make the run's raw pages the ones that count; gives counts by kind."""
    return scrape.keep_raw(Lake.from_connection(), [Unit(**unit) for unit in units])


def parse_pages(unit: Mapping[str, Any]) -> dict[str, Any]:
    """Read one unit's raw pages into staged and quarantined rows; gives the counts."""
    return parse.parse_unit(Lake.from_connection(), Unit(**unit))


def finish_run(malls: Sequence[Sequence[Mapping[str, Any]]]) -> tuple[dict[str, Any], list[date], list[str]]:
    """Make the run's parts count and rebuild the manifests; gives the totals, the days and the malls."""
    units = [Unit(**unit) for found in malls for unit in found]
    with closing(serving.connect("otto-scrape")) as connection:
        totals = finish.finish(Lake.from_connection(), connection, units)
    return totals, sorted({unit.day for unit in units}), sorted({unit.mall for unit in units})
