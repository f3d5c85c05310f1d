"""Readers while release after release is published: no failed read, no answer of two releases, no growth."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest

from include.lake import Lake
from include.publish import publication, retention
from include.publish.retention import KEPT_RELEASES
from tests.publish import invented
from tests.publish.invented import DAY
from web import database, queries
from web.queries import Lookup, Wanted

pytestmark = pytest.mark.slow

RELEASES = 16


class Reader(threading.Thread):
    """Asks what the pages ask, until told to stop; keeps what went wrong."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.stopping = threading.Event()
        self.reads, self.faults = 0, []

    def run(self) -> None:
        lookup = Lookup("unknown", 172, 68)
        while not self.stopping.is_set():
            try:
                self._read(lookup)
            except Exception as error:
                self.faults.append(repr(error))
            self.reads += 1
            time.sleep(0.01)

    def _read(self, lookup: Lookup) -> None:
        page = database.read(queries.ranking, Wanted(category="tops", order=["tops"]), lookup)
        assert page is not None
        # every release carries its number in a product's price: a page of two releases would show it
        marks = {item.product.price_krw for item in page.items}
        assert len(page.items) == 2
        assert len(marks) == 1
        product = database.read(
            queries.product_page, mall="musinsa", product_id="1000000", gender="unknown", lookup=lookup
        )
        assert product is not None
        assert product.product is not None
        assert len(product.cells) > 61


def test_readers_never_notice_a_publication(
    serving_dsn: str, rds: psycopg.Connection, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTTO_READER_DSN", serving_dsn)
    _publish(rds, lake, 0)
    readers = [Reader() for _ in range(2)]
    full = 0
    for reader in readers:
        reader.start()
    with psycopg.connect(serving_dsn) as slow:
        for number in range(1, RELEASES + 1):
            if number == KEPT_RELEASES + 1:
                slow.execute("SELECT count(*) FROM otto.size_table")  # and holds its transaction open for a while
            if number == KEPT_RELEASES + 3:
                slow.rollback()
            _publish(rds, lake, number)
            if number == KEPT_RELEASES - 1:
                full = _size(rds)
    for reader in readers:
        reader.stopping.set()
        reader.join(10)
    database.close()
    retention.sweep(rds)
    assert [fault for reader in readers for fault in reader.faults] == []
    assert min(reader.reads for reader in readers) > 20
    assert _size(rds) <= 1.05 * full


def _publish(rds: psycopg.Connection, lake: Lake, number: int) -> None:
    products = [invented.product(at, category="tops", price_krw=number) for at in range(2)]
    invented.lay(lake, products=products, genders=("unknown",))
    publication.publish(rds, lake, [DAY], by=f"run {number}")


def _size(rds: psycopg.Connection) -> int:
    row = rds.execute(
        "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relnamespace = 'otto'::REGNAMESPACE"
    ).fetchone()
    assert row is not None
    return int(row[0])
