"""A web node and two worker nodes: who does what, what outlives a worker, what may die in the middle of a daily run."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil
import pytest

from local import environment, nodes, processes, s3, services, supervisor
from local.pipeline_run import Step
from local.stack import WORKER_NODES
from tests.run_tables import Tables, differences, empty, tables
from tests.servers import wait_until
from tests.stack import RunningStack

pytestmark = [pytest.mark.slow, pytest.mark.cluster, pytest.mark.timeout(1200)]

BROWSER_TASKS = ("scrape_ranking", "scrape_products")


def _tasks(cluster: RunningStack, steps: list[Step]) -> list[dict[str, Any]]:
    """Every task that ran."""
    found = [task for step in steps for task in cluster.airflow.tasks(step.dag_id, step.run_id or "")]
    return [task for task in found if task["state"] == "success"]


@contextlib.contextmanager
def _nobody_at_work(cluster: RunningStack) -> Iterator[None]:
    """Both nodes are off for a while."""
    off = [service for service in services.CLUSTER if service.name.startswith(WORKER_NODES)]
    for service in reversed(off):
        supervisor.stop(cluster.stack, service)
    yield
    for service in off:
        if service in services.of(cluster.stack):
            supervisor.start(cluster.stack, service.name)
            cluster.wait_healthy(service.name, seconds=180)


def test_every_service_works_and_nothing_listens_beyond_loopback(cluster: RunningStack) -> None:
    rows = cluster.status()["services"]
    assert [row["name"] for row in rows] == [service.name for service in services.of(cluster.stack)]
    assert [row["name"] for row in rows if not (row["healthy"] and row["pid"])] == []
    found = set()
    for process in cluster.processes():
        with contextlib.suppress(psutil.Error):
            listening = [each for each in process.net_connections("inet") if each.status == psutil.CONN_LISTEN]
            found |= {each.laddr.ip for each in listening}
    assert found == {"127.0.0.1"}


def test_each_node_is_a_host_of_its_own_where_the_user_may_make_one(cluster: RunningStack) -> None:
    assert cluster.stack.apart == nodes.can_be_apart()
    spaces: dict[str, set[str]] = {}
    for row in cluster.status()["services"]:
        node = next((node for node in WORKER_NODES if row["name"].startswith(node)), "web")
        spaces.setdefault(node, set()).add(str(Path(f"/proc/{row['pid']}/ns/net").readlink()))
    assert {len(each) for each in spaces.values()} == {1}
    assert len(set.union(*spaces.values())) == (3 if cluster.stack.apart else 1)


def test_tasks_with_a_browser_run_in_their_queue_and_both_nodes_work(cluster: RunningStack, steps: list[Step]) -> None:
    done = _tasks(cluster, steps)
    queues = {task["task_id"]: task["queue"] for task in done}
    assert len(queues) > 20
    for task, queue in queues.items():
        assert queue == ("browser" if task.endswith(BROWSER_TASKS) else "default"), task
    if cluster.stack.apart:
        worked = Counter((task["hostname"], task["queue"]) for task in done)
        assert set(worked) == {(f"otto-{node}", queue) for node in WORKER_NODES for queue in ("default", "browser")}


def test_the_log_of_a_task_is_read_after_its_worker_is_gone(cluster: RunningStack, steps: list[Step]) -> None:
    done = _tasks(cluster, steps)
    folders = (cluster.state / "airflow", cluster.state / "nodes")
    assert [path for folder in folders for path in folder.rglob("*.log") if "task_id=" in str(path)] == []
    secrets = cluster.credentials
    lake = s3.client(cluster.stack.url("s3"), secrets.s3_access_key, secrets.s3_secret_key)
    kept = lake.get_paginator("list_objects_v2").paginate(Bucket=environment.log_bucket())
    keys = [entry["Key"] for page in kept for entry in page.get("Contents", ())]
    assert len([key for key in keys if "task_id=" in key]) >= len(done)
    with _nobody_at_work(cluster):
        lines = cluster.airflow.log(next(task for task in done if task["task_id"] == "build_samples"))
    assert any(line.startswith("info") for line in lines), lines
    texts = {key: lake.get_object(Bucket=environment.log_bucket(), Key=key)["Body"].read().decode() for key in keys}
    texts |= {str(path): path.read_text(errors="replace") for path in cluster.state.rglob("*.log") if path.is_file()}
    known = [value for value in asdict(secrets).values() if len(value) >= 8]
    assert [where for where, text in texts.items() if any(secret in text for secret in known)] == []


def test_a_run_survives_the_death_of_a_worker_the_scheduler_and_the_broker(
    cluster: RunningStack, undisturbed: Tables
) -> None:
    """A worker in the middle of a page, with its browser; the scheduler while the day is loaded; the broker while the
    model is trained. The tables are those of a run that nothing disturbed."""
    empty(cluster)
    reaper = Reaper(cluster)
    reaper.start()
    done = cluster.run_chain(seconds=1000)
    reaper.join(10)
    assert reaper.failure is None
    assert list(reaper.killed) == ["worker", "scheduler", "broker"]
    assert differences(tables(cluster), undisturbed) == {}
    tries = max(task["try_number"] for task in _tasks(cluster, done))
    assert tries > 1  # the killed worker's task
    for service in services.of(cluster.stack):
        cluster.wait_healthy(service.name)


class Reaper(threading.Thread):
    """Kills, one after another, what a run goes through."""

    def __init__(self, cluster: RunningStack) -> None:
        super().__init__(daemon=True)
        self.cluster = cluster
        self.killed: dict[str, int] = {}
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            self._kill_the_worker_of_a_page()
            self._kill("scheduler", "airflow-scheduler", "load_warehouse")
            self._kill("broker", "broker", "train_size_model")
        except BaseException as error:
            self.failure = error

    def _kill_the_worker_of_a_page(self) -> None:
        task = self._running("scrape_malls", "scrape_products")
        # where the nodes are no hosts of their own, nobody knows which of them it is
        dead = (task["hostname"].removeprefix("otto-"),) if self.cluster.stack.apart else WORKER_NODES
        dying = [each for node in dead for each in processes.of_stack(self.cluster.state, f"{node}-browser")]
        for process in dying:
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGKILL)
        self.killed["worker"] = len(dying)

    def _kill(self, what: str, service: str, dag_id: str) -> None:
        self._running(dag_id, "")
        self.killed[what] = self.cluster.kill(service)

    def _running(self, dag_id: str, task_id: str) -> dict[str, Any]:
        """A task of this name that runs; waits for it."""
        found: list[dict[str, Any]] = []
        path = f"/dags/{dag_id}/dagRuns/~/taskInstances"

        def runs() -> bool:
            with contextlib.suppress(Exception):  # the api-server may be busy
                query = {"state": "running", "limit": 50}
                known = self.cluster.airflow.call("GET", path, params=query)["task_instances"]
                found.extend(task for task in known if task["task_id"].endswith(task_id))
            return bool(found)

        wait_until(runs, f"a running {task_id or 'task'} of {dag_id}", 600)
        return found[0]
