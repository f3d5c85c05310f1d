"""A replica mall for the slow tests, and the whole flow of a run without a scheduler."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from include import serving
from include.lake import Lake
from include.scrapers import finish, parse, plan, scrape
from local.malls import malls_toml
from tests import servers


@dataclass
class Replica:
    """A running replica mall."""

    port: int
    settings: Path  # its malls file

    def counts(self, mall: str = "musinsa") -> dict[str, Any]:
        """What one mall has served."""
        return httpx.get(f"http://127.0.0.1:{self.port}/__control/counts", timeout=5).json()["malls"][mall]

    def fault(self, **fault: Any) -> None:
        """Switch a fault on."""
        httpx.post(f"http://127.0.0.1:{self.port}/__control/faults", json=fault, timeout=5).raise_for_status()

    def faults(self) -> list[dict[str, Any]]:
        """The faults that are still to happen."""
        return httpx.get(f"http://127.0.0.1:{self.port}/__control/faults", timeout=5).json()

    def mend(self) -> None:
        """Switch all faults off."""
        httpx.delete(f"http://127.0.0.1:{self.port}/__control/faults", timeout=5).raise_for_status()


@contextmanager
def replica_mall(folder: Path, *arguments: str, reviews: bool = False) -> Iterator[Replica]:
    """Run a replica and point the malls file at it while the block runs."""
    with _running(folder, *arguments, reviews=reviews) as replica, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTTO_MALLS_FILE", str(replica.settings))
        yield replica


@contextmanager
def _running(folder: Path, *arguments: str, reviews: bool = False) -> Iterator[Replica]:
    port = servers.free_port()
    command = [sys.executable, "-m", "local.malls", "--port", str(port), *arguments]
    settings = folder / "malls.toml"
    settings.write_text(malls_toml(port, reviews=reviews), encoding="utf-8")
    with servers.process(command, folder / "malls.log", lambda: servers.http_ok(f"http://127.0.0.1:{port}/health")):
        yield Replica(port, settings)


@pytest.fixture(scope="session")
def replica_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    """A small generated mall, which nothing points at yet."""
    folder = tmp_path_factory.mktemp("malls")
    with _running(
        folder, "--malls", "musinsa", "--products", "12", "--reviews-per-product", "30", "--seed", "7"
    ) as running:
        yield running


@pytest.fixture(scope="module")
def replica(replica_server: Replica) -> Iterator[Replica]:
    """That mall, named by the malls file for the tests of one module: the next module sees the shipped file again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTTO_MALLS_FILE", str(replica_server.settings))
        yield replica_server


@pytest.fixture
def malls_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The replica's settings, without a replica."""
    file = tmp_path / "malls.toml"
    file.write_text(malls_toml(8095), encoding="utf-8")
    monkeypatch.setenv("OTTO_MALLS_FILE", str(file))
    return file


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection]:
    """The serving database, migrated."""
    with psycopg.connect(database) as admin:
        for role in ("otto_publisher", "otto_reader"):
            admin.execute(f"DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    connection = serving.connect_to(database)
    serving.migrate(connection)
    yield connection
    connection.close()


def run_all(
    lake: Lake,
    connection: psycopg.Connection,
    run_date: date,
    dag_run: str = "manual__1",
    categories: tuple[str, ...] = (),
    max_ranks: int = 100,
    max_reviews: int | None = None,
    today: date | None = None,
    mall: str = "musinsa",
) -> dict[str, Any]:
    """One run of one mall, task after task, as the DAG wires them; gives the totals."""
    units = plan.plan_mall(lake, mall, dag_run, run_date, [], categories, today=lambda: today or run_date)
    if not units[0].is_replay:
        capture(lake, connection, units, max_ranks, max_reviews)
    for unit in units:
        parse.parse_unit(lake, unit)
    return finish.finish(lake, connection, units)


def capture(
    lake: Lake,
    connection: psycopg.Connection,
    units: list[plan.Unit],
    max_ranks: int = 100,
    max_reviews: int | None = None,
) -> None:
    """What of a mall's run needs a browser."""

    def open_one(settings: Any) -> Any:
        return scrape.open_tab(settings, connection)

    for unit in units:
        scrape.scrape_ranking(lake, open_one, unit, max_ranks)
    for batch in scrape.plan_batches(lake, units, max_reviews):
        scrape.scrape_products(lake, open_one, batch)
    scrape.keep_raw(lake, units)
