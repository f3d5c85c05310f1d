"""Real servers for tests: started on free ports, waited for, stopped by their process id."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import httpx
import psutil
import psycopg

from local import postgres, s3

# Below the range from which the kernel gives ports to connections (32768 and up on Linux): a port chosen there could be
# taken by any connection before its server binds it.
_PORTS = range(20_000, 32_000)


def _own_ports() -> Iterator[int]:
    """Ports in turn, of this process's own share: tests that run side by side never choose the same."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    share = _PORTS[worker::workers]
    return itertools.cycle([*share[(start := os.getpid() * 97 % len(share)) :], *share[:start]])


_chosen = _own_ports()


def free_port() -> int:
    """A port that nothing listens on just now and that was not given before."""
    for port in itertools.islice(_chosen, len(_PORTS)):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # closing connections hold nobody up
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError(f"no port from {_PORTS.start} to {_PORTS.stop - 1} is free")


def wait_until(ready: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait for a condition. Raises TimeoutError that names it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return
        time.sleep(0.05)
    raise TimeoutError(f"{what} was not ready within {seconds} s")


@contextlib.contextmanager
def process(
    command: list[str], log: Path, ready: Callable[[], bool], env: dict[str, str] | None = None, seconds: float = 60
) -> Iterator[subprocess.Popen]:
    """Run one server until the block ends. Its output goes to `log`; a death before readiness raises with its tail."""
    with log.open("ab") as sink:
        child = subprocess.Popen(command, stdout=sink, stderr=sink, env=env, start_new_session=True)

    def ready_or_dead() -> bool:
        if child.poll() is not None:
            tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise RuntimeError(f"{command[0]} ended with {child.returncode} before it was ready:\n{tail}")
        return ready()

    try:
        wait_until(ready_or_dead, command[0], seconds)
        yield child
    finally:
        stop(child)


def stop(child: subprocess.Popen, seconds: float = 20) -> None:
    """Stop a server and all it started: politely first."""
    if child.poll() is None:
        child.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown; the others stop as well
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(seconds)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait(10)


def kill_all(pid: int) -> None:
    """kill -9 for a server and each of its processes at once, as a power cut would; returns when none of them lives.

    A PostgreSQL is not started again while one of its processes still holds the shared memory.
    """
    server = psutil.Process(pid)
    doomed = [server, *server.children(recursive=True)]
    for process in doomed:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    wait_until(lambda: not any(map(_lives, doomed)), f"the end of the processes of {pid}", 10)


def _lives(process: psutil.Process) -> bool:
    """One that only waits for its parent to take note of its end does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextlib.contextmanager
def postgres_server(folder: Path, port: int | None = None) -> Iterator[postgres.Cluster]:
    """A PostgreSQL cluster that trusts loopback."""
    cluster = postgres.prepare(folder / "postgres", port or free_port())
    with process(cluster.command(), folder / "postgres.log", lambda: answers(cluster.dsn())):
        yield cluster


def answers(dsn: str) -> bool:
    """Whether a PostgreSQL takes connections."""
    try:
        psycopg.connect(dsn, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@contextlib.contextmanager
def s3_server(folder: Path, port: int | None = None) -> Iterator[str]:
    """An S3 server; gives its endpoint URL."""
    port = port or free_port()
    with process(
        s3.command(), folder / "s3.log", lambda: http_ok(s3.health_url(port)), s3.environment(folder / "s3", port)
    ):
        yield f"http://127.0.0.1:{port}"


def http_ok(url: str) -> bool:
    """Whether a GET answers below 400."""
    try:
        return httpx.get(url, timeout=2).status_code < 400
    except httpx.HTTPError:
        return False


@contextlib.contextmanager
def replica_malls(folder: Path, port: int | None = None, **options: object) -> Iterator[int]:
    """The replica malls; options as on the command line (products=20, reviews=path, delay_ms=300). Gives the port."""
    port = port or free_port()
    command = [sys.executable, "-m", "local.malls", "--port", str(port)]
    for name, value in options.items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    with process(command, folder / "malls.log", lambda: http_ok(f"http://127.0.0.1:{port}/health")):
        yield port


def s3_client(endpoint: str):
    """A boto3 client for the embedded S3, with the timeouts that every outside call has."""
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=s3.REGION,
        aws_access_key_id="otto",
        aws_secret_access_key="otto-local",
        config=Config(connect_timeout=3, read_timeout=20, retries={"max_attempts": 2}),
    )


@contextlib.contextmanager
def redshift_gateway(upstream_port: int, s3_endpoint: str, folder: Path) -> Iterator[int]:
    """The Redshift gateway before a PostgreSQL and an S3 server; gives its port."""
    port = free_port()
    command = [sys.executable, "-m", "local.redshift", "--port", str(port)]
    command += ["--upstream", f"127.0.0.1:{upstream_port}", "--s3-endpoint", s3_endpoint]
    keys = {"AWS_ACCESS_KEY_ID": "otto", "AWS_SECRET_ACCESS_KEY": "otto-local"}
    dsn = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    with process(command, folder / "redshift.log", lambda: answers(dsn), {**os.environ, **keys}):
        yield port
