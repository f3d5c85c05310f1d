"""The ranking's JSON: rows of six cards, about 102 to a page, an advertisement inside, and a link to the next page.

`hasNext` is always false, as on the real mall: only `link.next` tells that there is more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from local.malls.goods import Product, Stock

COLUMNS = 6
PAGE_ITEMS = 102
_AD_PLACE = 10  # the advertisement's place among the items of an odd page


def known_code(stock: Stock, code: str) -> str | None:
    """The six-digit code that a JSON request's code stands for: 003 -> 003000. None where there is no such ranking."""
    full = code.ljust(6, "0") if code.isdigit() and len(code) in (3, 6) else ""
    return full if full in stock.rankings else None


def answer(
    stock: Stock, ids: Sequence[str], query: dict[str, str], base: str, origins: dict[str, str]
) -> dict[str, Any]:
    """One page of a ranking. `base` is the URL without its query, for `link.next`."""
    page, offset = int(query["page"]), int(query["offset"])
    has_ad = page % 2 == 1
    shown = ids[offset : offset + PAGE_ITEMS - has_ad]
    cards = [_card(stock, stock.products[number], offset + place, origins) for place, number in enumerate(shown, 1)]
    if has_ad and len(cards) > _AD_PLACE:
        cards.insert(_AD_PLACE, _ad(page, origins))
    rows = [cards[start : start + COLUMNS] for start in range(0, len(cards), COLUMNS)]
    modules = [{"type": "MULTICOLUMN", "id": f"row-{page}-{index}", "items": row} for index, row in enumerate(rows)]
    full = len(shown) == PAGE_ITEMS - has_ad
    following = query | {
        "page": str(page + 1),
        "startRank": str(offset + len(shown) + 1),
        "offset": str(offset + len(shown)),
    }
    return {
        "data": {
            "modules": [{"type": "FILTER", "id": "filter", "title": {"text": "실시간"}}, *modules],
            "hasNext": False,
            "link": {"next": f"{base}?{urlencode(following)}" if full else None},
        },
        "meta": {"result": "SUCCESS"},
    }


def container(stock: Stock, code: str) -> dict[str, Any]:
    """What frames a ranking: tabs and category codes, no products."""
    names = stock.codes or {}
    categories = [{"code": known, "name": name, "selected": known == code} for known, name in names.items()]
    tabs = [
        {"sectionId": "199", "title": "전체"},
        {"sectionId": "200", "title": "NEW"},
        {"sectionId": "201", "title": "급상승"},
    ]
    return {
        "data": {"modules": [{"type": "TAB", "items": tabs}, {"type": "CATEGORY", "items": categories}]},
        "meta": {"result": "SUCCESS"},
    }


def _card(stock: Stock, product: Product, rank: int, origins: dict[str, str]) -> dict[str, Any]:
    reviews = len(stock.reviews_of(product.product_id))
    price, listed_at = product.price_krw, product.list_price_krw
    return {
        "type": "PRODUCT_COLUMN",
        "id": product.product_id,
        "image": {
            "url": origins["image"] + picture_path(product),
            "rank": rank,
            "labels": [{"text": f"판매 {reviews / 100:.1f}천개"}] if reviews >= 100 else [],
        },
        "info": {
            "brandName": product.brand,
            "productName": product.name,
            "finalPrice": price,
            "discountRatio": round(100 * (1 - price / listed_at)) if price and listed_at else None,
            "strikethrough": False,
            "isSoldOut": False,
            "additionalInformation": [{"text": f"{reviews % 190 + 5}명이 보는 중"}],
        },
        "onClick": {
            "url": f"{origins['www']}/products/{product.product_id}",
            "eventLog": {"amplitude": {"payload": _payload(reviews, listed_at)}},
        },
    }


def _payload(reviews: int, listed_at: int | None) -> dict[str, str | None]:
    """Numbers as texts, as the mall's event log has them."""
    price = None if listed_at is None else str(listed_at)
    return {"reviewScore": "96", "reviewCount": str(reviews), "original_price": price}


def _ad(page: int, origins: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "BANNER_COLUMN",
        "id": f"ad-{page}",
        "image": {"url": f"{origins['image']}/images/banner/{page}.svg", "rank": None},
        "info": {"title": "시즌오프 최대 70%"},
        "onClick": {"url": f"{origins['www']}/campaign/seasonoff{page}"},
    }


def picture_path(product: Product) -> str:
    """Where the image host keeps a product's picture."""
    return f"/images/goods_img/{product.category or 'other'}/{product.product_id}.svg"
