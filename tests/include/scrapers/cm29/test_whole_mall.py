"""A small 29CM, scraped with a real browser from its first ranking to its last review, against the replica's truth."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest

from include.lake import Lake
from include.settings import SEOUL
from local.malls import catalogue
from local.malls.catalogue import Catalogue
from local.malls.cm29.trade import TRADE
from tests.include.scrapers.cm29 import truth
from tests.include.scrapers.conftest import Replica, replica_mall, run_all

pytestmark = pytest.mark.slow

PRODUCTS, REVIEWS, SEED = 10, 50, 5


@pytest.fixture(scope="module")
def cm29(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    """A small 29CM alone, named by the malls file."""
    size = ("--products", str(PRODUCTS), "--reviews-per-product", str(REVIEWS), "--seed", str(SEED))
    with replica_mall(tmp_path_factory.mktemp("29cm"), "--malls", "29cm", *size) as running:
        yield running


@pytest.fixture
def generated(cm29: Replica) -> Catalogue:
    """What it serves."""
    day = datetime.now(ZoneInfo(SEOUL)).date()
    return catalogue.generate(PRODUCTS, PRODUCTS * REVIEWS, SEED, day, TRADE)


def test_all_that_is_served_is_captured_once_with_every_field_and_a_later_day_asks_for_one_list_a_product(
    lake: Lake, connection: psycopg.Connection, cm29: Replica, generated: Catalogue
) -> None:
    day = datetime.now(ZoneInfo(SEOUL)).date()
    totals = run_all(lake, connection, day, mall="29cm")

    counts = cm29.counts("29cm")
    assert (counts["listed"], counts["reviews"]) == (PRODUCTS, PRODUCTS * REVIEWS)
    assert totals["product"]["staged"] == PRODUCTS
    assert totals["review"]["captured"] == counts["reviews"]
    assert totals["review"]["duplicates"] == 0

    ranked = truth.staged(lake, "product_rank", day)
    found = {(row["category"], row["mall_category"], row["rank"], row["product_id"]) for row in ranked}
    assert found == truth.places(generated)
    assert len(ranked) == len(found)

    products = {row["product_id"]: row for row in truth.staged(lake, "product", day)}
    assert set(products) == set(generated.products)
    for product_id, row in products.items():
        expected = generated.expected_product(product_id)
        assert {name: row[name] for name in expected} == expected

    reviews = {row["review_id"]: row for row in truth.staged(lake, "review", day)}
    quarantined = truth.refused(lake, "review", day)
    assert set(reviews) | set(quarantined) == set(generated.reviews)
    for review_id in generated.reviews:
        expected = generated.expected_review(review_id)
        if isinstance(expected, str):
            assert quarantined.get(review_id) == expected
        else:
            assert {name: reviews[review_id][name] for name in expected} == expected
    assert set(quarantined.values()) == {"blind_review", "size_several_sizes"}

    # some have more than one list; a day later the first one of each ends with what is known
    assert totals["review"]["pages"] > PRODUCTS
    dresses = sum(row["category"] == "dress" for row in products.values())
    later = run_all(lake, connection, day + timedelta(days=1), "later", ("dress",), mall="29cm")
    assert later["review"]["pages"] == later["product"]["staged"] == dresses > 0
