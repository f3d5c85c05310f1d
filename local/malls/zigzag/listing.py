"""The list of a category: modules of a page, a frame of tabs, product cards with advertisements among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from local.malls.goods import Product, Stock
from local.malls.zigzag.marks import Marks
from local.malls.zigzag.sale import chance

PAGE_CARDS = 30
_AD_PLACE = 4


def first_page(stock: Stock, marks: Marks, code: str, ids: Sequence[str], image: str) -> dict[str, Any]:
    """GetCnvPage: the frame, a carousel of recommended products, and the first cards."""
    carousel = [_block(stock, stock.products[number], image, place, None) for place, number in enumerate(ids[-3:])]
    frame = [
        _module("frame", {"type": "CATEGORY_TAB", "depth_list": [{"item_list": _tabs(stock, code)}]}),
        _module("recommended", {"type": "RECOMMEND_PRODUCT_CAROUSEL_GROUP", "product_card_list": carousel}),
    ]
    return {
        "layout_id": marks.layout,
        "module_spec_list": [*frame, *_cards(stock, marks, code, ids, 0, image)],
        "action_list": [],
    }


def next_page(
    stock: Stock, marks: Marks, code: str, ids: Sequence[str], offset: int, image: str, action_id: str
) -> dict[str, Any]:
    """GetCnvPageAction: the cards from a place on."""
    update = {"action_id": action_id, "module_spec_list": _cards(stock, marks, code, ids, offset, image)}
    return {"layout_id": marks.layout, "module_spec_update_list": [update]}


def place(marks: Marks, server_option: Mapping[str, Any]) -> tuple[str, int] | None:
    """Category and place that a page's own mark names; None for one that was made by hand."""
    cursor = server_option.get("cursor") or {}
    code, offset = str(cursor.get("category")), cursor.get("offset")
    if not isinstance(offset, int) or server_option.get("sign") != marks.sign(code, offset):
        return None
    return code, offset


def picture_path(product: Product) -> str:
    """Where the image host keeps a product's picture."""
    return f"/original/d/{product.category or 'other'}/{product.product_id}.svg"


def _cards(stock: Stock, marks: Marks, code: str, ids: Sequence[str], offset: int, image: str) -> list[dict[str, Any]]:
    """Modules of one page of cards; the last one says how the list goes on."""
    shown = ids[offset : offset + PAGE_CARDS]
    blocks = [
        _block(stock, stock.products[number], image, offset + position, None) for position, number in enumerate(shown)
    ]
    if len(blocks) > _AD_PLACE:
        advertised = stock.products[ids[(offset * 7 + 11) % len(ids)]]
        blocks.insert(_AD_PLACE, _block(stock, advertised, image, _AD_PLACE, f"ad-{marks.sign('ad', offset)}"))
    modules = [_module(marks.list_slot, {"type": "PRODUCT_CARD", "product_card": block}) for block in blocks]
    if offset + PAGE_CARDS < len(ids) and modules:
        modules[-1]["meta"]["action_list"] = [_pagination(marks, code, offset + PAGE_CARDS)]
    return modules


def _pagination(marks: Marks, code: str, offset: int) -> dict[str, Any]:
    option = {
        "type": "PAGINATION",
        "moduleSlotId": marks.list_slot,
        "cursor": {"category": code, "offset": offset},
        "sign": marks.sign(code, offset),
    }
    return {
        "type": "PAGINATION",
        "trigger_type": "SCROLL_END",
        "target": {"module_slot_id": marks.list_slot, "module_id_list": []},
        "option": {"type": "PAGINATION", "server_option": option},
    }


def _module(slot: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"meta": {"module_slot_id": slot, "module_id": slot, "action_list": [], "share_log": None}, "body": body}


def _tabs(stock: Stock, code: str) -> list[dict[str, Any]]:
    return [
        {
            "type": "CATEGORY_ITEM",
            "text": {"text": name},
            "is_selected": known == code,
            "ubl": {"server_log": {"category_id": known, "category_name": name}},
        }
        for known, name in (stock.codes or {}).items()
    ]


def _block(stock: Stock, product: Product, image: str, position: int, ad_key: str | None) -> dict[str, Any]:
    price, listed_at = product.price_krw, product.list_price_krw
    reviews = stock.reviews_of(product.product_id)
    rate = round(100 * (1 - price / listed_at)) if price and listed_at else 0
    watched = int(chance(product, "fomo") * 90) + 10
    return {
        "type": "PRODUCT_CARD",
        "action_list": [],
        "product_card": {
            "product_id": product.product_id,
            "product": {"title": product.name, "image": {"normal": image + picture_path(product)}},
            "price": {"final_price": price, "max_price": listed_at, "final_price_discount_rate": rate},
            "review": {"count": f"{len(reviews):,}", "score": "4.8" if reviews else None},
            "shop": {"name": product.brand},
            "engagement": {"is_saved_product": False, "fomo": {"fomo_text": f"{watched}명이 찜했어요"}},
            "meta": {"state": {"sales_status": "ON_SALE", "shipping_type": "GENERAL"}},
        },
        "ubl": {"server_log": {"ad_key": ad_key, "organic_position": None if ad_key else position}},
    }
