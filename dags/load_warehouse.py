"""Brings the staged rows of a day into the warehouse and makes that day's samples.

- **When:** whenever `scrape_malls` has staged rows (asset `staged_rows`), or by hand with a run date.
- **Makes:** `core.product`, `core.product_rank`, `core.review`, `mart.size_run`, `mart.sample`, `mart.excluded`.
- **Read by:** `train_size_model`, which the asset `samples` starts.
- **Again:** a day may be loaded again; it is replaced. Several days of one run are worked through oldest first.
- **If it fails:** nothing of the failed step is kept. `ChecksFailed` names the rule, the count and the first keys: mend
  the parser, replay the day with `scrape_malls`, and this runs by itself. `WarehouseAway` passes, or needs a retry.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pendulum
from airflow.providers.amazon.aws.transfers.s3_to_redshift import S3ToRedshiftOperator
from airflow.sdk import Param, TriggerRule, dag, get_current_context, task

from include import assets, settings
from include.retries import default_args
from include.tags import Impact, Stage, tags


@dag(
    schedule=[assets.STAGED_ROWS],
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
            description="Day in Seoul (YYYY-MM-DD) to load again. Empty: the days that were staged, else today.",
        ),
    },
    tags=tags(Impact.HIGH, Stage.LOAD),
    doc_md=__doc__,
)
def load_warehouse() -> None:
    @task
    def find_run_dates() -> list[str]:
        return [day.isoformat() for day in assets.run_dates(get_current_context())]

    @task
    def create_tables() -> None:
        from include import warehouse

        warehouse.create_tables()

    @task
    def plan_copies(run_dates: list[str]) -> list[dict[str, str]]:
        from include import warehouse
        from include.lake import Lake

        return warehouse.plan_copies(Lake.from_connection(), [date.fromisoformat(day) for day in run_dates])

    @task(trigger_rule=TriggerRule.NONE_FAILED)  # a day without any row copies nothing and is loaded all the same
    def check_staging(run_dates: list[str]) -> list[str]:
        from include import warehouse

        return warehouse.check_staging([date.fromisoformat(day) for day in run_dates])

    @task
    def merge_days(run_dates: list[str]) -> list[dict[str, Any]]:
        from include import warehouse

        return [warehouse.merge(date.fromisoformat(day)) for day in run_dates]

    @task
    def build_samples(run_dates: list[str]) -> list[dict[str, Any]]:
        from include import warehouse

        return [warehouse.build_samples(date.fromisoformat(day)) for day in run_dates]

    @task(outlets=[assets.SAMPLES])
    def announce_samples(run_dates: list[str], outlet_events: Any = None) -> None:
        malls = assets.malls_of(get_current_context()) or list(settings.malls())
        days = [date.fromisoformat(day) for day in run_dates]
        outlet_events[assets.SAMPLES].extra = assets.extra(days, malls)  # noqa: S610 (not Django's)

    days = find_run_dates()
    plan = plan_copies(days)
    copy_staged = S3ToRedshiftOperator.partial(
        task_id="copy_staged",
        schema="staging",
        method="REPLACE",
        redshift_conn_id=settings.REDSHIFT_CONN_ID,
        aws_conn_id=settings.COPY_CONN_ID,
        copy_options=["MANIFEST", "FORMAT AS PARQUET"],
        autocommit=True,  # REPLACE brings its own BEGIN and COMMIT
        map_index_template="{{ task.table }}",
    ).expand_kwargs(plan)

    (
        create_tables()
        >> plan
        >> copy_staged
        >> check_staging(days)
        >> merge_days(days)
        >> build_samples(days)
        >> (announce_samples(days))
    )


load_warehouse()
