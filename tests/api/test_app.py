"""The API as a caller meets it, over a real database."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient

from api.limits import MOST_BYTES
from tests.web.conftest import TODAY

pytestmark = pytest.mark.slow

BODY = {"height_cm": 172, "weight_kg": 68, "gender": "male"}


def _ask(client: TestClient, *product_ids: str, **body: Any) -> dict[str, Any]:
    products = [{"mall": "musinsa", "product_id": each} for each in product_ids]
    answer = client.post("/v1/sizes", json=BODY | body | {"products": products})
    assert answer.status_code == 200
    return answer.json()


def test_each_product_has_its_own_state_and_one_unknown_harms_nobody(client: TestClient) -> None:
    answer = _ask(client, "1000000", "nope", "1000002")
    assert [each["state"] for each in answer["sizes"]] == ["answered", "unknown_product", "no_evidence"]
    assert {each["release_id"] for each in answer["sizes"]} == {answer["release_id"]}
    answered, unknown, silent = answer["sizes"]
    assert answered["size"] in ("S", "M", "L", "XL", "2XL")
    assert 0 <= answered["probability"] <= 1
    assert answered["table_gender"] == "male"
    for empty in (unknown, silent):
        assert (empty["size"], empty["probability"], empty["runner_up"]) == (None, None, None)


def test_the_answer_is_the_published_band(client: TestClient, site_dsn: str) -> None:
    (answer,) = _ask(client, "1000001", height_cm=165.5, weight_kg=70.49, gender="female")["sizes"]
    with psycopg.connect(site_dsn) as connection:
        row = connection.execute(
            """
            SELECT size_label, probability, runner_up, runner_up_probability, reviews FROM otto.size_table
            WHERE product_id = '1000001' AND gender = 'female' AND height_cm = 166
                AND 70 BETWEEN weight_from_kg AND weight_to_kg
            """
        ).fetchone()
    keys = ("size", "probability", "runner_up", "runner_up_probability", "reviews")
    assert tuple(answer[key] for key in keys) == row


def test_a_body_off_the_grid_is_a_state_for_known_products(client: TestClient) -> None:
    answer = _ask(client, "1000000", "nope", height_cm=200.4)
    assert [each["state"] for each in answer["sizes"]] == ["outside_grid", "unknown_product"]


@pytest.mark.parametrize(
    "body",
    [
        {"height_cm": 30},
        {"weight_kg": -1},
        {"gender": "men"},
        {"products": []},
        {"products": [{"mall": "musinsa", "product_id": "x"}] * 201},
        {"products": [{"mall": "musinsa", "product_id": "a\u0000b"}]},
        {"more": 1},
    ],
)
def test_what_has_not_the_documented_shape_is_a_problem_without_the_value(client: TestClient, body: Any) -> None:
    answer = client.post("/v1/sizes", json=BODY | {"products": [{"mall": "musinsa", "product_id": "1"}]} | body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["faults"]
    assert '"input"' not in answer.text


def test_a_large_request_is_refused_announced_or_streamed(client: TestClient) -> None:
    def pieces():  # noqa: ANN202
        for _ in range(3):
            yield b" " * (MOST_BYTES // 2)

    for content in (b" " * (MOST_BYTES + 1), pieces()):
        answer = client.post("/v1/sizes", content=content, headers={"content-type": "application/json"})
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"


def test_the_release_is_the_etag(client: TestClient) -> None:
    for address in ("/v1/release", "/v1/products", "/v1/products/musinsa/1000000"):
        first = client.get(address)
        assert first.status_code == 200
        again = client.get(address, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert client.get(address, headers={"If-None-Match": 'W/"release-0"'}).status_code == 200


def test_products_come_in_pages(client: TestClient) -> None:
    seen, address = [], "/v1/products?limit=2"
    while address:
        page = client.get(address).json()
        seen += [each["product_id"] for each in page["products"]]
        address = page["next"]
    assert seen == ["1000000", "1000001", "1000002", "1000003", "1000004"]
    dresses = client.get("/v1/products", params={"category": "dress"}).json()["products"]
    assert [each["mall"] for each in dresses] == ["zigzag"]


def test_one_product_has_its_chart_and_places(client: TestClient) -> None:
    answer = client.get("/v1/products/musinsa/1000000").json()
    assert answer["product"]["brand"] == "무명상점"
    assert answer["ranks"] == [{"category": "tops", "rank": 1}]
    assert answer["size_chart"][0]["parts"]["총장"] == 66
    missing = client.get("/v1/products/musinsa/nope")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")


def test_the_release_is_told(client: TestClient) -> None:
    assert client.get("/v1/release").json()["run_date"] == TODAY.isoformat()


def test_before_the_first_release_and_without_a_database_it_is_503(
    client: TestClient, empty_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.database._WAIT_SECONDS", 0.3)
    question = BODY | {"products": [{"mall": "musinsa", "product_id": "1"}]}
    for dsn in (empty_dsn, "postgresql://otto_reader@127.0.0.1:9/rds"):
        monkeypatch.setenv("OTTO_READER_DSN", dsn)
        for answer in (
            client.get("/v1/release"),
            client.get("/v1/products"),
            client.get("/v1/products/a/b"),
            client.post("/v1/sizes", json=question),
        ):
            assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")


def test_the_documentation_has_an_example_and_every_address(client: TestClient) -> None:
    document = client.get("/v1/openapi.json").json()
    assert set(document["paths"]) == {"/v1/release", "/v1/products", "/v1/products/{mall}/{product_id}", "/v1/sizes"}
    assert document["components"]["schemas"]["Question"]["example"]["height_cm"] == 172
    assert "application/problem+json" in json.dumps(document)
