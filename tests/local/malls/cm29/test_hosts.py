"""The replica of 29CM answers with the URLs, parameters and shapes of the real mall."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from local.malls import catalogue
from local.malls.app import Malls
from local.malls.catalogue import Catalogue
from local.malls.cm29 import hosts
from local.malls.cm29.throttle import Throttle
from local.malls.cm29.trade import BLIND, FIT_CODES, GIFT, TRADE
from local.malls.words import nickname
from tests.local.malls.inside import Asker

BEST, LISTING = "/api/v1/plp/best/items", "/api/v1/listing/items"
REVIEWS = "/api/v4/reviews"
PAGE = {"origin": "http://www.29cm.localhost:8095"}
WOMENS = {"largeId": 268100100}


@pytest.fixture(scope="module")
def mall() -> Catalogue:
    return catalogue.generate(400, 6_000, seed=11, day=date(2026, 11, 22), trade=TRADE)


@pytest.fixture
def asker(mall: Catalogue) -> Asker:
    return Asker(Malls({"29cm": mall.stock}), domain="29cm.localhost")


def wish(page: int = 1, size: int = 100, period: str = "DAILY", **category: Any) -> dict[str, Any]:
    """The body of a ranking's request."""
    return {
        "pageRequest": {"page": page, "size": size},
        "userSegment": {"gender": "ALL", "age": "ALL"},
        "facets": {
            "categoryFacetInputs": [category or WOMENS],
            "periodFacetInput": {"type": period, "order": "DESC"},
            "rankingFacetInput": {"type": "POPULARITY"},
        },
    }


def best(asker: Asker, **asked: Any) -> dict[str, Any]:
    """One page of the best ranking."""
    return asker.data(BEST, method="POST", role="display-bff-api", json=wish(**asked))


def whole(asker: Asker, **asked: Any) -> Iterator[list[dict[str, Any]]]:
    """All pages of a ranking."""
    page = 1
    while True:
        answer = best(asker, page=page, **asked)
        yield answer["list"]
        if not answer["pagination"]["hasNext"]:
            return
        page += 1


def is_ad(entry: dict[str, Any]) -> bool:
    """Whether an entry is an advertisement."""
    return entry["itemEvent"]["eventProperties"]["isAd"]


def reviews_of(asker: Asker, product_id: str, size: int = 100) -> list[dict[str, Any]]:
    """All reviews of a product, list by list, to the empty one."""
    found: list[dict[str, Any]] = []
    page = 0
    while some := asker.data(f"{REVIEWS}?itemId={product_id}&page={page}&size={size}", role="review-api")["results"]:
        found += some
        page += 1
    return found


def test_a_ranking_holds_its_products_in_order_with_an_advertisement_and_repeats_one_at_every_new_page(
    asker: Asker, mall: Catalogue
) -> None:
    pages = list(whole(asker))
    assert len(pages) == 4
    assert [sum(map(is_ad, page)) for page in pages] == [1, 1, 1, 1]
    organic = [[str(entry["itemId"]) for entry in page if not is_ad(entry)] for page in pages]
    assert all(before[-1] == after[0] for before, after in zip(organic, organic[1:], strict=False))
    found = list(dict.fromkeys(number for page in organic for number in page))
    assert found == mall.stock.rankings["268100100"]
    assert all("rank" not in json.dumps(entry) for entry in pages[0])


def test_an_entry_says_what_the_catalogue_knows(asker: Asker, mall: Catalogue) -> None:
    for entry in best(asker, largeId=272100100, middleId=272104100)["list"]:
        product, info = mall.products[str(entry["itemId"])], entry["itemInfo"]
        assert (info["productName"], info["brandName"]) == (product.name, product.brand)
        assert info["displayPrice"] == product.price_krw
        assert info["displayPrice"] <= info["sellPrice"] <= info["originalPrice"]
        assert entry["itemEvent"]["eventProperties"]["largeCategoryName"] == "남성의류"
        assert entry["itemUrl"]["webLink"] == f"http://product.29cm.localhost:8095/catalog/{product.product_id}"


def test_the_ranking_is_posted_for_and_answers_wrong_questions_as_the_mall_does(asker: Asker) -> None:
    def ask(body: Any) -> Any:
        return asker.ask(BEST, method="POST", role="display-bff-api", json=body)

    assert asker.ask(BEST, role="display-bff-api").status_code == 405
    right = wish()
    renamed = right | {"facets": {"categoryFacets": [WOMENS]}}
    assert ask(renamed).json()["data"]["list"] == []
    misnamed = wish(large=268100100)
    assert ask(misnamed).json()["data"]["list"] == []
    assert ask(wish(largeId=999100100)).json()["data"]["list"] == []
    assert [ask(wish(period=period)).status_code for period in ("MONTHS_3", "MONTHS_6")] == [500, 500]
    wrong = ask(wish(period="YEARLY"))
    assert wrong.status_code == 400
    assert "HOURLY, DAILY, WEEKLY, MONTHLY" in wrong.json()["message"]
    assert ask(wish(size=101)).status_code == 400
    assert asker.ask(BEST, method="POST", role="display-bff-api", content=b"no").status_code == 400


