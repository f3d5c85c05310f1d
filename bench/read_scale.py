"""The same questions to releases of a hundred, three thousand and, with FULL=1, ten thousand products.

One connection a release, as the readers have it, asked by turns, so that a busy machine slows all. A product has one
table here, some 800 bands.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psycopg

from bench.publish import large_lake
from bench.row import Row, judged, reported
from include import serving
from include.publish import publication
from include.publish.bands import HEIGHTS_CM, WEIGHTS_KG
from local.postgres import Cluster
from tests import servers
from tests.publish import invented
from web import database, queries
from web.queries import Lookup, Wanted

SIZES = [100, 3_000] + ([10_000] if os.environ.get("FULL") == "1" else [])
TURNS = 400
GOAL_RATIO = 1.3


def measure_scale() -> list[Row]:
    """Medians of each question, against the smallest release."""
    with tempfile.TemporaryDirectory(prefix="otto-bench-") as name, servers.postgres_server(Path(name)) as cluster:
        connections = {products: _release(cluster, products) for products in SIZES}
        for turn in range(20):
            _turn(connections, turn)
        times = [_turn(connections, turn) for turn in range(TURNS)]
        for connection in connections.values():
            connection.close()
    rows = []
    for kind in _QUESTIONS:
        medians = {size: float(np.median([each[kind, size] for each in times])) for size in SIZES}
        for size in SIZES[1:]:
            title = f"{kind}, {size:,} products against {SIZES[0]}"
            if kind == "search":  # goes through all names: it grows, and must stay usable
                rows.append(reported(title, medians[size], "ms", medians[SIZES[0]]))
            else:
                rows.append(judged(title, medians[size], "ms", GOAL_RATIO, "less", reference=medians[SIZES[0]]))
    return rows


def _release(cluster: Cluster, products: int) -> psycopg.Connection:
    with psycopg.connect(cluster.dsn(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE products_{products}".encode())
    dsn = cluster.dsn(f"products_{products}")
    lake, _ = large_lake(products_wanted=products, genders=("unknown",))
    with serving.connect_to(dsn) as connection:
        serving.migrate(connection)
        publication.publish(connection, lake, [invented.DAY], by="bench")
    # what the pool gives to the pages
    return psycopg.connect(dsn, autocommit=True, options=database.OPTIONS, prepare_threshold=0)


def _turn(connections: dict[int, psycopg.Connection], turn: int) -> dict[tuple[str, int], float]:
    took = {}
    for kind, question in _QUESTIONS.items():
        for size, connection in connections.items():
            draw = random.Random(turn)
            lookup = Lookup("male", draw.randint(*HEIGHTS_CM), draw.randint(*WEIGHTS_KG))
            began = time.perf_counter()
            question(connection, size, lookup, draw)
            took[kind, size] = (time.perf_counter() - began) * 1000
    return took


def _ranking(connection: psycopg.Connection, size: int, lookup: Lookup, draw: random.Random) -> None:
    page = queries.ranking(connection, Wanted(mall="musinsa", category="outer", order=["outer"], limit=16), lookup)
    assert page is not None
    assert len(page.items) == 16  # as many as the smallest release has


def _product(connection: psycopg.Connection, size: int, lookup: Lookup, draw: random.Random) -> None:
    product_id = str(1_000_000 + draw.randrange(size))
    page = queries.product_page(connection, mall="musinsa", product_id=product_id, gender="male", lookup=lookup)
    assert page is not None
    assert page.cells


def _hundred_sizes(connection: psycopg.Connection, size: int, lookup: Lookup, draw: random.Random) -> None:
    ids = [str(1_000_000 + number) for number in draw.sample(range(size), 100)]
    rows = queries.sizes(connection, malls=["musinsa"] * 100, product_ids=ids, lookup=lookup)
    assert all(row[1] for row in rows)


def _search(connection: psycopg.Connection, size: int, lookup: Lookup, draw: random.Random) -> None:
    page = queries.ranking(connection, Wanted(search="다운 재킷", order=["outer"], limit=16), lookup)
    assert page is not None
    assert page.items


_QUESTIONS: dict[str, Callable[[psycopg.Connection, int, Lookup, random.Random], None]] = {
    "ranking": _ranking,
    "product page": _product,
    "sizes of 100 products": _hundred_sizes,
    "search": _search,
}
