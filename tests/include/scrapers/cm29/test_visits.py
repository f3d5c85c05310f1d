"""How 29CM is visited: what is opened and asked for, and when a list is at its end. A tab that answers from a table."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from include import settings
from include.scrapers.captures import Capture
from include.scrapers.cm29 import urls, visits
from include.scrapers.errors import EmptyRanking, PageBroken, PageChanged
from include.scrapers.tab import Reads
from include.scrapers.until import Until
from include.settings import Mall
from tests.include.scrapers.saved_pages import MOMENT

CODE = "268103100"


class FakeTab:
    """Gives canned captures to whoever wants their address, in any order; notes what it was asked."""

    def __init__(self, *captures: Capture) -> None:
        self.waiting = deque(captures)
        self.done: list[str] = []
        self.address: str | None = None

    def open(self, url: str, reads: Reads) -> None:
        self.done.append("open")
        self.address = url

    def ask(self, url: str) -> None:
        self.done.append(f"ask {parse_qs(urlsplit(url).query)['page'][0]}")

    def more(self, role: str) -> None:
        self.done.append(f"more {role}")

    def receive(self, kind: str, wanted: Callable[[str], bool], nudge: bool = False) -> Capture:
        for capture in list(self.waiting):
            if wanted(capture.url):
                self.waiting.remove(capture)
                return capture
        raise PageBroken("nothing more")


@pytest.fixture
def mall(malls_file: Path) -> Mall:
    """The replica's settings."""
    return settings.mall("29cm")


def ranking(mall: Mall, *ids: int, has_next: bool = False, code: str = CODE) -> Capture:
    """One list of a ranking."""
    data = {"list": [{"itemId": one} for one in ids], "pagination": {"hasNext": has_next}}
    asked = {"facets": {"categoryFacetInputs": [{"largeId": 268100100, "middleId": int(code)}]}}
    url = f"{mall.origins['display_bff_api']}/api/v1/plp/best/items"
    return Capture("ranking", url, 200, MOMENT, json.dumps({"data": data}), json.dumps(asked))


def reviews(mall: Mall, page: int, numbers: range, total: int) -> Capture:
    """One list of reviews."""
    data = {"count": total, "results": [{"itemReviewNo": number} for number in numbers]}
    return Capture("reviews", urls.review_list(mall.origins, "7", page), 200, MOMENT, json.dumps({"data": data}))


def document(mall: Mall, status: int = 200, **item: Any) -> Capture:
    """A product's page."""
    row = json.dumps(f"7:{json.dumps([{'itemNo': 7, **item}])}\n")
    body = f"<script>self.__next_f.push([1,{row}])</script>"
    return Capture("product", urls.product_page(mall.origins, "7"), status, MOMENT, body)


def detail(mall: Mall) -> Capture:
    """The answer that a product's page loads."""
    return Capture("product", f"{mall.origins['bff_api']}/api/v5/product-detail/7", 200, MOMENT, "{}")


def test_a_ranking_is_scrolled_until_the_wanted_places_are_there(mall: Mall) -> None:
    lists = [ranking(mall, *range(start, start + 3), has_next=True) for start in (1, 3, 5, 7)]
    tab = FakeTab(*lists)
    assert visits.visit_ranking(tab, mall, CODE, 5) == lists[:2]  # 1 2 3 and 3 4 5: five products
    assert tab.done == ["open", "more display_bff_api"]


def test_a_ranking_ends_where_the_mall_says_so(mall: Mall) -> None:
    lists = [ranking(mall, 1, 2, has_next=True), ranking(mall, 3)]
    assert visits.visit_ranking(FakeTab(*lists), mall, CODE, 100) == lists


def test_an_empty_ranking_and_one_of_another_category_are_errors(mall: Mall) -> None:
    with pytest.raises(EmptyRanking, match=f"the ranking {CODE} of 29cm is empty"):
        visits.visit_ranking(FakeTab(ranking(mall)), mall, CODE, 10)
    with pytest.raises(PageChanged, match=f"asked for the ranking {CODE}, and the page asked for 268104100"):
        visits.visit_ranking(FakeTab(ranking(mall, 1, code="268104100")), mall, CODE, 10)


def test_a_product_is_its_document_and_its_answer_in_whatever_order_they_come(mall: Mall) -> None:
    for order in ([document(mall), detail(mall)], [detail(mall), document(mall)]):
        assert visits.visit_product(FakeTab(*order), mall, "7") == [document(mall), detail(mall)]


def test_a_document_that_states_the_options_itself_is_enough_and_so_is_one_that_is_gone(mall: Mall) -> None:
    whole, gone = document(mall, optionItems={}), document(mall, status=404)
    assert visits.visit_product(FakeTab(whole), mall, "7") == [whole]
    assert visits.visit_product(FakeTab(gone), mall, "7") == [gone]


def test_reviews_are_asked_for_until_a_list_is_not_full_and_all_that_are_counted_were_seen(mall: Mall) -> None:
    lists = [reviews(mall, 0, range(100), 130), reviews(mall, 1, range(100, 130), 130)]
    tab = FakeTab(*lists)
    assert visits.visit_reviews(tab, mall, "7", Until()) == lists
    assert tab.done == ["open", "ask 0", "ask 1"]


def test_a_short_list_is_not_the_end_while_more_are_counted(mall: Mall) -> None:
    lists = [reviews(mall, 0, range(90), 130), reviews(mall, 1, range(90, 130), 131), reviews(mall, 2, range(0), 131)]
    assert visits.visit_reviews(FakeTab(*lists), mall, "7", Until()) == lists


def test_reviews_are_read_down_to_the_last_one_that_is_known(mall: Mall) -> None:
    lists = [reviews(mall, page, range(900 - 100 * page, 800 - 100 * page, -1), 900) for page in range(3)]
    known = frozenset({"701", "650"})  # the last of the second list, and one below it
    assert visits.visit_reviews(FakeTab(*lists), mall, "7", Until(known=known)) == lists[:2]
    assert visits.visit_reviews(FakeTab(*lists), mall, "7", Until(max_reviews=150)) == lists[:2]


def test_the_page_that_is_open_already_is_not_opened_again(mall: Mall) -> None:
    tab = FakeTab(reviews(mall, 0, range(0), 0))
    tab.address = urls.product_page(mall.origins, "7")
    visits.visit_reviews(tab, mall, "7", Until())
    assert tab.done == ["ask 0"]