def test_the_ranking_of_an_hour_shows_few_products_of_each_brand(asker: Asker, mall: Catalogue) -> None:
    hour = {str(entry["itemId"]) for page in whole(asker, period="HOURLY") for entry in page if not is_ad(entry)}
    brands = [mall.products[number].brand for number in hour]
    assert max(map(brands.count, brands)) == 2
    assert len(hour) < len(mall.stock.rankings["268100100"])


def test_a_category_list_has_fifty_a_page_and_only_the_newest_first_is_complete(asker: Asker, mall: Catalogue) -> None:
    ids = mall.stock.rankings["268100100"]
    found: dict[str, list[str]] = {}
    for sort in ("NEWEST", "RECOMMENDED"):
        body = {"pageType": "CATEGORY_PLP", "sortType": sort, "facets": {"categoryFacetInputs": [WOMENS]}}
        page, shown = 1, []
        while True:
            asked = body | {"pageRequest": {"page": page, "size": 50}}
            data = asker.data(LISTING, method="POST", role="display-bff-api", json=asked)
            assert data["pagination"]["totalCount"] == len(ids)
            if not data["list"]:
                break
            assert len(data["list"]) <= 50
            shown += [str(entry["itemId"]) for entry in data["list"]]
            page += 1
        found[sort] = shown
    assert found["NEWEST"] == sorted(ids, key=int, reverse=True)
    assert len(set(found["RECOMMENDED"])) < len(ids)
    assert len(set(found["RECOMMENDED"])) < len(found["RECOMMENDED"])


def test_a_product_page_carries_json_ld_and_a_payload_without_options_even_with_markup_in_its_name(
    asker: Asker, mall: Catalogue
) -> None:
    product = next(product for product in mall.products.values() if "<" in product.name)
    page = asker.ask(f"/products/{product.product_id}").text
    assert product.name not in page
    linked = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1])
    assert (linked["name"], linked["sku"]) == (product.name, product.product_id)
    pushed = re.findall(r"self\.__next_f\.push\(\[1,(\".*?\")\]\)</script>", page)
    assert len(pushed) > 2
    rows = "".join(map(json.loads, pushed)).split("\n")
    payload = json.loads(rows[3].partition(":")[2])[3]["state"]["itemDetail"]
    assert payload["itemName"] == product.name
    assert payload["internalDisplayPrice"] == product.price_krw
    assert "optionItems" not in payload


def test_bff_api_answers_pages_only_and_not_too_many_at_once(mall: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "Throttle", lambda: Throttle(limit=3, now=lambda: 0.0))
    asker = Asker(Malls({"29cm": mall.stock}), role="bff-api", domain="29cm.localhost")
    path = f"/api/v5/product-detail/{next(iter(mall.products))}"
    assert asker.ask(path).status_code == 403
    unknown = asker.ask("/api/v5/product-detail/1", headers=PAGE)
    assert (unknown.status_code, unknown.json()["result"], unknown.json()["data"]) == (200, "FAIL", None)
    answers = [asker.ask(path, headers=headers).status_code for headers in (PAGE, {"referer": "http://x/"}, PAGE)]
    assert answers == [200, 200, 403]


def test_the_throttle_lets_as_many_through_as_fit_into_its_window() -> None:
    now = 100.0
    throttle = Throttle(limit=3, now=lambda: now)
    assert [throttle.admits() for _ in range(5)] == [True, True, True, False, False]
    now += 1.0
    assert throttle.admits()


def test_options_are_a_tree_whose_leaves_tell_what_is_sold_out(mall: Catalogue) -> None:
    layouts, sold_out = set(), 0
    for product in mall.products.values():
        # an application a product: bff-api refuses visitors that are this fast
        asker = Asker(Malls({"29cm": mall.stock}), domain="29cm.localhost")
        data = asker.data(f"/api/v5/product-detail/{product.product_id}", role="bff-api", headers=PAGE)
        layouts.add(tuple(data["optionItems"]["layout"]))
        leaves = list(_leaves(data["optionItems"]["list"]))
        assert len(leaves) == len(product.combinations())
        gone = [leaf["frontOptionStockStatus"] == "SOLD_OUT" for leaf in leaves]
        assert gone == [choice in product.out_of_stock for choice in product.combinations()]
        sold_out += any(gone)
        assert [row["itemDetailsTitles"] for row in data["itemDetailsList"]][-1] == "치수"
    assert {len(layout) for layout in layouts} == {1, 2}
    assert {name for layout in layouts for name in layout} >= {"COLOR", "SIZE", "사이즈", "컬러", "옵션"}
    assert any(":" in name for layout in layouts for name in layout)
    assert sold_out > 20


