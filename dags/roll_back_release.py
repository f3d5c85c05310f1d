"""Makes another kept release live and withdraws the one that is live now.

- **When:** by hand only, when the live sizes look wrong; `make rollback` does the same.
- **Makes:** one move of the pointer, in well under a second; nobody who reads waits. The release that is left is
  `withdrawn` and never becomes live again by itself.
- **Read by:** the web page, the API, `otto.release_event` (who, when, why).
- **Hold:** with `hold` later publications stay ready until `make unhold`, or until one is published with `go_live`.
- **If it fails:** the pointer has not moved. `NoSuchRelease` lists the releases that are kept.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import Param, dag, get_current_context, task

from include import settings
from include.retries import default_args
from include.tags import Impact, Stage, tags


@dag(
    schedule=None,
    start_date=pendulum.datetime(2026, 11, 1, tz=settings.SEOUL),
    catchup=False,
    max_active_runs=1,
    default_args=default_args(execution_timeout=timedelta(minutes=2)),
    params={
        "release_id": Param(
            None,
            type=["null", "integer"],
            minimum=1,
            title="Release",
            description="The kept release to make live. Empty: the one that was live before the present one.",
        ),
        "reason": Param(
            type="string",
            minLength=3,
            title="Reason",
            description="Why; it stands in the release's diary.",
        ),
        "hold": Param(
            False,
            type="boolean",
            title="Hold",
            description="Keep later publications from becoming live until the hold is ended.",
        ),
    },
    tags=tags(Impact.HIGH, Stage.PUBLISH),
    doc_md=__doc__,
)
def roll_back_release() -> None:
    # The choice is a task of its own, so that a retry of the move goes to the same release and not one further back.
    @task
    def choose_release(params: Any = None) -> int:
        from include import serving
        from include.publish import pointer

        with serving.connect("roll_back_release") as connection:
            return pointer.choose(connection, params["release_id"])

    @task
    def move_pointer(release_id: int, params: Any = None) -> str:
        from include import serving
        from include.publish import pointer, publication

        by = publication.run_name(get_current_context())
        with serving.connect(by) as connection:
            return pointer.roll_back(connection, release_id, params["reason"], params["hold"], by).reason

    move_pointer(choose_release())


roll_back_release()
