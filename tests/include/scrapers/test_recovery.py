"""All malls whole, in real browsers, through every fault that passes: in the end each row is as it is served, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import zip_longest
from typing import Any

import psycopg
import pytest

from bench.scraping.faithful import unlike_the_truth
from include import serving
from include.lake import Lake, manifest_key
from include.scrapers import finish, parse, plan
from include.scrapers.plan import Unit
from include.scrapers.sites import SITES
from local.malls import catalogue
from local.malls.catalogue import Catalogue
from local.malls.sites import SITES as REPLICAS
from tests.include.scrapers.conftest import Replica, capture, replica_mall

pytestmark = pytest.mark.slow

PRODUCTS, REVIEWS_EACH, SEED = 10, 20, 11  # of each mall: 600 reviews in all
GRAPHQL = "/api/2/graphql/"

# Of each mall: where its rankings, its product pages, what these ask for, and its review lists come from.
PLACES: dict[str, dict[str, dict[str, str]]] = {
    "musinsa": {
        "ranking": {"host": "client", "path": "/api/home/web/v5/pans/ranking/sections/"},
        "page": {"host": "www", "path": "/products/"},
        "product": {"host": "goods-detail", "path": "/"},  # asked three times a product
        "reviews": {"host": "goods", "path": "/api2/review/v1/view/list"},
    },
    "29cm": {
        "ranking": {"host": "display-bff-api", "path": "/api/v1/plp/best/items"},
        "page": {"host": "www", "path": "/products/"},
        "product": {"host": "bff-api", "path": "/api/v5/product-detail/"},
        "reviews": {"host": "review-api", "path": "/api/v4/reviews"},
    },
    "zigzag": {
        "ranking": {"host": "api", "path": f"{GRAPHQL}batch/GetCnvPage"},
        "page": {"host": "www", "path": "/catalog/products/"},
        "product": {"host": "api", "path": f"{GRAPHQL}GetCatalogProductDetailPageOption"},
        "reviews": {"host": "api", "path": f"{GRAPHQL}batch/GetReviewSearchList"},
    },
}
# What passes, and after how many whole answers it comes, so that no product meets more of it than a page is tried.
FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("ranking", {"kind": "reset", "times": 1}),
    ("ranking", {"kind": "slow", "times": 1, "seconds": 1, "after": 1}),
    ("page", {"kind": "status", "status": 503, "times": 1, "after": 1}),
    ("page", {"kind": "mojibake", "times": 1, "after": 3}),
    ("product", {"kind": "status", "status": 403, "times": 2, "after": 6}),
    ("product", {"kind": "reset", "times": 1, "after": 8}),
    ("reviews", {"kind": "status", "status": 429, "times": 1, "retry_after": 1, "after": 1}),
    ("reviews", {"kind": "truncated", "times": 1, "after": 3}),
    ("reviews", {"kind": "duplicate_reviews", "times": 1, "after": 5}),
    ("reviews", {"kind": "slow", "times": 1, "seconds": 1, "after": 6}),
    ("reviews", {"kind": "mojibake", "times": 1, "after": 7}),
)
GRAPHQL_FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("product", {"kind": "graphql_errors", "times": 1, "after": 3}),
    ("reviews", {"kind": "vanished_list", "times": 1, "after": 9}),
)


@pytest.fixture(scope="module")
def malls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    """All malls, named by the malls file."""
    amounts = ("--products", str(PRODUCTS), "--reviews-per-product", str(REVIEWS_EACH), "--seed", str(SEED))
    with replica_mall(tmp_path_factory.mktemp("malls"), *amounts) as running:
        yield running


def places(mall: str, truth: Catalogue) -> Counter[tuple[str, int, str]]:
    """(category, rank, product) of every place that a mall's rankings have. Rankings that are one category of ours
    alternate, but for 29CM's, which keep the places that they have for women and for men.
    """
    codes = REPLICAS[mall].addresses.categories
    found: Counter[tuple[str, int, str]] = Counter()
    for category in set(codes.values()):
        rankings = [truth.stock.rankings.get(code, []) for code, ours in codes.items() if ours == category]
        apart = [[ranking] for ranking in rankings] if mall == "29cm" else [rankings]
        for some in apart:
            ordered = [product for row in zip_longest(*some) for product in row if product]
            found.update((category, rank, product) for rank, product in enumerate(ordered, 1))
    return found


def ranked(lake: Lake, day: date) -> dict[str, Counter[tuple[str, int, str]]]:
    """The staged places of each mall."""
    found: dict[str, Counter[tuple[str, int, str]]] = {mall: Counter() for mall in SITES}
    for entry in lake.get_json(manifest_key("product_rank", day))["entries"]:
        for row in lake.get_table(entry["url"].removeprefix(lake.uri(""))).to_pylist():
            found[row["mall"]][row["category"], row["rank"], row["product_id"]] += 1
    return found


def test_all_malls_are_read_whole_and_once_through_every_fault_that_passes(
    lake: Lake, connection: psycopg.Connection, database: str, malls: Replica
) -> None:
    day = plan.today_in_seoul()
    for mall in SITES:
        for place, fault in (*FAULTS, *(GRAPHQL_FAULTS if mall == "zigzag" else ())):
            answers = 3 if (mall, place) == ("musinsa", "product") else 1
            later = {"after": answers * fault.get("after", 0)}
            malls.fault(mall=mall, **PLACES[mall][place], **fault | later)

    def read(mall: str) -> list[Unit]:
        units = plan.plan_mall(lake, mall, "disturbed", day, [], [])
        with serving.connect_to(database) as own:
            capture(lake, own, units)
        return units

    with ThreadPoolExecutor(len(SITES)) as threads:
        units = [unit for planned in threads.map(read, SITES) for unit in planned]
    for unit in units:
        parse.parse_unit(lake, unit)
    totals = finish.finish(lake, connection, units)

    assert malls.faults() == [], "every fault was met"
    wrong = {}
    for mall in SITES:
        truth = catalogue.generate(PRODUCTS, PRODUCTS * REVIEWS_EACH, SEED, day, REPLICAS[mall].trade)
        served = malls.counts(mall)
        assert (served["listed"], served["reviews"]) == (PRODUCTS, len(truth.reviews))
        wrong |= {(mall, what): +found for what, found in unlike_the_truth(lake, mall, truth).items() if +found}
        assert ranked(lake, day)[mall] == places(mall, truth)
    assert wrong == {}
    assert sum(malls.counts(mall)["reviews"] for mall in SITES) >= 600
    assert totals["review"]["duplicates"] >= 1, "a review that stood twice is counted, unless its list was read again"
    slowed = connection.execute("SELECT count(*) FROM ops.pace WHERE reason LIKE 'answered %'").fetchone()
    assert slowed is not None
    assert slowed[0] >= 2 * len(SITES) - 1
