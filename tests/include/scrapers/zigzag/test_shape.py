"""The shape that the canary looks for is the one that the readers rely on, as the saved pages have it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from include.scrapers import canary
from include.scrapers.captures import Capture
from include.scrapers.zigzag.shape import SHAPE, read_json
from tests.include.scrapers.saved_pages import MOMENT, PAGES, saved_page

CASES = (
    "ranking_with_advertisements_and_a_carousel",
    "product_with_colours_sizes_stock_and_chart",
    "reviews_with_bodies_options_and_fits_of_all_forms",
    "reviews_of_the_older_feed",
)


@pytest.fixture
def pages() -> list[Capture]:
    """Saved pages that have every part and state every field."""
    return [page.capture for case in CASES for page in saved_page(PAGES / "zigzag" / case)[1]]


def test_saved_pages_have_every_part_and_every_path(pages: list[Capture]) -> None:
    assert {found[0] for page in pages if (found := read_json(page))} == set(SHAPE)
    assert list(canary.missing_of(pages, SHAPE, read_json)) == []


@pytest.mark.parametrize("field", ["body_text", "sales_status", "discount_price", "item_attribute_list", "end_cursor"])
def test_a_field_that_is_renamed_or_changes_its_type_is_named(pages: list[Capture], field: str) -> None:
    def without(capture: Capture) -> Capture:
        body = capture.body.replace(f'"{field}"', f'"{field}_v2"')
        return Capture(capture.kind, capture.url, capture.status, MOMENT, body, capture.request_body)

    missing = list(canary.missing_of([without(page) for page in pages], SHAPE, read_json))
    assert missing
    assert all(field in path for path in missing)


def test_another_type_is_named() -> None:
    answer: dict[str, Any] = {"total_count": "2", "has_next": False, "end_cursor": None, "component_list": []}
    body = json.dumps([{"data": {"ux_review_search_list": answer}}])
    page = Capture("reviews", "http://api.x/api/2/graphql/batch/GetReviewSearchList", 200, MOMENT, body, "[{}]")
    missing = list(canary.missing_of([page], SHAPE, read_json))
    assert missing == ["GetReviewSearchList ux_review_search_list.total_count (now str)"]
