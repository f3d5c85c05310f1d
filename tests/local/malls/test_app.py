"""One server for all host names: dispatch, health, faults on order, counts, arrivals."""

import time
from datetime import date

import pytest

from local.malls import catalogue
from local.malls.app import Malls
from local.malls.spoil import ConnectionCut
from tests.local.malls.inside import Asker

LIST = "/api2/review/v1/view/list?pageSize=20&goodsNo="


@pytest.fixture(scope="module")
def stock():
    return catalogue.generate(12, 300, seed=2, day=date(2026, 11, 22)).stock


@pytest.fixture
def client(stock) -> Asker:
    return Asker(Malls({"musinsa": stock}), role="goods")


@pytest.mark.parametrize("host", ["127.0.0.1:8095", "www.musinsa.localhost", "anything.example"])
def test_health_answers_on_any_host_name(client: Asker, host: str) -> None:
    assert client.ask("/health", headers={"host": host}).status_code == 200


def test_an_unknown_host_is_not_found_and_the_known_ones_are_named(client: Asker) -> None:
    answer = client.ask("/", headers={"host": "www.29cm.localhost"})
    assert answer.status_code == 404
    assert "goods-detail.musinsa.localhost" in answer.text


def test_the_port_and_the_case_of_a_host_name_do_not_matter(client: Asker) -> None:
    for host in ("WWW.musinsa.localhost:1234", "www.Musinsa.Localhost"):
        assert client.ask("/robots.txt", headers={"host": host}).status_code == 200


def test_a_rate_limit_says_when_to_come_back_and_ends_by_itself(client: Asker, stock) -> None:
    product_id = next(iter(stock.products))
    order = {"kind": "status", "status": 429, "times": 2, "retry_after": 7, "host": "goods"}
    assert client.ask("/__control/faults", method="POST", json=order).json()[0]["times"] == 2
    origin = {"origin": "http://www.musinsa.localhost:8095"}
    answers = [client.ask(LIST + product_id, headers=origin) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "7"
    assert answers[0].headers["access-control-allow-origin"] == origin["origin"]


def test_a_ranking_and_a_product_s_reviews_can_be_emptied_and_come_back(client: Asker, stock) -> None:
    product_id = next(key for key in stock.products if stock.reviews_of(key))
    ranking = "/api/home/web/v5/pans/ranking/sections/199?categoryCode=003"
    wishes = [{"kind": "empty_ranking", "category": "003000"}, {"kind": "no_reviews", "product_id": product_id}]
    assert client.ask("/__control/faults", method="POST", json=wishes).status_code == 200
    modules = client.ask(ranking, role="client").json()["data"]["modules"]
    assert [module["type"] for module in modules] == ["FILTER"]
    assert client.ask(LIST + product_id).json()["data"] == {
        "list": [],
        "total": 0,
        "page": {"page": 0, "totalPages": 0, "startPage": 1, "lastPage": 0},
    }
    assert client.ask("/__control/faults", method="DELETE").json() == []
    assert len(client.ask(ranking, role="client").json()["data"]["modules"]) > 1
    assert client.ask(LIST + product_id).json()["data"]["total"] > 0


def test_a_wrong_order_is_refused_with_the_known_kinds(client: Asker) -> None:
    for body in (b"not json", b'{"kind": "flood"}', b"[3]"):
        answer = client.ask("/__control/faults", method="POST", content=body)
        assert answer.status_code == 400
    assert "empty_ranking" in answer.text
    assert client.ask("/__control/other").status_code == 404


def test_the_control_endpoint_answers_this_machine_only(stock) -> None:
    stranger = Asker(Malls({"musinsa": stock}), address="192.0.2.7")
    assert stranger.ask("/__control/faults").status_code == 403


def test_counts_tell_what_is_served_and_what_was_asked(client: Asker, stock) -> None:
    client.ask(LIST + next(iter(stock.products)))
    counts = client.ask("/__control/counts").json()
    assert (counts["listed"], counts["reviews"]) == (12, 300)
    assert counts["requests"] == {"goods": 1}
    assert counts["answers"] == {"200": 1}


def test_arrivals_tell_when_each_request_came_and_can_be_forgotten(client: Asker, stock) -> None:
    address, began = LIST + next(iter(stock.products)), time.time()
    client.ask(address)
    client.ask(address, method="OPTIONS")
    arrivals = client.ask("/__control/arrivals").json()
    assert [arrival[1:] for arrival in arrivals] == [
        ["musinsa", "goods.musinsa.localhost", method, address] for method in ("GET", "OPTIONS")
    ]
    assert began <= arrivals[0][0] <= arrivals[1][0] <= time.time()
    assert client.ask("/__control/arrivals", method="DELETE").json() == []
    assert client.ask("/__control/arrivals").json() == []


def wish(client: Asker, **fault: object) -> None:
    """Switch a fault on."""
    answer = client.ask("/__control/faults", method="POST", json=fault)
    assert answer.status_code == 200, answer.text


def test_faults_of_the_shape_spoil_the_lists_that_the_mall_names_and_end_by_themselves(client: Asker, stock) -> None:
    product_id = max(stock.products, key=lambda key: len(stock.reviews_of(key)))
    path = f"{LIST}{product_id}"
    whole = client.data(path)["list"]
    wish(client, kind="duplicate_reviews", times=1)
    assert client.data(path)["list"] == [*whole, whole[0]]
    wish(client, kind="foreign_product", times=1)
    assert [row["goods"]["goodsNo"] for row in client.data(path)["list"]][0] == 999999999
    wish(client, kind="empty_list", times=1, mall="musinsa")
    assert client.data(path)["list"] == []
    wish(client, kind="vanished_list", times=1)
    assert "list" not in client.data(path)
    wish(client, kind="renamed_field", times=1, field="goodsOption", to="goodsOptionName")
    assert client.data(path)["list"] == [
        {"goodsOptionName" if name == "goodsOption" else name: value for name, value in row.items()} for row in whole
    ]
    assert client.data(path)["list"] == whole
    wish(client, kind="vanished_list", list="ranking", times=1)
    answer = client.data("/api/home/web/v5/pans/ranking/sections/199?categoryCode=001", role="client")
    assert "modules" not in answer


def test_faults_of_the_transport_need_no_mall(client: Asker, stock) -> None:
    path = LIST + max(stock.products, key=lambda key: len(stock.reviews_of(key)))
    wish(client, kind="captcha", times=1)
    assert "로봇이 아닙니다" in client.ask(path).text
    wish(client, kind="mojibake", times=1)
    assert client.ask(path).content.decode("utf-8", errors="replace").count("\ufffd") > 20
    for kind in ("reset", "truncated"):
        wish(client, kind=kind, times=1)
        with pytest.raises(ConnectionCut):
            client.ask(path)
    wish(client, kind="slow", times=1, seconds=0.2)
    begun = time.monotonic()
    assert client.ask(path).status_code == 200
    assert time.monotonic() - begun >= 0.2


def test_a_spoiling_that_makes_no_sense_is_refused(client: Asker) -> None:
    for fault in (
        {"kind": "renamed_field", "field": "a"},
        {"kind": "slow", "seconds": 9_999},
        {"kind": "vanished_list", "list": "shelf"},
        {"kind": "captcha", "surprise": 1},
    ):
        assert client.ask("/__control/faults", method="POST", json=fault).status_code == 400
