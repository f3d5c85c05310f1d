"""A cluster's configuration, and the wire between its nodes."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from local import broker, environment, nodes, services, supervisor
from local.credentials import credentials
from local.stack import DEFAULT_PORTS, QUEUES, ROOT, WORKER_NODES, Stack, load
from tests.servers import free_port, wait_until


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    made = Stack(tmp_path / "state", dict(DEFAULT_PORTS), cluster=True)
    made.state.mkdir()
    made.save()
    return made


def test_what_the_stack_was_told_is_known_to_the_next_command(stack: Stack) -> None:
    assert load({"OTTO_STATE": str(stack.state)}).cluster
    old = json.loads(stack.record.read_text())
    del old["cluster"], old["apart"]
    stack.record.write_text(json.dumps(old))
    assert not load({"OTTO_STATE": str(stack.state)}).cluster


def test_one_node_runs_nothing_of_a_cluster(stack: Stack) -> None:
    stack.cluster = False
    assert services.of(stack) == services.SERVICES
    assert "AIRFLOW__CORE__EXECUTOR" not in environment.airflow(stack, credentials(stack.state))


def test_the_executor_is_celery_by_configuration_and_logs_outlive_their_worker(stack: Stack) -> None:
    found = environment.worker(stack, credentials(stack.state), "worker-1")
    assert found["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
    assert found["AIRFLOW__CELERY__BROKER_URL"].endswith(f"@127.0.0.1:{DEFAULT_PORTS['broker']}/0")
    assert found["AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER"] == "s3://otto-lake-logs/airflow"
    assert found["AIRFLOW__LOGGING__REMOTE_LOGGING"] == found["AIRFLOW__LOGGING__DELETE_LOCAL_LOGS"] == "True"
    folders = {environment.worker(stack, credentials(stack.state), node)["AIRFLOW_HOME"] for node in WORKER_NODES}
    assert len(folders) == 2
    assert str(stack.airflow_home) not in folders


def test_every_node_has_a_worker_a_queue_and_a_wire_only_where_it_is_apart(stack: Stack) -> None:
    workers = {f"{node}-{queue}" for node in WORKER_NODES for queue in QUEUES}
    names = {service.name for service in services.of(stack)}
    assert workers <= names
    assert not set(WORKER_NODES) & names
    stack.apart = True
    assert {service.name for service in services.of(stack)} - names == set(WORKER_NODES)
    for name in workers:
        command = services.BY_NAME[name].command(stack)
        assert command[command.index("--queues") + 1] == name.rsplit("-", 1)[1]
        # told to end, a worker lets its tasks end
        assert f"[program:{name}]" in supervisor.configuration(stack)
        assert not services.BY_NAME[name].stop_group


def test_the_broker_listens_on_loopback_wants_a_password_and_keeps_what_it_has_acknowledged(tmp_path: Path) -> None:
    broker.configure(tmp_path / "broker", 6399, "its-password")
    file = tmp_path / "broker" / "broker.conf"
    options = dict(line.split(" ", 1) for line in file.read_text().splitlines())
    assert (options["bind"], options["requirepass"], options["appendonly"]) == ("127.0.0.1", "its-password", "yes")
    assert options["maxmemory-policy"] == "noeviction"
    assert file.stat().st_mode & 0o077 == 0


def test_without_a_broker_the_error_says_what_to_install() -> None:
    with pytest.raises(broker.BrokerMissing, match=r"apt-get install valkey-server.*OTTO_BROKER"):
        broker.program({"OTTO_BROKER": "no-such-broker"})


def test_a_worker_that_nobody_runs_does_not_answer() -> None:
    assert not broker.worker_answers(broker.url(free_port(), "x"), "default@worker-1")


@pytest.fixture
def echo(stack: Stack) -> Stack:
    """A stack on free ports whose S3 answers with what it hears; nothing else runs."""
    stack.ports = {name: free_port() for name in stack.ports}
    stack.save()
    listener = socket.create_server(("127.0.0.1", stack.ports["s3"]))

    def answer() -> None:
        with listener:
            while True:
                connection, _ = listener.accept()
                with connection:
                    while data := connection.recv(65536):
                        connection.sendall(data)

    threading.Thread(target=answer, daemon=True).start()
    return stack


ASK = """
import socket, sys
from local import nodes
from local.stack import load
from tests.servers import wait_until

nodes.enter(load(), "worker-1")
print(socket.gethostname())
where = ("127.0.0.1", int(sys.argv[1]))
wait_until(lambda: socket.socket().connect_ex(where) == 0, "the wire")
with socket.create_connection(where, 5) as wire:
    wire.sendall(b"x" * 200_000)
    wire.shutdown(socket.SHUT_WR)
    print(sum(map(len, iter(lambda: wire.recv(65536), b""))))
with socket.socket() as other:
    other.settimeout(2)
    print(other.connect_ex(("127.0.0.1", int(sys.argv[2]))) != 0)
"""


@pytest.mark.skipif(not nodes.can_be_apart(), reason="only root may make network namespaces")
def test_a_node_reaches_the_services_of_the_web_node_by_its_wire_and_nothing_else(echo: Stack) -> None:
    environ = environment.base(echo, "worker-1")
    wire = subprocess.Popen([sys.executable, "-m", "local", "node", "worker-1"], cwd=ROOT, env=environ)
    try:
        wait_until(lambda: nodes.is_up(echo, "worker-1"), "the wire")
        with socket.create_server(("127.0.0.1", 0)) as hidden:  # on the web node, but not on the wire
            ports = [str(echo.ports["s3"]), str(hidden.getsockname()[1])]
            command = [sys.executable, "-c", ASK, *ports]
            asking = environment.base(echo, "asking")
            done = subprocess.run(command, cwd=ROOT, env=asking, capture_output=True, text=True, timeout=30, check=True)
        assert done.stdout.split() == ["otto-worker-1", "200000", "True"]
        assert socket.gethostname() != "otto-worker-1"
    finally:
        wire.send_signal(signal.SIGTERM)
        wire.wait(10)
