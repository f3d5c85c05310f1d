"""Scrapes the rankings, products and reviews of the malls for one day, and stages them as typed rows.

- **When:** 05:00 KST (20:00 UTC the day before) where a schedule is set; by hand in the local demo.
- **Makes:** raw pages, staged rows, quarantined rows and the day's manifests in the lake; the asset `staged_rows`.
- **Read by:** `load_warehouse`, which the asset starts.
- **Again:** a retry goes on at its checkpoint. Another run replaces its own malls and categories of the day, no others.
- **Past days:** a run date before the day on which the run first started is replayed from raw; no browser is opened.
- **One mall fails:** it stages nothing and keeps its earlier rows; the others go on and are announced. The run ends
  failed, and `confirm_malls` names the mall and the reason.
- **If it fails:** `OutOfBand` shows what of a mall is not as usual; `RobotsRefused` names a host that needs a
  permission, `MallStopped` or `HostBlocked` a mall that refuses us for now (wait, then clear the task), `PageChanged` a
  page that must be read anew: mend the reader, then replay the day. `RawMissing`: that past day cannot be made now.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import CronTriggerTimetable, TaskGroup, TriggerRule, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from include import assets, settings
from include.retries import default_args
from include.scrapers import trigger_form
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
    params=trigger_form.params(),
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

    @task(map_index_template="{{ name }}", queue=settings.BROWSER_QUEUE)
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

    # a first run at one page a second reads thousands of reviews a product
    @task(map_index_template="{{ name }}", queue=settings.BROWSER_QUEUE, execution_timeout=timedelta(hours=2))
    def scrape_products(batch: str, units: list[dict[str, Any]]) -> dict[str, int]:
        from include.scrapers import run

        get_current_context()["name"] = run.batch_name(batch)  # type: ignore[typeddict-unknown-key]
        return run.scrape_products(batch, units[0])

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

    @task(trigger_rule=TriggerRule.NONE_FAILED)
    def judge_mall(units: list[dict[str, Any]]) -> list[dict[str, Any]]:
        from include.scrapers import run

        return run.judge_mall(units, get_current_context()["params"]["accept_out_of_band"])

    # A mall that failed keeps back neither the others nor the red colour of the run: it has no judged units.
    @task(outlets=[assets.STAGED_ROWS], trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS)
    def finish_run(judged: list[Any], outlet_events: Any = None) -> dict[str, Any]:
        from include.scrapers import run

        if not any(judged):
            raise AirflowSkipException("no mall was read to the end, so there is nothing to announce")
        totals, days, malls = run.finish_run(judged)
        outlet_events[assets.STAGED_ROWS].extra = assets.extra(days, malls)  # noqa: S610 (not Django's)
        return totals

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def confirm_malls(judged: list[Any]) -> list[str]:
        from include.scrapers import run

        context = get_current_context()
        (run_date,) = assets.run_dates(context)
        return run.confirm_malls(dict(zip(MALLS, judged, strict=True)), context["dag_run"].run_id, run_date)

    def scrape_mall(name: str) -> Any:
        pool = f"mall_{name}"
        with TaskGroup(group_id=name):
            units = plan_mall(name)
            batches = plan_batches(units)
            products = scrape_products.override(pool=pool).partial(units=units).expand(batch=batches)
            parsed = parse_pages.expand(unit=units)
            judged = judge_mall(units)
            scrape_ranking.override(pool=pool).expand(unit=units) >> batches
            products >> keep_raw(units) >> parsed >> judged
        return judged

    malls = [scrape_mall(name) for name in MALLS]
    finish_run(malls)
    confirm_malls(malls)


scrape_malls()
