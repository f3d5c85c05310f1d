"""Raw parts of a unit -> staged rows, quarantine and counts that add up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from include.lake import ENTITIES, quarantine_folder, staged_folder
from include.scrapers.parse import parse_unit, totals
from include.scrapers.plan import Unit
from tests.include.scrapers.fakes import (
    DAY,
    FakeLake,
    card,
    document,
    put_raw,
    ranking,
    review,
    review_list,
    similar,
)

pytestmark = pytest.mark.usefixtures("malls_file")

TOPS = Unit("musinsa", "tops", "2026-11-20", "run 2")


def rows(lake: FakeLake, entity: str) -> list[dict[str, Any]]:
    """The staged rows of the unit."""
    key = f"{staged_folder(entity, 'musinsa', DAY)}{TOPS.part}.parquet"
    return lake.get_table(key).to_pylist() if lake.exists(key) else []


def refused(lake: FakeLake, entity: str) -> list[dict[str, Any]]:
    """The quarantined rows of the unit."""
    key = f"{quarantine_folder(entity, 'musinsa', DAY)}{TOPS.part}.jsonl.gz"
    return lake.get_lines(key) if lake.exists(key) else []


def became(count: dict[str, Any]) -> dict[str, Any]:
    """What became of the items, without what the bands judge."""
    return {name: count[name] for name in ("captured", "staged", "quarantined", "duplicates", "reasons")}


def test_a_review_that_two_siblings_show_is_staged_once_and_counted_as_a_duplicate() -> None:
    lake = FakeLake()
    shared = [review(1, "10"), review(2, "20", option="L")]
    put_raw(
        lake,
        "raw",
        "tops",
        [ranking("001", card("10", 1), card("20", 2))],
        {
            "10": ([document("10")], [similar("10", "10", "20"), review_list("10", *shared)]),
            "20": ([document("20")], [similar("20", "10", "20"), review_list("20", *shared)]),
        },
    )

    counts = parse_unit(lake, TOPS)

    assert became(counts["review"]) == {"captured": 4, "staged": 2, "quarantined": 0, "duplicates": 2, "reasons": {}}
    assert [(row["review_id"], row["product_id"], row["size_label"]) for row in rows(lake, "review")] == [
        ("1", "10", "M"),
        ("2", "20", "L"),
    ]
    # each product has its own page; the lines in which they name each other are duplicates of it
    assert [(row["product_id"], row["listed"]) for row in rows(lake, "product")] == [("10", True), ("20", True)]
    assert counts["product"]["duplicates"] == 2


def test_a_sibling_that_no_ranking_lists_gets_a_row_of_its_own() -> None:
    lake = FakeLake()
    lists = [similar("10", "10", "20"), review_list("10", review(1, "20"))]
    put_raw(lake, "raw", "tops", [ranking("001", card("10", 1))], {"10": ([document("10")], lists)})
    parse_unit(lake, TOPS)
    assert [(row["product_id"], row["listed"]) for row in rows(lake, "product")] == [("10", True), ("20", False)]


def test_a_row_that_cannot_be_read_lies_in_quarantine_with_its_reason_and_place() -> None:
    lake = FakeLake()
    lists = [similar("10"), review_list("10", review(1, "10"), review(2, "10", height="복합성"), review(3, "99"))]
    put_raw(lake, "raw", "tops", [ranking("001", card("10", 1))], {"10": ([document("10")], lists)})

    counts = parse_unit(lake, TOPS)

    assert counts["review"]["reasons"] == {"foreign_product": 1, "unreadable_height_cm": 1}
    assert refused(lake, "review")[0] == {
        "entity": "review",
        "mall": "musinsa",
        "run_date": "2026-11-20",
        "reason_code": "unreadable_height_cm",
        "reason": "height_cm '복합성' is no measure",
        "product_id": "10",
        "review_id": "2",
        "field": "userHeight",
        "value": "복합성",
        "capture_key": "raw/mall=musinsa/kind=reviews/run_date=2026-11-20/raw-10.jsonl.gz",
        "capture_line": 2,
    }


def test_a_review_that_one_page_refuses_and_another_can_place_is_staged() -> None:
    lake = FakeLake()
    put_raw(
        lake,
        "raw",
        "tops",
        [ranking("001", card("10", 1), card("20", 2))],
        {
            "10": ([document("10")], [similar("10"), review_list("10", review(1, "20"))]),  # names no sibling
            "20": ([document("20")], [similar("20"), review_list("20", review(1, "20"))]),
        },
    )
    counts = parse_unit(lake, TOPS)
    assert became(counts["review"]) == {"captured": 2, "staged": 1, "quarantined": 0, "duplicates": 1, "reasons": {}}


def test_places_below_the_limit_and_places_of_refused_products_are_not_staged() -> None:
    lake = FakeLake()
    cards = [card("10", 1), card("20", 2), card("30", 3)]
    products = {
        "10": ([document("10")], [review_list("10")]),
        "20": ([document("20", status=404)], []),
    }
    put_raw(lake, "raw", "tops", [ranking("001", *cards)], products)

    counts = parse_unit(lake, TOPS)

    assert [(row["rank"], row["product_id"]) for row in rows(lake, "product_rank")] == [(1, "10")]
    assert counts["product_rank"]["reasons"] == {"product_refused": 1}
    assert counts["product"]["reasons"] == {"product_gone": 1}
    assert counts["product_rank"]["captured"] == 2


def test_several_rankings_of_one_category_become_one_order() -> None:
    lake = FakeLake()
    rankings = [ranking("001", card("10", 1), card("20", 2)), ranking("002", card("30", 1), card("20", 2))]
    products = {product: ([document(product)], [review_list(product)]) for product in ("10", "20", "30")}
    put_raw(lake, "raw", "tops", rankings, products)

    counts = parse_unit(lake, TOPS)

    assert [(row["rank"], row["product_id"], row["mall_category"]) for row in rows(lake, "product_rank")] == [
        (1, "10", "001000"),
        (2, "30", "002000"),
        (3, "20", "001000"),
    ]
    assert counts["product_rank"]["duplicates"] == 1


def test_a_place_that_is_given_twice_is_refused_the_second_time() -> None:
    lake = FakeLake()
    products = {product: ([document(product)], [review_list(product)]) for product in ("10", "20")}
    put_raw(lake, "raw", "tops", [ranking("001", card("10", 1), card("20", 1))], products)
    assert parse_unit(lake, TOPS)["product_rank"]["reasons"] == {"rank_taken": 1}


def test_a_product_without_reviews_is_staged_and_nothing_is_missing() -> None:
    lake = FakeLake()
    put_raw(lake, "raw", "tops", [ranking("001", card("10", 1))], {"10": ([document("10")], [review_list("10")])})
    counts = parse_unit(lake, TOPS)
    assert counts["product"]["staged"] == 1
    assert became(counts["review"]) == {"captured": 0, "staged": 0, "quarantined": 0, "duplicates": 0, "reasons": {}}
    assert rows(lake, "review") == []


def test_parsing_twice_writes_the_same_bytes() -> None:
    lake = FakeLake()
    lists = [similar("10"), review_list("10", review(1, "10"), review(2, "10", height="복합성"))]
    put_raw(lake, "raw", "tops", [ranking("001", card("10", 1))], {"10": ([document("10")], lists)})
    parse_unit(lake, TOPS)
    before = dict(lake.objects)
    parse_unit(lake, TOPS)
    assert lake.objects == before


def test_totals_add_units_and_reasons() -> None:
    lake = FakeLake()
    lists = [similar("10"), review_list("10", review(1, "10"), review(2, "10", option="24.10.24"))]
    put_raw(lake, "raw", "tops", [ranking("001", card("10", 1))], {"10": ([document("10")], lists)})
    counts = parse_unit(lake, TOPS)
    total = totals([counts, counts])
    assert became(total["review"]) == {
        "captured": 4,
        "staged": 2,
        "quarantined": 2,
        "duplicates": 0,
        "reasons": {"size_date": 2},
    }


def test_the_counts_tell_the_bands_of_pages_of_what_was_wanted_and_of_fields_that_are_not_stated() -> None:
    lake = FakeLake()
    silent = review(2, "10") | {"goodsOption": None}
    lists = [similar("10"), review_list("10", review(1, "10"), silent, total=9), review_list("10", page=1, total=9)]
    places = ranking("001", card("10", 1), card("20", 2))
    put_raw(lake, "raw", "tops", [places], {"10": ([document("10")], lists)}, whole=["10"])

    counts = parse_unit(lake, replace(TOPS, max_ranks=5))

    judged = {entity: tuple(counts[entity][name] for name in ("pages", "records", "wanted")) for entity in ENTITIES}
    # the second place was seen and not asked for
    assert judged == {"product_rank": (1, 2, 5), "product": (1, 1, 1), "review": (3, 2, 9)}
    assert {name: n for name, n in counts["review"]["absent"].items() if n} == {
        "size_option": 1,
        "size_label": 1,
        "size_alias": 2,
        "size_ruler": 1,
        "size_order": 1,
        "fit": 2,
        "rating": 2,
        "reviewed_on": 2,
    }
    assert counts["product"]["absent"]["brand"] == 1


def test_a_list_that_was_read_in_part_is_not_held_against_the_mall_s_own_number() -> None:
    lake = FakeLake()
    lists = [similar("10"), review_list("10", review(1, "10"), total=900)]
    put_raw(lake, "raw", "tops", [ranking("001", card("10", 1))], {"10": ([document("10")], lists)})
    assert parse_unit(lake, TOPS)["review"]["wanted"] == 1


def test_products_whose_reviews_were_not_read_are_read_without_them() -> None:
    lake = FakeLake()
    pages = {"10": ([document("10")], [review_list("10", review(1, "10"))]), "20": ([document("20")], None)}
    put_raw(lake, "raw", "tops", [ranking("001", card("10", 1), card("20", 2))], pages, whole=["10"])
    counts = parse_unit(lake, TOPS)
    assert (counts["product"]["staged"], counts["review"]["staged"], counts["review"]["unread"]) == (2, 1, 1)
    assert lake.get_json(TOPS.state_key(TOPS.part))["whole"] == {"10": []}  # no order by day: nothing is known by it
