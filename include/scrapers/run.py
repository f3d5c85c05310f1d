"""The steps of scrape_malls with their connections: what a task calls. Units and counts go in and out, pages do not."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import date
from typing import Any

from include import serving, settings
from include.lake import Lake
from include.scrapers import canary, failures, finish, judge, parse, plan, scrape
from include.scrapers.plan import Unit
from include.scrapers.sites import SITES

log = logging.getLogger(__name__)


def plan_mall(mall: str, dag_run: str, run_date: date, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The units of one mall, none where the run does not ask for it. Raises InvalidScope, RawMissing."""
    with _noted(Unit(mall, "", run_date.isoformat(), dag_run)) as lake:
        units = plan.plan_mall(
            lake, mall, dag_run, run_date, params["malls"], params["categories"], max_ranks=params["max_ranks"]
        )
    return [asdict(unit) for unit in units]


def scrape_ranking(unit: Mapping[str, Any], max_ranks: int) -> str:
    """Capture one category's rankings; gives the key of its checkpoint."""
    with _noted(Unit(**unit)) as lake, closing(serving.connect("otto-scrape")) as connection:
        return scrape.scrape_ranking(lake, lambda mall: scrape.open_tab(mall, connection), Unit(**unit), max_ranks)


def plan_batches(units: Sequence[Mapping[str, Any]], max_reviews: int | None) -> list[str]:
    """Cut a mall's ranked products into batches; gives their keys."""
    with _noted(Unit(**units[0])) as lake:
        return scrape.plan_batches(lake, [Unit(**unit) for unit in units], max_reviews)


def scrape_products(batch: str, unit: Mapping[str, Any]) -> dict[str, int]:
    """Capture one batch's products and their reviews; gives counts. `unit`: any of the mall's."""
    with _noted(Unit(**unit)) as lake, closing(serving.connect("otto-scrape")) as connection:
        return scrape.scrape_products(lake, lambda mall: scrape.open_tab(mall, connection), batch)


def batch_name(batch: str) -> str:
    """What the UI calls a batch: its mall and number."""
    mall = batch.split("mall=")[1].split("/")[0]
    return f"{mall} batch {batch.rsplit('-', 1)[1].removesuffix('.json')}"


def keep_raw(units: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Make the run's raw pages the ones that count; gives counts by kind."""
    with _noted(Unit(**units[0])) as lake:
        return scrape.keep_raw(lake, [Unit(**unit) for unit in units])


def parse_pages(unit: Mapping[str, Any]) -> dict[str, Any]:
    """Read one unit's raw pages into staged and quarantined rows; gives the counts."""
    with _noted(Unit(**unit)) as lake:
        return parse.parse_unit(lake, Unit(**unit))


def judge_mall(units: Sequence[Mapping[str, Any]], accept: bool) -> list[dict[str, Any]]:
    """Hold a mall's counts against its earlier days; gives the units that may count. Raises OutOfBand."""
    if units:
        with _noted(Unit(**units[0])) as lake, closing(serving.connect("otto-scrape")) as connection:
            judge.judge(lake, connection, [Unit(**unit) for unit in units], accept)
    return [dict(unit) for unit in units]


def finish_run(malls: Sequence[Sequence[Mapping[str, Any]] | None]) -> tuple[dict[str, Any], list[date], list[str]]:
    """Make the parts of the malls that were judged well count and rebuild the manifests; gives the totals, the days and
    the malls. A mall that failed is None, one that the run does not ask for is empty.
    """
    units = [Unit(**unit) for found in malls for unit in found or ()]
    with closing(serving.connect("otto-scrape")) as connection:
        totals = finish.finish(Lake.from_connection(), connection, units)
    return totals, sorted({unit.day for unit in units}), sorted({unit.mall for unit in units})


def confirm_malls(judged: Mapping[str, object], dag_run: str, run_date: date) -> list[str]:
    """The malls, if every one of them was judged well. Raises MallsFailed that names the others and why."""
    failed = [Unit(mall, "", run_date.isoformat(), dag_run) for mall, units in judged.items() if units is None]
    if failed:
        raise failures.MallsFailed(Lake.from_connection(), failed, [m for m in judged if judged[m]])
    return list(judged)


def check_canary(mall: str, today: date) -> int | None:
    """Compare one known page of a mall with the recorded shape; gives the paths found, None where no page is known yet
    or no shape is recorded. Raises ShapeChanged, RobotsRefused."""
    lake = Lake.from_connection()
    is_recorded = mall in settings.malls() and bool(SITES[mall].shape)
    product_id = canary.known_product(lake, mall, today) if is_recorded else None
    if product_id is None:
        return None
    with closing(serving.connect("otto-canary")) as connection:
        return canary.check(lambda one: scrape.open_tab(one, connection), mall, product_id)


@contextmanager
def _noted(unit: Unit) -> Iterator[Lake]:
    """The lake; what fails under it is written down, so that the end of the run can name it."""
    lake = Lake.from_connection()
    try:
        yield lake
    except BaseException as error:
        failures.note(lake, unit, error)
        raise
