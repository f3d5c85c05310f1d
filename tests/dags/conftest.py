"""The bag of all DAGs, parsed once, by absolute path: an empty bag fails every policy test."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DAGS_FOLDER = ROOT / "dags"

EXPECTED = {
    "keep_house",
    "load_warehouse",
    "publish_size_tables",
    "roll_back_release",
    "scrape_malls",
    "train_size_model",
}

# read when airflow is imported first; parsing needs no database, but airflow makes its home
os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="otto-airflow-"))
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"


@pytest.fixture(scope="session")
def bag() -> Any:
    """Every DAG of the folder, and what could not be imported."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(DAGS_FOLDER))


@pytest.fixture
def dags(bag: Any) -> Mapping[str, Any]:
    """The DAGs by id, and just the expected ones."""
    assert bag.import_errors == {}
    assert set(bag.dags) == EXPECTED
    return bag.dags
