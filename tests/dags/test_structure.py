"""Which task follows which, DAG by DAG: a change of order is a change of this file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.dags.conftest import EXPECTED

pytestmark = pytest.mark.dag

STRUCTURE: dict[str, dict[str, set[str]]] = {
    "scrape_malls": {
        "musinsa.plan_mall": {
            "musinsa.scrape_ranking",
            "musinsa.plan_batches",
            "musinsa.keep_raw",
            "musinsa.parse_pages",
            "finish_run",
        },
        "musinsa.scrape_ranking": {"musinsa.plan_batches"},
        "musinsa.plan_batches": {"musinsa.scrape_products"},
        "musinsa.scrape_products": {"musinsa.keep_raw"},
        "musinsa.keep_raw": {"musinsa.parse_pages"},
        "musinsa.parse_pages": {"finish_run"},
        "finish_run": set(),
    },
    "load_warehouse": {
        "find_run_dates": {"plan_copies", "check_staging", "merge_days", "build_samples", "announce_samples"},
        "create_tables": {"plan_copies"},
        "plan_copies": {"copy_staged"},
        "copy_staged": {"check_staging"},
        "check_staging": {"merge_days"},
        "merge_days": {"build_samples"},
        "build_samples": {"announce_samples"},
        "announce_samples": set(),
    },
    "train_size_model": {
        "find_run_dates": {
            "size_model.unload_samples",
            "size_model.train_model",
            "size_model.judge_model",
            "size_model.accept_model",
            "announce_models",
            "confirm_every_day",
        },
        "size_model.unload_samples": {"size_model.train_model"},
        "size_model.train_model": {"size_model.judge_model", "size_model.accept_model"},
        "size_model.judge_model": {"size_model.accept_model"},
        "size_model.accept_model": {"announce_models", "confirm_every_day"},
        "announce_models": set(),
        "confirm_every_day": set(),
    },
    "publish_size_tables": {
        "find_run_dates": {"build_releases", "announce_release"},
        "build_releases": {"make_live"},
        "make_live": {"retire_releases"},
        "retire_releases": {"announce_release"},
        "announce_release": set(),
    },
    "roll_back_release": {"choose_release": {"move_pointer"}, "move_pointer": set()},
    "keep_house": {
        "remove_old_raw": set(),
        "remove_unnamed_parts": set(),
        "drop_old_samples": set(),
        "sweep_releases": set(),
    },
}


def test_every_dag_has_its_structure_written_down() -> None:
    assert set(STRUCTURE) == EXPECTED


@pytest.mark.parametrize("dag_id", sorted(STRUCTURE))
def test_the_tasks_follow_each_other_as_written(dags: Mapping[str, Any], dag_id: str) -> None:
    found = {task.task_id: set(task.downstream_task_ids) for task in dags[dag_id].tasks}
    assert found == STRUCTURE[dag_id]
