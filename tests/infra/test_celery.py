"""The locked Celery and the provider that runs Airflow's tasks by it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_provider_finds_in_the_locked_celery_what_it_imports(tmp_path: Path) -> None:
    """Celery 5.7 lacked a name of it, and no worker and no scheduler of the nodes would have started."""
    module = "airflow.providers.celery.executors.celery_executor"
    code = f"from {module} import CeleryExecutor as known; print(known.__name__)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"AIRFLOW_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip().endswith("CeleryExecutor"), done.stderr[-2000:]
