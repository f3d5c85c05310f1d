"""Hand-made rows: each builder gives a sound record, and a test states only what matters to it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from include.scrapers.records import Product, RankingEntry, Review

DAY = date(2026, 11, 20)

_CAPTURE: dict[str, Any] = {
    "captured_at": datetime(2026, 11, 20, 1, tzinfo=UTC),
    "capture_key": "raw/mall=musinsa/kind=reviews/run_date=2026-11-20/other-0001.jsonl.gz",
    "capture_line": 1,
}


def place(rank: int = 1, product_id: str = "100", **stated: Any) -> RankingEntry:
    """One place of the tops ranking of musinsa on DAY."""
    row = {"mall": "musinsa", "run_date": DAY, "category": "tops", "mall_category": "001000"}
    return RankingEntry(**(row | {"rank": rank, "product_id": product_id} | _CAPTURE | stated))


def product(product_id: str = "100", **stated: Any) -> Product:
    """One product with the options S, M, L, XL."""
    row = {
        "mall": "musinsa",
        "run_date": DAY,
        "product_id": product_id,
        "category": "tops",
        "mall_category": "001000",
        "name": f"맨투맨 {product_id}",
        "brand": "brand",
        "gender": "men",
        "gender_implied": False,
        "price_krw": 39000,
        "image_url": "https://image.musinsa.localhost/100.jpg",
        "product_url": f"https://www.musinsa.localhost/products/{product_id}",
        "size_options": '["S", "M", "L", "XL"]',
        "size_run": '["S", "M", "L", "XL"]',
        "size_ruler": "letter",
        "size_chart": None,
        "sold_out": "[]",
        "listed": True,
    }
    return Product(**(row | _CAPTURE | stated))


def review(review_id: str = "1", **stated: Any) -> Review:
    """One man of 175 cm who bought M and said nothing of its fit; his weight, 60 kg and his number, is his own."""
    row = {
        "mall": "musinsa",
        "run_date": DAY,
        "review_id": review_id,
        "product_id": "100",
        "gender": "male",
        "gender_implied": False,
        "height_cm": Decimal("175.0"),
        "weight_kg": Decimal(60 + int(review_id) % 40).quantize(Decimal("0.1")),
        "size_option": "M",
        "size_label": "M",
        "size_alias": None,
        "size_ruler": "letter",
        "size_order": 3.0,
        "fit": None,
        "fit_slight": False,
        "rating": 5,
        "reviewed_on": date(2026, 11, 1),
    }
    return Review(**(row | _CAPTURE | stated))
