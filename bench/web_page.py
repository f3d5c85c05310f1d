"""The web page and the API against the same query, middleware and pool with nothing done to the rows.

Real servers (gunicorn, uvicorn), bodies at random, no response cache, twenty requests a second, the two addresses by
turns, so that a busy machine slows both.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np

from bench.row import Row, judged, reported
from include import serving
from include.lake import Lake
from include.publish import publication
from tests import servers
from tests.memory_s3 import MemoryS3
from tests.publish import invented

REQUESTS = 300
A_SECOND = 20
PRODUCTS = 100
GOAL_MEDIAN, GOAL_TAIL, GOAL_API = 2.5, 4.0, 1.5


def measure_pages() -> list[Row]:
    """The page with forty products, and the API with a hundred."""
    with tempfile.TemporaryDirectory(prefix="otto-bench-") as name, servers.postgres_server(Path(name)) as cluster:
        fill(cluster.dsn())
        environment = os.environ | {
            "OTTO_READER_DSN": cluster.dsn(),
            "OTTO_WEB_SECRET": secrets.token_urlsafe(40),
            "DJANGO_SETTINGS_MODULE": "bench.web_settings",
        }
        with _server("gunicorn", ["bench.web_settings:application", "--threads", "4"], Path(name), environment) as at:
            rows = _page(at)
        with _server("uvicorn", ["bench.api_rows:app", "--log-level", "warning"], Path(name), environment) as at:
            return rows + _api(at)


def fill(dsn: str) -> None:
    """A live release of a hundred invented products."""
    lake = Lake(MemoryS3(), "bench")
    invented.lay(lake, products=[invented.product(number, category="tops") for number in range(PRODUCTS)])
    with serving.connect_to(dsn) as connection:
        serving.migrate(connection)
        publication.publish(connection, lake, [invented.DAY], by="bench")


@contextlib.contextmanager
def _server(program: str, arguments: list[str], folder: Path, environment: dict[str, str]) -> Iterator[str]:
    port = servers.free_port()
    where = ["--bind", f"127.0.0.1:{port}"] if program == "gunicorn" else ["--port", str(port)]
    command = [sys.executable, "-m", program, *arguments, *where]
    health = "/healthz" if program == "gunicorn" else "/v1/release"
    origin = f"http://127.0.0.1:{port}"
    with servers.process(command, folder / f"{program}.log", lambda: servers.http_ok(origin + health), environment):
        yield origin


def _page(origin: str) -> list[Row]:
    visitors = [_visitor(origin) for _ in range(12)]

    def ask(address: str) -> float:
        visitor = random.choice(visitors)
        began = time.perf_counter()
        visitor.get(address).raise_for_status()
        return (time.perf_counter() - began) * 1000

    page, bare = _by_turns(lambda: ask("/"), lambda: ask("/rows"))
    return [
        judged("page of 40 products, median", _at(page, 50), "ms", GOAL_MEDIAN, "less", reference=_at(bare, 50)),
        judged("page of 40 products, 99th percentile", _at(page, 99), "ms", GOAL_TAIL, "less", reference=_at(bare, 99)),
    ]


def _api(origin: str) -> list[Row]:
    with httpx.Client(base_url=origin) as client:
        asked = [{"mall": "musinsa", "product_id": f"{1_000_000 + number}"} for number in range(100)]

        def ask(address: str) -> float:
            body = {"height_cm": random.randint(150, 195), "weight_kg": random.randint(45, 110), "gender": "male"}
            began = time.perf_counter()
            client.post(address, json=body | {"products": asked}).raise_for_status()
            return (time.perf_counter() - began) * 1000

        sizes, bare = _by_turns(lambda: ask("/v1/sizes"), lambda: ask("/rows"))
    return [
        judged(
            "API, one body and 100 products, median", _at(sizes, 50), "ms", GOAL_API, "less", reference=_at(bare, 50)
        ),
        reported("API, one body and 100 products, 99th percentile", _at(sizes, 99), "ms", reference=_at(bare, 99)),
    ]


def _by_turns(one, other) -> tuple[list[float], list[float]]:  # noqa: ANN001
    """Both asked by turns at the rate, after a warm-up."""
    for _ in range(20):
        one(), other()
    ones, others = [], []
    for _ in range(REQUESTS):
        for ask, times in ((one, ones), (other, others)):
            due = time.perf_counter() + 1 / A_SECOND
            times.append(ask())
            time.sleep(max(0.0, due - time.perf_counter()))
    return ones, others


def _visitor(origin: str) -> httpx.Client:
    client = httpx.Client(base_url=origin)
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/").text)
    assert found is not None
    body = {"height": random.randint(150, 195), "weight": random.randint(45, 110), "gender": "male"}
    client.post("/body", data=body | {"csrfmiddlewaretoken": found[1]})
    return client


def _at(times: list[float], percentile: float) -> float:
    return float(np.percentile(times, percentile))
