"""Which task follows which, DAG by DAG: a change of order is a change of this file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from include import settings
from tests.dags.conftest import EXPECTED

pytestmark = pytest.mark.dag

LEAVES = {"finish_run", "confirm_malls"}

STRUCTURE: dict[str, dict[str, set[str]]] = {
    "scrape_malls": {
        **{
            f"{mall}.{name}": {after if after in LEAVES else f"{mall}.{after}" for after in following}
            for mall in settings.MALLS
            for name, following in {
                "plan_mall": {
                    "scrape_ranking",
                    "plan_batches",
                    "scrape_products",
                    "keep_raw",
                    "parse_pages",
                    "judge_mall",
                },
                "scrape_ranking": {"plan_batches"},
                "plan_batches": {"scrape_products"},
                "scrape_products": {"keep_raw"},
                "keep_raw": {"parse_pages"},
                "parse_pages": {"judge_mall"},
                "judge_mall": LEAVES,
            }.items()
        },
        "finish_run": set(),
        "confirm_malls": set(),
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
        "check_canary": set(),
        "remove_old_raw": set(),
        "remove_old_state": set(),
        "remove_old_copies": set(),
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
