"""The lists of products: the best ranking and the category list, both POSTed, both without a rank.

As on the real mall: an unknown field in the request is answered with an empty list, an unknown value of an enumeration
with 400 and the allowed values, the periods MONTHS_3 and MONTHS_6 with 500. Each later page of a list begins with the
last entry of the one before it, as when the list has moved in between.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from local.malls.cm29.codes import LARGE, MIDDLE, large, middle
from local.malls.cm29.pictures import picture_path
from local.malls.goods import Product, Stock

_AD_PLACE = 4  # of the advertisement on each page
_BRAND_LIMIT = 2  # entries of one brand in the ranking of an hour
_PERIODS = ("HOURLY", "DAILY", "WEEKLY", "MONTHLY")
_BROKEN_PERIODS = ("MONTHS_3", "MONTHS_6")
_ENUMS = {
    ("userSegment", "gender"): ("ALL", "M", "F"),
    ("userSegment", "age"): ("ALL", "TEENAGER", "TWENTIES", "THIRTIES", "FORTIES", "FIFTIES"),
    ("facets", "periodFacetInput", "type"): _PERIODS,
    ("facets", "rankingFacetInput", "type"): ("POPULARITY", "ORDER", "LIKE", "CLICK", "CART"),
}
_FIELDS = {
    "": {"pageRequest", "userSegment", "facets", "pageType", "sortType"},
    "pageRequest": {"page", "size"},
    "userSegment": {"gender", "age"},
    "facets": {"categoryFacetInputs", "periodFacetInput", "rankingFacetInput"},
}
_SIZE_LIMIT = 100


class RequestRefused(ValueError):
    """A request that the mall answers with an error status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def read_request(body: bytes) -> dict[str, Any]:
    """What a request asks for. Raises RequestRefused."""
    try:
        asked = json.loads(body)
    except ValueError as error:
        raise RequestRefused(400, "the body is no JSON") from error
    if not isinstance(asked, dict):
        raise RequestRefused(400, "the body is no object")
    return asked


def category(asked: Mapping[str, Any]) -> str | None:
    """The deepest category that a request names."""
    first = (_dig(asked, ("facets", "categoryFacetInputs")) or [{}])[0]
    code = first.get("smallId") or first.get("middleId") or first.get("largeId")
    return str(code) if code else None


def best(stock: Stock, asked: Mapping[str, Any], origins: Mapping[str, str]) -> dict[str, Any]:
    """One page of the best ranking of a category. Raises RequestRefused."""
    _check(asked)
    page, size = _page(asked, _SIZE_LIMIT)
    ids = _ids(stock, asked)
    if _dig(asked, ("facets", "periodFacetInput", "type")) == "HOURLY":
        ids = _few_of_each_brand(stock, ids)
    step = size - 2 if size > 2 else 1  # an advertisement and the repeated entry
    start = (page - 1) * step
    shown = ids[start : start + max(size - 1, 1)]
    entries = [_entry(stock, stock.products[number], origins) for number in shown]
    if len(entries) > _AD_PLACE:
        entries.insert(_AD_PLACE, _entry(stock, stock.products[ids[-1 - page % len(ids)]], origins, is_ad=True))
    has_next = start + len(shown) < len(ids)
    return {"list": entries, "pagination": {"page": page, "size": size, "hasNext": has_next}}


def listing(stock: Stock, asked: Mapping[str, Any], origins: Mapping[str, str]) -> dict[str, Any]:
    """One page of a category's list. Every later page of RECOMMENDED repeats entries and loses as many."""
    _check(asked)
    page, size = _page(asked, 50)
    ids = _ids(stock, asked)
    start = (page - 1) * size
    if is_newest := asked.get("sortType") == "NEWEST":
        ids = sorted(ids, key=int, reverse=True)
    shown = list(ids[start : start + size])
    if shown and page > 1 and not is_newest:
        moved = size // 7
        shown[:moved] = ids[start - size : start - size + moved]
    pagination = {"page": page, "size": size, "hasNext": page * size < len(ids), "totalCount": len(ids)}
    return {"list": [_entry(stock, stock.products[one], origins) for one in shown], "pagination": pagination}


