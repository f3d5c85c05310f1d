"""What 29CM's readers rely on, as their saved pages show it: part of a page -> path -> types. Pure.

The document's part is the product that its payload embeds; where that states the options too, its page asks for no
`detail`, and only the document is looked at.
"""

from __future__ import annotations

import json
from typing import Any

from include.scrapers.captures import Capture
from include.scrapers.cm29 import urls
from include.scrapers.cm29.embedded import product_payload
from include.scrapers.errors import PageChanged

_PRODUCT: dict[str, tuple[type, ...]] = {
    "itemNo": (int, str),
    "itemName": (str,),
    "frontBrand.brandNameKor": (str,),
    "frontCategoryInfo[].category1Code": (int, str),
    "frontCategoryInfo[].category2Code": (int, str),
    "internalDisplayPrice": (int, float),
    "sellPrice": (int, float),
    "itemImages[].imageUrl": (str,),
    "frontItemStockStatus": (str,),
    "useOption": (bool,),
}
_REVIEW: dict[str, tuple[type, ...]] = {
    "itemReviewNo": (int, str),
    "itemNo": (int, str),
    "point": (int,),
    "insertTimestamp": (str,),
    "optionValue": (list, str),
    "userSize": (list,),
    "surveyList[].surveyType": (str,),
    "surveyList[].optionValue": (int, str),
    "isBlind": (bool,),
}

SHAPE: dict[str, dict[str, tuple[type, ...]]] = {
    "items": {
        "data.list[].itemId": (int, str),
        "data.list[].itemEvent.eventProperties.isAd": (bool,),
        "data.pagination.hasNext": (bool,),
    },
    "document": _PRODUCT,
    "detail": {
        **{f"data.{path}": types for path, types in _PRODUCT.items()},
        "data.optionItems.layout": (list,),
        "data.optionItems.list[].title": (str,),
        "data.optionItems.list[].list": (list,),
    },
    "list": {"data.count": (int,), **{f"data.results[].{path}": types for path, types in _REVIEW.items()}},
}


def read_json(capture: Capture) -> tuple[str, Any] | None:
    """The part that a capture is, and its JSON; None for what no reader reads. Raises PageChanged."""
    found = urls.listed(capture.url)
    if found is None:
        return None
    if found.part == "document":
        return found.part, product_payload(capture.body, found.subject)
    try:
        return found.part, json.loads(capture.body)
    except json.JSONDecodeError as error:
        raise PageChanged(f"the answer is no JSON: {error}", capture.url) from error
