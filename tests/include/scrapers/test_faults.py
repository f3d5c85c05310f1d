"""Faults for real: a mall that slows down, a killed worker, an S3 server that dies. Nothing is lost or doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from include.lake import ENTITIES, Lake, manifest_key, state_folder
from include.scrapers import finish, parse, plan, scrape
from include.scrapers.errors import EmptyRanking, MallStopped
from include.scrapers.pace import HostBlocked
from tests import servers
from tests.include.scrapers.conftest import Replica, run_all
from tests.small_disk import small_s3

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 20)


@pytest.fixture
def mended(replica: Replica) -> Iterator[Replica]:
    """The replica, without faults before and after the test."""
    replica.mend()
    yield replica
    replica.mend()


def staged(lake: Lake) -> dict[str, list[Any]]:
    """The rows of the day's manifests, without what names a run or a moment."""
    found: dict[str, list[Any]] = {}
    for entity in ENTITIES:
        rows = []
        for entry in lake.get_json(manifest_key(entity, DAY))["entries"]:
            rows += lake.get_table(entry["url"].removeprefix(lake.uri(""))).to_pylist()
        plain = [
            {name: value for name, value in row.items() if name not in ("captured_at", "capture_key", "capture_line")}
            for row in rows
        ]
        found[entity] = sorted(plain, key=repr)
    return found


def open_one(connection: psycopg.Connection) -> Callable[[Any], Any]:
    """How a task opens its tab."""
    return lambda mall: scrape.open_tab(mall, connection)


def test_a_captcha_closes_every_host_of_the_mall_and_says_so(
    lake: Lake, connection: psycopg.Connection, mended: Replica
) -> None:
    mended.fault(kind="captcha", times=1, host="www", path="/main/")
    with pytest.raises(MallStopped, match="www.musinsa.localhost shows a captcha"):
        run_all(lake, connection, DAY, "stopped", ("tops",), max_ranks=1)
    closed = connection.execute("SELECT count(*) FROM ops.pace WHERE blocked_until > now() + interval '25 minutes'")
    assert closed.fetchone() == (6,)
    with pytest.raises(HostBlocked, match="shows a captcha"):
        run_all(lake, connection, DAY, "stopped", ("tops",), max_ranks=1)


def test_an_empty_ranking_is_an_error_that_says_so(lake: Lake, connection: psycopg.Connection, mended: Replica) -> None:
    mended.fault(kind="empty_ranking", category="001000")
    with pytest.raises(EmptyRanking, match="the ranking 001000 of musinsa is empty"):
        run_all(lake, connection, DAY, categories=("tops",))
    assert not lake.exists(manifest_key("product", DAY))


def test_a_killed_worker_loses_two_products_at_most_and_leaves_no_browser(
    lake: Lake, connection: psycopg.Connection, database: str, mended: Replica, s3_endpoint: str, tmp_path: Path
) -> None:
    run_all(lake, connection, DAY, "calm", ("tops",), max_ranks=4)
    undisturbed = staged(lake)
    (unit,) = plan.plan_mall(lake, "musinsa", "killed", DAY, [], ["tops"], today=lambda: DAY)
    scrape.scrape_ranking(lake, open_one(connection), unit, 4)
    (batch,) = scrape.plan_batches(lake, [unit], None)

    done = f"{state_folder('musinsa', DAY)}{unit.run}-product-"
    with _worker(batch, lake, database, s3_endpoint, tmp_path) as worker:
        servers.wait_until(lambda: len(list(lake.list(done))) >= 2, "the worker's second checkpoint", 90)
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
    before = len(list(lake.list(done)))

    counts = scrape.scrape_products(lake, open_one(connection), batch)

    assert counts["resumed"] == before >= 2
    scrape.keep_raw(lake, [unit])
    parse.parse_unit(lake, unit)
    finish.finish(lake, connection, [unit])
    assert staged(lake) == undisturbed
    assert not _browsers_of(worker.pid)


