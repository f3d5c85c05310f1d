"""A lake in a dict, and raw pages to put into it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from include.lake import Lake, ObjectMissing
from include.scrapers import captures, parts
from include.scrapers.captures import Capture

DAY = date(2026, 11, 20)
MOMENT = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
GOODS = "http://goods.musinsa.localhost:8095/api2/review"
CLIENT = "http://client.musinsa.localhost:8095/api/home/web/v5/pans/ranking/sections/199"


class FakeLake(Lake):
    """The six verbs over a dict."""

    def __init__(self) -> None:
        super().__init__(client=None, bucket="lake")
        self.objects: dict[str, bytes] = {}

    def put(self, key: str, body: bytes, content_type: str = "application/octet-stream") -> None:
        self.objects[key] = body

    def get(self, key: str) -> bytes:
        if key not in self.objects:
            raise ObjectMissing(f"{self.uri(key)} does not exist")
        return self.objects[key]

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        for key in sorted(self.objects):
            if key.startswith(prefix):
                yield key, len(self.objects[key])

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.objects.pop(key, None)


def card(product_id: str, rank: int | None) -> dict[str, Any]:
    """A ranking's card."""
    return {"type": "PRODUCT_COLUMN", "id": product_id, "image": {"rank": rank}}


def ranking(code: str, *cards: dict[str, Any]) -> Capture:
    """One list response of a ranking."""
    body = {"data": {"modules": [{"type": "MULTICOLUMN", "items": list(cards)}], "link": {"next": None}}}
    return Capture("ranking", f"{CLIENT}?categoryCode={code}&page=1", 200, MOMENT, json.dumps(body))


def document(product_id: str, status: int = 200, **state: Any) -> Capture:
    """A product's document."""
    data = {"goodsNo": product_id, "goodsNm": f"상품 {product_id}"} | state
    text = json.dumps({"props": {"pageProps": {"meta": {"data": data}}}}, ensure_ascii=False)
    body = f'<script id="__NEXT_DATA__" type="application/json">{text}</script>'
    return Capture("product", f"http://www.musinsa.localhost:8095/products/{product_id}", status, MOMENT, body)


def review(number: int, product_id: str, option: str = "M", height: Any = 170) -> dict[str, Any]:
    """One review of a list response."""
    profile = {"userHeight": height, "userWeight": 60, "reviewSex": "여성"}
    return {"no": number, "goods": {"goodsNo": product_id}, "goodsOption": option, "userProfileInfo": profile}


def review_list(asked: str, *reviews: dict[str, Any], page: int = 0, total: int | None = None) -> Capture:
    """One list response of reviews."""
    url = f"{GOODS}/v1/view/list?page={page}&goodsNo={asked}"
    body = {"data": {"list": list(reviews)} | ({} if total is None else {"total": total})}
    return Capture("reviews", url, 200, MOMENT, json.dumps(body, ensure_ascii=False))


def similar(asked: str, *siblings: str) -> Capture:
    """A product's similar-list."""
    rows = [{"goodsNo": sibling, "goodsName": f"형제 {sibling}"} for sibling in siblings]
    url = f"{GOODS}/v2/view/similar-list?goodsNo={asked}"
    return Capture("reviews", url, 200, MOMENT, json.dumps({"data": rows}, ensure_ascii=False))


def put_raw(
    lake: Lake,
    run: str,
    category: str,
    rankings: list[Capture],
    products: Mapping[str, tuple[list[Capture], list[Capture] | None]],
    whole: Sequence[str] = (),
) -> None:
    """Store raw pages as a run does, and make them count. Lists are None where reviews were not read; `whole` names the
    products whose lists were read to their end.
    """
    captures.store(lake, "musinsa", "ranking", DAY, f"{run}-{category}", rankings)
    for product_id, (pages, lists) in products.items():
        captures.store(lake, "musinsa", "product", DAY, f"{run}-{product_id}", pages)
        if lists is not None:
            captures.store(lake, "musinsa", "reviews", DAY, f"{run}-{product_id}", lists)
    read = [product_id for product_id, (_, lists) in products.items() if lists is not None]
    for kind, names in (("ranking", [category]), ("product", list(products)), ("reviews", read)):
        parts.replace(lake, parts.raw("musinsa", kind, DAY), {category: [f"{run}-{name}" for name in names]})
    parts.replace(lake, parts.whole("musinsa", DAY), {category: [f"{run}-{name}" for name in whole]})
