"""scrape_malls: its shape, and one real run against a replica mall, a replay included."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import psycopg
import pytest

from include import settings
from include.lake import ENTITIES, Lake, manifest_key
from include.scrapers.sites import SITES
from local.postgres import Cluster
from tests import servers
from tests.include.scrapers.conftest import replica_mall

ROOT = Path(__file__).parents[2]
BUCKET = "scrape-malls"

_SHAPE = """
import json
from airflow.dag_processing.dagbag import DagBag
bag = DagBag("dags/scrape_malls.py")
assert not bag.import_errors, bag.import_errors
dag = bag.dags["scrape_malls"]
print(json.dumps({task.task_id: [task.pool, sorted(task.downstream_task_ids)] for task in dag.tasks}))
"""

# All in one process, since Airflow's start takes longest: today's run, the same raw pages replayed as yesterday's, and
# the house kept. `drop_old_samples` is passed over: no warehouse runs here (test_runs.py has one).
_RUN = """
import json, os, sys
import pendulum
from airflow.dag_processing.dagbag import DagBag
from include.lake import Lake

today, yesterday, asked = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
found = {}

def run(name, dag_id, conf, **more):
    dag = DagBag(f"dags/{dag_id}.py").dags[dag_id]
    run = dag.test(logical_date=pendulum.now("UTC"), run_conf=conf, **more)
    tasks = {t: t.task_id if t.map_index < 0 else f"{t.task_id}[{t.map_index}]" for t in run.get_task_instances()}
    found[name] = {"state": str(run.state), "tasks": {name: str(t.state) for t, name in tasks.items()}}

run("now", "scrape_malls", asked | {"max_ranks": 2})
lake = Lake.from_connection()
for key, _ in list(lake.list("raw/")):
    lake.put(key.replace(today, yesterday), lake.get(key))
run("past", "scrape_malls", asked | {"run_date": yesterday})
run("house", "keep_house", {}, mark_success_pattern="drop_old_samples")
print(json.dumps(found))
"""


def airflow_environment(folder: Path, **more: str) -> dict[str, str]:
    """A home of its own for Airflow."""
    return os.environ | {
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "PYTHONPATH": str(ROOT),
        **more,
    }


def run_python(code: str, environment: dict[str, str], *arguments: str) -> dict:
    """What a piece of code prints last, as JSON. A process of its own: Airflow reads its settings once."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


@pytest.mark.dag
def test_every_mall_has_its_own_tasks_and_pool_and_one_last_task_carries_the_asset(tmp_path: Path) -> None:
    shape = run_python(_SHAPE, airflow_environment(tmp_path))
    leaves = ["confirm_malls", "finish_run"]
    expected = dict.fromkeys(leaves, ["default_pool", []])
    assert set(SITES) == set(settings.MALLS)
    for mall in SITES:
        steps = ["judge_mall", "keep_raw", "parse_pages", "plan_batches", "scrape_products", "scrape_ranking"]
        expected |= {
            f"{mall}.plan_mall": ["default_pool", [f"{mall}.{name}" for name in steps]],
            f"{mall}.scrape_ranking": [f"mall_{mall}", [f"{mall}.plan_batches"]],
            f"{mall}.plan_batches": ["default_pool", [f"{mall}.scrape_products"]],
            f"{mall}.scrape_products": [f"mall_{mall}", [f"{mall}.keep_raw"]],
            f"{mall}.keep_raw": ["default_pool", [f"{mall}.parse_pages"]],
            f"{mall}.parse_pages": ["default_pool", [f"{mall}.judge_mall"]],
            f"{mall}.judge_mall": ["default_pool", leaves],
        }
    assert shape == expected


