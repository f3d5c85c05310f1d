"""A deploy to a worker node in the middle of a daily run, and its agent killed twice on the way."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.release.build import PARTS, Release, build
from infra.release.manifest import Pin
from local import services, supervisor
from local.stack import ROOT, WORKER_NODES
from tests.cluster.node import agent
from tests.run_tables import Tables, differences, empty, tables
from tests.servers import wait_until
from tests.stack import RunningStack

pytestmark = [pytest.mark.slow, pytest.mark.cluster, pytest.mark.timeout(1200)]

NODE = WORKER_NODES[0]


def _releases(folder: Path) -> tuple[Release, Release]:
    """This checkout as a release, and one with another line of code."""
    git = folder / "git"
    for part in PARTS:
        source, target = ROOT / part, git / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)

    def commit(name: str) -> Release:
        who = ("-c", "user.name=t", "-c", "user.email=t@localhost")
        for arguments in (("add", "-A"), (*who, "commit", "-q", "-m", name)):
            subprocess.run(["git", "-C", str(git), *arguments], check=True, capture_output=True, timeout=60)
        return build(git, folder / name)

    subprocess.run(["git", "init", "-q", str(git)], check=True, timeout=60)
    first = commit("first")
    with (git / "include" / "retries.py").open("a", encoding="utf-8") as sink:
        sink.write("\nANOTHER_RELEASE = True\n")
    return first, commit("second")


class Node:
    """The first worker node, on which the agent rules."""

    def __init__(self, cluster: RunningStack, folder: Path) -> None:
        self.cluster, self.root, self.s3 = cluster, folder / "node", folder / "s3"
        self.agent = agent(NODE, self.root, self.s3)
        self.deaths = 0

    def start_pull(self, pin: Pin, version: int) -> subprocess.Popen:
        arguments = [NODE, str(self.root), str(self.s3), str(pin), str(version)]
        command = [sys.executable, "-m", "tests.cluster.node", "pull", *arguments]
        return subprocess.Popen(command, cwd=ROOT, env=self.cluster.env, start_new_session=True)

    def pull(self, pin: Pin, version: int) -> None:
        """One run of the agent, to its end."""
        assert self.start_pull(pin, version).wait(240) == 0

    def killed_pull(self, pin: Pin, version: int, when: Callable[[], bool], what: str) -> None:
        """One run of the agent that is killed, with all that it has started to help it, at a moment."""
        pull = self.start_pull(pin, version)
        wait_until(when, what, 120)
        assert pull.poll() is None, "the agent had ended before it was to be killed"
        os.killpg(pull.pid, signal.SIGKILL)
        assert pull.wait(10) == -signal.SIGKILL
        self.deaths += 1

    def current(self) -> str | None:
        link = self.agent.layout.linked("current")
        return link.name if link else None

    def alive(self) -> dict[str, str | None]:
        """Each worker's life, of the instance that was started last."""
        known = self.agent.layout.state().instances
        return {
            each.name: self.agent.control.alive(each, known.get(each.name, "")) for each in self.agent.role.services
        }


@pytest.fixture
def node(cluster: RunningStack, tmp_path: Path) -> Iterator[Node]:
    """The supervisor's workers of the node are off, and on again afterwards."""
    made = Node(cluster, tmp_path)
    own = [service for service in services.CLUSTER if service.node == NODE]
    for service in own:
        supervisor.stop(cluster.stack, service)
    try:
        yield made
    finally:
        for service in own:  # whose start ends what bears their marks
            supervisor.start(cluster.stack, service.name)
            cluster.wait_healthy(service.name, seconds=180)


def test_a_run_survives_a_deploy_whose_agent_is_killed_twice(
    cluster: RunningStack, undisturbed: Tables, node: Node, tmp_path: Path
) -> None:
    """Once while the agent imports the new release's DAGs, once when it has switched and begun to start workers. The
    next run of its timer ends the deploy; the day's tables are those of an undisturbed run, and no task was lost."""
    first, second = (node.agent.s3.add(release) for release in _releases(tmp_path))
    node.pull(first, 1)
    assert node.current() == first.folder
    before = node.alive()
    assert all(before.values())

    empty(cluster)
    failures: list[BaseException] = []

    def disturb() -> None:
        try:
            wait_until(lambda: _works(cluster, "scrape_products"), "a page that is read", 300)
            incoming = node.agent.layout.releases / second.folder / "venv"
            node.killed_pull(second, 2, incoming.exists, "the new release is staged")
            assert (node.current(), node.alive()) == (first.folder, before)
            node.killed_pull(second, 2, lambda: node.alive() != before, "a worker of the new release")
            assert node.current() == second.folder
            node.pull(second, 2)
        except BaseException as error:
            failures.append(error)

    deploy = threading.Thread(target=disturb, daemon=True)
    deploy.start()
    steps = cluster.run_chain(seconds=1000)
    deploy.join(240)
    assert failures == []
    assert node.deaths == 2
    report = node.agent.s3.report(NODE)
    assert (report["state"], report["release"], report["version"]) == ("healthy", str(second), 2)
    assert all(node.alive().values())
    assert not set(node.alive().values()) & set(before.values())
    assert differences(tables(cluster), undisturbed) == {}
    done = [task for step in steps for task in cluster.airflow.tasks(step.dag_id, step.run_id or "")]
    assert [(task["task_id"], task["try_number"]) for task in done if task["try_number"] > 1] == []


def _works(cluster: RunningStack, task_id: str) -> bool:
    """Whether a task of that name runs now."""
    try:
        path, query = "/dags/scrape_malls/dagRuns/~/taskInstances", {"state": "running", "limit": 50}
        known = cluster.airflow.call("GET", path, params=query)["task_instances"]
    except Exception:
        time.sleep(1)  # the api-server is busy
        return False
    return any(task["task_id"].endswith(task_id) for task in known)
