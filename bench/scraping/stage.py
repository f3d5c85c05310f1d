"""What a measurement of the scraper needs: a database for the pace, an S3 server for the lake, a replica, workers.

The workers are processes of their own, as Airflow's tasks are; they share the database and the lake, and take batches
one after another.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from include import serving
from include.lake import Lake
from include.scrapers import plan, scrape
from include.scrapers.plan import Unit
from local.malls import malls_toml
from tests import servers

PACE_OFF = 100_000.0  # pages a second: the pace is asked as ever, and never waits
ALL = 10_000  # places of a ranking


@dataclass(frozen=True)
class Place:
    """Where scraped pages go and where the pace is kept; small enough to be handed to another process."""

    endpoint: str
    bucket: str
    dsn: str

    def lake(self) -> Lake:
        return Lake(servers.s3_client(self.endpoint), self.bucket)


@dataclass(frozen=True, slots=True)
class Batch:
    """One finished batch: when it began and ended (epoch seconds) and how many pages it captured."""

    began: float
    ended: float
    captures: int


@dataclass(frozen=True)
class Replica:
    """A running replica of all malls, or of some."""

    port: int
    settings: Path  # the malls file that names it

    def keep_to(self, pages_per_second: float) -> None:
        """Set the pace of every mall, for what is scraped from now on."""
        shipped = malls_toml(self.port)
        text = shipped.replace("pages_per_second = 50.0", f"pages_per_second = {pages_per_second}")
        if text == shipped:
            raise ValueError("the replica's malls file does not say 50 pages a second any more")
        self.settings.write_text(text, encoding="utf-8")

    def arrivals(self) -> list[list[Any]]:
        """[epoch seconds, mall, host name, method, address] of every request since the start or `forget`."""
        return self._control("GET", "arrivals").json()

    def forget(self) -> None:
        """Forget the arrivals."""
        self._control("DELETE", "arrivals")

    def counts(self) -> dict[str, Any]:
        """What it serves, by mall under `malls`."""
        return self._control("GET", "counts").json()

    def _control(self, method: str, what: str) -> httpx.Response:
        answer = httpx.request(method, f"http://127.0.0.1:{self.port}/__control/{what}", timeout=60)
        return answer.raise_for_status()


@contextlib.contextmanager
def stage(folder: Path) -> Iterator[Place]:
    """A database and an S3 server with an empty bucket."""
    with servers.postgres_server(folder) as cluster, servers.s3_server(folder) as endpoint:
        with serving.connect_to(cluster.dsn()) as connection:
            serving.migrate(connection)
        yield another_bucket(Place(endpoint, "", cluster.dsn()))


def another_bucket(place: Place) -> Place:
    """The same place with an empty lake."""
    bucket = f"bench-{time.time_ns()}"
    servers.s3_client(place.endpoint).create_bucket(Bucket=bucket)
    return Place(place.endpoint, bucket, place.dsn)


@contextlib.contextmanager
def replica(folder: Path, **options: object) -> Iterator[Replica]:
    """The replica malls with the pace off; the malls file names them while the block runs."""
    with servers.replica_malls(folder, **options) as port:
        malls = Replica(port, folder / f"malls-{port}.toml")
        malls.keep_to(PACE_OFF)
        before = os.environ.get("OTTO_MALLS_FILE")
        os.environ["OTTO_MALLS_FILE"] = str(malls.settings)
        try:
            yield malls
        finally:
            os.environ.pop("OTTO_MALLS_FILE")
            if before is not None:
                os.environ["OTTO_MALLS_FILE"] = before


def rank(place: Place, mall: str) -> list[Unit]:
    """Capture all rankings of a mall; gives its units."""
    lake = place.lake()
    units = plan.plan_mall(lake, mall, "bench", plan.today_in_seoul(), [], [])
    with serving.connect_to(place.dsn) as connection:
        for unit in units:
            scrape.scrape_ranking(lake, partial(scrape.open_tab, connection=connection), unit, ALL)
    return units


def ranked(place: Place, units: Sequence[Unit]) -> list[str]:
    """The ranked products of one mall, each once."""
    lake = place.lake()
    return [product for key in scrape.plan_batches(lake, units, None) for product in lake.get_json(key)["products"]]


def batch(place: Place, units: Sequence[Unit], products: Sequence[str]) -> str:
    """One batch of some products that no run has scraped before; gives its key."""
    lake = place.lake()
    planned = lake.get_json(scrape.plan_batches(lake, units, None)[0])
    name = f"bench-{time.time_ns()}"
    key = units[0].state_key(name)
    lake.put_json(key, planned | {"products": list(products), "dag_run": name})
    return key


@contextlib.contextmanager
def workers(count: int) -> Iterator[ProcessPoolExecutor]:
    """So many worker processes, each with the scraper imported."""
    with ProcessPoolExecutor(count, multiprocessing.get_context("spawn")) as pool:
        for _ in pool.map(_import, range(count)):
            pass
        yield pool


def scrape_batch(place: Place, key: str) -> Batch:
    """Scrape one batch, in whatever process this runs."""
    with serving.connect_to(place.dsn) as connection:
        began = time.time()
        counts = scrape.scrape_products(place.lake(), partial(scrape.open_tab, connection=connection), key)
        return Batch(began, time.time(), counts["captures"])


def scrape_batches(pool: ProcessPoolExecutor, place: Place, keys: Sequence[str]) -> Batch:
    """Scrape batches with a pool of workers; gives the whole as one."""
    done = list(pool.map(partial(scrape_batch, place), keys))
    return Batch(min(b.began for b in done), max(b.ended for b in done), sum(b.captures for b in done))


def _import(_: int) -> None:
    """What every worker needs before the clock runs; a moment's rest lets each of the workers take one such task."""
    from include.scrapers import browser  # noqa: F401

    time.sleep(0.5)
