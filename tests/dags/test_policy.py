"""What holds for every DAG. Each test gets the bag through a fixture that fails unless all expected DAGs are in it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from include import assets, settings
from include.tags import Impact, Stage
from tests.dags.conftest import DAGS_FOLDER, EXPECTED, ROOT

pytestmark = pytest.mark.dag

Dags = Mapping[str, Any]


def tasks(dags: Dags) -> list[tuple[str, Any]]:
    return [(f"{dag_id}.{task.task_id}", task) for dag_id, dag in dags.items() for task in dag.tasks]


def test_every_file_is_one_dag_of_its_name(dags: Dags) -> None:
    assert {path.stem for path in DAGS_FOLDER.glob("*.py")} == EXPECTED
    assert {dag_id: dag.fileloc for dag_id, dag in dags.items()} == {
        dag_id: str(DAGS_FOLDER / f"{dag_id}.py") for dag_id in dags
    }


def test_every_dag_is_wiring_only_and_short(dags: Dags) -> None:
    assert {dag_id: lines for dag_id in dags if (lines := len(source(dag_id).splitlines())) > 150} == {}


def source(dag_id: str) -> str:
    return (DAGS_FOLDER / f"{dag_id}.py").read_text(encoding="utf-8")


def test_every_dag_says_what_it_makes_who_reads_it_and_what_to_do_when_it_fails(dags: Dags) -> None:
    for dag_id, dag in dags.items():
        assert dag.doc_md.strip() == ast.get_docstring(ast.parse(source(dag_id)), clean=False).strip(), dag_id
        for heading in ("**When:**", "**Makes:**", "**If it fails:**"):
            assert heading in dag.doc_md, (dag_id, heading)


def test_every_dag_has_one_impact_and_one_stage(dags: Dags) -> None:
    for dag_id, dag in dags.items():
        assert len(dag.tags) == 2, dag_id
        assert len(set(dag.tags) & set(Impact)) == 1, dag_id
        assert len(set(dag.tags) & set(Stage)) == 1, dag_id


def test_every_dag_counts_days_in_seoul_never_catches_up_and_runs_alone(dags: Dags) -> None:
    for dag_id, dag in dags.items():
        assert (dag.timezone.name, dag.catchup, dag.max_active_runs) == ("Asia/Seoul", False, 1), dag_id


def test_every_parameter_has_a_title_a_type_and_its_default_is_allowed(dags: Dags) -> None:
    for dag_id, dag in dags.items():
        for name in dag.params:
            param = dag.params.get_param(name)
            assert param.schema.get("title"), (dag_id, name)
            assert param.schema.get("type"), (dag_id, name)
            if param.has_value:
                param.resolve()


def test_every_dag_takes_the_parameters_that_its_trigger_form_promises(dags: Dags) -> None:
    assert {dag_id: set(dag.params) for dag_id, dag in dags.items()} == {
        "scrape_malls": {"malls", "categories", "max_ranks", "max_reviews", "run_date", "accept_out_of_band"},
        "load_warehouse": {"run_date"},
        "train_size_model": {"run_date", "go_live"},
        "publish_size_tables": {"run_date", "go_live"},
        "roll_back_release": {"release_id", "reason", "hold"},
        "keep_house": {"run_date"},
    }


def test_a_run_date_that_is_no_day_is_refused_by_the_form(dags: Dags) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    for dag_id, dag in dags.items():
        if "run_date" not in dag.params:
            continue
        param = dag.params.get_param("run_date")
        assert param.resolve("2026-11-20") == "2026-11-20", dag_id
        for wrong in ("20.11.2026", "yesterday", "2026-02-30", 20261120):
            with pytest.raises(ParamValidationError):
                param.resolve(wrong)


def test_every_task_tries_again_has_a_time_limit_and_stops_at_what_no_try_can_mend(dags: Dags) -> None:
    for name, task in tasks(dags):
        assert task.retries >= 1, name
        assert isinstance(task.execution_timeout, timedelta), name
        assert task.execution_timeout <= timedelta(hours=2), name
        assert task.retry_policy is not None, name


def test_tasks_with_a_browser_and_no_others_go_to_the_browser_queue(dags: Dags) -> None:
    queues: dict[str, set[str]] = {}
    for name, task in tasks(dags):
        queues.setdefault(task.queue, set()).add(name)
    malls = {f"scrape_malls.{mall}" for mall in settings.MALLS}
    browsers = {f"{mall}.{task}" for mall in malls for task in ("scrape_ranking", "scrape_products")}
    assert queues.pop(settings.BROWSER_QUEUE) == browsers | {"keep_house.check_canary"}
    assert set(queues) == {"default"}
    assert len(queues["default"]) >= 20


def test_every_mapped_task_has_a_readable_name(dags: Dags) -> None:
    mapped = {name: task for name, task in tasks(dags) if task.is_mapped or task.get_closest_mapped_task_group()}
    assert len(mapped) >= 5
    assert {name for name, task in mapped.items() if not task.map_index_template} == set()


def test_an_outlet_is_carried_by_one_last_unmapped_task_of_its_dag(dags: Dags) -> None:
    carried: dict[str, list[str]] = {}
    for name, task in tasks(dags):
        for outlet in task.outlets:
            carried.setdefault(outlet.name, []).append(name)
            assert not task.is_mapped, name
            assert task.get_closest_mapped_task_group() is None, name
            assert task.downstream_task_ids == set(), name
    assert carried == {
        assets.STAGED_ROWS.name: ["scrape_malls.finish_run"],
        assets.SAMPLES.name: ["load_warehouse.announce_samples"],
        assets.ACCEPTED_SIZE_MODEL.name: ["train_size_model.announce_models"],
        assets.LIVE_RELEASE.name: ["publish_size_tables.announce_release"],
    }


def test_the_dags_are_joined_by_assets_alone(dags: Dags) -> None:
    started_by = {
        dag_id: [asset.name for asset in dag.timetable.asset_condition.objects]
        for dag_id, dag in dags.items()
        if getattr(dag.timetable, "asset_condition", None)
    }
    assert started_by == {
        "load_warehouse": ["staged_rows"],
        "train_size_model": ["samples"],
        "publish_size_tables": ["accepted_size_model"],
    }


FORBIDDEN_NAMES = {"ds", "Variable", "getenv", "environ", "print", "BashOperator"}


def test_no_dag_holds_sql_selectors_key_formats_clocks_or_the_utc_day(dags: Dags) -> None:
    for dag_id in dags:
        tree = ast.parse(source(dag_id))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert names & FORBIDDEN_NAMES == set(), dag_id
        assert not any(isinstance(node, ast.Try) for node in ast.walk(tree)), dag_id
        body = "\n".join(
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value != ast.get_docstring(tree, clean=False)
        )
        for sign in ("SELECT ", "INSERT ", "DELETE ", "s3://", "run_date=", "{{ ds"):
            assert sign not in body, (dag_id, sign)


def test_tasks_are_short(dags: Dags) -> None:
    for dag_id in dags:
        for node in ast.walk(ast.parse(source(dag_id))):
            if isinstance(node, ast.FunctionDef) and node.name != dag_id:
                assert len(node.body) <= 12, (dag_id, node.name)


def test_the_runbook_has_a_section_for_every_dag(dags: Dags) -> None:
    runbook = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    for dag_id in dags:
        assert f"\n### `{dag_id}`\n" in runbook, dag_id
        assert f"| `{dag_id}` |" in runbook, dag_id
