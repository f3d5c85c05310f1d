"""Malls and categories to choose from: pure."""

from __future__ import annotations

from datetime import UTC, date, datetime

from web import tabs
from web.queries import Ranking, Release, Shelf, Wanted
from web.tabs import Tab

RELEASE = Release(1, date(2026, 11, 22), "v", 3, 9, datetime(2026, 11, 22, tzinfo=UTC))
SHELVES = [Shelf("musinsa", "tops"), Shelf("musinsa", "dress"), Shelf("zigzag", "dress"), Shelf("29cm", "shoes")]
ORDER = ("tops", "dress", "shoes")


def _found(shelf: Shelf | None) -> Ranking:
    return Ranking(RELEASE, SHELVES, shelf, [])


def test_another_mall_keeps_the_category_where_it_has_it() -> None:
    asked = {"mall": "musinsa", "category": "dress", "page": "3", "sort": "cheap", "height": "172"}
    assert tabs.malls(_found(SHELVES[1]), Wanted(), asked) == [
        Tab("musinsa", "?mall=musinsa&category=dress&sort=cheap", True),
        Tab("zigzag", "?mall=zigzag&category=dress&sort=cheap", False),
        Tab("29cm", "?mall=29cm&sort=cheap", False),
    ]


def test_categories_are_those_of_the_chosen_mall_in_order() -> None:
    assert tabs.categories(_found(SHELVES[1]), Wanted(), {}, ORDER) == [
        Tab("tops", "?mall=musinsa&category=tops", False),
        Tab("dress", "?mall=musinsa&category=dress", True),
    ]


def test_a_search_begins_with_everything_and_can_be_narrowed() -> None:
    asked = {"q": "linen", "mall": "zigzag"}
    wanted = Wanted(search="linen", mall="zigzag")
    assert tabs.malls(_found(SHELVES[0]), wanted, asked)[0] == Tab("", "?q=linen", False)
    assert tabs.malls(_found(SHELVES[0]), wanted, asked)[2] == Tab("zigzag", "?mall=zigzag&q=linen", True)
    assert [tab.word for tab in tabs.categories(_found(SHELVES[0]), wanted, asked, ORDER)] == ["", "dress"]
    everywhere = tabs.categories(_found(SHELVES[0]), Wanted(search="linen"), {"q": "linen"}, ORDER)
    assert [tab.word for tab in everywhere] == ["", "tops", "dress", "shoes"]


def test_one_mall_is_no_choice_and_no_ranking_no_tab() -> None:
    assert tabs.malls(Ranking(RELEASE, SHELVES[:2], SHELVES[0], []), Wanted(), {}) == []
    assert tabs.categories(Ranking(RELEASE, [], None, []), Wanted(), {}, ORDER) == []


def test_the_first_page_needs_no_number() -> None:
    assert tabs.address({"page": "2"}, page=1) == "/"
    assert tabs.address({}, page=2) == "?page=2"
