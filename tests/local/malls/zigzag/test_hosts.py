"""The replica of Zigzag answers with the addresses, operations and shapes of the real mall."""

import json
import re
from datetime import date

import pytest

from local.malls import catalogue
from local.malls.catalogue import Catalogue
from local.malls.goods import Product
from local.malls.zigzag.listing import PAGE_CARDS
from local.malls.zigzag.sale import FIRST_PURCHASE, is_suspended
from local.malls.zigzag.trade import CODES, TRADE
from tests.local.malls.zigzag.asking import API, Visitor, action_of, cards_of


@pytest.fixture(scope="module")
def mall() -> Catalogue:
    return catalogue.generate(260, 5_000, seed=5, day=date(2026, 11, 22), trade=TRADE)


@pytest.fixture(scope="module")
def visitor(mall: Catalogue) -> Visitor:
    return Visitor(mall.stock)


def shown(visitor: Visitor, product_id: str) -> dict:
    answer = visitor.data("GetCatalogProductDetailPageOption", catalog_product_id=product_id, input={})
    return answer["pdp_option_info"]["catalog_product"]


def most_reviewed(mall: Catalogue) -> str:
    return max(mall.products, key=lambda number: len(mall.stock.reviews_of(number)))


def reviews_by_cursor(visitor: Visitor, product_id: str) -> list[dict]:
    found, cursor = [], None
    while True:
        page = visitor.search(product_id, cursor)["data"]["ux_review_search_list"]
        found += [entry["review"] for entry in page["component_list"] if entry["type"] == "REVIEW_SEARCH_ITEM"]
        if not page["has_next"]:
            assert page["total_count"] == len(found)
            return found
        cursor = page["end_cursor"]


def test_the_pages_are_open_to_all_but_one_robot_and_the_other_hosts_have_no_rules(visitor: Visitor) -> None:
    assert visitor.get("/robots.txt").text.splitlines()[:2] == ["User-agent: *", "Allow: /"]
    assert "GPTBot" in visitor.get("/robots.txt").text
    for host in ("api.zigzag.localhost", "fe.zigzag.localhost", "image.zigzag.localhost"):
        assert visitor.get("/robots.txt", host).status_code == 404


