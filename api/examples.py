"""What the documentation shows of each answer; invented, and held to the shapes by a test."""

from __future__ import annotations

from typing import Any

RELEASE: dict[str, Any] = {
    "release_id": 41,
    "run_date": "2026-11-22",
    "model_version": "20261122-0123456789ab",
    "products": 3000,
    "rows": 6750000,
    "live_from": "2026-11-22T21:04:11+00:00",
}
PRODUCT: dict[str, Any] = {
    "mall": "musinsa",
    "product_id": "1000000",
    "name": "릴렉스드 코튼 티셔츠",
    "brand": "무명상점",
    "category": "tops",
    "gender": "men",
    "price_krw": 19900,
    "image_url": "https://image.msscdn.net/images/1000000.jpg",
    "product_url": "https://www.musinsa.com/products/1000000",
    "size_run": ["S", "M", "L", "XL"],
    "fit_advice": "true",
    "fit_share": 0.62,
    "reviews": 812,
    "reviewed_until": "2026-11-21",
    "sold_out": ["XL"],
}
SIZE: dict[str, Any] = {
    "mall": "musinsa",
    "product_id": "1000000",
    "state": "answered",
    "size": "M",
    "probability": 0.71,
    "runner_up": "L",
    "runner_up_probability": 0.22,
    "reviews": 38,
    "table_gender": "male",
    "release_id": 41,
}
UNKNOWN: dict[str, Any] = dict.fromkeys(SIZE) | {
    "mall": "musinsa",
    "product_id": "0",
    "state": "unknown_product",
    "release_id": 41,
}
PROBLEM: dict[str, Any] = {
    "type": "about:blank",
    "title": "Unprocessable request",
    "status": 422,
    "detail": "The request does not have the documented shape.",
    "faults": [{"where": "body/height_cm", "reason": "Input should be greater than or equal to 60"}],
}
SIZES: dict[str, Any] = {"release_id": 41, "sizes": [SIZE, UNKNOWN]}
PRODUCT_LIST: dict[str, Any] = {
    "release_id": 41,
    "products": [PRODUCT],
    "next": "/v1/products?limit=1&after=musinsa%2F1000000",
}
ONE_PRODUCT: dict[str, Any] = {
    "release_id": 41,
    "product": PRODUCT,
    "size_chart": [{"label": "M", "parts": {"총장": 68, "가슴단면": 53}}],
    "ranks": [{"category": "tops", "rank": 7}],
}
