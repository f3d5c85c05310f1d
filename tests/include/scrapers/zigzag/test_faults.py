"""Answers that the replica has spoiled, as Zigzag's readers see them: refused with a reason or changed, never lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from include import settings
from include.scrapers.captures import Capture
from include.scrapers.errors import PageChanged
from include.scrapers.records import Refusal, Review, ReviewPages
from include.scrapers.zigzag import reviews
from local.malls import catalogue
from local.malls.catalogue import Catalogue
from local.malls.zigzag.trade import TRADE
from tests.include.scrapers.saved_pages import DAY, MOMENT, stored
from tests.local.malls.zigzag.asking import API, Visitor

type Read = Callable[..., ReviewPages]


@pytest.fixture(scope="module")
def mall() -> Catalogue:
    """What the replica serves."""
    return catalogue.generate(6, 120, seed=5, day=date(2026, 11, 22), trade=TRADE)


@pytest.fixture
def read(mall: Catalogue, malls_file: Path) -> Read:
    """Reads the first list of the most reviewed product, spoiled as wished."""
    product = max(mall.products, key=lambda number: len(mall.stock.reviews_of(number)))
    asked = {"operationName": "GetReviewSearchList", "query": "query", "variables": {"input": {"product_id": product}}}
    asked["variables"]["input"]["cursor"] = {"end_cursor": None, "limit_count": 20}

    def spoiled(**fault: Any) -> ReviewPages:
        visitor = Visitor(mall.stock)
        if fault:
            assert visitor.post("/__control/faults", fault | {"times": 1, "mall": "zigzag"}).status_code == 200
        body = visitor.post(f"{API}/batch/GetReviewSearchList", [asked]).content.decode("utf-8", errors="replace")
        url = f"http://api.zigzag.localhost:8095{API}/batch/GetReviewSearchList"
        page = stored(Capture("reviews", url, 200, MOMENT, body, json.dumps([asked])))
        return reviews.read_reviews([page], settings.mall("zigzag"), product, DAY)

    return spoiled


def refused(found: ReviewPages) -> list[str]:
    return [row.reason_code for row in found.reviews if isinstance(row, Refusal)]


def test_an_unspoiled_list_is_read_whole_and_says_how_many_reviews_there_are(read: Read, mall: Catalogue) -> None:
    found = read()
    assert refused(found) == []
    assert len(found.reviews) == 20
    assert found.stated == max(len(mall.stock.reviews_of(number)) for number in mall.products)


@pytest.mark.parametrize(
    ("kind", "reason"), [("foreign_product", "foreign_product"), ("blind_reviews", "blind_review")]
)
def test_a_review_that_may_not_count_is_refused_and_the_others_stay(read: Read, kind: str, reason: str) -> None:
    found = read(kind=kind)
    assert refused(found) == [reason]
    assert len(found.reviews) == 20


def test_a_review_that_stands_twice_is_read_twice_and_has_one_number(read: Read) -> None:
    ids = [row.review_id for row in read(kind="duplicate_reviews").reviews if isinstance(row, Review)]
    assert (len(ids), len(set(ids))) == (21, 20)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"kind": "graphql_errors"}, "GraphQL error: 일시적인 오류"),
        ({"kind": "vanished_list"}, "no field component_list"),
        ({"kind": "renamed_field", "field": "reviewer", "to": "writer"}, "no field reviewer"),
        ({"kind": "renamed_field", "field": "product_info", "to": "product"}, "no field product_info"),
        ({"kind": "captcha"}, "no JSON"),
    ],
)
def test_an_answer_of_another_shape_is_a_changed_page(read: Read, fault: dict[str, Any], message: str) -> None:
    with pytest.raises(PageChanged, match=message):
        read(**fault)


def test_of_a_text_in_another_encoding_nothing_is_taken_for_a_size_or_a_body(read: Read) -> None:
    whole = {row.review_id: row for row in read().reviews if isinstance(row, Review)}
    for row in read(kind="mojibake").reviews:
        if isinstance(row, Review):
            assert (row.size_label, row.height_cm) == (whole[row.review_id].size_label, whole[row.review_id].height_cm)
