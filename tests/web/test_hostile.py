"""Hostile texts of a mall, through a publication and the views, on the page and in the API: shown as text, harmless."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from typing import Any

import pytest
from django.test import Client
from fastapi.testclient import TestClient

from api.app import app
from include import serving
from include.lake import Lake
from include.publish import publication
from tests.memory_s3 import MemoryS3
from tests.publish import invented
from tests.web.conftest import TODAY
from web import database

pytestmark = pytest.mark.slow

# what a mall writes -> what a visitor reads
NAMES = {
    "<script>alert(1)</script>": "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>': '"><img src=x onerror=alert(1)>',
    "' OR 1=1; DROP TABLE otto.live; --": "' OR 1=1; DROP TABLE otto.live; --",
    "{{ 7 * 7 }} {% raw %} ${7*7}": "{{ 7 * 7 }} {% raw %} ${7*7}",
    "shirt \u202egnp.exe\u2066 \u200fx": "shirt gnp.exe x",
    "a\x00b\x1b[31m\r\nSet-Cookie: x\u2028y": "a b [31m Set-Cookie: x y",
    "in\u200bvi\ufeffsi\xadble": "invisible",
    "</title></h1><!-- &lt;b&gt; &amp;": "</title></h1><!-- &lt;b&gt; &amp;",
    "길" * 340: "길" * 340,
    "\u202e\x00\u200b": "1000009",  # nothing is left: the product's number
}
LINKS = [
    "javascript:alert(1)",
    "https://evil.example/x.jpg",
    "//image.msscdn.net/x.jpg",
    "https://image.msscdn.net@evil.example/x.jpg",
    "data:image/svg+xml,<svg onload=alert(1)>",
    "https://image.msscdn.net.evil.example/x.jpg",
    'https://image.msscdn.net/"onerror="alert(1)',
    "file:///etc/passwd",
    "https://image.msscdn.net\\@evil.example/",
    "http://image.msscdn.net/\u202egpj.exe",
]


def _products() -> list[dict[str, Any]]:
    rows = []
    for number, (name, link) in enumerate(zip(NAMES, LINKS, strict=True)):
        run = ["S", "M", f"<b>{number}</b>\u202e"]
        chart = [{"label": label, "parts": {"<i>\ud800총장</i>": 66, "x\x00": float("nan")}} for label in run]
        row = invented.product(number, name=name, brand=name, category="tops", image_url=link, product_url=link)
        rows.append(row | {"size_run": json.dumps(run), "size_chart": json.dumps(chart), "sold_out": json.dumps(run)})
    return rows


@pytest.fixture
def hostile_dsn(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A serving database with a live release of nothing but hostile products."""
    lake = Lake(MemoryS3(), "hostile")
    products = _products()
    bands = invented.bands("musinsa", "1000000", "unknown", ["S", "M", "<b>0</b>"])
    rows = [row | {"product_id": each["product_id"]} for each in products for row in bands]
    for row in rows:
        for field in ("size_label", "runner_up"):
            if row[field] == "<b>0</b>":
                row[field] = f"<b>{int(row['product_id']) - 1_000_000}</b>"
    invented.lay(lake, TODAY, products=products, rows=rows)
    with serving.connect_to(database) as connection:
        serving.migrate(connection)
        (published,) = publication.publish(connection, lake, [TODAY], by="test")
    assert published.live
    monkeypatch.setenv("OTTO_READER_DSN", database)
    return database


def _harmless(page: str) -> None:
    # our own tags only: every < of a mall's text is escaped
    assert set(re.findall(r"<(script|img|svg|b|i|iframe)\b[^>]*", page)) <= {"script", "svg"}
    assert page.count("<script") == 1
    assert not re.search(r"<[^>]*\son\w+=", page)
    assert "evil.example" not in re.sub(r">[^<]*<", "><", page)
    assert "javascript:" not in page
    unseen = {sign for sign in page if unicodedata.category(sign) in ("Cc", "Cf") and sign != "\n"}
    assert unseen == set()


def test_the_pages_show_hostile_texts_as_text(hostile_dsn: str) -> None:
    visitor = Client(headers={"accept-language": "en"})
    visitor.post("/body", {"height": "176", "weight": "80"})
    page = visitor.get("/").content.decode()
    _harmless(page)
    for number, shown in enumerate(NAMES.values()):
        assert f">{html.escape(shown)}</a>".replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page
        answer = visitor.get(f"/products/musinsa/{1_000_000 + number}")
        assert answer.status_code == 200
        _harmless(answer.content.decode())
        assert "총장" in answer.content.decode()
    assert "Set-Cookie" not in "".join(name for name, _ in answer.items())
    database.close()


def test_the_api_answers_hostile_texts_as_json(hostile_dsn: str) -> None:
    with TestClient(app) as caller:
        listed = caller.get("/v1/products").json()["products"]
        assert [each["name"] for each in listed] == list(NAMES.values())
        assert {each["image_url"] for each in listed} == {None}
        assert {each["product_url"] for each in listed} == {None}
        chart = caller.get("/v1/products/musinsa/1000003").json()["size_chart"]
        assert chart[2] == {"label": "<b>3</b>", "parts": {"<i>총장</i>": 66, "x": None}}
        asked = [{"mall": "musinsa", "product_id": "1000003"}]
        body = {"height_cm": 190, "weight_kg": 90, "products": asked}
        assert caller.post("/v1/sizes", json=body).json()["sizes"][0]["size"] == "<b>3</b>"
    database.close()