def test_a_list_is_followed_by_what_each_answer_gives_and_holds_every_product_once(
    visitor: Visitor, mall: Catalogue
) -> None:
    page = visitor.first_page("474")
    modules, pages = page["module_spec_list"], 1
    found = cards_of(modules)
    while action := action_of(modules):
        answer = visitor.next_page(page["layout_id"], action)["data"]["result"]
        (update,) = answer["module_spec_update_list"]
        modules, pages = update["module_spec_list"], pages + 1
        found += cards_of(modules)
    organic = [card["product_card"]["product_id"] for card in found if card["ubl"]["server_log"]["ad_key"] is None]
    assert organic == list(mall.stock.rankings["474"])
    assert pages == -(-len(organic) // PAGE_CARDS) > 1
    ads = [card["product_card"]["product_id"] for card in found if card["ubl"]["server_log"]["ad_key"]]
    assert len(ads) >= 1
    assert set(ads) <= set(organic)


def test_the_frame_holds_tabs_and_a_carousel_whose_cards_are_no_places(visitor: Visitor) -> None:
    modules = visitor.first_page("547")["module_spec_list"]
    tabs, carousel = modules[0]["body"], modules[1]["body"]
    assert [tab["text"]["text"] for tab in tabs["depth_list"][0]["item_list"]] == list(CODES.values())
    assert len(carousel["product_card_list"]) == 3
    assert "product_card" not in carousel


def test_a_category_that_is_not_there_is_an_empty_list(visitor: Visitor) -> None:
    assert cards_of(visitor.first_page("999")["module_spec_list"]) == []


def test_marks_are_others_at_every_start_and_those_made_by_hand_or_of_another_start_are_refused(
    visitor: Visitor, mall: Catalogue
) -> None:
    page = visitor.first_page("474")
    action = action_of(page["module_spec_list"])
    assert action is not None
    other = Visitor(mall.stock)
    assert other.first_page("474")["layout_id"] != page["layout_id"]
    assert action_of(other.first_page("474")["module_spec_list"])["target"] != action["target"]
    assert "errors" in other.next_page(page["layout_id"], action)
    jumped = json.loads(json.dumps(action))
    jumped["option"]["server_option"]["cursor"]["offset"] = 0
    answer = visitor.next_page(page["layout_id"], jumped)
    assert answer["data"] is None
    assert answer["errors"][0]["message"] == "server_option is not valid."


def test_errors_come_with_status_200_and_a_batch_must_be_an_array(visitor: Visitor) -> None:
    assert visitor.ask("GetReviewSearchLists")["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert visitor.ask("GetPdpIntegratedData", catalog_product_id="1")["errors"][0]["message"]
    asked = {"operationName": "GetPdpIntegratedData", "variables": {}}
    assert visitor.post(f"{API}/GetPdpIntegratedData", asked).json()["errors"] == [
        {"message": "Must provide query string.", "extensions": {"code": "BAD_USER_INPUT"}}
    ]
    assert visitor.post(f"{API}/batch/GetPdpIntegratedData", asked).status_code == 400
    assert visitor.get(f"{API}/GetPdpIntegratedData", "api.zigzag.localhost").status_code == 405


def test_reviews_come_by_cursor_or_by_offset_and_are_the_same(visitor: Visitor, mall: Catalogue) -> None:
    product = most_reviewed(mall)
    by_cursor = reviews_by_cursor(visitor, product)
    assert len(by_cursor) > 60
    by_offset: list[dict] = []
    while True:
        variables = {"product_id": product, "limit_count": 50, "skip_count": len(by_offset), "order": "SCORE_DESC"}
        some = visitor.data("GetNormalReviewFeedList", **variables)["feed_list"]["item_list"]
        by_offset += some
        if len(some) < 50:
            break
    assert by_cursor == by_offset
    assert [row["id"] for row in by_cursor] == [review.review_id for review in mall.stock.reviews_of(product)]


@pytest.mark.parametrize(("cursor", "limit"), [("20.abc", 20), ("0", 20), (None, 21)])
def test_a_cursor_made_by_hand_and_too_long_a_page_are_refused(
    visitor: Visitor, mall: Catalogue, cursor: str | None, limit: int
) -> None:
    assert "errors" in visitor.search(most_reviewed(mall), cursor, limit)


def test_a_review_states_body_option_and_fit_as_the_mall_does(visitor: Visitor, mall: Catalogue) -> None:
    found = [row for number in list(mall.products)[:60] for row in reviews_by_cursor(visitor, number)]
    bodies = [row["reviewer"]["body_text"] for row in found]
    assert sum(body is None for body in bodies) > 10
    assert any(body and re.fullmatch(r"1\d\dcm,\d+kg,상의 (?:44|55|66|77|88)", body) for body in bodies)
    assert any(body and re.fullmatch(r"상의 \d\d", body) for body in bodies)
    answers = {
        answer["answer"]["value"]
        for row in found
        for answer in row["attribute_list"] or []
        if answer["question"]["value"] == "SIZE"
    }
    assert answers == {"FIT", "SMALL", "BIG"}
    assert any(row["attribute_list"] is None for row in found)
    options = {pair["value"] for row in found for pair in row["product_info"]["option_detail_list"]}
    assert {"F(44~66)"} <= options
    for form in (
        r".+INCH\)/총기장\(\d+\)",
        r".+ 직진",
        r"\[OT\d+\] 말랑말랑 끈나시_.+",
        r".+\((?:세미크롭|20수)ver\.\)",
    ):
        assert any(re.fullmatch(form, option) for option in options), form
    row = found[0]
    assert re.fullmatch(r"닉네임\w+", row["reviewer"]["profile"]["nickname"])
    assert re.fullmatch(r"\w\w\*\*", row["reviewer"]["profile"]["masked_email"])
    assert len(str(row["date_created"])) == 13


def test_a_product_states_its_prices_in_four_forms_of_which_one_is_for_a_first_order(
    visitor: Visitor, mall: Catalogue
) -> None:
    forms = set()
    for number, product in list(mall.products.items())[:40]:
        price = shown(visitor, number)["product_price"]
        display = price["display_final_price"]
        badge = (display["final_price_additional"] or display["final_price"]).get("badge")
        forms.add(badge and badge["text"])
        if badge and badge["text"] == FIRST_PURCHASE:
            assert price["final_discount_info"]["discount_price"] < display["final_price"]["price"] == product.price_krw
        else:
            assert price["final_discount_info"]["discount_price"] == product.price_krw
    assert forms == {"쿠폰할인가", "직잭픽", FIRST_PURCHASE, None}


def test_options_and_items_tell_what_is_left_and_the_document_alone_whether_the_product_is_sold(
    visitor: Visitor, mall: Catalogue
) -> None:
    def lacks_a_size(product: Product) -> bool:
        return bool(product.sold_out) and len(product.axes) > 1

    product = next(product for product in mall.products.values() if lacks_a_size(product))
    answer = shown(visitor, product.product_id)
    assert [axis["name"] for axis in answer["product_option_list"]] == [axis.title for axis in product.axes]
    on_sale = {item["name"] for item in answer["matched_item_list"] if item["sales_status"] == "ON_SALE"}
    assert len(on_sale) == len(product.combinations()) - len(product.out_of_stock)
    states = {
        item["sales_status"] for number in list(mall.products) for item in shown(visitor, number)["matched_item_list"]
    }
    assert states == {"ON_SALE", "SOLD_OUT", "SUSPENDED"}
    suspended = next(product for product in mall.products.values() if is_suspended(product))
    assert embedded(visitor, suspended.product_id)["is_purchasable"] is False
    assert "is_purchasable" not in shown(visitor, suspended.product_id)


def embedded(visitor: Visitor, product_id: str) -> dict:
    page = visitor.get(f"/catalog/products/{product_id}?tab=size").text
    return state_of(page)["product"]


def state_of(page: str) -> dict:
    return json.loads(re.search(r"__NEXT_DATA__[^>]*>(.*?)</script>", page)[1])["props"]["pageProps"]


def test_a_size_table_is_rows_of_texts_and_only_some_products_have_the_tab(visitor: Visitor, mall: Catalogue) -> None:
    tabs = {
        number: state_of(visitor.get(f"/catalog/products/{number}").text)["has_size_tab"]
        for number in list(mall.products)[:60]
    }
    assert set(tabs.values()) == {True, False}
    product = next(product for product in mall.products.values() if product.chart)
    answer = visitor.data("GetPdpIntegratedData", catalog_product_id=product.product_id)
    picture, table = answer["pdp_size_info"]["item_list"]
    assert picture["value_list"] is None
    assert table["value_list"][0] == ["사이즈", *product.chart.parts]
    assert [row[0] for row in table["value_list"][1:]] == [size for size, _ in product.chart.rows]
    assert all(isinstance(cell, str) for row in table["value_list"] for cell in row)


@pytest.mark.parametrize("path", ["/catalog/products/1", "/review/list/1", "/nothing", "/catalog/products/..%2F1"])
def test_what_is_not_there_is_404(visitor: Visitor, path: str) -> None:
    assert visitor.get(path).status_code == 404


def test_class_names_say_nothing_and_are_others_at_every_start(visitor: Visitor, mall: Catalogue) -> None:
    number = next(iter(mall.products))
    pages = [one.get(f"/review/list/{number}").text for one in (visitor, Visitor(mall.stock))]
    names = [
        json.loads(re.search(r"__NEXT_DATA__[^>]*>(.*?)</script>", page)[1])["runtimeConfig"]["classes"]
        for page in pages
    ]
    assert set(names[0]) == set(names[1])
    assert not set(names[0].values()) & set(names[1].values())
    assert all(re.fullmatch(r"css-[a-z0-9]{7} e[a-z0-9]{6}\d{1,2}", name) for name in names[0].values())
    assert "Review__" not in re.sub(r'<script id="__NEXT_DATA__".*?</script>', "", pages[0])
