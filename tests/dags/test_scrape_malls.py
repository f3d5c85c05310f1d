"""scrape_malls: its shape, and one real run against a replica mall, a replay included."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from include import settings
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

_RUN = """
import json, sys
import pendulum
from airflow.dag_processing.dagbag import DagBag
dag = DagBag("dags/scrape_malls.py").dags["scrape_malls"]
run = dag.test(logical_date=pendulum.parse(sys.argv[1]), run_conf=json.loads(sys.argv[2]))
states = {f"{task.task_id}[{task.map_index}]": str(task.state) for task in run.get_task_instances()}
print(json.dumps({"state": str(run.state), "tasks": states}))
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
@pytest.mark.timeout(600)  # two whole runs, Airflow's start included
def test_a_run_scrapes_stages_and_can_be_replayed(
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
    with replica_mall(tmp_path, "--malls", "musinsa", "--products", "6", "--reviews-per-product", "25", "--seed", "3"):
        environment = airflow_environment(
            tmp_path / "airflow",
            AIRFLOW_CONN_AWS_DEFAULT=json.dumps(aws),
            AIRFLOW_CONN_RDS_DEFAULT=database,
            OTTO_LAKE_BUCKET=BUCKET,
            OTTO_MALLS_FILE=os.environ["OTTO_MALLS_FILE"],
        )
        airflow = [sys.executable, "-m", "airflow"]
        for command in (["db", "migrate"], ["pools", "set", "mall_musinsa", "2", "browsers"]):
            subprocess.run([*airflow, *command], env=environment, check=True, capture_output=True, timeout=200)
        asked = {"malls": ["musinsa"], "categories": ["tops"]}
        now = run_python(_RUN, environment, _moment(), json.dumps(asked | {"max_ranks": 2}))
        _make_todays_raw_pages_yesterdays(s3_endpoint)
        past = run_python(_RUN, environment, _moment(), json.dumps(asked | {"run_date": _day(-1)}))

    assert now["state"] == past["state"] == "success"
    assert now["tasks"]["musinsa.scrape_products[0]"] == "success"
    assert past["tasks"]["musinsa.scrape_ranking[0]"] == "skipped"
    assert past["tasks"]["musinsa.parse_pages[0]"] == past["tasks"]["finish_run[-1]"] == "success"
    with psycopg.connect(database) as connection:
        rows = connection.execute("SELECT run_date::text, kind, captured, parsed, refused FROM ops.scrape_run")
        counts = {(day, kind): numbers for day, kind, *numbers in rows}
    assert counts[(_day(0), "ranking")] == [2, 2, 0]
    assert counts[(_day(0), "reviews")][0] > 0
    for kind in ("ranking", "product", "reviews"):
        assert counts[(_day(-1), kind)] == counts[(_day(0), kind)]


def _make_todays_raw_pages_yesterdays(endpoint: str) -> None:
    client = servers.s3_client(endpoint)
    for entry in client.list_objects_v2(Bucket=BUCKET, Prefix="raw/")["Contents"]:
        source = {"Bucket": BUCKET, "Key": entry["Key"]}
        client.copy_object(Bucket=BUCKET, Key=entry["Key"].replace(_day(0), _day(-1)), CopySource=source)


def _day(offset: int) -> str:
    import pendulum

    return pendulum.now("Asia/Seoul").add(days=offset).date().isoformat()


def _moment() -> str:
    import pendulum

    return pendulum.now("UTC").isoformat()
