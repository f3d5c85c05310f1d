"""How a visit goes through a list: pages are chained by the mall's own marks, errors are worth another try."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from include import settings
from include.scrapers.captures import Capture
from include.scrapers.errors import EmptyRanking, PageBroken, PageChanged
from include.scrapers.tab import Reads, Tab
from include.scrapers.until import Until
from include.scrapers.zigzag import visits
from include.settings import Mall
from tests.include.scrapers.saved_pages import MOMENT

API = "http://api.zigzag.localhost:8095/api/2/graphql/"
WWW = "http://zigzag.localhost:8095/catalog/products/"


class FakeTab:
    """Gives canned captures of the kinds that are asked for; notes how often more was asked."""

    def __init__(self, *captures: Capture) -> None:
        self.captures = deque(captures)
        self.opened: list[str] = []
        self.scrolled = 0

    def open(self, url: str, reads: Reads) -> None:
        self.opened.append(url)

    def more(self, role: str) -> None:
        assert role == "api"
        self.scrolled += 1

    def receive(self, kind: str, wanted: Callable[[str], bool], nudge: bool = False) -> Capture:
        while self.captures:
            capture = self.captures.popleft()
            if wanted(capture.url):
                return capture
        raise PageBroken("nothing more comes")


@pytest.fixture
def mall(malls_file: Path) -> Mall:
    """The replica's settings."""
    return settings.mall("zigzag")


def post(operation: str, data: Any, variables: Any, batch: bool = True) -> Capture:
    """An answer and what it was asked for. `data` may be a whole answer with errors."""
    answer = data if isinstance(data, dict) and "errors" in data else {"data": data}
    asked = {"operationName": operation, "variables": variables}
    url = f"{API}{'batch/' if batch else ''}{operation}"
    body, question = ([answer], [asked]) if batch else (answer, asked)
    return Capture("", url, 200, MOMENT, json.dumps(body), json.dumps(question))


def modules(products: range, goes_on: Any = None, kind: str = "PAGINATION") -> list[dict[str, Any]]:
    """Cards, and how the list goes on."""
    cards = [{"body": {"product_card": {"product_card": {"product_id": str(number)}}}} for number in products]
    if goes_on is None:
        return cards
    return [*cards, {"meta": {"action_list": [{"type": kind, "option": {"server_option": goes_on}}]}, "body": {}}]


def first_page(code: str, *found: Any, **options: Any) -> Capture:
    """The first page of a category's list."""
    asked = {"input": {"render_param_list": [{"option": {"category_id": code}}]}}
    return post("GetCnvPage", {"result": {"module_spec_list": modules(*found, **options)}}, asked)


def further_page(mark: Any, *found: Any, **options: Any) -> Capture:
    """A page that was asked for with a mark."""
    asked = {"input_list": [{"type": "PAGINATION", "option": {"server_option": mark}}]}
    update = {"module_spec_list": modules(*found, **options)}
    return post("GetCnvPageAction", {"result": {"module_spec_update_list": [update]}}, asked)


def review_page(product: str, cursor: str | None, ids: range, goes_on: str | None) -> Capture:
    """A page of the search list."""
    entries = [{"type": "REVIEW_SEARCH_ITEM", "review": {"id": str(number)}} for number in ids]
    answer = {"total_count": 5, "has_next": goes_on is not None, "end_cursor": goes_on, "component_list": entries}
    asked = {"input": {"product_id": product, "cursor": {"end_cursor": cursor, "limit_count": 20}}}
    return post("GetReviewSearchList", {"ux_review_search_list": answer}, asked)


FAILED = {"errors": [{"message": "잠시 후 다시"}], "data": None}


def tab_of(*captures: Capture) -> tuple[Tab, FakeTab]:
    """A tab that gives these captures."""
    fake = FakeTab(*captures)
    return cast(Tab, fake), fake


def test_a_ranking_is_followed_by_its_marks_and_answers_that_belong_elsewhere_are_passed_over(mall: Mall) -> None:
    pages = [first_page("474", range(3), {"at": 3}), further_page({"at": 3}, range(3, 6), {"at": 6})]
    pages += [further_page({"at": 6}, range(6, 8))]
    tab, fake = tab_of(pages[0], pages[0], further_page({"at": 99}, range(50, 60)), pages[1], pages[1], pages[2])
    assert visits.visit_ranking(tab, mall, "474", 100) == pages
    assert fake.scrolled == 2
    assert "middle_category_id=474" in fake.opened[0]


def test_a_ranking_ends_at_the_place_that_was_asked_for(mall: Mall) -> None:
    tab, fake = tab_of(first_page("474", range(3), {"at": 3}), further_page({"at": 3}, range(3, 6), {"at": 6}))
    assert len(visits.visit_ranking(tab, mall, "474", 5)) == 2
    assert fake.scrolled == 1


