"""The bag of all DAGs, parsed once, by absolute path: an empty bag fails every policy test."""

from __future__ import annotations

import os
import subprocess
import sys
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


@pytest.fixture(scope="session")
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a migrated database of its own."""
    home = tmp_path_factory.mktemp("airflow")
    airflow(home, "-m", "airflow", "db", "migrate")
    return home


def airflow(home: Path, *arguments: str) -> str:
    """A Python process with this home; its output. The connections are in the environment already."""
    environment = os.environ | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW_CONFIG": str(home / "airflow.cfg"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS_FOLDER),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout
