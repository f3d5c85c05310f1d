"""Readers through fifty releases: no failed read, no answer of two releases, no growth, and back in a second."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable

import psycopg
import pytest
from django.test import Client
from fastapi.testclient import TestClient
from psycopg.pq import TransactionStatus

from api.app import app
from include.lake import Lake
from include.publish import pointer, publication, retention
from include.publish.retention import KEPT_RELEASES
from tests import servers
from tests.memory_s3 import MemoryS3
from tests.publish import invented
from tests.publish.invented import DAY
from tests.web import conftest as _django  # noqa: F401 (sets Django up)
from web import database

pytestmark = pytest.mark.slow

RELEASES, HELD_SECONDS = 50, 3
BANDS = invented.bands("musinsa", "1000000", "unknown", ["S", "M", "L"])
PRODUCTS = ("1000000", "1000001")


class Reader(threading.Thread):
    """Asks for one thing again and again until told to stop; keeps what went wrong.

    Every release carries its number as each product's price and as each band's count of reviews.
    """

    def __init__(self, ask: Callable[[], set[int]]) -> None:
        super().__init__(daemon=True)
        self.ask = ask
        self.stopping = threading.Event()
        self.faults: list[str] = []
        self.seen: list[int] = []

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                (mark,) = self.ask()  # of one release: more or fewer marks are a fault
                self.seen.append(mark)
            except Exception as error:
                self.faults.append(repr(error))
            time.sleep(0.005)


def _page(address: str, rows: int) -> Callable[[], set[int]]:
    visitor = Client(headers={"accept-language": "en"})
    visitor.post("/body", {"height": "172", "weight": "68"})

    def ask() -> set[int]:
        page = visitor.get(address).content.decode()
        told = re.findall(r"(?:₩(\d+)|(\d+) reviews? from)", page)
        assert len(told) == 2 * rows, page
        return {int(price or reviews) for price, reviews in told}

    return ask


def _sizes() -> Callable[[], set[int]]:
    caller = TestClient(app)
    asked = [{"mall": "musinsa", "product_id": product_id} for product_id in PRODUCTS]

    def ask() -> set[int]:
        answer = caller.post("/v1/sizes", json={"height_cm": 172, "weight_kg": 68, "products": asked}).json()
        assert [each["state"] for each in answer["sizes"]] == ["answered"] * 2
        assert {each["release_id"] for each in answer["sizes"]} == {answer["release_id"]}
        return {each["reviews"] for each in answer["sizes"]}

    return ask


def test_readers_never_notice_fifty_releases(
    serving_dsn: str, rds: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTTO_READER_DSN", serving_dsn)
    lake = Lake(MemoryS3(), "readers")
    _publish(rds, lake, 1)
    readers = [Reader(_page("/", 2)), Reader(_page(f"/products/musinsa/{PRODUCTS[0]}", 1)), Reader(_sizes())]
    for reader in readers:
        reader.start()
    full = 0
    with psycopg.connect(serving_dsn) as slow:
        slow.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        for number in range(2, RELEASES + 1):
            _publish(rds, lake, number)
            if number == KEPT_RELEASES + 1:
                full = _size(rds)
                held, since = _prices(slow), time.monotonic()
            if number > KEPT_RELEASES and slow.info.transaction_status == TransactionStatus.INTRANS:
                assert _prices(slow) == held == {KEPT_RELEASES + 1}
                if time.monotonic() - since > HELD_SECONDS:
                    slow.rollback()
    began = time.monotonic()
    pointer.roll_back(rds, None, "test", hold=False, by="test")
    took = time.monotonic() - began
    servers.wait_until(lambda: all(reader.seen[-1] == RELEASES - 1 for reader in readers), "the readers' way back", 10)
    for reader in readers:
        reader.stopping.set()
        reader.join(10)
    database.close()
    retention.sweep(rds)
    assert [fault for reader in readers for fault in reader.faults] == []
    assert took < 1
    assert min(len(set(reader.seen)) for reader in readers) > RELEASES / 4
    assert _size(rds) <= 1.05 * full


def _publish(rds: psycopg.Connection, lake: Lake, number: int) -> None:
    products = [invented.product(at, category="tops", price_krw=number, size_run='["S", "M", "L"]') for at in range(2)]
    rows = [row | {"product_id": product_id, "reviews": number} for product_id in PRODUCTS for row in BANDS]
    invented.lay(lake, products=products, rows=rows)
    (published,) = publication.publish(rds, lake, [DAY], by=f"run {number}")
    assert published.live


def _prices(connection: psycopg.Connection) -> set[int]:
    return {price for (price,) in connection.execute("SELECT price_krw FROM otto.product")}


def _size(rds: psycopg.Connection) -> int:
    row = rds.execute(
        "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relnamespace = 'otto'::REGNAMESPACE"
    ).fetchone()
    assert row is not None
    return int(row[0])
