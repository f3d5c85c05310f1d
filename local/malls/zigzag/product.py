"""The product: what the server puts into the page, its options and items, its size table and the mall's own advice."""

from __future__ import annotations

from typing import Any

from local.malls.goods import Product, Stock
from local.malls.zigzag.listing import picture_path
from local.malls.zigzag.sale import chance, is_suspended, length_extra, prices


def embedded(product: Product, image: str) -> dict[str, Any]:
    """`props.pageProps.product` of the page. Only here the product's own state is told."""
    suspended = is_suspended(product)
    return {
        "id": product.product_id,
        "name": product.name,
        "shop_name": product.brand,
        "is_purchasable": not suspended,
        "sales_status": "SUSPENDED" if suspended else "ON_SALE",
        "product_image_list": _images(product, image),
    }


def options(product: Product, image: str) -> dict[str, Any]:
    """GetCatalogProductDetailPageOption."""
    return {
        "pdp_option_info": {
            "catalog_product": {
                "id": product.product_id,
                "name": product.name,
                "shop_id": product.brand_slug,
                "shop_name": product.brand,
                "managed_category_list": _categories(product),
                "product_price": prices(product),
                "product_image_list": _images(product, image),
                "product_option_list": _axes(product),
                "matched_item_list": _items(product),
                "zigzin_item_list": None,
            },
            "flags": {"is_cart_button_visible": True, "is_purchase_only_one_at_time": False},
        }
    }


def details(stock: Stock, product: Product) -> dict[str, Any]:
    """GetPdpIntegratedData."""
    reviews = stock.reviews_of(product.product_id)
    ratings = [review.rating for review in reviews if review.rating is not None]
    return {
        "related_product_review_summary": {
            "all_count": len(reviews),
            "ratings_average": round(sum(ratings) / len(ratings), 1) if ratings else None,
            "attribute_list": [],
        },
        "pdp_base_info": {"size_recommendation": _recommendation(product), "fitting_model_list": None},
        "pdp_size_info": {"item_list": _size_tables(product)},
    }


def has_size_tab(product: Product) -> bool:
    """Whether the page has a tab of sizes: only where there is something to show."""
    return product.chart is not None or _recommendation(product) is not None


def _images(product: Product, image: str) -> list[dict[str, Any]]:
    path = image + picture_path(product)
    sub = path.replace(".svg", "-2.svg")
    return [
        {"image_type": "SUB", "url": sub, "pdp_thumbnail_url": sub},
        {"image_type": "MAIN", "url": path, "pdp_thumbnail_url": path},
    ]


def _categories(product: Product) -> list[dict[str, Any]]:
    if product.mall_category is None:
        return []
    code = product.mall_category
    ids = ("10", code[:-2], code)
    steps = zip(ids, product.category_path, strict=True)
    return [
        {"id": f"c{number}", "category_id": number, "key": f"key_{number}", "value": word, "depth": depth}
        for depth, (number, word) in enumerate(steps, 1)
    ]


def _axes(product: Product) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{product.product_id}-{place}",
            "name": axis.title,
            "order": place,
            "required": True,
            "option_type": "BASIC",
            "value_list": [{"id": f"{place}-{index}", "value": text} for index, text in enumerate(axis.values)],
        }
        for place, axis in enumerate(product.axes)
    ]


def _items(product: Product) -> list[dict[str, Any]]:
    return [_item(product, choice, number) for number, choice in enumerate(product.combinations())]


def _item(product: Product, choice: tuple[int, ...], number: int) -> dict[str, Any]:
    gone = choice in product.out_of_stock
    extra = length_extra(product) if choice[0] == len(product.axes[0].values) - 1 else 0
    values = [axis.values[index] for axis, index in zip(product.axes, choice, strict=True)]
    # a shop ends the sale of an item in one of two ways
    ended = "SUSPENDED" if chance(product, "ended") < 0.3 else "SOLD_OUT"
    return {
        "id": f"{product.product_id}{number:03d}",
        "name": "/".join(values),
        "price": product.list_price_krw,
        "price_delta": extra,
        "final_price": None if product.price_krw is None else product.price_krw + extra,
        "sales_status": ended if gone else "ON_SALE",
        "display_status": "VISIBLE",
        "remain_stock": 0 if gone else None,
        "item_attribute_list": [
            {"name": axis.title, "value": value} for axis, value in zip(product.axes, values, strict=True)
        ],
    }


def _size_tables(product: Product) -> list[dict[str, Any]]:
    """The table of measures as rows of texts, the header first."""
    picture = {"image_url": f"/size/{product.category}.svg", "value_list": None, "description": None}
    if product.chart is None:
        return []
    rows = [["사이즈", *product.chart.parts]]
    rows += [[size, *("-" if value is None else str(value) for value in values)] for size, values in product.chart.rows]
    return [picture, {"image_url": None, "value_list": rows, "description": ["(단위 : cm)"]}]


def _recommendation(product: Product) -> dict[str, Any] | None:
    """The mall's own table from bodies to sizes, for some products."""
    if product.size_ruler == "free" or chance(product, "recommended") < 0.6:
        return None
    labels = product.axes[product.size_axis].values if product.axes else ()
    values = [
        {
            "ranking": place + 1,
            "name": label,
            "height_range": {"min": 150 + 5 * place, "max": 160 + 5 * place},
            "weight_range": {"min": 42 + 6 * place, "max": 50 + 6 * place},
            "purchase_percent": round(100 / len(labels)),
        }
        for place, label in enumerate(labels)
    ]
    return {"recommendation_type": "PURCHASE", "option_value_list": values}
