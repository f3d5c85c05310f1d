"""One server for all host names: dispatch, health, faults on order, counts, arrivals."""

import time
from datetime import date

import pytest

from local.malls import catalogue
from local.malls.app import Malls
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
