"""One way of the data through the four DAGs, followed from outside: triggered once, then joined by their assets."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from local.airflow_api import Airflow, AirflowRefused
from local.stack import StackError

CHAIN = ("scrape_malls", "load_warehouse", "train_size_model", "publish_size_tables")

# An asset's event makes the next run within a scheduler loop or two; much later it is not coming.
_NEXT_RUN_SECONDS = 90
_API_AWAY_SECONDS = 180
# Where some malls fail, the run ends failed and yet goes on: this task announces the others, and that one names the
# malls that failed and why.
_ANNOUNCES, _EXPLAINS = "finish_run", "confirm_malls"
_DONE = ("success", "skipped", "failed", "upstream_failed", "removed")


class RunFailed(StackError):
    """A run failed; the message has the failing task's error and where its log is."""


@dataclass
class Step:
    """One DAG of the chain and its run."""

    dag_id: str
    run_id: str | None = None
    state: str = "waiting"
    started: datetime | None = None
    ended: datetime | None = None
    tasks: Counter[str] = field(default_factory=Counter)
    running: tuple[str, ...] = ()
    retrying: tuple[str, ...] = ()  # failed once and waiting for the next try
    has_announced: bool = False  # the next DAG starts, although some of this run failed
    failure: str = ""  # what failed, of a run that went on all the same

    @property
    def seconds(self) -> float:
        """How long it has run."""
        if self.started is None:
            return 0.0
        return ((self.ended or datetime.now(UTC)) - self.started).total_seconds()

    @property
    def now(self) -> str:
        """What goes on, in words."""
        waiting = [f"{name} failed and tries again" for name in self.retrying]
        return ", ".join([*self.running, *waiting])

    @property
    def finished(self) -> int:
        """Tasks that are over."""
        return sum(self.tasks[state] for state in _DONE)


def follow(
    api: Airflow, conf: dict[str, Any], show: Callable[[list[Step]], None], seconds: float = 3 * 3600
) -> list[Step]:
    """Trigger the first DAG and follow all four to their end; `show` is called after each look.

    A run that failed in part and was announced all the same is followed on; its step says what failed. Raises RunFailed
    with the failing task's error where the chain ends early.
    """
    steps = [Step(dag_id) for dag_id in CHAIN]
    began = datetime.now(UTC)
    steps[0].run_id = api.trigger(CHAIN[0], conf)
    deadline = time.monotonic() + seconds
    for place, step in enumerate(steps):
        appears_by = time.monotonic() + _NEXT_RUN_SECONDS
        answered = time.monotonic()
        while step.state not in ("success", "failed"):
            try:
                _look(api, step, began)
                answered = time.monotonic()
            except (httpx.HTTPError, AirflowRefused) as error:
                # the api-server may just be restarted
                if time.monotonic() > answered + _API_AWAY_SECONDS:
                    raise RunFailed(f"Airflow does not answer any more: {error}") from error
            show(steps)
            if step.run_id is None and time.monotonic() > appears_by:
                raise RunFailed(f"{steps[place - 1].dag_id} ended, but started no {step.dag_id}: see {api.url}/assets")
            if time.monotonic() > deadline:
                raise RunFailed(f"{step.dag_id} did not end within {seconds:.0f} s: see {api.url}")
            time.sleep(1)
        if step.state == "failed":
            step.failure = failure(api, step)
            if not step.has_announced:
                raise RunFailed(step.failure)
    return steps


def _look(api: Airflow, step: Step, began: datetime) -> None:
    if step.run_id is None:
        runs = [run for run in api.runs_since(step.dag_id, began) if run["run_type"] == "asset_triggered"]
        if not runs:
            return
        step.run_id = runs[0]["dag_run_id"]
    run = api.run(step.dag_id, step.run_id)
    tasks = api.tasks(step.dag_id, step.run_id)
    step.state = run["state"]
    step.started, step.ended = _moment(run["start_date"]), _moment(run["end_date"])
    step.tasks = Counter(task["state"] or "none" for task in tasks)
    step.has_announced = any(task["task_id"] == _ANNOUNCES and task["state"] == "success" for task in tasks)
    step.running = tuple(_name(task) for task in tasks if task["state"] == "running")
    step.retrying = tuple(_name(task) for task in tasks if task["state"] == "up_for_retry")


def failure(api: Airflow, step: Step) -> str:
    """What failed in a run: the error of the task that names all that failed, or of the first, and where its log is."""
    assert step.run_id is not None
    failed = [task for task in api.tasks(step.dag_id, step.run_id) if task["state"] == "failed"]
    if not failed:
        return f"{step.dag_id} failed without a failed task: {api.url}/dags/{step.dag_id}/runs/{step.run_id}"
    task = min(failed, key=lambda task: (task["task_id"] != _EXPLAINS, task["end_date"] or ""))
    lines = [line for line in api.log(task) if line.startswith(("error", "critical"))] or api.log(task)[-10:]
    return f"{step.dag_id}: task {_name(task)} failed.\n" + "\n".join(lines[-10:]) + f"\nIts log: {api.address(task)}"


def _name(task: dict[str, Any]) -> str:
    place = task.get("rendered_map_index") or (str(task["map_index"]) if task["map_index"] >= 0 else "")
    return f"{task['task_id']} [{place}]" if place else task["task_id"]


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
