"""scrape_malls with a mall that fails: the others go on and are announced, and the run is red and says why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.dags.conftest import DAGS_FOLDER, airflow

pytestmark = pytest.mark.slow

# The steps are stood in for: the wiring is what is tested. A mall does what its entry says: which step fails, or how
# many units its plan has. Several runs in one process, since Airflow's start takes longest.
RUN = """
import json, sys
from unittest import mock

from airflow.dag_processing.dagbag import DagBag
from airflow.models.asset import AssetEvent
from airflow.utils.session import create_session

from include import lake, settings
from include.scrapers import finish, judge, parse, plan, run, scrape
from include.scrapers.errors import MallStopped
from include.scrapers.plan import Unit
from tests.include.scrapers.fakes import FakeLake

store = FakeLake()

def does(step, mall, result):
    if malls[mall] == step:
        raise MallStopped(f"{mall} shows a captcha")
    return result

def units(lake, mall, dag_run, run_date, *_, **__):
    planned = [Unit(mall, "tops", run_date.isoformat(), dag_run)] * (malls[mall] != "idle")
    return does("plan_mall", mall, planned)

by_mall = lambda step, result: lambda lake, *args: does(step, next(a for a in args if isinstance(a, Unit)).mall, result)
batch = lambda lake, planned, most: [f"state/scrape/mall={planned[0].mall}/run_date=2026-11-20/x-batch-0001.json"]
finished = []
results = []
with (
    mock.patch.object(lake.Lake, "from_connection", lambda: store),
    mock.patch.object(run.serving, "connect", lambda name: mock.MagicMock()),
    mock.patch.object(plan, "plan_mall", units),
    mock.patch.object(scrape, "scrape_ranking", by_mall("scrape_ranking", "key")),
    mock.patch.object(scrape, "plan_batches", batch),
    mock.patch.object(
        scrape, "scrape_products", lambda lake, tab, key: does("scrape_products", key.split("=")[1].split("/")[0], {})
    ),
    mock.patch.object(scrape, "keep_raw", lambda lake, planned: {}),
    mock.patch.object(parse, "parse_unit", by_mall("parse_pages", {})),
    mock.patch.object(judge, "judge", lambda lake, c, planned, accept: does("judge_mall", planned[0].mall, [])),
    mock.patch.object(finish, "finish", lambda lake, c, planned: finished.extend(u.mall for u in planned) or {}),
):
    for malls in json.loads(sys.argv[1]):
        settings.MALLS = tuple(malls)
        finished.clear()
        done = DagBag(sys.argv[2]).dags["scrape_malls"].test(run_conf={"run_date": "2026-11-20"})
        with create_session() as session:
            events = [event for event in session.query(AssetEvent).all() if event.source_run_id == done.run_id]
            told = [event.extra["malls"] for event in events]
        states = {task.task_id: str(task.state) for task in done.get_task_instances()}
        results.append({"state": str(done.state), "told": told, "finished": list(finished), "tasks": states})
print("RESULT " + json.dumps(results))
"""


def test_a_mall_that_fails_anywhere_holds_nobody_up_and_the_run_is_red_and_names_it(airflow_home: Path) -> None:
    mixed = {"musinsa": "plan_mall", "w": "scrape_products", "29cm": None, "zigzag": "judge_mall", "asleep": "idle"}
    all_failed = {"musinsa": "parse_pages", "29cm": "scrape_ranking"}
    printed = airflow(airflow_home, "-c", RUN, json.dumps([mixed, all_failed]), str(DAGS_FOLDER))
    line = next(line for line in printed.splitlines() if line.startswith("RESULT "))
    some, none = json.loads(line[len("RESULT ") :])

    assert (some["state"], some["finished"], some["told"]) == ("failed", ["29cm"], [["29cm"]])
    states = {name: some["tasks"][name] for name in ("finish_run", "confirm_malls", "asleep.judge_mall")}
    assert states == {"finish_run": "success", "confirm_malls": "failed", "asleep.judge_mall": "success"}
    for mall in ("musinsa", "w", "zigzag"):
        assert f"{mall}: MallStopped: {mall} shows a captcha" in printed
    assert "29cm went on and count for 2026-11-20" in printed
    assert (none["state"], none["finished"], none["told"]) == ("failed", [], [])
