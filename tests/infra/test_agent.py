"""The agent on one node of processes: what it switches, what it refuses, and that it survives any death."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from infra.node import dag_imports
from infra.node.dag_imports import DagsBroken
from infra.release.build import Release
from infra.release.manifest import archive_key
from local.stack import ROOT
from tests.infra.node import Processes
from tests.infra.one_node import OneNode
from tests.servers import wait_until

pytestmark = pytest.mark.slow


def test_a_fresh_node_runs_the_release_and_reports_so(node: OneNode, quick: None) -> None:
    report = node.follow("first")
    assert (report["state"], report["release"], report["version"]) == ("healthy", str(node.shelf["first"].pin), 1)
    assert report["restarted"] == ["web", "worker-default"]
    assert node.current() == node.folder("first")
    assert Path(f"/proc/{node.served()['pid']}/cwd").resolve().name == node.folder("first")
    assert all(node.lives().values())
    assert (node.root / "agent").resolve().name == node.folder("first")


def test_the_same_release_again_restarts_nothing_and_answers_the_new_word(node: OneNode, quick: None) -> None:
    node.follow("first")
    before = node.lives()
    report = node.follow("first")
    assert (report["state"], report["version"], report["restarted"]) == ("healthy", 2, [])
    assert node.lives() == before


def test_only_what_changed_is_restarted(node: OneNode, quick: None) -> None:
    node.follow("first")
    before = node.lives()
    assert node.follow("other words")["restarted"] == ["worker-default"]
    assert node.lives()["web"] == before["web"]
    between = node.lives()
    assert node.follow("other page")["restarted"] == ["web"]
    assert node.lives()["worker-default"] == between["worker-default"]
    assert node.current() == node.folder("other page")


def test_a_running_task_survives_the_deploy_while_the_new_worker_takes_new_ones(node: OneNode, quick: None) -> None:
    node.follow("first")
    (node.tasks / "long.task").touch()
    wait_until((node.tasks / "long.running").exists, "the old worker has its task")
    old = node.lives()["worker-default"]
    assert node.follow("other words")["state"] == "healthy"
    assert Path(f"/proc/{str(old).split()[0]}").exists()  # still at its task, told to end after it
    (node.tasks / "short.task").touch()
    (node.tasks / "short.go").touch()
    wait_until((node.tasks / "short.done").exists, "the new worker takes tasks")
    (node.tasks / "long.go").touch()
    wait_until((node.tasks / "long.done").exists, "the old worker finishes")
    wait_until(lambda: node.agent.control.alive(node.agent.role.services[1], "gone") is None, "the old worker ends")


def test_a_dag_that_does_not_import_never_becomes_current_and_is_named(node: OneNode, quick: None) -> None:
    node.follow("first")
    before = node.lives()
    node.check_dags = dag_imports.check
    report = node.follow("broken dag")
    assert report["state"] == "failed"
    assert "DagsBroken" in report["cause"]
    assert "broken.py: ModuleNotFoundError: No module named 'no_such_module'" in report["cause"]
    assert (node.current(), node.lives()) == (node.folder("first"), before)


def test_a_refused_word_is_not_tried_again_but_a_new_one_is(node: OneNode) -> None:
    tried: list[str] = []

    def refuse(release: Path) -> list[str]:
        tried.append(release.name)
        raise DagsBroken("greet.py: broken")

    node.check_dags = refuse
    node.follow("first")
    node.agent.pull()
    assert node.s3.report()["cause"].startswith("DagsBroken: greet.py: broken")
    assert len(tried) == 1
    assert node.follow("first")["version"] == 2
    assert len(tried) == 2


def test_a_service_that_does_not_start_takes_the_node_back_with_the_end_of_its_log(node: OneNode, quick: None) -> None:
    node.follow("first")
    report = node.follow("broken server")
    assert report["state"] == "failed"
    assert "not healthy within 6 s: web" in report["cause"]
    assert "lost its configuration" in report["cause"]
    assert f"back on {node.folder('first')[:12]}" in report["cause"]
    assert node.current() == report["current"] == node.folder("first")
    assert all(node.lives().values())
    assert Path(f"/proc/{node.served()['pid']}/cwd").resolve().name == node.folder("first")


def test_a_first_release_that_does_not_start_leaves_nothing_current(node: OneNode, quick: None) -> None:
    report = node.follow("broken server")
    assert "nothing runs here" in report["cause"]
    assert node.current() is None
    wait_until(lambda: not any(node.lives().values()), "the other service is stopped")
    assert node.follow("first")["state"] == "healthy"


def test_a_wrong_sum_or_a_missing_file_never_becomes_current(node: OneNode, quick: None) -> None:
    node.follow("first")
    key = node.s3.folder / archive_key(node.shelf["third"].pin.commit)
    node.s3.add(node.shelf["third"])
    content = key.read_bytes()
    version = 1
    for bad, cause in ((content.replace(b"good night", b"good grief"), "has the sum"), (content[:2000], "bytes")):
        key.write_bytes(bad)
        version = node.ssm.point(node.shelf["third"].pin)
        assert node.agent.pull() == "failed"
        assert cause in node.s3.report()["cause"]
    key.unlink()
    node.ssm.point(node.shelf["third"].pin)
    assert node.agent.pull() == "failed"
    assert "is not there" in node.s3.report()["cause"]
    assert version == 3
    assert node.current() == node.folder("first")
    assert [path.name for path in (node.root / "releases").iterdir()] == [node.folder("first")]
    assert list((node.root / "incoming").iterdir()) == []


def test_three_releases_are_kept_and_going_back_downloads_nothing(node: OneNode, quick: None) -> None:
    names = ("first", "other words", "other page", "third")
    for name in names:
        assert node.follow(name)["state"] == "healthy"
    kept = {path.name for path in (node.root / "releases").iterdir()}
    assert kept == {node.folder(name) for name in names[1:]}
    node.s3.get_object = None  # type: ignore[assignment] - nothing may be read
    node.ssm.point(node.shelf["other page"].pin)
    assert node.agent.pull() == "healthy"
    assert node.current() == node.folder("other page")


def test_a_node_that_was_off_catches_up_and_without_aws_starts_what_it_has(node: OneNode, quick: None) -> None:
    node.follow("first")
    Processes(node.root).end_all()
    wait_until(lambda: not any(node.lives().values()), "the node is off")
    node.ssm.away = True
    with pytest.raises(ClientError):
        node.agent.pull()
    wait_until(lambda: all(node.lives().values()), "its services run")
    node.ssm.away = False
    assert node.follow("other words")["state"] == "healthy"


def test_a_pointer_that_moves_during_a_pull_is_followed_at_once(node: OneNode, shelf: dict[str, Release]) -> None:
    node.s3.add(shelf["other words"])

    def move(release: Path) -> list[str]:
        if node.ssm.version == 1:
            node.ssm.point(shelf["other words"].pin)
        return ["greet"]

    node.check_dags = move
    assert node.follow("first")["version"] == 2
    assert node.current() == node.folder("other words")


def test_killed_at_any_line_the_next_run_brings_the_node_to_a_whole_release(node: OneNode, quick: None) -> None:
    """Every 23rd line of the agent, until a pull gets to its end."""
    node.follow("first")
    names = ("first", "other words")
    pins = [str(node.s3.add(node.shelf[name])) for name in names]
    arguments = [str(node.root), str(node.s3.folder), str(node.port), str(node.tasks), *pins]
    command = [sys.executable, "-m", "tests.infra.deaths", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    deaths = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(deaths) > 12
    assert [death for death in deaths if not death["whole"]] == []
    assert {death["current"] for death in deaths} == {node.folder(name) for name in names}
    # whatever the last one has left: the next pull ends well, and one process of each service runs
    assert node.follow("other page")["state"] == "healthy"
    assert all(node.lives().values())
    assert str(node.served()["pid"]) in str(node.lives()["web"])
