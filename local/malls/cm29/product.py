"""The product's JSON: what the server renders into the page, and the fuller answer that its script asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.malls.cm29 import spelling
from local.malls.cm29.codes import LARGE, MIDDLE, large, middle
from local.malls.cm29.pictures import picture_path
from local.malls.goods import Product, Stock

ON_STOCK, SOLD_OUT = "ON_STOCK", "SOLD_OUT"
_NOTICE_SIZES = ("상세 페이지 참고", "S~XL", "S, M, L", "one size", "free", "S/M/L", "chest 52 total 66")


def rendered(stock: Stock, product: Product) -> dict[str, Any]:
    """The product as the payload of the page holds it: without its options."""
    ratings = [review.rating for review in stock.reviews_of(product.product_id) if review.rating is not None]
    price, listed_at = product.price_krw or 0, product.list_price_krw or 0
    return {
        "itemNo": int(product.product_id),
        "itemName": product.name,
        "frontBrand": {
            "frontBrandNo": int.from_bytes((product.brand_slug or "x").encode()[:3]),
            "brandNameKor": product.brand,
            "brandNameEng": product.brand_slug,
        },
        "frontCategoryInfo": [_place(code, product) for code in _codes(stock, product)],
        "consumerPrice": listed_at,
        "sellPrice": (price + listed_at) // 2,
        "internalDisplayPrice": price,
        "itemImages": [{"imageUrl": picture_path(product), "imageType": 3}],
        "frontItemStockStatus": SOLD_OUT if _is_gone(product) else ON_STOCK,
        "useOption": bool(product.axes),
        "heartCount": int(product.product_id) % 2000,
        "reviewAggregation": {
            "totalCount": len(ratings),
            "averagePoint": round(2 * sum(ratings) / len(ratings)) / 2 if ratings else 0.0,
        },
    }


def detail(stock: Stock, product: Product) -> dict[str, Any]:
    """The product as bff-api answers: with options, stock and the notice table. No size chart: a free text at best."""
    return rendered(stock, product) | {
        "optionItems": {"layout": spelling.layout(product), "list": _levels(product)},
        "itemDetailsList": [
            {"itemDetailsTitles": "제품 주소재", "itemDetailsValue": "상세 페이지 참고"},
            {"itemDetailsTitles": "색상", "itemDetailsValue": "상세 페이지 참고"},
            {
                "itemDetailsTitles": "치수",
                "itemDetailsValue": _NOTICE_SIZES[int(product.product_id) % len(_NOTICE_SIZES)],
            },
        ],
    }


def linked(stock: Stock, product: Product, origins: Mapping[str, str]) -> dict[str, Any]:
    """JSON-LD."""
    return {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.name,
        "sku": product.product_id,
        "image": origins["img"] + picture_path(product),
        "brand": {"@type": "Brand", "name": product.brand},
        "offers": {
            "@type": "Offer",
            "priceCurrency": "KRW",
            "price": product.price_krw,
            "availability": f"https://schema.org/{'OutOfStock' if _is_gone(product) else 'InStock'}",
        },
    }


def _levels(product: Product) -> list[dict[str, Any]]:
    """The tree of options: one entry a text of the first level, stock on the last."""
    tree: list[dict[str, Any]] = []
    for number, choice in enumerate(product.combinations()):
        level = tree
        *above, last = spelling.level_texts(product, choice)
        for text in above:
            found = next((entry for entry in level if entry["title"] == text), None)
            if found is None:
                found = {"title": text, "list": []}
                level.append(found)
            level = found["list"]
        gone = choice in product.out_of_stock
        level.append(
            {
                "title": last,
                "limitedQty": 0 if gone else 3 + (number * 7) % 990,
                "frontOptionStockStatus": SOLD_OUT if gone else ON_STOCK,
                "sellPrice": 0.0,
                "list": [],
            }
        )
    return tree


def _codes(stock: Stock, product: Product) -> list[str]:
    """The middle categories in which a product stands, its own first."""
    own = middle(product.mall_category or "")
    others = [code for code in MIDDLE if code != own and product.product_id in stock.rankings.get(code, ())]
    return [own, *others]


def _place(code: str, product: Product) -> dict[str, Any]:
    own = product.mall_category or ""
    return {
        "category1Code": int(large(code)),
        "category1Name": LARGE[large(code)],
        "category2Code": int(code),
        "category2Name": MIDDLE[code][1],
        "category3Code": int(own) if middle(own) == code else int(code) + 99,
        "category3Name": product.category_path[-1],
    }


def _is_gone(product: Product) -> bool:
    return bool(product.axes) and len(product.out_of_stock) == len(product.combinations())
