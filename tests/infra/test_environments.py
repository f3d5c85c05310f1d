"""What a release is prepared with before it may run: its environment, and the import of its DAGs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from infra.node import dag_imports, environments
from infra.node.dag_imports import DagsBroken
from infra.node.environments import EnvironmentFailed
from local.stack import ROOT


@pytest.mark.slow
def test_an_environment_is_made_once_for_a_lock_and_a_broken_one_is_made_anew(tmp_path: Path) -> None:
    """A real one, of two packages from the project's own lock."""
    lock = tmp_path / "requirements.lock"
    whole = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    lock.write_text(environments._entry(whole, "uv") + environments._entry(whole, "idna"), encoding="utf-8")
    made = environments.prepare(lock, tmp_path, sys.executable)
    done = subprocess.run(
        [made / "bin/python", "-c", "import idna; print(idna.__file__)"], capture_output=True, text=True, check=True
    )
    assert str(made) in done.stdout
    assert list((Path(done.stdout.strip()).parent / "__pycache__").glob("core.*.pyc"))
    before = made.stat().st_ino
    assert environments.prepare(lock, tmp_path, "/no/such/python").stat().st_ino == before
    (made / environments.COMPLETE).unlink()  # as a killed agent leaves it
    with pytest.raises(EnvironmentFailed, match="no environment for"):
        environments.prepare(lock, tmp_path, "/no/such/python")
    assert not made.exists()


def test_a_lock_that_does_not_name_the_installer_makes_no_environment(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("idna==3.10 --hash=sha256:0\n", encoding="utf-8")
    with pytest.raises(EnvironmentFailed, match="does not name uv"):
        environments.prepare(lock, tmp_path, sys.executable)
    assert [path.name for path in tmp_path.iterdir()] == ["requirements.lock"]


@pytest.mark.parametrize(
    ("says", "complaint"),
    [
        ('{"dags": [], "errors": {}}', "has no DAG"),
        ("Killed", "could not be imported at all"),
        ("", "could not be imported at all"),
        ('{"dags": ["a"], "errors": {"b.py": "Traceback\\n  x\\nNameError: y"}}', "b.py: NameError: y"),
    ],
)
def test_what_the_import_says_decides(tmp_path: Path, says: str, complaint: str) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\ncat <<'END'\n{says}\nEND\n")
    python.chmod(0o755)
    with pytest.raises(DagsBroken, match=complaint):
        dag_imports.check(tmp_path)
