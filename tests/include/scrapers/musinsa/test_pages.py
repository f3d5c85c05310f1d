"""Musinsa's readers beyond its saved pages: nothing personal leaves them, and a changed page is no empty one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from include import settings
from include.scrapers.captures import Capture
from include.scrapers.errors import PageChanged
from include.scrapers.musinsa import pages, reviews
from include.settings import Mall
from tests.include.scrapers.saved_pages import DAY, MOMENT, PAGES, plain, read, saved_page, stored

CASES = PAGES / "musinsa"


@pytest.fixture
def mall(malls_file: Path) -> Mall:
    """The replica's settings."""
    return settings.mall("musinsa")


def test_nothing_personal_leaves_a_review_page(mall: Mall) -> None:
    meta, captures = saved_page(CASES / "reviews_with_fields_that_cannot_be_read")
    for record in read(meta, captures, mall):
        text = json.dumps(plain(record), ensure_ascii=False)
        assert "가상의별명" not in text
        assert "후기" not in text
        assert "abc" not in text


@pytest.mark.parametrize(
    "body",
    ["<html>점검 중</html>", "[]", '{"data": null}', '{"data": {"items": []}}'],
)
def test_an_answer_without_its_envelope_is_a_changed_page_and_no_empty_one(body: str, mall: Mall) -> None:
    ranking = stored(Capture("ranking", "http://client.x/api/home/web/v5/pans/ranking/sections/199", 200, MOMENT, body))
    lists = stored(Capture("reviews", "http://goods.x/api2/review/v1/view/list?goodsNo=1&page=0", 200, MOMENT, body))
    with pytest.raises(PageChanged):
        pages.read_ranking([ranking], mall, "tops", DAY)
    with pytest.raises(PageChanged):
        reviews.read_reviews([lists], mall, "1", DAY)


def test_a_product_page_without_its_data_is_a_changed_page(mall: Mall) -> None:
    document = stored(Capture("product", "http://www.x/products/1", 200, MOMENT, "<html></html>"))
    with pytest.raises(PageChanged, match="__NEXT_DATA__"):
        pages.read_product([document], mall, "1", DAY)
