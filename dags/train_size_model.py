"""Trains the size model of a day, judges it, and accepts it for publication.

- **When:** whenever `load_warehouse` has made samples (asset `samples`), or by hand with a run date.
- **Makes:** `unload/` of the day, `models/size/{model_version}/` with card, metrics, report and size tables, and
  `models/size/accepted/run_date=….json`, in the lake.
- **Read by:** `publish_size_tables`, which the asset `accepted_size_model` starts.
- **Again:** a day may be trained again; the same samples give the same model.
- **If it fails:** `ModelNotAccepted` shows the verdict and the reasons; the live release stays as it is. Read the
  report that the task `judge_model` links to. `needs_person` may be overruled: run the day again with `go_live`. A
  `refused` model is never accepted. `undecided` (too few reviews to compare) passes on the hard checks alone and warns.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pendulum
from airflow.sdk import Param, TriggerRule, dag, get_current_context, task, task_group
from airflow.sdk.exceptions import AirflowSkipException

from include import assets, settings
from include.report_link import ReportLink, report_path
from include.retries import default_args
from include.tags import Impact, Stage, tags

ACCEPT = "size_model.accept_model"
NAME = "{{ run_date }}"  # of a mapped task in the UI


@dag(
    schedule=[assets.SAMPLES],
    start_date=pendulum.datetime(2026, 11, 1, tz=settings.SEOUL),
    catchup=False,
    max_active_runs=1,
    default_args=default_args(execution_timeout=timedelta(hours=2)) | {"max_active_tis_per_dagrun": 1},
    params={
        "run_date": Param(
            None,
            type=["null", "string"],
            format="date",
            title="Run date",
            description="Day in Seoul (YYYY-MM-DD) to train for. Empty: the days that were loaded, else today.",
        ),
        "go_live": Param(
            False,
            type="boolean",
            title="Go live",
            description="Accept the model although the gate asks for a person.",
        ),
    },
    tags=tags(Impact.HIGH, Stage.TRAIN),
    doc_md=__doc__,
)
def train_size_model() -> None:
    @task
    def find_run_dates() -> list[str]:
        return [day.isoformat() for day in assets.run_dates(get_current_context())]

    @task(map_index_template=NAME)
    def unload_samples(run_date: str) -> dict[str, int]:
        from include import warehouse
        from include.lake import Lake

        get_current_context()["run_date"] = run_date
        return warehouse.unload(Lake.from_connection(), date.fromisoformat(run_date))

    @task(map_index_template=NAME)
    def train_model(run_date: str) -> str:
        from include.lake import Lake
        from ml import pipeline

        get_current_context()["run_date"] = run_date
        return pipeline.train(Lake.from_connection(), date.fromisoformat(run_date))

    @task(map_index_template=NAME)
    def judge_model(run_date: str, model_version: str) -> dict[str, Any]:
        from include.lake import Lake
        from ml import pipeline

        get_current_context()["run_date"] = run_date
        verdict = pipeline.judge(Lake.from_connection(), date.fromisoformat(run_date), model_version)
        report = report_path(model_version)
        return {"verdict": verdict["verdict"], "reasons": list(verdict["reasons"]), "report": report}

    @task(map_index_template=NAME)
    def accept_model(run_date: str, model_version: str, judged: dict[str, Any], params: Any = None) -> str:
        from include.acceptance import require_leave
        from include.lake import Lake
        from ml import pipeline

        get_current_context()["run_date"] = run_date
        require_leave(model_version, judged["verdict"], judged["reasons"], go_live=params["go_live"])
        pipeline.accept(Lake.from_connection(), date.fromisoformat(run_date), model_version)
        return run_date

    # A day whose model is refused keeps back neither the other days of the run nor the red colour of the run; it is
    # not announced itself, since an older model of that day would be published for it.
    @task(outlets=[assets.ACCEPTED_SIZE_MODEL], trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS)
    def announce_models(run_dates: list[str], outlet_events: Any = None, ti: Any = None) -> None:
        accepted = ti.xcom_pull(task_ids=ACCEPT, map_indexes=range(len(run_dates)))
        days = [date.fromisoformat(day) for day in accepted or () if day]
        if not days:
            raise AirflowSkipException("no model was accepted, so there is nothing to announce")
        malls = assets.malls_of(get_current_context()) or list(settings.malls())
        outlet_events[assets.ACCEPTED_SIZE_MODEL].extra = assets.extra(days, malls)  # noqa: S610 (not Django's)

    @task
    def confirm_every_day(run_dates: list[str]) -> int:
        return len(run_dates)

    @task_group
    def size_model(run_date: str) -> None:
        version = train_model(run_date)
        unload_samples(run_date) >> version
        judged = judge_model(run_date, version)
        judged.operator.operator_extra_links = (ReportLink(),)
        accept_model(run_date, version, judged)

    days = find_run_dates()
    size_model.expand(run_date=days) >> [announce_models(days), confirm_every_day(days)]


train_size_model()
