"""Removes what has served its time: raw pages, checkpoints, copies, unnamed parts, old samples, detached releases.

- **When:** 05:00 KST (20:00 UTC the day before), as `scrape_malls`, where a schedule is set; else by hand. Each task
  may run at any time and again.
- **Makes:** room. Raw pages and checkpoints are kept for OTTO_RAW_DAYS days, samples and what was unloaded of them for
  OTTO_SAMPLE_DAYS days (the newest day always).
- **Looks:** at one known page a mall: whether it still has the shape that its reader relies on.
- **Reads:** the lake, the warehouse, the serving database; one page a mall.
- **If it fails:** `ShapeChanged` names what a mall's page lacks: mend the reader, replay the days since. Else nothing
  is in danger; the next run removes what this one left. The tasks do not wait for each other.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.sdk import CronTriggerTimetable, Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from include import assets, settings
from include.retries import default_args
from include.tags import Impact, Stage, tags

CRON = settings.schedule()


@dag(
    schedule=CronTriggerTimetable(CRON, timezone=settings.SEOUL) if CRON else None,
    start_date=pendulum.datetime(2026, 11, 1, tz=settings.SEOUL),
    catchup=False,
    max_active_runs=1,
    default_args=default_args(execution_timeout=timedelta(minutes=30)),
    params={
        "run_date": Param(
            None,
            type=["null", "string"],
            format="date",
            title="Run date",
            description="Day in Seoul (YYYY-MM-DD) to count the ages from. Empty: the day of the run.",
        ),
    },
    tags=tags(Impact.LOW, Stage.KEEP),
    doc_md=__doc__,
)
def keep_house() -> None:
    @task
    def remove_old_raw() -> int:
        from include import retention
        from include.lake import Lake

        today = assets.run_dates(get_current_context())[-1]
        return retention.remove_old_raw(Lake.from_connection(), retention.oldest_kept(today, settings.raw_days()))

    @task
    def remove_old_state() -> int:
        from include import retention
        from include.lake import Lake

        today = assets.run_dates(get_current_context())[-1]
        return retention.remove_old_state(Lake.from_connection(), retention.oldest_kept(today, settings.raw_days()))

    @task
    def remove_old_copies() -> int:
        from include import retention
        from include.lake import Lake

        today = assets.run_dates(get_current_context())[-1]
        return retention.remove_old_copies(Lake.from_connection(), retention.oldest_kept(today, settings.sample_days()))

    @task
    def remove_unnamed_parts() -> int:
        from include import retention
        from include.lake import Lake

        return retention.remove_unnamed_parts(Lake.from_connection())

    @task
    def drop_old_samples() -> dict[str, int]:
        from include import retention, warehouse

        today = assets.run_dates(get_current_context())[-1]
        return warehouse.drop_old_samples(retention.oldest_kept(today, settings.sample_days()))

    @task(map_index_template="{{ mall }}", queue=settings.BROWSER_QUEUE)
    def check_canary(mall: str) -> int:
        from include.scrapers import run

        context = get_current_context()
        context["mall"] = mall  # type: ignore[typeddict-unknown-key]
        paths = run.check_canary(mall, assets.run_dates(context)[-1])
        if paths is None:
            raise AirflowSkipException("no page of the mall is known, or no shape of it is recorded")
        return paths

    @task
    def sweep_releases() -> list[str]:
        from include import serving
        from include.publish import retention as releases

        with serving.connect("keep_house") as connection:
            return releases.sweep(connection, by="keep_house")

    check_canary.expand(mall=list(settings.MALLS))
    remove_old_raw()
    remove_old_state()
    remove_old_copies()
    remove_unnamed_parts()
    drop_old_samples()
    sweep_releases()


keep_house()
