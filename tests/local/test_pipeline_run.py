"""Following a run through the four DAGs, with a made-up Airflow."""

import io
from typing import Any

import pytest
from rich.console import Console

from local import demo, pipeline_run
from local.pipeline_run import CHAIN, RunFailed, Step


class FakeAirflow:
    """Answers as Airflow's API does; every look moves the present run one step on."""

    url = "http://airflow"

    def __init__(self, failing: str | None = None, silent: str | None = None, announced: bool = False) -> None:
        self.failing = failing
        self.announced = announced  # the failing run's other malls
        self.silent = silent  # the DAG that its predecessor does not start
        self.looks = dict.fromkeys(CHAIN, 0)
        self.triggered: list[tuple[str, dict[str, Any]]] = []

    def trigger(self, dag_id: str, conf: dict[str, Any]) -> str:
        self.triggered.append((dag_id, conf))
        return "manual"

    def runs_since(self, dag_id: str, moment: object) -> list[dict[str, Any]]:
        manual = {"dag_run_id": "somebody's", "run_type": "manual"}
        ours = {"dag_run_id": "asset", "run_type": "asset_triggered"}
        return [manual] if dag_id == self.silent else [manual, ours]

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        self.looks[dag_id] += 1
        ended = self.looks[dag_id] > 1
        state = ("failed" if dag_id == self.failing else "success") if ended else "running"
        return {"state": state, "start_date": "2026-11-22T05:00:00Z", "end_date": None}

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        state = "failed" if dag_id == self.failing else "success"
        common = {"dag_id": dag_id, "dag_run_id": run_id, "try_number": 2, "rendered_map_index": None}
        last = {"map_index": -1, "end_date": "2026-11-22T05:00:03Z"}
        finished = [
            common | last | {"task_id": "finish_run", "state": "success"},
            common | last | {"task_id": "confirm_malls", "state": state},
        ]
        return (finished if self.announced else []) + [
            common | {"task_id": "first", "map_index": -1, "state": "success", "end_date": "2026-11-22T05:00:01Z"},
            common | {"task_id": "second", "map_index": 3, "state": state, "end_date": "2026-11-22T05:00:02Z"},
        ]

    def log(self, task: dict[str, Any]) -> list[str]:
        return ["info begun", f"error {task['task_id']} broke\nValueError: what was found"]

    def address(self, task: dict[str, Any]) -> str:
        return f"{self.url}/dags/{task['dag_id']}"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline_run.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(pipeline_run, "_NEXT_RUN_SECONDS", 0.05)


def test_the_first_dag_is_triggered_and_the_runs_that_assets_started_are_followed() -> None:
    api = FakeAirflow()
    steps = pipeline_run.follow(api, {"max_ranks": 3}, lambda steps: None)
    assert api.triggered == [("scrape_malls", {"max_ranks": 3})]
    assert [(step.dag_id, step.run_id) for step in steps] == [("scrape_malls", "manual")] + [
        (dag_id, "asset") for dag_id in CHAIN[1:]
    ]
    assert {step.state for step in steps} == {"success"}
    assert steps[0].finished == 2


def test_a_failed_task_is_told_with_its_error_and_the_address_of_its_log() -> None:
    with pytest.raises(RunFailed) as told:
        pipeline_run.follow(FakeAirflow(failing="load_warehouse"), {}, lambda steps: None)
    assert "load_warehouse: task second [3] failed" in str(told.value)
    assert "ValueError: what was found" in str(told.value)
    assert "http://airflow/dags/load_warehouse" in str(told.value)


def test_a_run_in_which_a_mall_failed_is_followed_on_and_the_end_names_the_mall_and_the_reason() -> None:
    api, told = FakeAirflow(failing="scrape_malls", announced=True), io.StringIO()
    console = Console(file=told, width=120)
    steps = demo.follow_shown(api, {}, console)
    assert [step.state for step in steps] == ["failed", "success", "success", "success"]
    assert demo.tell_failures(steps, console) == 1
    end = told.getvalue()[told.getvalue().index("Not everything went well") :]
    assert "scrape_malls: task confirm_malls failed." in end
    assert "error confirm_malls broke\nValueError: what was found" in end
    assert demo.tell_failures(steps[1:], console) == 0


def test_a_dag_that_its_predecessor_does_not_start_is_told() -> None:
    with pytest.raises(RunFailed, match="load_warehouse ended, but started no train_size_model"):
        pipeline_run.follow(FakeAirflow(silent="train_size_model"), {}, lambda steps: None)


def test_without_a_terminal_the_display_is_one_line_a_change() -> None:
    told = io.StringIO()
    demo.follow_shown(FakeAirflow(), {}, Console(file=told, width=120))
    lines = told.getvalue().splitlines()
    assert [line.split(",")[0].strip() for line in lines if "success" in line] == [f"{dag} success" for dag in CHAIN]
    assert len(lines) == len(set(lines)) == 2 * len(CHAIN)


def test_on_a_terminal_the_display_is_a_table_with_a_row_a_dag() -> None:
    told = io.StringIO()
    steps = [Step("scrape_malls", "x", "running", running=("scrape_products [bottoms 1-8]",)), Step("load_warehouse")]
    Console(file=told, width=120).print(demo.table(steps))
    assert "scrape_products [bottoms 1-8]" in told.getvalue()
    assert "load_warehouse" in told.getvalue()