def test_an_s3_server_that_is_killed_and_started_again_costs_a_retry_and_no_row(
    connection: psycopg.Connection, mended: Replica, tmp_path: Path
) -> None:
    port = servers.free_port()
    with servers.s3_server(tmp_path, port) as endpoint:
        client = servers.s3_client(endpoint)
        client.create_bucket(Bucket="lake")
        lake = Lake(client, "lake")
        run_all(lake, connection, DAY, "calm", ("tops",), max_ranks=3)
        undisturbed = staged(lake)
        (unit,) = plan.plan_mall(lake, "musinsa", "disturbed", DAY, [], ["tops"], today=lambda: DAY)
        scrape.scrape_ranking(lake, open_one(connection), unit, 3)
        (batch,) = scrape.plan_batches(lake, [unit], None)
        _kill_listener(port)
        with pytest.raises((BotoCoreError, ClientError)):
            scrape.scrape_products(lake, open_one(connection), batch)
    with servers.s3_server(tmp_path, port):
        scrape.scrape_products(lake, open_one(connection), batch)
        scrape.keep_raw(lake, [unit])
        parse.parse_unit(lake, unit)
        finish.finish(lake, connection, [unit])
        assert staged(lake) == undisturbed


def test_a_full_lake_stops_the_scrape_with_a_clear_error_and_with_room_the_retry_completes(
    connection: psycopg.Connection, mended: Replica, lake: Lake, tmp_path: Path
) -> None:
    run_all(lake, connection, DAY, "calm", ("tops",), max_ranks=2)
    undisturbed = staged(lake)
    with small_s3(tmp_path, 32) as (endpoint, ballast):
        client = servers.s3_client(endpoint)
        client.create_bucket(Bucket="small")
        small = Lake(client, "small")
        (unit,) = plan.plan_mall(small, "musinsa", "disturbed", DAY, [], ["tops"], today=lambda: DAY)
        scrape.scrape_ranking(small, open_one(connection), unit, 2)
        (batch,) = scrape.plan_batches(small, [unit], None)
        ballast.take(leaving_megabytes=0.5)
        with pytest.raises(ClientError, match="InsufficientStorage.*make room"):
            scrape.scrape_products(small, open_one(connection), batch)
        assert not small.exists(manifest_key("review", DAY))
        ballast.drop()
        scrape.scrape_products(small, open_one(connection), batch)
        scrape.keep_raw(small, [unit])
        parse.parse_unit(small, unit)
        finish.finish(small, connection, [unit])
        assert staged(small) == undisturbed


_WORKER = """
import sys
import tempfile
from include import serving
from include.lake import Lake
from include.scrapers import scrape
from tests import servers
batch, bucket, endpoint, dsn = sys.argv[1:]
with serving.connect_to(dsn) as connection:
    lake = Lake(servers.s3_client(endpoint), bucket)
    scrape.scrape_products(lake, lambda mall: scrape.open_tab(mall, connection), batch)
"""


def _worker(batch: str, lake: Lake, dsn: str, endpoint: str, folder: Path) -> Any:
    command = [sys.executable, "-c", _WORKER, batch, lake.bucket, endpoint, dsn]
    root = Path(__file__).parents[3]
    return servers.process(command, folder / "worker.log", lambda: True, os.environ | {"PYTHONPATH": str(root)})


def _kill_listener(port: int) -> None:
    """kill -9 the one process that listens on a port."""
    (pid,) = {
        connection.pid
        for connection in psutil.net_connections("tcp4")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid
    }
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid)], timeout=5)


def _browsers_of(worker: int) -> list[str]:
    """Browser processes and folders that a worker has left."""
    mark = f"otto-browser-{worker}-"
    lines = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, timeout=10, check=True).stdout
    return [line for line in lines.splitlines() if mark in line] + [
        str(p) for p in Path(tempfile.gettempdir()).glob(f"{mark}*")
    ]
