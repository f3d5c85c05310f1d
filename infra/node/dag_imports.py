"""Imports every DAG of a release, in the release's own environment: `python -m infra.node.dag_imports RELEASE`.

Prints {"dags": [ids], "errors": {file: what Airflow said}}.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

_SECONDS = 120


class DagsBroken(Exception):
    """A DAG of the release does not import; the message names the files and their errors."""


def check(release: Path) -> list[str]:
    """Import all DAGs by the release's environment, in a process of their own; gives their ids. Raises DagsBroken."""
    command = [str(release / "venv" / "bin" / "python"), "-m", "infra.node.dag_imports", str(release)]
    with tempfile.TemporaryDirectory() as home:
        try:
            done = subprocess.run(
                command,
                cwd=release,
                env=_environment(release, home),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise DagsBroken(f"importing the DAGs took more than {_SECONDS} s") from error
    try:
        found = json.loads(done.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError) as error:
        raise DagsBroken(f"the DAGs could not be imported at all: {done.stderr.strip()[-800:]}") from error
    if found["errors"]:
        causes = [f"{name}: {text.strip().splitlines()[-1]}" for name, text in sorted(found["errors"].items())]
        raise DagsBroken(f"DAGs do not import: {'; '.join(causes)}"[:1000])
    if not found["dags"]:
        raise DagsBroken("the release has no DAG")
    return list(found["dags"])


def _environment(release: Path, home: str) -> dict[str, str]:
    # nothing of the node's own: neither its database nor its secrets are there to be touched by an import
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    return kept | {
        "PYTHONPATH": str(release),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AIRFLOW_HOME": home,
        "AIRFLOW_CONFIG": str(release / "airflow.cfg"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(release / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(release / "plugins"),
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
    }


def main(release: Path) -> None:
    """Print what imports and what does not."""
    from airflow.dag_processing.dagbag import DagBag

    # without safe mode: that one silently passes over files in which it does not see the words of a DAG
    bag = DagBag(str(release / "dags"), safe_mode=False, bundle_path=release / "dags", bundle_name="dags-folder")
    errors = {Path(name).name: text for name, text in bag.import_errors.items()}
    print(json.dumps({"dags": sorted(bag.dags), "errors": errors}))  # noqa: T201 - read by the agent


if __name__ == "__main__":
    main(Path(sys.argv[1]))
