"""train_size_model with a gate that refuses one day: what is announced, what is red, what publish gets to know."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.dags.conftest import DAGS_FOLDER, airflow

pytestmark = pytest.mark.slow

# the gate and the model are stood in for: the wiring is what is tested
RUN = """
import json, sys
from unittest import mock

from airflow.dag_processing.dagbag import DagBag
from airflow.models.asset import AssetEvent
from airflow.models.xcom import XComModel
from airflow.utils.session import create_session

from include import assets, lake, warehouse
from ml import pipeline

verdicts = json.loads(sys.argv[1])
days = [assets.parse_run_date(day) for day in verdicts]
judge = lambda lake, day, version: {"verdict": verdicts[day.isoformat()], "reasons": ["a reason"]}
with (
    mock.patch.object(assets, "run_dates", lambda context: days),
    mock.patch.object(lake.Lake, "from_connection", lambda: None),
    mock.patch.object(warehouse, "unload", lambda lake, day: {}),
    mock.patch.object(pipeline, "train", lambda lake, day: f"{day:%Y%m%d}-0123456789ab"),
    mock.patch.object(pipeline, "judge", judge),
    mock.patch.object(pipeline, "accept", lambda lake, day, version: None),
):
    run = DagBag(sys.argv[2]).dags["train_size_model"].test()
with create_session() as session:
    told = [event.extra["run_dates"] for event in session.query(AssetEvent).all() if event.source_run_id == run.run_id]
    rows = session.query(XComModel).filter_by(run_id=run.run_id, key="_link_ReportLink").order_by("map_index")
    links = [row.value for row in rows]
print("RESULT " + json.dumps({"state": str(run.state), "told": told, "links": links}))
"""


@pytest.mark.parametrize(
    ("verdicts", "state", "told"),
    [
        ({"2026-11-01": "accepted", "2026-11-02": "undecided"}, "success", [["2026-11-01", "2026-11-02"]]),
        ({"2026-11-01": "refused", "2026-11-02": "accepted"}, "failed", [["2026-11-02"]]),
        ({"2026-11-01": "refused"}, "failed", []),
    ],
)
def test_only_days_with_an_accepted_model_are_announced(
    airflow_home: Path, verdicts: dict[str, str], state: str, told: list[list[str]]
) -> None:
    printed = airflow(airflow_home, "-c", RUN, json.dumps(verdicts), str(DAGS_FOLDER))
    found = json.loads(next(line for line in printed.splitlines() if line.startswith("RESULT "))[len("RESULT ") :])
    links = [f"/otto/size_models/{day.replace('-', '')}-0123456789ab/report" for day in verdicts]
    assert found == {"state": state, "told": told, "links": links}
