"""Zigzag's readers beyond its saved pages: nothing personal leaves them, and no error passes as an empty list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from include import settings
from include.scrapers.captures import Capture, Stored
from include.scrapers.errors import PageChanged
from include.scrapers.zigzag import options, pages, reviews, urls
from include.settings import Mall
from tests.include.scrapers.saved_pages import DAY, MOMENT, PAGES, plain, read, saved_page, stored

CASES = PAGES / "zigzag"
API = "http://api.zigzag.localhost:8095/api/2/graphql/"
ERRORS = '[{"errors": [{"message": "일시적인 오류입니다"}], "data": null}]'


@pytest.fixture
def mall(malls_file: Path) -> Mall:
    """The replica's settings."""
    return settings.mall("zigzag")


def answer(operation: str, body: str, **variables: Any) -> Stored:
    """An answer to one operation of a batch."""
    asked = json.dumps([{"operationName": operation, "variables": variables}])
    kind = (urls.listed(API + operation) or urls.Listed("", "", "")).kind
    return stored(Capture(kind, f"{API}batch/{operation}", 200, MOMENT, body, asked))


def altered(case: str, part: str, change: Any) -> list[Stored]:
    """The captures of a case, the JSON of those whose address names `part` changed."""
    _, captures = saved_page(CASES / case)
    found = []
    for page in captures:
        body = page.capture.body
        if part in page.capture.url:
            values = json.loads(body)
            change(values)
            body = json.dumps(values)
        one = page.capture
        found.append(stored(Capture(one.kind, one.url, one.status, MOMENT, body, one.request_body)))
    return found


def test_nothing_personal_leaves_a_review_page(mall: Mall) -> None:
    for case in ("reviews_with_fields_that_cannot_be_read", "reviews_with_bodies_options_and_fits_of_all_forms"):
        meta, captures = saved_page(CASES / case)
        for record in read(meta, captures, mall):
            text = json.dumps(plain(record), ensure_ascii=False)
            for personal in ("가상의별명", "ab**", "비밀키", "후기 본문"):
                assert personal not in text


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (ERRORS, "GraphQL error: 일시적인 오류입니다"),
        (
            '[{"errors": [{"message": "partly"}], "data": {"result": {"module_spec_list": []}}}]',
            "GraphQL error: partly",
        ),
        ("<html>점검 중</html>", "no JSON"),
        ('[{"data": {"result": {"module_spec', "no JSON"),
        ("[]", "no GraphQL answer"),
        ('[{"data": null}]', "no data"),
        ('[{"data": {}}]', "no field (result|ux_review_search_list)"),
        ('[{"data": {"result": {}, "ux_review_search_list": {"total_count": 0, "has_next": false}}}]', "no field"),
        (
            '[{"data": {"result": {"module_spec_list": "x"},'
            ' "ux_review_search_list": {"total_count": 0, "has_next": false, "component_list": "x"}}}]',
            "no list of objects",
        ),
    ],
)
def test_an_error_or_an_answer_of_another_shape_is_a_changed_page_and_no_empty_one(
    body: str, message: str, mall: Mall
) -> None:
    option = {"option": {"category_id": "474"}}
    ranking = answer("GetCnvPage", body, input={"render_param_list": [option]})
    lists = answer("GetReviewSearchList", body, input={"product_id": "1"})
    with pytest.raises(PageChanged, match=message):
        pages.read_ranking([ranking], mall, "tops", DAY)
    with pytest.raises(PageChanged, match=message):
        reviews.read_reviews([lists], mall, "1", DAY)


@pytest.mark.parametrize(
    "field",
    ["id", "name", "shop_name", "managed_category_list", "product_price", "product_image_list"]
    + ["product_option_list", "matched_item_list"],
)
def test_a_field_that_the_product_no_longer_has_is_a_changed_page(field: str, mall: Mall) -> None:
    def rename(values: Any) -> None:
        product = values["data"]["pdp_option_info"]["catalog_product"]
        product[f"{field}_v2"] = product.pop(field)

    captures = altered("product_with_colours_sizes_stock_and_chart", "GetCatalogProduct", rename)
    with pytest.raises(PageChanged, match=f"no field {field}"):
        pages.read_product(captures, mall, "150000101", DAY)