def test_a_frame_without_cards_is_waited_beyond(mall: Mall) -> None:
    frame = first_page("474", range(0), {"delay": 0}, kind="MODULE_REFETCH")
    chosen = {"filter_list": [{"filter_type": "CATEGORY", "value_list": [{"value": "474"}]}]}
    action = {"type": "MODULE_REFETCH", "option": {"server_option": {"renderParams": [{"search_query_state": chosen}]}}}
    update = {"module_spec_list": modules(range(4))}
    list_page = post("GetCnvPageAction", {"result": {"module_spec_update_list": [update]}}, {"input_list": [action]})
    tab, _ = tab_of(frame, list_page)
    assert visits.visit_ranking(tab, mall, "474", 100) == [frame, list_page]


def test_an_empty_ranking_and_one_of_another_category_are_errors(mall: Mall) -> None:
    with pytest.raises(EmptyRanking, match="the ranking 474 of zigzag is empty"):
        visits.visit_ranking(tab_of(first_page("474", range(0)))[0], mall, "474", 100)
    with pytest.raises(PageChanged, match="asked for the ranking 474 and was given 547"):
        visits.visit_ranking(tab_of(first_page("547", range(3)))[0], mall, "474", 100)


def test_an_error_in_an_answer_of_status_200_is_a_broken_page_that_is_tried_again(mall: Mall) -> None:
    broken = post("GetCnvPageAction", FAILED, {"input_list": []})
    with pytest.raises(PageBroken, match="GraphQL error: 잠시 후 다시"):
        visits.visit_ranking(tab_of(first_page("474", range(3), {"at": 3}), broken)[0], mall, "474", 100)
    for operation in ("GetCatalogProductDetailPageOption", "GetPdpIntegratedData"):
        failed = post(operation, FAILED, {"catalog_product_id": "7"}, batch=False)
        with pytest.raises(PageBroken, match="GraphQL error"):
            visits.visit_product(tab_of(failed)[0], mall, "7")
    asked = {"input": {"product_id": "7", "cursor": {"end_cursor": None}}}
    with pytest.raises(PageBroken, match="GraphQL error"):
        visits.visit_reviews(tab_of(post("GetReviewSearchList", FAILED, asked))[0], mall, "7", Until())


def test_an_answer_that_was_cut_off_is_a_broken_page(mall: Mall) -> None:
    whole = review_page("7", None, range(3), None)
    cut = Capture("", whole.url, 200, MOMENT, whole.body[:-20], whole.request_body)
    with pytest.raises(PageBroken, match="no JSON"):
        visits.visit_reviews(tab_of(cut)[0], mall, "7", Until())


def test_reviews_are_followed_by_their_cursors_in_order_and_once(mall: Mall) -> None:
    pages = [review_page("7", None, range(2), "a"), review_page("7", "a", range(2, 4), "b")]
    pages += [review_page("7", "b", range(4, 5), None)]
    late = review_page("7", "b", range(4, 5), None)
    tab, fake = tab_of(late, review_page("8", None, range(2), "a"), pages[0], pages[0], pages[1], pages[2])
    assert visits.visit_reviews(tab, mall, "7", Until()) == pages
    assert fake.scrolled == 2


def test_reviews_are_read_in_whole_lists_up_to_what_was_asked_for(mall: Mall) -> None:
    pages = [review_page("7", None, range(2), "a"), review_page("7", "a", range(2, 4), "b")]
    assert visits.visit_reviews(tab_of(*pages)[0], mall, "7", Until(max_reviews=3)) == pages


def test_the_older_feed_is_followed_by_its_offset_until_a_list_is_short(mall: Mall) -> None:
    def feed(skip: int, count: int) -> Capture:
        answer = {"feed_list": {"total_count": 5, "item_list": [{"id": str(skip + place)} for place in range(count)]}}
        asked = {"product_id": "7", "limit_count": 3, "skip_count": skip}
        return post("GetNormalReviewFeedList", answer, asked, batch=False)

    pages = [feed(0, 3), feed(3, 2)]
    assert visits.visit_reviews(tab_of(*pages)[0], mall, "7", Until()) == pages


def test_a_product_is_its_document_and_two_answers_in_whatever_order_they_come(mall: Mall) -> None:
    text = json.dumps({"props": {"pageProps": {"product": {"id": "7"}}}})
    document = Capture("", f"{WWW}7", 200, MOMENT, f'<script id="__NEXT_DATA__" type="x">{text}</script>')
    asked = {"catalog_product_id": "7"}
    details = post("GetPdpIntegratedData", {"pdp_size_info": None}, asked, batch=False)
    chosen = post("GetCatalogProductDetailPageOption", {"pdp_option_info": {}}, asked, batch=False)
    foreign = post("GetPdpIntegratedData", FAILED, {"catalog_product_id": "8"}, batch=False)
    tab, _ = tab_of(details, foreign, document, chosen)
    assert visits.visit_product(tab, mall, "7") == [document, chosen, details]
    empty = Capture("", f"{WWW}7", 200, MOMENT, "<html></html>")
    with pytest.raises(PageBroken, match="__NEXT_DATA__"):
        visits.visit_product(tab_of(empty)[0], mall, "7")


def test_a_product_that_is_gone_is_its_document_alone(mall: Mall) -> None:
    gone = Capture("", f"{WWW}7", 404, MOMENT, "없는 상품")
    assert visits.visit_product(tab_of(gone)[0], mall, "7") == [gone]
