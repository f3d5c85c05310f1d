"""A small Zigzag, scraped completely in a real browser: every row that is served, every field against the truth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from itertools import zip_longest
from typing import Any

import psycopg
import pytest

from include.lake import Lake, manifest_key
from local.malls import catalogue
from local.malls.buyers import SEOUL
from local.malls.catalogue import Catalogue
from local.malls.zigzag.addresses import ADDRESSES
from local.malls.zigzag.trade import TRADE
from tests.include.scrapers.conftest import Replica, replica_mall, run_all

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 20)
JSON_TEXTS = ("size_options", "size_run", "sold_out", "size_chart")


@pytest.fixture(scope="module")
def replica(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    """A replica that serves Zigzag alone."""
    folder = tmp_path_factory.mktemp("zigzag")
    amounts = ("--products", "12", "--reviews-per-product", "30", "--seed", "7")
    with replica_mall(folder, "--malls", "zigzag", *amounts) as running:
        yield running


@pytest.fixture(scope="module")
def truth() -> Catalogue:
    """What the replica serves: the same numbers give the same mall."""
    return catalogue.generate(12, 12 * 30, 7, datetime.now(SEOUL).date(), TRADE)


def staged(lake: Lake, entity: str) -> list[dict[str, Any]]:
    """All rows that the day's manifest names."""
    entries = lake.get_json(manifest_key(entity, DAY))["entries"]
    return [row for one in entries for row in lake.get_table(one["url"].removeprefix(lake.uri(""))).to_pylist()]


def places(truth: Catalogue, category: str) -> dict[str, int]:
    """The rank of each product of a category; two rankings of the mall that are one of ours alternate."""
    rankings = [truth.stock.rankings.get(code, []) for code, ours in ADDRESSES.categories.items() if ours == category]
    ordered = [product for row in zip_longest(*rankings) for product in row if product]
    return {product: rank for rank, product in enumerate(ordered, 1)}


def test_every_row_is_staged_once_and_every_field_is_as_served(
    lake: Lake, connection: psycopg.Connection, replica: Replica, truth: Catalogue
) -> None:
    served = replica.counts("zigzag")
    assert served["reviews"] == len(truth.reviews)

    totals = run_all(lake, connection, DAY, mall="zigzag")

    assert {entity: counts["quarantined"] for entity, counts in totals.items()} == dict.fromkeys(totals, 0)
    products, reviews = staged(lake, "product"), staged(lake, "review")
    assert sorted(row["product_id"] for row in products) == sorted(truth.products)
    assert sorted(row["review_id"] for row in reviews) == sorted(truth.reviews)
    for row in products:
        expected = truth.expected_product(row["product_id"])
        found = {name: json.loads(row[name] or "null") if name in JSON_TEXTS else row[name] for name in expected}
        assert found == expected
        assert row["image_url"].startswith(f"http://image.zigzag.localhost:{replica.port}/")
    for row in reviews:
        expected_review = truth.expected_review(row["review_id"])
        assert {name: row[name] for name in expected_review} == expected_review
    for category in set(ADDRESSES.categories.values()):
        found_places = {
            row["product_id"]: row["rank"] for row in staged(lake, "product_rank") if row["category"] == category
        }
        assert found_places == places(truth, category)
