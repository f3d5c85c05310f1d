"""The workflows: what can be said of them without GitHub."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from local.stack import ROOT

WORKFLOWS = {path.stem: path for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))}
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def load(name: str) -> dict[Any, Any]:
    return yaml.safe_load(WORKFLOWS[name].read_text(encoding="utf-8"))


def steps(name: str) -> list[dict[str, Any]]:
    return [step for job in load(name)["jobs"].values() for step in job.get("steps", ())]


def test_there_is_one_workflow_that_tests_and_one_that_deploys() -> None:
    assert set(WORKFLOWS) == {"ci", "deploy"}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_action_is_pinned_by_its_commit_with_the_version_beside_it(name: str) -> None:
    used = re.findall(r"uses: (\S+)(.*)", WORKFLOWS[name].read_text(encoding="utf-8"))
    assert len(used) >= 3
    for action, comment in used:
        if not action.startswith("./"):
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action), action
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), (action, comment)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_step_runs_what_a_developer_can_run(name: str) -> None:
    runs = [step["run"] for step in steps(name) if "run" in step]
    assert len(runs) >= 2
    for run in runs:
        # one command, no text of GitHub's in it
        assert run == "bash .ci/run" or (run.startswith("make ") and run.split(" ", 1)[1] in TARGETS), run


def test_what_ci_runs_is_what_a_developer_runs() -> None:
    assert "bash .ci/run" in [step.get("run") for step in steps("ci")]
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o100


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_stored_secret_is_used_and_no_credential_is_left_in_the_checkout(name: str) -> None:
    text = WORKFLOWS[name].read_text(encoding="utf-8")
    assert not re.search(r"\bsecrets\b(?!:)", re.sub(r"#.*", "", text))
    for step in steps(name):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_rights_are_the_least() -> None:
    assert load("ci")["permissions"] == {"contents": "read"}
    deploy = load("deploy")
    assert deploy["permissions"] == {}
    assert deploy["jobs"]["test"]["permissions"] == {"contents": "read"}
    assert deploy["jobs"]["deploy"]["permissions"] == {"contents": "read", "id-token": "write"}


def test_one_deploy_at_a_time_after_the_tests_from_main_alone() -> None:
    deploy = load("deploy")
    assert deploy["concurrency"] == {"group": "deploy", "cancel-in-progress": False}
    assert deploy[True]["push"] == {"branches": ["main"]}  # YAML reads the key `on` as true
    job = deploy["jobs"]["deploy"]
    assert (job["needs"], job["environment"]) == ("test", "production")
    assert "github.ref == 'refs/heads/main'" in job["if"]
    assert "needs.test.result == 'success'" in job["if"]


def test_going_back_is_an_input_that_reaches_no_shell_as_text() -> None:
    deploy = load("deploy")
    assert deploy[True]["workflow_dispatch"]["inputs"]["roll_back_to"]["type"] == "string"
    assert deploy["jobs"]["deploy"]["env"]["ROLL_BACK_TO"] == "${{ inputs.roll_back_to }}"
    recipe = re.search(r"^deploy:.*\n\t(.*)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert recipe
    assert '"$$ROLL_BACK_TO"' in recipe[1]  # the shell's variable, quoted, and not make's text


def test_zizmor_finds_no_fault() -> None:
    command = [ROOT / ".venv/bin/zizmor", "--offline", "--no-progress", ROOT / ".github"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    assert "No findings to report" in done.stdout + done.stderr


@pytest.mark.skipif(not shutil.which("actionlint"), reason="actionlint is not on PATH; PyPI has it as a fork only")
def test_actionlint_finds_no_fault() -> None:
    done = subprocess.run(["actionlint"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