@pytest.mark.slow
@pytest.mark.timeout(600)  # two whole runs of all malls and the canaries, Airflow's start included
def test_a_run_of_all_malls_is_replayed_to_the_same_rows_and_the_canaries_know_their_pages(
    cluster: Cluster, database: str, s3_endpoint: str, tmp_path: Path
) -> None:
    from include import serving

    with psycopg.connect(database, autocommit=True) as admin:
        for role in ("otto_publisher", "otto_reader"):
            admin.execute(f"DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    with serving.connect_to(database) as connection:
        serving.migrate(connection)
    servers.s3_client(s3_endpoint).create_bucket(Bucket=BUCKET)
    extra = {"endpoint_url": s3_endpoint, "region_name": "us-east-1"}
    aws = {"conn_type": "aws", "login": "otto", "password": "otto-local", "extra": extra}
    with replica_mall(tmp_path, "--products", "6", "--reviews-per-product", "25", "--seed", "3"):
        environment = airflow_environment(
            tmp_path / "airflow",
            AIRFLOW_CONN_AWS_DEFAULT=json.dumps(aws),
            AIRFLOW_CONN_RDS_DEFAULT=database,
            OTTO_LAKE_BUCKET=BUCKET,
            OTTO_MALLS_FILE=os.environ["OTTO_MALLS_FILE"],
        )
        airflow = [sys.executable, "-m", "airflow"]
        subprocess.run([*airflow, "db", "migrate"], env=environment, check=True, capture_output=True, timeout=200)
        pools = tmp_path / "pools.json"
        pools.write_text(json.dumps({f"mall_{mall}": {"slots": 2, "description": ""} for mall in SITES}))
        subprocess.run(
            [*airflow, "pools", "import", str(pools)], env=environment, check=True, capture_output=True, timeout=200
        )
        found = run_python(_RUN, environment, _day(0), _day(-1), json.dumps({"categories": ["tops"]}))

    now, past, house = found["now"], found["past"], found["house"]
    assert now["state"] == past["state"] == house["state"] == "success"
    for mall in SITES:
        assert now["tasks"][f"{mall}.scrape_products[0]"] == "success"
        assert past["tasks"][f"{mall}.scrape_ranking[0]"] == "skipped"
        assert past["tasks"][f"{mall}.parse_pages[0]"] == past["tasks"]["finish_run"] == "success"
    assert [house["tasks"][f"check_canary[{at}]"] for at in range(len(SITES))] == ["success"] * len(SITES)
    assert set(house["tasks"].values()) == {"success"}

    lake = Lake(servers.s3_client(s3_endpoint), BUCKET)
    for entity in ENTITIES:
        rows = _staged(lake, entity, _day(0))
        assert {row["mall"] for row in rows} == set(SITES)
        assert _staged(lake, entity, _day(-1)) == rows
    with psycopg.connect(database) as connection:
        counted = connection.execute("SELECT run_date::text, mall, kind, captured, parsed, refused FROM ops.scrape_run")
        counts = {(day, mall, kind): numbers for day, mall, kind, *numbers in counted}
    for mall in SITES:
        assert counts[(_day(0), mall, "ranking")] == [2, 2, 0]
        assert counts[(_day(0), mall, "reviews")][0] > 0
        for kind in ("ranking", "product", "reviews"):
            assert counts[(_day(-1), mall, kind)] == counts[(_day(0), mall, kind)]


def _staged(lake: Lake, entity: str, day: str) -> list[dict]:
    """A day's staged rows without what names the day or the capture."""
    rows = []
    for entry in lake.get_json(manifest_key(entity, date.fromisoformat(day)))["entries"]:
        rows += lake.get_table(entry["url"].removeprefix(lake.uri(""))).to_pylist()
    other = ("run_date", "capture_key")
    plain = [{name: value for name, value in row.items() if name not in other} for row in rows]
    return sorted(plain, key=lambda row: (row["mall"], row["product_id"], str(row.get("review_id")), repr(row)))


def _day(offset: int) -> str:
    import pendulum

    return pendulum.now("Asia/Seoul").add(days=offset).date().isoformat()
