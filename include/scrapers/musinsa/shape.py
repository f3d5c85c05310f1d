"""What Musinsa's readers rely on, as their saved pages show it: part of a page -> path -> types. Pure."""

from __future__ import annotations

import json
from typing import Any

from include.scrapers.captures import Capture
from include.scrapers.musinsa import pages, urls

_CARD = "data.modules[].items[]"
_REVIEW = "data.list[]"

SHAPE: dict[str, dict[str, tuple[type, ...]]] = {
    "entries": {
        "data.modules[].type": (str,),
        f"{_CARD}.type": (str,),
        f"{_CARD}.id": (str, int),
        f"{_CARD}.image.rank": (int,),
        "data.link.next": (str,),
    },
    "document": {
        "goodsNo": (int, str),
        "goodsNm": (str,),
        "brandInfo.brandName": (str,),
        "category.categoryDepth1Code": (str,),
        "category.categoryDepth2Code": (str,),
        "goodsPrice.finalPrice": (int,),
        "sex": (list, str),
        "thumbnailImageUrl": (str,),
    },
    "options": {
        "data.basic[].name": (str,),
        "data.basic[].optionValues[].no": (int,),
        "data.basic[].optionValues[].name": (str,),
        "data.optionItems[].no": (int,),
        "data.optionItems[].optionValueNos": (list,),
    },
    "inventories": {"data[].productVariantId": (int,), "data[].outOfStock": (bool,)},
    "actual_size": {"data.sizes[].name": (str,)},
    "similar": {"data[].goodsNo": (int, str), "data[].goodsName": (str,)},
    "list": {
        "data.total": (int,),
        f"{_REVIEW}.no": (int, str),
        f"{_REVIEW}.goods.goodsNo": (int, str),
        f"{_REVIEW}.goodsOption": (str,),
        f"{_REVIEW}.grade": (str, int),
        f"{_REVIEW}.createDate": (str,),
        f"{_REVIEW}.userProfileInfo.reviewSex": (str,),
        f"{_REVIEW}.userProfileInfo.userHeight": (int, str),
        f"{_REVIEW}.userProfileInfo.userWeight": (int, str),
        f"{_REVIEW}.reviewSurveySatisfaction.questions[].attribute": (str,),
        f"{_REVIEW}.reviewSurveySatisfaction.questions[].answers[].answerShortText": (str,),
    },
}


def read_json(capture: Capture) -> tuple[str, Any] | None:
    """The part that a capture is, and its JSON; None for what no reader reads. Raises PageChanged."""
    found = urls.listed(capture.url)
    if found is None:
        return None
    return found.part, pages.embedded(capture) if found.part == "document" else json.loads(capture.body)