def _leaves(level: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for entry in level:
        if entry["list"]:
            yield from _leaves(entry["list"])
        else:
            yield entry


def test_reviews_come_the_newest_first_from_page_0_until_an_empty_list(asker: Asker, mall: Catalogue) -> None:
    product_id = max(mall.products, key=lambda number: len(mall.stock.reviews_of(number)))
    true_number = len(mall.stock.reviews_of(product_id))
    assert true_number > 100
    for size in (20, 50, 100):
        numbers = [row["itemReviewNo"] for row in reviews_of(asker, product_id, size)]
        assert numbers == sorted(numbers, reverse=True)
        assert len(set(numbers)) == true_number
    stamps = [row["insertTimestamp"] for row in reviews_of(asker, product_id)]
    assert stamps == sorted(stamps, reverse=True)
    path = f"{REVIEWS}?itemId={product_id}"
    assert asker.data(f"{path}&page=999", role="review-api")["results"] == []
    assert asker.data(f"{REVIEWS}/count?itemId={product_id}", role="review-api") == {"count": true_number}


def test_reviews_are_sorted_by_helpfulness_or_not_at_all(asker: Asker, mall: Catalogue) -> None:
    product_id = max(mall.products, key=lambda number: len(mall.stock.reviews_of(number)))
    path = f"{REVIEWS}?itemId={product_id}"
    helpful = [row["helpfulCount"] for row in asker.data(f"{path}&sort=BEST", role="review-api")["results"]]
    assert len(helpful) == 20
    assert helpful == sorted(helpful, reverse=True)
    for query in ("sort=LATEST", "sort=HELPFUL", "size=101", "page=-1", "page=x"):
        assert asker.ask(f"{path}&{query}", role="review-api").status_code == 400
    assert asker.ask(f"{REVIEWS}?itemId=1", role="review-api").status_code == 404


def test_every_review_says_what_the_catalogue_knows_and_people_leave_out_what_they_like(
    asker: Asker, mall: Catalogue
) -> None:
    sizes, surveys, bought, marked = set(), set(), set(), set()
    for product_id in mall.products:
        for row in reviews_of(asker, product_id):
            review = mall.reviews[str(row["itemReviewNo"])]
            assert str(row["itemNo"]) == product_id
            assert row["userSize"] == [
                f"{value}{unit}" for value, unit in ((review.height, "cm"), (review.weight, "kg")) if value is not None
            ]
            answers = {answer["surveyType"]: answer["optionValue"] for answer in row.get("surveyList", [])}
            assert answers.get("SIZE") == FIT_CODES.get(review.fit_answer or "")
            assert " + ".join(row["optionValue"]) == review.size_option
            assert row["insertTimestamp"] == review.created_at.strftime("%Y-%m-%d %H:%M:%S")
            assert (row["isGift"], row["isBlind"]) == ("T" if GIFT in review.marks else "F", BLIND in review.marks)
            assert re.fullmatch(r"\w{3}\*{7}", row["userId"])
            assert row["userNickname"] == nickname(review.review_id)
            sizes.add(tuple(size[-2:] for size in row["userSize"]))
            surveys.add("surveyList" in row)
            bought.add(len(row["optionValue"]))
            marked |= review.marks
    assert sizes == {("cm", "kg"), ("cm",), ("kg",), ()}
    assert surveys == {True, False}
    assert bought == {1, 2}
    assert marked == {GIFT, BLIND}


def test_old_addresses_lead_to_the_new_ones_and_unknown_products_are_not_found(asker: Asker, mall: Catalogue) -> None:
    product_id = next(iter(mall.products))
    moved = asker.ask(f"/catalog/{product_id}", role="product")
    assert (moved.status_code, moved.headers["location"]) == (
        307,
        f"http://www.29cm.localhost:8095/products/{product_id}",
    )
    assert asker.ask("/home/best").status_code == 307
    assert asker.ask("/products/1").status_code == 404


@pytest.mark.parametrize("role", ["www", "product", "display-bff-api", "bff-api", "review-api", "img"])
def test_only_www_has_a_robots_txt_and_it_closes_a_few_paths(asker: Asker, role: str) -> None:
    answer = asker.ask("/robots.txt", role=role)
    assert answer.status_code == (200 if role == "www" else 404)
    if role == "www":
        assert "User-agent: *\nAllow: /\nDisallow: /embed/" in answer.text
        assert "Baiduspider" in answer.text


def test_pages_are_shells_without_a_charset_whose_class_names_differ_at_every_start(mall: Catalogue) -> None:
    pages = [
        Asker(Malls({"29cm": mall.stock}), domain="29cm.localhost").ask("/best-products?categoryLargeCode=268100100")
        for _ in range(2)
    ]
    names = [re.findall(r"Item__Card-sc-\w+", page.text) for page in pages]
    assert names[0] != names[1] != []
    assert all("<meta charset" not in page.text for page in pages)
    assert all("/catalog/" not in page.text for page in pages)
