"""The whole stack for real: everything starts, works, comes back after kill -9, and is gone at the end."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from local import environment
from local.services import SERVICES
from tests.servers import wait_until
from tests.stack import RunningStack, running_stack

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

_IDLE_BYTES = 3 * 2**30


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """All services, with a small catalogue."""
    with running_stack(tmp_path_factory.mktemp("whole"), "--products", "6", "--reviews-per-product", "10") as stack:
        yield stack


def test_every_service_works_and_has_a_process(whole: RunningStack) -> None:
    rows = whole.status()["services"]
    assert [row["name"] for row in rows] == [service.name for service in SERVICES]
    assert [row["name"] for row in rows if not (row["healthy"] and row["pid"])] == []


def test_everything_listens_on_loopback_only(whole: RunningStack) -> None:
    found = set()
    for process in whole.processes():
        with contextlib.suppress(psutil.Error):
            listening = [each for each in process.net_connections("inet") if each.status == psutil.CONN_LISTEN]
            found |= {(each.laddr.ip, each.laddr.port) for each in listening}
    assert {address for address, _ in found} == {"127.0.0.1"}
    own = {whole.ports[service.port] for service in SERVICES if service.port}
    assert own <= {port for _, port in found}


def test_the_reader_reads_runs_and_tasks_of_airflow_and_nothing_else_of_it(whole: RunningStack) -> None:
    with psycopg.connect(whole.dsn("airflow"), connect_timeout=5, autocommit=True) as reader:
        for table in ("dag_run", "task_instance"):
            assert reader.execute(f"SELECT count(*) >= 0 FROM {table}").fetchone() == (True,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("SELECT * FROM connection")


def test_the_reader_reads_the_warehouse_through_the_gateway_and_the_views_of_the_release(whole: RunningStack) -> None:
    with psycopg.connect(whole.dsn("warehouse"), connect_timeout=5, autocommit=True) as reader:
        assert reader.execute("SELECT count(*) FROM core.review").fetchone() == (0,)
        assert reader.execute("SELECT count(*) FROM staging.review").fetchone() == (0,)
    with psycopg.connect(whole.dsn("rds"), connect_timeout=5, autocommit=True) as reader:
        assert reader.execute("SELECT count(*) FROM otto.size_table").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("SELECT * FROM ops.pace")


def test_airflow_wants_a_login_has_the_dags_and_a_pool_a_mall(whole: RunningStack) -> None:
    url = whole.stack.url("airflow")
    assert httpx.get(f"{url}/api/v2/dags", timeout=10).status_code == 401
    whole.airflow.wait_for_dags({"scrape_malls", "load_warehouse", "train_size_model", "publish_size_tables"})
    assert whole.airflow.import_errors() == []
    assert "mall_musinsa" in {pool["name"] for pool in whole.airflow.call("GET", "/pools")["pools"]}
    paused = [dag["dag_id"] for dag in whole.airflow.call("GET", "/dags")["dags"] if dag["is_paused"]]
    assert paused == []


def test_secrets_stand_in_no_log_and_on_no_command_line(whole: RunningStack) -> None:
    secrets = list(vars(whole.credentials).values())
    logs = [path for path in whole.state.rglob("*.log") if path.is_file()]
    text = "".join(path.read_text(errors="replace") for path in logs)
    for process in whole.processes():
        with contextlib.suppress(psutil.Error):
            text += " ".join(process.cmdline())
    assert logs
    assert not [secret for secret in secrets if secret in text]


def test_idle_the_stack_takes_less_than_three_gigabytes(whole: RunningStack) -> None:
    total = 0
    for process in whole.processes():
        with contextlib.suppress(psutil.Error):
            total += process.memory_full_info().pss
    assert 100 * 2**20 < total < _IDLE_BYTES


@pytest.mark.parametrize("name", ["redshift", "malls", "web", "airflow-scheduler", "airflow-api-server"])
def test_a_killed_service_comes_back_and_leaves_no_orphan(whole: RunningStack, name: str) -> None:
    before = {process.pid for process in _of(whole, name)}
    killed = whole.kill(name)
    whole.wait_healthy(name, other_than=killed, seconds=180)
    # LocalExecutor's workers would wait for a killed scheduler for ever
    assert not before & {process.pid for process in _of(whole, name)}


def test_a_killed_supervisor_takes_all_with_it_and_up_brings_all_back(whole: RunningStack) -> None:
    os.kill(_of(whole, "supervisor")[0].pid, signal.SIGKILL)
    wait_until(lambda: not whole.processes(), "the end of every service", 90)
    whole.local("up")
    assert all(row["healthy"] for row in whole.status()["services"])


def test_down_leaves_no_process_and_no_open_port(whole: RunningStack) -> None:
    whole.local("down")
    assert whole.processes() == []
    mine = [line for line in _command_lines() if str(whole.state) in line]
    assert mine == []


def _of(stack: RunningStack, service: str) -> list[psutil.Process]:
    found = []
    for process in stack.processes():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(environment.SERVICE_MARK) == service:
                found.append(process)
    return found


def _command_lines() -> list[str]:
    lines = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            lines.append(" ".join(process.cmdline()))
    return [line for line in lines if not Path(line.split(" ")[0]).name.startswith("pytest")]
