"""The replica answers with the URLs, parameters and shapes of the real mall."""

import json
import re
from datetime import date

import pytest

from local.malls import catalogue
from local.malls.app import Malls
from local.malls.catalogue import Catalogue
from local.malls.words import nickname, user_key
from tests.local.malls.inside import Asker

RANKING = "/api/home/web/v5/pans/ranking/sections/199"
REVIEWS = "/api2/review/v1/view/list"


class Browser:
    """Reads whole lists, as a page would by scrolling."""

    def __init__(self, app: Malls) -> None:
        self._asker = Asker(app)

    def get(self, role: str, path: str, **options):
        return self._asker.ask(path, role=role, **options)

    def data(self, role: str, path: str, **options):
        return self._asker.data(path, role=role, **options)

    def reviews(self, product_id: str) -> list[dict]:
        found: list[dict] = []
        page = 0
        while some := self.data("goods", f"{REVIEWS}?page={page}&pageSize=20&goodsNo={product_id}")["list"]:
            found += some
            page += 1
        return found


@pytest.fixture(scope="module")
def mall() -> Catalogue:
    return catalogue.generate(240, 6_000, seed=11, day=date(2026, 11, 22))


@pytest.fixture
def browser(mall: Catalogue) -> Browser:
    return Browser(Malls({"musinsa": mall.stock}))


def _products(data: dict) -> list[dict]:
    items = [item for module in data["modules"] if module["type"] == "MULTICOLUMN" for item in module["items"]]
    return [item for item in items if item["type"] == "PRODUCT_COLUMN"]


def test_a_ranking_is_followed_by_its_next_links_and_holds_every_listed_product_once(
    browser: Browser, mall: Catalogue
) -> None:
    path, found, starts = f"{RANKING}?categoryCode=000&page=1&startRank=1&offset=0", [], []
    while path:
        data = browser.data("client", path)
        found += _products(data)
        assert data["hasNext"] is False
        following = data["link"]["next"]
        if following:
            assert following.startswith("http://client.musinsa.localhost:8095" + RANKING)
            starts.append(re.search(r"page=(\d+)&startRank=(\d+)&offset=(\d+)", following).groups())
        path = following and following.removeprefix("http://client.musinsa.localhost:8095")
    assert starts == [("2", "102", "101"), ("3", "204", "203")]
    assert [item["id"] for item in found] == list(mall.stock.rankings["000000"])
    assert [item["image"]["rank"] for item in found] == list(range(1, 241))


def test_advertisements_stand_inside_a_ranking_and_count_as_items(browser: Browser) -> None:
    modules = browser.data("client", f"{RANKING}?categoryCode=000")["modules"]
    items = [item for module in modules if module["type"] == "MULTICOLUMN" for item in module["items"]]
    assert len(items) == 102
    (ad,) = [item for item in items if item["type"] == "BANNER_COLUMN"]
    assert ad["image"]["rank"] is None
    assert "/products/" not in ad["onClick"]["url"]


def test_a_category_has_a_ranking_of_its_own_on_both_hosts(browser: Browser, mall: Catalogue) -> None:
    ids = [item["id"] for item in _products(browser.data("client", f"{RANKING}?categoryCode=003"))]
    assert ids == list(mall.stock.rankings["003000"])[:101]
    other = browser.data("api", "/api2/hm/web/v5/pans/ranking/sections/199?categoryCode=003000")
    assert [item["id"] for item in _products(other)] == ids
    entry = _products(other)[0]
    product = mall.products[entry["id"]]
    assert (entry["info"]["brandName"], entry["info"]["productName"]) == (product.brand, product.name)
    assert entry["info"]["finalPrice"] == product.price_krw


@pytest.mark.parametrize(
    ("asked", "section", "code"),
    [("003000", "199", "003"), ("003002", "199", "003002"), ("003", "200", "000"), ("999000", "200", "000")],
)
def test_the_ranking_page_silently_replaces_a_code_without_six_digits(
    browser: Browser, asked: str, section: str, code: str
) -> None:
    page = browser.get("www", f"/main/musinsa/ranking?storeCode=musinsa&sectionId=199&categoryCode={asked}&gf=A")
    assert page.status_code == 200
    assert _state(page.text)["props"]["pageProps"] == {"sectionId": section, "categoryCode": code, "gf": "A"}


