"""How a product is sold: its state, and which of the mall's price forms shows its price. Follows from its number."""

from __future__ import annotations

import zlib
from typing import Any

from local.malls.goods import Product

FIRST_PURCHASE = "첫구매쿠폰"


def chance(product: Product, what: str) -> float:
    """A number from 0 to 1 that is the product's own for one purpose."""
    return zlib.crc32(f"{what}:{product.product_id}".encode()) / 2**32


def is_suspended(product: Product) -> bool:
    """Whether the seller has taken the whole product off sale, whatever its items say."""
    return chance(product, "suspended") < 0.04


def prices(product: Product) -> dict[str, Any] | None:
    """`product_price`: four forms. The first order's price is lower than what anybody else pays."""
    price, listed_at = product.price_krw, product.list_price_krw
    if price is None:
        return None
    form = int(chance(product, "price") * 4)
    between = (price + (listed_at or price)) // 20 * 10
    first = int(price * 0.7) // 10 * 10
    discounted, shown, badge, beside = (
        (price, price, "쿠폰할인가", None),
        (price, between, None, {"price": price, "badge": {"text": "직잭픽"}}),
        (first, price, None, {"price": first, "badge": {"text": FIRST_PURCHASE}}),
        (price, price, None, None),
    )[form]
    return {
        "max_price_info": {"price": listed_at or price},
        "final_discount_info": {"discount_price": discounted},
        "display_final_price": {
            "final_price": {"price": shown, "badge": {"text": badge} if badge else None},
            "final_price_additional": beside,
        },
    }


def length_extra(product: Product) -> int:
    """What the last value of the first option costs more or less than the others; mostly nothing."""
    return -1000 if len(product.axes) > 1 and chance(product, "extra") < 0.15 else 0
