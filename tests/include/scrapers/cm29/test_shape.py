"""The shape that the canary looks for is the one that the readers rely on, as the saved pages have it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from include.scrapers import canary
from include.scrapers.captures import Capture
from include.scrapers.cm29.shape import SHAPE, read_json
from tests.include.scrapers.saved_pages import PAGES, saved_page

CASES = (
    "ranking_with_an_advertisement_and_a_product_that_a_later_list_repeats",
    "product_with_two_levels_of_options",
    "reviews_as_buyers_write_them",
)


@pytest.fixture
def pages() -> list[Capture]:
    """Saved pages that have every part and state every field."""
    return [page.capture for case in CASES for page in saved_page(PAGES / "29cm" / case)[1]]


def test_saved_pages_have_every_part_and_every_path(pages: list[Capture]) -> None:
    assert {found[0] for page in pages if (found := read_json(page))} == set(SHAPE)
    assert list(canary.missing_of(pages, SHAPE, read_json)) == []


@pytest.mark.parametrize("field", ["isAd", "hasNext", "useOption", "optionItems", "userSize", "surveyList", "isBlind"])
def test_a_field_that_is_renamed_is_named(pages: list[Capture], field: str) -> None:
    def without(body: str) -> str:
        return body.replace(f'"{field}"', f'"{field}_v2"').replace(f'\\"{field}\\"', f'\\"{field}_v2\\"')

    renamed = [replace(page, body=without(page.body)) for page in pages]
    missing = list(canary.missing_of(renamed, SHAPE, read_json))
    assert missing
    assert all(field in path for path in missing)