@pytest.mark.parametrize(
    "field", ["id", "product_id", "reviewer", "product_info", "attribute_list", "rating", "date_created"]
)
def test_a_field_that_a_review_no_longer_has_is_a_changed_page(field: str, mall: Mall) -> None:
    def rename(values: Any) -> None:
        review = values[0]["data"]["ux_review_search_list"]["component_list"][-1]["review"]
        review[f"{field}_v2"] = review.pop(field)

    captures = altered("reviews_with_bodies_options_and_fits_of_all_forms", "GetReviewSearchList", rename)
    with pytest.raises(PageChanged, match=f"no field {field}"):
        reviews.read_reviews(captures, mall, "150000201", DAY)


def test_a_list_that_says_how_many_reviews_there_are_and_shows_none_is_a_changed_page() -> None:
    body = {"total_count": 12, "has_next": False, "end_cursor": None, "component_list": []}
    page = answer("GetReviewSearchList", json.dumps([{"data": {"ux_review_search_list": body}}]), input={})
    with pytest.raises(PageChanged, match="12 reviews and shows none"):
        reviews.review_progress(page.capture)


def test_a_product_page_without_its_data_or_without_its_answers_is_a_changed_page(mall: Mall) -> None:
    document = stored(Capture("product", "http://zigzag.localhost/catalog/products/1", 200, MOMENT, "<html></html>"))
    with pytest.raises(PageChanged, match="__NEXT_DATA__"):
        pages.read_product([document], mall, "1", DAY)
    _, captures = saved_page(CASES / "product_with_colours_sizes_stock_and_chart")
    with pytest.raises(PageChanged, match="lacks its details, options"):
        pages.read_product(captures[:1], mall, "150000101", DAY)
    with pytest.raises(PageChanged, match="no document"):
        pages.read_product(captures[1:], mall, "150000101", DAY)


def test_the_batch_of_a_request_tells_which_answer_is_whose() -> None:
    asked = [{"operationName": "Other"}, {"operationName": "GetReviewSearchList", "variables": {"product_id": "7"}}]
    body = [
        {"data": {}},
        {"data": {"ux_review_search_list": {"total_count": 0, "has_next": False, "component_list": []}}},
    ]
    url = f"{API}batch/GetReviewSearchList"
    capture = Capture("reviews", url, 200, MOMENT, json.dumps(body), json.dumps(asked))
    assert urls.listed(url, capture.request_body) == urls.Listed("reviews", "list", "7", "GetReviewSearchList")
    assert reviews.review_progress(capture) == reviews.Progress((), "", None)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.x/api/2/graphql/GetUserAccount",
        "http://www.x/_next/data/a.json",
        "http://x/catalog/products/1/reviews",
    ],
)
def test_what_otto_does_not_read_is_none_of_its_pages(url: str) -> None:
    assert urls.listed(url, "not JSON") is None


@pytest.mark.parametrize(
    ("pairs", "text"),
    [
        ([("색상", "블랙"), ("사이즈", "M")], "[색상]블랙 [사이즈]M"),
        ([("SIZE", "FREE")], "[SIZE]FREE"),
        ([("상의 사이즈", "M"), ("하의 사이즈", "L")], "[상의 사이즈]M [하의 사이즈]L"),
        ([("이벤트 [필수]", "없음"), ("사이즈 선택", "L")], "[옵션]없음 [사이즈 선택]L"),
        ([("선택", "블랙"), ("기타", "M")], "블랙/M"),
        ([("컬러&사이즈", "블랙/M")], "[사이즈]블랙/M"),
        ([("색상", None), ("사이즈", " ")], None),
        ([], None),
    ],
)
def test_a_bought_option_is_one_text_whose_axis_of_sizes_is_named(pairs: list[Any], text: str | None) -> None:
    assert options.bought_option({"name": name, "value": value} for name, value in pairs) == text
