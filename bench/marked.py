"""A release in which every row says of which release it is, and a reader that notices a page of two."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest import mock

import numpy as np
import psycopg

from include.lake import Lake
from include.publish import publication
from include.publish.source import Source, read
from include.settings import malls
from tests.memory_s3 import MemoryS3
from tests.publish import invented
from web import queries
from web.queries import Lookup, Wanted

RUN = ["S", "M", "L", "XL", "2XL"]
SHELF = 40  # products in the ranking that is read


class Mixed(AssertionError):
    """An answer holds rows of two releases."""


def source(products: int) -> Source:
    """A day of so many products, each with three tables, read from a lake in memory as publishing reads it."""
    lake = Lake(MemoryS3(), "bench")
    rows = [
        invented.product(number, category="tops" if number < SHELF else "outer", size_run=json.dumps(RUN))
        for number in range(products)
    ]
    patterns = [invented.bands("musinsa", str(k), "unknown", RUN) for k in range(7)]
    tables = [
        row | {"product_id": each["product_id"], "gender": gender}
        for number, each in enumerate(rows)
        for at, gender in enumerate(("male", "female", "unknown"))
        for row in patterns[(number + at) % len(patterns)]
    ]
    invented.lay(lake, products=rows, rows=tables)
    return read(lake, invented.DAY, malls())


def marked(base: Source, number: int) -> Source:
    """The same day with the release's number as every price and as every band's count of reviews."""
    products = [(*row[:6], number, *row[7:]) for row in base.products]
    reviews = np.full(len(base.bands), number, dtype=np.int32)
    return replace(base, products=products, bands=replace(base.bands, reviews=reviews))


@contextmanager
def publishing(base: Source) -> Iterator[Publisher]:
    """A publisher of one marked release after the other; only the reading of the lake is left out."""
    publisher = Publisher(base)
    sources = publication.sources
    with (
        mock.patch.object(sources, "accepted_model", return_value=base.model_version),
        mock.patch.object(sources, "read", side_effect=publisher.next_source),
    ):
        yield publisher


class Publisher:
    """Publishes marked releases; their numbers begin at 1."""

    def __init__(self, base: Source) -> None:
        self.base = base
        self.numbers = itertools.count(1)

    def next_source(self, *_: object) -> Source:
        """What the lake would hold next."""
        return marked(self.base, next(self.numbers))

    def publish(self, connection: psycopg.Connection, by: str) -> int:
        """One publication from the checks to the retirement of the oldest; gives the release."""
        lake = Lake(MemoryS3(), "bench")
        (published,) = publication.publish(connection, lake, [invented.DAY], by=by)
        assert published.live, published.reason
        return published.release_id


def ask(connection: psycopg.Connection, turn: int) -> int:
    """One of the three questions of pages and API, by turns; gives the release's mark. Raises Mixed."""
    lookup = Lookup(("male", "female", "unknown")[turn % 3], 150 + turn * 7 % 45, 45 + turn * 11 % 60)
    kind = turn % 3
    if kind == 0:
        marks = _ranking(connection, lookup)
    elif kind == 1:
        marks = _product(connection, lookup, turn)
    else:
        marks = _sizes(connection, lookup)
    if len(marks) != 1:
        raise Mixed(f"{('ranking', 'product page', 'sizes')[kind]} of releases {sorted(marks)}")
    return marks.pop()


def _ranking(connection: psycopg.Connection, lookup: Lookup) -> set[int]:
    page = queries.ranking(connection, Wanted(mall="musinsa", category="tops", order=["tops"], limit=SHELF), lookup)
    assert page is not None
    assert len(page.items) == SHELF
    return {item.product.price_krw or 0 for item in page.items} | {i.band.reviews for i in page.items if i.band}


def _product(connection: psycopg.Connection, lookup: Lookup, turn: int) -> set[int]:
    product_id = str(1_000_000 + turn % SHELF)
    page = queries.product_page(connection, mall="musinsa", product_id=product_id, gender=lookup.gender, lookup=lookup)
    assert page is not None
    assert page.product is not None
    assert page.band is not None
    assert sum(high - low + 1 for _, low, high, _ in page.cells) == 61 * 96
    return {page.product.price_krw or 0, page.band.reviews}


def _sizes(connection: psycopg.Connection, lookup: Lookup) -> set[int]:
    ids = [str(1_000_000 + number) for number in range(SHELF)]
    rows = queries.sizes(connection, malls=["musinsa"] * SHELF, product_ids=ids, lookup=lookup)
    assert len(rows) == SHELF
    assert len({row[0] for row in rows}) == 1
    return {row[-1] for row in rows}
