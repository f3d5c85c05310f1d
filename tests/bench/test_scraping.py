"""What the scraping benchmarks count and compare, without a browser."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bench.scraping import faithful, manners, speed

TRUTH: dict[str, Any] = {
    "1": {"review_id": "1", "height_cm": 170, "size_label": "M"},
    "2": {"review_id": "2", "height_cm": None, "size_label": "L"},
    "3": "size_date",
}
STAGED = [
    {"review_id": "1", "height_cm": Decimal("170.0"), "size_label": "M", "more": 1},
    {"review_id": "2", "height_cm": None, "size_label": "L"},
    {"review_id": "3", "reason_code": "size_date"},
]


def differences(rows: list[dict[str, Any]]) -> dict[str, int]:
    return {name: count for name, count in faithful._differences(rows, TRUTH, "review_id").items() if count}


def test_rows_that_are_as_they_truly_are_differ_in_nothing() -> None:
    assert differences(STAGED) == {}


def test_what_is_missing_doubled_unknown_wrong_or_wrongly_refused_is_counted_by_its_name() -> None:
    first, second, refused = STAGED
    assert differences([first, second]) == {"missing": 1}
    assert differences([*STAGED, first]) == {"doubled": 1}
    assert differences([*STAGED, {"review_id": "9"}]) == {"unknown": 1}
    assert differences([first | {"size_label": "S", "height_cm": None}, second, refused]) == {
        "size_label": 1,
        "height_cm": 1,
    }
    assert differences([first, {"review_id": "2", "reason_code": "empty"}, refused]) == {"reason_code": 1}
    assert differences([first, second, {"review_id": "3", "size_label": "M"}]) == {"reason_code": 1}


def test_json_texts_are_compared_by_what_they_say() -> None:
    truth = {"p": {"size_run": ["S", "M"], "sold_out": ["M", "S"]}}
    row = {"product_id": "p", "size_run": '["S", "M"]', "sold_out": '["S", "M"]'}
    assert not +faithful._differences([row], truth, "product_id")
    assert +faithful._differences([row | {"size_run": '["M", "S"]'}], truth, "product_id") == {"size_run": 1}


def test_the_most_pages_in_any_ten_seconds_are_found_wherever_the_ten_seconds_begin() -> None:
    assert manners._most_in_ten([float(at) for at in range(30)]) == 10
    assert manners._most_in_ten([0.0, 9.5, 9.6, 9.7, 19.4]) == 4
    assert manners._most_in_ten([0.0, 10.0, 20.0]) == 1


def test_scripts_pictures_robots_and_preflights_are_no_pages() -> None:
    asked = [("GET", "/products/1"), ("GET", "/_static/a/page.js"), ("GET", "/robots.txt"), ("OPTIONS", "/api2/list")]
    arrivals = [[float(at), "musinsa", "www.x", method, path] for at, (method, path) in enumerate(asked)]
    assert manners._moments(arrivals) == {"musinsa": {"www.x": [0.0]}}


def test_addresses_of_one_form_are_the_same_page_of_another_product() -> None:
    one = speed._form("http://www.x:8095/products/1234567?a=1")
    assert one == speed._form("http://www.x/products/7654321")
    assert one != speed._form("http://www.x/review/goods/1234567")
