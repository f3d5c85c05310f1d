"""Publishes the accepted size tables of a day as a release in the serving database, and makes it live.

- **When:** whenever `train_size_model` has accepted a model (asset `accepted_size_model`), or by hand with a run date.
- **Makes:** a release (`otto.release_status`), built and checked beside the live one, then one move of the pointer.
- **Read by:** the web page, the API, `live_release`.
- **Again:** a retry goes on where it stopped; a new run for the same day publishes a new release. A day older than the
  live one ends `ready` and not live unless `go_live` is set; so does every publication under a hold.
- **If it fails:** the live release is untouched. The failed one stands in `otto.release_status` with its reason.
  `PublisherBusy` means that another publisher is at work: it passes by itself.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pendulum
from airflow.sdk import Param, dag, get_current_context, task

from include import assets, settings
from include.retries import default_args
from include.tags import Impact, Stage, tags


@dag(
    schedule=[assets.ACCEPTED_SIZE_MODEL],
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
            description="Day in Seoul (YYYY-MM-DD) to publish. Empty: the days whose model was accepted, else today.",
        ),
        "go_live": Param(
            False,
            type="boolean",
            title="Go live",
            description="Make it live even if it is older or much smaller than the live release, and end a hold.",
        ),
    },
    tags=tags(Impact.HIGH, Stage.PUBLISH),
    doc_md=__doc__,
)
def publish_size_tables() -> None:
    @task
    def find_run_dates() -> list[str]:
        return [day.isoformat() for day in assets.run_dates(get_current_context())]

    @task
    def build_releases(run_dates: list[str], params: Any = None) -> list[int]:
        from include import serving
        from include.lake import Lake
        from include.publish import publication

        days = [date.fromisoformat(day) for day in run_dates]
        by = publication.run_name(get_current_context())
        with serving.connect(by) as connection:
            return publication.build_releases(
                connection, Lake.from_connection(), days, by=by, go_live=params["go_live"]
            )

    @task
    def make_live(releases: list[int], params: Any = None) -> dict[str, str]:
        from include import serving
        from include.publish import publication

        by = publication.run_name(get_current_context())
        with serving.connect(by) as connection:
            outcomes = publication.make_live(connection, releases, by=by, go_live=params["go_live"])
        return {str(each.release_id): each.reason for each in outcomes}

    @task
    def retire_releases() -> list[int]:
        from include import serving
        from include.publish import publication, retention

        by = publication.run_name(get_current_context())
        with serving.connect(by) as connection:
            return retention.retire(connection, by)

    @task(outlets=[assets.LIVE_RELEASE])
    def announce_release(run_dates: list[str], outlet_events: Any = None) -> None:
        malls = assets.malls_of(get_current_context()) or list(settings.malls())
        days = [date.fromisoformat(day) for day in run_dates]
        outlet_events[assets.LIVE_RELEASE].extra = assets.extra(days, malls)  # noqa: S610 (not Django's)

    days = find_run_dates()
    make_live(build_releases(days)) >> retire_releases() >> announce_release(days)


publish_size_tables()
