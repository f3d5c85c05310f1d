"""Two worker nodes against one: 200 mapped tasks without a browser, each waiting as for an answer from outside.

The tasks wait and do not compute: both nodes share this machine's cores, so that computing tasks would measure them.
"""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from bench.row import Row, judged
from local import supervisor
from local.services import BY_NAME
from local.stack import WORKER_NODES
from tests.stack import RunningStack, running_stack

TASKS, WAIT_SECONDS = 200, 3
GOAL = 1.5

DAG = f"""
import time

import pendulum
from airflow.sdk import dag, task


@dag(schedule=None, start_date=pendulum.datetime(2026, 11, 1), max_active_tasks=64)
def wait_often():
    @task
    def plan():
        return list(range({TASKS}))

    @task
    def wait(number):
        time.sleep({WAIT_SECONDS})

    wait.expand(number=plan())


wait_often()
"""


def measure_workers() -> list[Row]:
    """Seconds of the same run by one worker node and by two."""
    with tempfile.TemporaryDirectory(prefix="otto-bench-") as name:
        folder = Path(name)
        (folder / "dags").mkdir()
        (folder / "dags" / "wait_often.py").write_text(DAG, encoding="utf-8")
        with running_stack(folder, verb="cluster", OTTO_DAGS_FOLDER=str(folder / "dags")) as stack:
            two = _seconds(stack)
            supervisor.stop(stack.stack, BY_NAME[f"{WORKER_NODES[1]}-default"])
            one = _seconds(stack)
    return [
        judged(f"{TASKS} mapped tasks of {WAIT_SECONDS} s by one worker node, against two", one, "s", GOAL, "more", two)
    ]


def _seconds(stack: RunningStack) -> float:
    run = stack.trigger("wait_often")
    if stack.wait("wait_often", run, 900) != "success":
        raise RuntimeError("the measured run failed")
    known = stack.airflow.run("wait_often", run)
    return (datetime.fromisoformat(known["end_date"]) - datetime.fromisoformat(known["start_date"])).total_seconds()
