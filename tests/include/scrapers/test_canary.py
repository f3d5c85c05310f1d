"""What a known page lacks is named; what it does not show is not held against it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from include.scrapers import canary, parts
from include.scrapers.captures import Capture
from include.scrapers.musinsa.shape import SHAPE, read_json
from include.scrapers.parse import parse_unit
from include.scrapers.plan import Unit
from tests.include.scrapers.fakes import DAY, MOMENT, FakeLake, card, document, put_raw, ranking, review, review_list

WANTED = {"list": {"data.total": (int,), "data.list[].no": (int,), "data.list[].goods.goodsNo": (int, str)}}


def lacks(body: Any) -> list[str]:
    """What a list answer with this body lacks."""
    capture = Capture("reviews", "http://goods.x/api2/review/v1/view/list?goodsNo=1", 200, MOMENT, json.dumps(body))
    return list(canary.missing_of([capture], WANTED, read_json))


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ({"data": {"total": 1, "list": [{"no": 1, "goods": {"goodsNo": "7"}}]}}, []),
        ({"data": {"total": None, "list": [{"no": 1, "goods": None}]}}, []),
        ({"data": {"total": 0, "list": []}}, []),
        ({"data": {"total": 1, "list": [{"number": 1, "goods": {"goodsNo": 7}}]}}, ["list data.list[].no"]),
        ({"data": {"total": "1", "list": []}}, ["list data.total (now str)"]),
        ({"data": {"total": 1, "reviews": []}}, ["list data.list[].no", "list data.list[].goods.goodsNo"]),
    ],
)
def test_a_path_that_is_gone_or_has_another_type_is_named(body: Any, missing: list[str]) -> None:
    assert lacks(body) == missing


def test_a_part_that_the_page_did_not_load_is_not_judged() -> None:
    assert list(canary.missing_of([], SHAPE, read_json)) == []


def test_the_known_product_is_the_first_of_the_newest_ranking_that_counts(malls_file: Any) -> None:
    lake = FakeLake()
    unit = Unit("musinsa", "tops", DAY.isoformat(), "run")
    places = ranking("001", card("20", 2), card("10", 1))
    pages = {p: ([document(p)], [review_list(p, review(int(p), p))]) for p in ("10", "20")}
    put_raw(lake, unit.run, "tops", [places], pages)
    parse_unit(lake, unit)
    assert canary.known_product(lake, "musinsa", DAY) is None
    parts.replace(lake, parts.staged("musinsa", "product_rank", DAY), {"tops": [unit.part]})
    assert canary.known_product(lake, "musinsa", DAY) == "10"