def test_reviews_come_in_pages_from_zero_until_an_empty_list(browser: Browser, mall: Catalogue) -> None:
    product_id = mall.stock.rankings["000000"][0]
    true_number = len(mall.stock.reviews_of(product_id))
    envelope = browser.data("goods", f"{REVIEWS}?page=0&pageSize=20&goodsNo={product_id}")
    assert envelope["total"] == true_number
    assert envelope["page"]["page"] == 0
    assert envelope["page"]["totalPages"] > -(-true_number // 20)
    found = browser.reviews(product_id)
    assert len({review["no"] for review in found}) == len(found) == true_number
    assert browser.data("goods", f"{REVIEWS}?page=999&pageSize=20&goodsNo={product_id}")["list"] == []


@pytest.mark.parametrize("query", ["pageSize=21", "pageSize=0", "pageSize=x", "page=-1"])
def test_a_page_larger_than_twenty_is_refused(browser: Browser, mall: Catalogue, query: str) -> None:
    assert browser.get("goods", f"{REVIEWS}?goodsNo={next(iter(mall.products))}&{query}").status_code == 400


def test_low_ratings_come_first_when_asked_and_an_unknown_order_falls_back(browser: Browser, mall: Catalogue) -> None:
    product_id = mall.stock.rankings["000000"][0]
    path = f"{REVIEWS}?pageSize=20&goodsNo={product_id}&sort="
    orders = {sort: browser.data("goods", path + sort)["list"] for sort in ("up_cnt_desc", "goods_est_asc", "new")}
    grades = [int(review["grade"]) for review in orders["goods_est_asc"]]
    assert grades == sorted(grades)
    assert grades[0] < 5
    assert orders["new"] == orders["up_cnt_desc"]
    likes = [review["likeCount"] for review in orders["up_cnt_desc"]]
    assert likes == sorted(likes, reverse=True)


def test_every_review_says_what_the_catalogue_knows(browser: Browser, mall: Catalogue) -> None:
    sex = {"여성": "female", "남성": "male", None: None}
    step = {"많이 작음": "small", "조금 작음": "small", "정사이즈": "true", "조금 큼": "large", "많이 큼": "large"}
    seen = 0
    for product_id in mall.stock.rankings["000000"][:5]:
        for review in browser.reviews(product_id):
            seen += 1
            truth, profile = mall.expected_review(str(review["no"])), review["userProfileInfo"]
            survey = (review["reviewSurveySatisfaction"] or {"questions": []})["questions"]
            sizes = [q["answers"][0]["answerShortText"] for q in survey if q["attribute"] == "사이즈"]
            assert str(review["goods"]["goodsNo"]) == truth["product_id"]
            assert sex[profile["reviewSex"]] == truth["gender"]
            assert (profile["userHeight"], profile["userWeight"]) == (truth["height_cm"], truth["weight_kg"])
            assert (step[sizes[0]] if sizes else None) == truth["fit"]
            assert isinstance(review["grade"], str)
            assert int(review["grade"]) == truth["rating"]
            assert review["createDate"].endswith("+09:00")
            assert review["createDate"].startswith(truth["reviewed_on"].isoformat())
            assert review["goodsOption"] == truth["size_option"]
            assert profile["userNickName"] == nickname(str(review["no"]))
            assert review["encryptedUserId"] == user_key(str(review["no"]))
    assert seen > 300


def test_colour_siblings_give_the_same_list_and_the_similar_list_names_them(browser: Browser, mall: Catalogue) -> None:
    ids = next(
        ids
        for ids in mall.stock.siblings.values()
        if len({review.product_id for review in mall.stock.reviews_of(ids[0])}) > 1
    )
    lists = [[review["no"] for review in browser.reviews(number)] for number in ids]
    assert all(numbers == lists[0] for numbers in lists)
    similar = browser.data("goods", f"/api2/review/v2/view/similar-list?goodsNo={ids[0]}")
    assert {str(one["goodsNo"]) for one in similar} == set(ids)
    alone = next(ids for ids in mall.stock.siblings.values() if len(ids) == 1)
    assert len(browser.data("goods", f"/api2/review/v2/view/similar-list?goodsNo={alone[0]}")) == 1


def test_options_and_stock_together_tell_what_is_sold_out(browser: Browser, mall: Catalogue) -> None:
    checked = 0
    for product in mall.products.values():
        base = f"/api2/goods/{product.product_id}"
        options = browser.data("goods-detail", f"{base}/options?goodsSaleType=SALE&optKindCd=CLOTHES")
        numbers = [value["no"] for axis in options["basic"] for value in axis["optionValues"]]
        stock = browser.data(
            "goods-detail",
            f"{base}/options/v2/prioritized-inventories",
            method="POST",
            json={"optionValueNos": numbers},
        )
        gone = {item["productVariantId"] for item in stock if item["outOfStock"]}
        assert len(stock) == len(options["optionItems"])
        assert all(item["activated"] for item in options["optionItems"])
        sizes = [value["no"] for value in options["basic"][product.size_axis]["optionValues"]]
        sold_out = tuple(
            label
            for label, number in zip(product.size_labels, sizes, strict=True)
            if all(item["no"] in gone for item in options["optionItems"] if number in item["optionValueNos"])
        )
        assert sold_out == product.sold_out
        checked += bool(sold_out)
    assert checked > 5


def test_inventories_refuse_a_body_that_is_no_list_of_numbers(browser: Browser, mall: Catalogue) -> None:
    path = f"/api2/goods/{next(iter(mall.products))}/options/v2/prioritized-inventories"
    for body in (b"not json", b"{}", b'{"optionValueNos": ["x"]}', b"[]"):
        assert browser.get("goods-detail", path, method="POST", content=body).status_code == 400


def test_the_size_chart_has_a_row_for_each_size_or_none_at_all(browser: Browser, mall: Catalogue) -> None:
    keys = set()
    for product in mall.products.values():
        sizes = browser.data("goods-detail", f"/api2/goods/{product.product_id}/actual-size")["sizes"]
        keys |= {key for size in sizes for key in size}
        assert bool(sizes) == (product.chart is not None)
        assert not sizes or tuple(size["name"] for size in sizes) == product.axes[product.size_axis].values
    assert keys == {"name", "items", "values"}


def test_the_product_page_holds_the_product_as_json_even_with_markup_in_its_name(
    browser: Browser, mall: Catalogue
) -> None:
    product = next(product for product in mall.products.values() if "<" in product.name)
    page = browser.get("www", f"/products/{product.product_id}").text
    data = _state(page)["props"]["pageProps"]["meta"]["data"]
    assert data["goodsNm"] == product.name
    assert data["goodsNo"] == int(product.product_id)
    assert data["goodsPrice"]["finalPrice"] == product.price_krw
    assert data["brandInfo"]["brandName"] == product.brand
    assert data["category"]["categoryDepth2Code"] == product.mall_category
    assert product.name not in page
    assert browser.data("goods-detail", f"/api2/goods/{product.product_id}") == data


def test_old_product_addresses_lead_to_the_new_one_and_unknown_products_are_not_found(
    browser: Browser, mall: Catalogue
) -> None:
    product_id = next(iter(mall.products))
    for old in (f"/app/goods/{product_id}", f"/goods/{product_id}"):
        answer = browser.get("www", old)
        assert (answer.status_code, answer.headers["location"]) == (308, f"/products/{product_id}")
    for role, path in (("www", "/products/1"), ("www", "/review/goods/1"), ("goods", f"{REVIEWS}?goodsNo=1")):
        assert browser.get(role, path).status_code == 404


def test_pages_have_no_meta_charset_and_class_names_differ_at_every_start(mall: Catalogue) -> None:
    path = f"/review/goods/{next(iter(mall.products))}?sort=up_cnt_desc"
    pages = [Browser(Malls({"musinsa": mall.stock})).get("www", path) for _ in range(2)]
    assert all("charset" not in page.text.lower() for page in pages)
    first, second = (_state(page.text)["runtimeConfig"]["classes"] for page in pages)
    assert first.keys() == second.keys()
    assert all(name in first[name] and first[name] != second[name] for name in first)


def test_static_files_are_served_and_nothing_else(browser: Browser) -> None:
    script = browser.get("www", "/_static/anything/ranking.js")
    assert script.status_code == 200
    assert "javascript" in script.headers["content-type"]
    for name in ("..%2Fshell.py", "shell.py", ".."):
        assert browser.get("www", f"/_static/anything/{name}").status_code == 404


@pytest.mark.parametrize(
    ("role", "status"),
    [("www", 200), ("goods-detail", 200), ("api", 404), ("client", 404), ("goods", 404), ("image", 404)],
)
def test_robots_differ_by_host_and_refuse_who_is_not_on_the_list(browser: Browser, role: str, status: int) -> None:
    answer = browser.get(role, "/robots.txt")
    assert answer.status_code == status
    if status == 200:
        assert answer.text.rstrip().endswith("User-agent: *\nDisallow: /")


def test_pictures_are_drawn(browser: Browser, mall: Catalogue) -> None:
    entry = _products(browser.data("client", f"{RANKING}?categoryCode=000"))[0]
    answer = browser.get("image", entry["image"]["url"].split(":8095")[1])
    assert answer.headers["content-type"] == "image/svg+xml"


def test_a_browser_may_read_the_answers_from_the_page_s_origin(browser: Browser) -> None:
    origin = "http://www.musinsa.localhost:8095"
    plain = browser.get("client", f"{RANKING}?categoryCode=003", headers={"origin": origin})
    assert plain.headers["access-control-allow-origin"] == origin
    asked = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }
    path = "/api2/goods/1/options/v2/prioritized-inventories"
    leave = browser.get("goods-detail", path, method="OPTIONS", headers=asked)
    assert leave.status_code == 204
    assert "POST" in leave.headers["access-control-allow-methods"]
    assert "access-control-allow-origin" not in browser.get("www", "/robots.txt", headers={"origin": origin}).headers


def _state(page: str) -> dict:
    return json.loads(re.search(r'<script id="__NEXT_DATA__" type="application/json">(.*?)</script>', page)[1])
