"""Scrapes the rankings, products and reviews of the malls for one day, and stages them as typed rows.

- **When:** 05:00 KST (20:00 UTC the day before) where a schedule is set; by hand in the local demo.
- **Makes:** raw pages, staged rows, quarantined rows and the day's manifests in the lake; the asset `staged_rows`.
- **Read by:** `load_warehouse`, which the asset starts.
- **Again:** a retry goes on at its checkpoint. Another run replaces its own malls and categories of the day, no others.
- **Past days:** a run date before the day on which the run first started is replayed from raw; no browser is opened.
- **If it fails:** `RobotsRefused` names a host that needs a permission, `MallStopped` or `HostBlocked` a mall that
  refuses us for now (wait, then clear the task), `PageChanged` a page that must be read anew: mend the reader, then
  replay the day. `RawMissing`: that past day cannot be made any more.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import CronTriggerTimetable, Param, TaskGroup, TriggerRule, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from include import assets, settings
from include.retries import default_args
from include.tags import Impact, Stage, tags

# Each has a group of tasks of its own and a pool mall_<name> that bounds its browsers, not its requests.
MALLS = settings.MALLS
CRON = settings.schedule()


@dag(
    schedule=CronTriggerTimetable(CRON, timezone=settings.SEOUL) if CRON else None,
    start_date=pendulum.datetime(2026, 11, 1, tz=settings.SEOUL),
    catchup=False,
    max_active_runs=1,
    default_args=default_args(execution_timeout=timedelta(hours=1)),
    params={
        "malls": Param(
            [],
            type="array",
            items={"type": "string"},
            examples=list(MALLS),
            title="Malls",
            description="Empty: all malls of the settings.",
        ),
        "categories": Param(
            [],
            type="array",
            items={"type": "string"},
            examples=list(settings.CATEGORIES),
            title="Categories",
            description="Empty: all categories that the malls' settings name.",
        ),
        "max_ranks": Param(100, type="integer", minimum=1, maximum=10_000, title="Places of each ranking"),
        "max_reviews": Param(
            None,
            type=["null", "integer"],
            minimum=1,
            maximum=100_000,
            title="Reviews of each product",
            description="Rounded up to whole lists of the mall. Empty: all.",
        ),
        "run_date": Param(
            None,
            type=["null", "string"],
            format="date",
            title="Run date",
            description="Day in Seoul (YYYY-MM-DD). Empty: the day of the run. An earlier day is replayed from raw.",
        ),
    },
    tags=tags(Impact.HIGH, Stage.SCRAPE),
    doc_md=__doc__,
)
def scrape_malls() -> None:
    @task
    def plan_mall(name: str) -> list[dict[str, Any]]:
        from include.scrapers import run

        context = get_current_context()
        (run_date,) = assets.run_dates(context)
        return run.plan_mall(name, context["dag_run"].run_id, run_date, context["params"])

    @task(map_index_template="{{ name }}")
    def scrape_ranking(unit: dict[str, Any]) -> str:
        from include.scrapers import run

        context = get_current_context()
        context["name"] = f"{unit['mall']} {unit['category']}"  # type: ignore[typeddict-unknown-key]
        if unit["is_replay"]:
            raise AirflowSkipException("a past day is replayed from its raw pages")
        return run.scrape_ranking(unit, context["params"]["max_ranks"])

    @task
    def plan_batches(units: list[dict[str, Any]]) -> list[str]:
        from include.scrapers import run

        return run.plan_batches(units, get_current_context()["params"]["max_reviews"])

    @task(map_index_template="{{ name }}")
    def scrape_products(batch: str) -> dict[str, int]:
        from include.scrapers import run

        get_current_context()["name"] = run.batch_name(batch)  # type: ignore[typeddict-unknown-key]
        return run.scrape_products(batch)

    @task
    def keep_raw(units: list[dict[str, Any]]) -> dict[str, int]:
        from include.scrapers import run

        return run.keep_raw(units)

    # a replayed day has nothing to scrape: the tasks before are skipped
    @task(map_index_template="{{ name }}", trigger_rule=TriggerRule.NONE_FAILED)
    def parse_pages(unit: dict[str, Any]) -> dict[str, Any]:
        from include.scrapers import run

        get_current_context()["name"] = f"{unit['mall']} {unit['category']}"  # type: ignore[typeddict-unknown-key]
        return run.parse_pages(unit)

    @task(outlets=[assets.STAGED_ROWS], trigger_rule=TriggerRule.NONE_FAILED)
    def finish_run(units: list[list[dict[str, Any]]], outlet_events: Any = None) -> dict[str, Any]:
        from include.scrapers import run

        totals, days, malls = run.finish_run(units)
        outlet_events[assets.STAGED_ROWS].extra = assets.extra(days, malls)  # noqa: S610 (not Django's)
        return totals

    def scrape_mall(name: str) -> Any:
        pool = f"mall_{name}"
        with TaskGroup(group_id=name):
            units = plan_mall(name)
            batches = plan_batches(units)
            products = scrape_products.override(pool=pool).expand(batch=batches)
            parsed = parse_pages.expand(unit=units)
            scrape_ranking.override(pool=pool).expand(unit=units) >> batches
            products >> keep_raw(units) >> parsed
        return units, parsed

    malls = [scrape_mall(name) for name in MALLS]
    [parsed for _, parsed in malls] >> finish_run([units for units, _ in malls])


scrape_malls()