def _check(asked: Mapping[str, Any]) -> None:
    if _dig(asked, ("facets", "periodFacetInput", "type")) in _BROKEN_PERIODS:
        raise RequestRefused(500, "Internal Server Error")
    for way, allowed in _ENUMS.items():
        value = _dig(asked, way)
        if value is not None and value not in allowed:
            raise RequestRefused(400, f"{'.'.join(way)}: {value!r} is none of {', '.join(allowed)}")


def _page(asked: Mapping[str, Any], limit: int) -> tuple[int, int]:
    page, size = _dig(asked, ("pageRequest", "page")), _dig(asked, ("pageRequest", "size"))
    page, size = (1 if page is None else page), (limit if size is None else size)
    if not (isinstance(page, int) and isinstance(size, int) and page >= 1 and 1 <= size <= limit):
        raise RequestRefused(400, f"pageRequest: page from 1, size from 1 to {limit}")
    return page, size


def _ids(stock: Stock, asked: Mapping[str, Any]) -> Sequence[str]:
    """The products of the asked category; nothing where the request holds a field that does not exist."""
    if any(set(asked if not name else asked.get(name) or {}) - known for name, known in _FIELDS.items()):
        return ()
    if any(
        set(one) - {"largeId", "middleId", "smallId"} for one in asked.get("facets", {}).get("categoryFacetInputs", [])
    ):
        return ()
    code = category(asked)
    if code is None:
        everything = dict.fromkeys(one for number in LARGE for one in stock.rankings.get(number, ()))
        return tuple(everything)
    return stock.rankings.get(code, ())


def _few_of_each_brand(stock: Stock, ids: Sequence[str]) -> list[str]:
    seen: dict[str | None, int] = {}
    few = []
    for number in ids:
        brand = stock.products[number].brand
        seen[brand] = seen.get(brand, 0) + 1
        if seen[brand] <= _BRAND_LIMIT:
            few.append(number)
    return few


def _entry(stock: Stock, product: Product, origins: Mapping[str, str], is_ad: bool = False) -> dict[str, Any]:
    ratings = [review.rating for review in stock.reviews_of(product.product_id) if review.rating is not None]
    code, (price, listed_at) = product.mall_category or "", (product.price_krw or 0, product.list_price_krw or 0)
    number = int(product.product_id)
    return {
        "itemId": number,
        "itemUrl": {"webLink": f"{origins['product']}/catalog/{number}"},
        "itemInfo": {
            "productName": product.name,
            "brandId": int.from_bytes((product.brand_slug or "x").encode()[:3]),
            "brandName": product.brand,
            "originalPrice": listed_at,
            "sellPrice": (price + listed_at) // 2,
            "displayPrice": price,
            "saleRate": round(100.0 * (1 - price / listed_at), 1) if listed_at else 0.0,
            "reviewScore": round(sum(ratings) / len(ratings), 1) if ratings else 0.0,
            "reviewCount": len(ratings),
            "likeCount": number % 2000,
            "isSoldOut": bool(product.axes) and len(product.out_of_stock) == len(product.combinations()),
            "thumbnailUrl": origins["img"] + picture_path(product),
        },
        "itemEvent": {
            "eventProperties": {
                "itemNo": number,
                "largeCategoryNo": int(large(code)),
                "largeCategoryName": LARGE[large(code)],
                "middleCategoryNo": int(middle(code)),
                "middleCategoryName": MIDDLE[middle(code)][1],
                "smallCategoryName": product.category_path[-1],
                "isAd": is_ad,
            }
        },
    }


def _dig(value: Any, way: Sequence[str]) -> Any:
    for key in way:
        value = value.get(key) if isinstance(value, dict) else None
    return value
