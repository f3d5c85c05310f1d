"""A run against a replica mall in a real browser, with a real S3 server and a real database."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import psycopg
import pytest

from include.lake import ENTITIES, Lake, manifest_key, staged_folder
from include.scrapers import canary, scrape
from include.scrapers.errors import RawMissing
from local.malls import catalogue
from local.malls.buyers import SEOUL
from tests.include.scrapers.conftest import Replica, run_all

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 20)


def staged(lake: Lake, entity: str, day: date = DAY) -> list[dict]:
    """All rows that the day's manifest names, without what names the run."""
    rows = []
    for entry in lake.get_json(manifest_key(entity, day))["entries"]:
        rows += lake.get_table(entry["url"].removeprefix(lake.uri(""))).to_pylist()
    return sorted(rows, key=lambda row: (row.get("review_id") or "", row["product_id"], str(row.get("rank"))))


def test_every_product_and_review_served_is_staged_once_and_a_replay_gives_the_same_rows(
    lake: Lake, connection: psycopg.Connection, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = replica.counts()

    totals = run_all(lake, connection, DAY)

    assert totals["product_rank"]["staged"] == served["listed"]
    assert totals["product"]["staged"] == served["products"]
    assert totals["review"]["staged"] + totals["review"]["quarantined"] == served["reviews"]
    for entity in ENTITIES:
        count = totals[entity]
        assert count["captured"] == count["staged"] + count["quarantined"] + count["duplicates"]
    reviews = staged(lake, "review")
    truth = catalogue.generate(12, 12 * 30, seed=7, day=datetime.now(SEOUL).date())
    for row in reviews:
        expected = truth.expected_review(row["review_id"])
        assert {name: row[name] for name in expected} == expected
    for row in staged(lake, "product"):
        expected = truth.expected_product(row["product_id"])
        found = {name: row[name] for name in expected}
        if row["listed"]:
            lists = ("size_options", "size_run", "sold_out")
            assert found | {name: json.loads(found[name]) for name in lists} == expected
    assert len({row["review_id"] for row in reviews}) == len(reviews) == totals["review"]["staged"]
    kept = connection.execute("SELECT kind, captured, parsed, refused FROM ops.scrape_run ORDER BY kind").fetchall()
    assert kept == [
        (kind, totals[entity]["captured"], totals[entity]["staged"], totals[entity]["quarantined"])
        for kind, entity in (("product", "product"), ("ranking", "product_rank"), ("reviews", "review"))
    ]

    before = {entity: staged(lake, entity) for entity in ENTITIES}
    monkeypatch.setattr(scrape, "open_tab", lambda *_: pytest.fail("a replay opened a browser"))
    run_all(lake, connection, DAY, dag_run="replay", today=date(2026, 11, 25))
    assert {entity: staged(lake, entity) for entity in ENTITIES} == before


def test_a_past_day_without_raw_pages_fails_and_says_so(lake: Lake, connection: psycopg.Connection, replica) -> None:
    with pytest.raises(RawMissing, match="no raw pages of musinsa tops.* for 2026-11-20"):
        run_all(lake, connection, DAY, today=date(2026, 11, 22))
    assert list(lake.list(staged_folder("review", "musinsa", DAY))) == []


def test_the_canary_finds_the_shape_it_knows_and_names_a_field_that_was_renamed(
    connection: psycopg.Connection, replica: Replica
) -> None:
    def open_one(mall: Any) -> Any:
        return scrape.open_tab(mall, connection)

    truth = catalogue.generate(12, 12 * 30, seed=7, day=datetime.now(SEOUL).date())
    product_id = truth.stock.rankings["000000"][0]
    assert canary.check(open_one, "musinsa", product_id) >= 30
    replica.fault(kind="renamed_field", times=1, field="goodsOption", to="goodsOptionName", path="/api2/review/v1")
    try:
        with pytest.raises(canary.ShapeChanged, match=r"lacks list data.list\[\].goodsOption. Mend the reader"):
            canary.check(open_one, "musinsa", product_id)
    finally:
        replica.mend()
