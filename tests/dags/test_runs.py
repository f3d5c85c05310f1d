"""DAGs run whole, by Airflow's own dag.test, on real servers: one run each, since each takes many seconds."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from include import lake as keys
from tests.dags.conftest import DAGS_FOLDER, airflow
from tests.sql.conftest import days as days  # noqa: PLC0414 (a fixture)
from tests.sql.days import Days
from tests.sql.rows import DAY, place, product, review

pytestmark = pytest.mark.slow

RUN = """
import json, sys
from airflow.dag_processing.dagbag import DagBag

dag_id, conf = sys.argv[1], json.loads(sys.argv[2])
run = DagBag(sys.argv[3]).dags[dag_id].test(run_conf=conf)
names = {t: t.task_id if t.map_index < 0 else f"{t.task_id}[{t.rendered_map_index}]" for t in run.get_task_instances()}
print("RESULT " + json.dumps({"state": str(run.state), "tasks": {name: str(t.state) for t, name in names.items()}}))
"""


def run(home: Path, dag_id: str, **conf: object) -> dict:
    """One run of a DAG: its state and its tasks' states."""
    printed = airflow(home, "-c", RUN, dag_id, json.dumps(conf), str(DAGS_FOLDER))
    return json.loads(next(line for line in printed.splitlines() if line.startswith("RESULT "))[len("RESULT ") :])


def test_load_warehouse_brings_a_day_from_the_lake_to_samples(airflow_home: Path, days: Days) -> None:
    days.stage(place(), product(), review("1"), review("2", fit="small"), run_date=DAY)
    found = run(airflow_home, "load_warehouse", run_date=DAY.isoformat())
    assert found == {
        "state": "success",
        "tasks": dict.fromkeys(
            [
                "find_run_dates",
                "create_tables",
                "plan_copies",
                "copy_staged[product_rank]",
                "copy_staged[product]",
                "copy_staged[review]",
                "check_staging",
                "merge_days",
                "build_samples",
                "announce_samples",
            ],
            "success",
        ),
    }
    assert sorted(days.rows("SELECT review_id, target FROM mart.sample")) == [("1", 1.0), ("2", 1.7)]


def test_load_warehouse_loads_a_day_without_any_row(airflow_home: Path, days: Days) -> None:
    days.stage(run_date=DAY)
    found = run(airflow_home, "load_warehouse", run_date=DAY.isoformat())
    assert (found["state"], found["tasks"]["announce_samples"]) == ("success", "success")


def test_a_day_in_the_future_fails_at_the_first_task_and_touches_nothing(airflow_home: Path, days: Days) -> None:
    found = run(airflow_home, "load_warehouse", run_date="2999-01-01")
    assert found["state"] == "failed"
    assert found["tasks"]["find_run_dates"] == "failed"
    assert found["tasks"]["merge_days"] == "upstream_failed"


def test_keep_house_removes_what_is_old_from_lake_and_warehouse(
    airflow_home: Path, days: Days, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_RDS_DEFAULT", database)
    _migrate(database)
    days.stage(product(), review("1"), run_date=DAY)
    days.load(DAY)
    old, kept = (
        keys.raw_folder("musinsa", "reviews", day) + "tops-1.jsonl.gz" for day in (DAY, DAY + timedelta(days=1))
    )
    days.lake.put(old, b"x")
    days.lake.put(kept, b"x")
    monkeypatch.setenv("OTTO_RAW_DAYS", "2")
    monkeypatch.setenv("OTTO_SAMPLE_DAYS", "1")
    checkpoints = [keys.state_folder("29cm", DAY + timedelta(days=more)) + "run-product-1.json" for more in range(2)]
    for key in checkpoints:
        days.lake.put_json(key, {})

    found = run(airflow_home, "keep_house", run_date="2026-11-22")

    assert found["state"] == "success"
    canaries = {name: state for name, state in found["tasks"].items() if name.startswith("check_canary")}
    assert list(canaries.values()) == ["skipped"] * 3, "no page of any mall is known"
    assert {state for name, state in found["tasks"].items() if name not in canaries} == {"success"}
    assert [key for key, _ in days.lake.list("raw/")] == [kept]
    assert [key for key, _ in days.lake.list("state/")] == checkpoints[1:]
    assert days.rows("SELECT review_id FROM mart.sample") == [("1",)], "the newest day stays"


def _migrate(database: str) -> None:
    from include import serving

    with serving.connect_to(database) as connection:
        roles = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role in {"otto_reader", "otto_publisher"} - roles:
            connection.execute(f'CREATE ROLE "{role}" LOGIN')
        serving.migrate(connection)
