"""The product's JSON: description, options, stock and the size chart."""

from __future__ import annotations

from typing import Any

from local.malls.goods import Product, Stock
from local.malls.musinsa.ranking import picture_path

_SEX = {"men": ["남성"], "women": ["여성"], "unisex": ["남성", "여성"]}


def goods_number(product_id: str) -> int | str:
    """The mall writes its numbers as numbers; an id from a file that would not survive that stays text."""
    return int(product_id) if product_id.isdigit() and str(int(product_id)) == product_id else product_id


def description(stock: Stock, product: Product) -> dict[str, Any]:
    """The product as `meta.data` of the page and as the product endpoint give it."""
    reviews, picture = stock.reviews_of(product.product_id), picture_path(product)
    ratings = [review.rating for review in reviews if review.rating is not None]
    return {
        "goodsNo": goods_number(product.product_id),
        "goodsNm": product.name,
        "goodsNmEng": None,
        "brand": product.brand_slug,
        "brandInfo": {"brand": product.brand_slug, "brandName": product.brand} if product.brand else None,
        "category": _category(product),
        "baseCategoryFullPath": " > ".join(("의류", *product.category_path)) if product.category_path else None,
        "goodsPrice": _price(product),
        "sex": _SEX.get(product.gender or ""),
        "styleNo": f"OT{product.group[-5:]}" if product.brand else None,
        "thumbnailImageUrl": picture,
        "goodsImages": [{"imageUrl": picture}],
        "goodsReview": {
            "totalCount": len(reviews),
            "satisfactionScore": round(sum(ratings) / len(ratings), 1) if ratings else None,
        },
        "isOutOfStock": bool(product.axes) and len(product.out_of_stock) == len(product.combinations()),
    }


def options(product: Product) -> dict[str, Any]:
    """The axes and every combination of them. `activated` is true whether in stock or not."""
    basic = [
        {
            "name": axis.title,
            "no": _axis_number(product, place),
            "standardOptionNo": 1 if place == product.size_axis else 2,
            "optionValues": [
                {"no": value_number(product, place, index), "name": text, "isDeleted": False}
                for index, text in enumerate(axis.values)
            ],
        }
        for place, axis in enumerate(product.axes)
    ]
    items = [_item(product, number, choice) for number, choice in enumerate(product.combinations())]
    return {"basic": basic, "extra": [], "optionItems": items}


def inventories(product: Product, asked: set[int]) -> list[dict[str, Any]]:
    """Stock of the combinations whose values were asked for: the only place that tells what is sold out."""
    found = []
    for number, choice in enumerate(product.combinations()):
        if {value_number(product, place, index) for place, index in enumerate(choice)} <= asked:
            gone = choice in product.out_of_stock
            few = (number * 7 + len(product.name)) % 5 == 0
            found.append(
                {
                    "productVariantId": item_number(product, number),
                    "remainQuantity": 0 if gone else (3 if few else None),
                    "outOfStock": gone,
                    "isRedirect": False,
                    "domesticDelivery": {"deliveryType": "GENERAL"},
                }
            )
    return found


def actual_size(product: Product) -> dict[str, Any]:
    """The size chart in centimetres; an empty list where the shop gives none."""
    chart = product.chart
    if chart is None:
        return {"typeName": None, "sizes": [], "webImage": None, "mobileImage": None}
    sizes = []
    for name, values in chart.rows:
        cells = [{"name": part, "value": value} for part, value in zip(chart.parts, values, strict=True)]
        sizes.append({"name": name, chart.values_key: cells})
    guide = f"/images/size_guide/{product.category}.svg"
    return {"typeName": chart.type_name, "sizes": sizes, "webImage": guide, "mobileImage": guide}


def value_number(product: Product, axis: int, index: int) -> int:
    """The number of one value of one axis, unique in the mall."""
    return _axis_number(product, axis) * 100 + index


def item_number(product: Product, place: int) -> int:
    """The number of one combination, unique in the mall."""
    return int(product.product_id) * 1000 + place


def _axis_number(product: Product, axis: int) -> int:
    return int(product.product_id) * 10 + axis


def _item(product: Product, number: int, choice: tuple[int, ...]) -> dict[str, Any]:
    values: list[dict[str, Any]] = [
        {"no": value_number(product, place, index), "name": product.axes[place].values[index]}
        for place, index in enumerate(choice)
    ]
    return {
        "no": item_number(product, number),
        "managedCode": "^".join(value["name"] for value in values),
        "optionValueNos": [value["no"] for value in values],
        "optionValues": values,
        "price": 0,
        "activated": True,
        "isDeleted": False,
    }


def _category(product: Product) -> dict[str, Any] | None:
    if not product.mall_category or len(product.category_path) < 2:
        return None
    return {
        "categoryDepth1Code": product.mall_category[:3],
        "categoryDepth1Name": product.category_path[0],
        "categoryDepth2Code": product.mall_category,
        "categoryDepth2Name": product.category_path[1],
    }


def _price(product: Product) -> dict[str, Any] | None:
    if product.price_krw is None:
        return None
    return {
        "normalPrice": product.list_price_krw,
        "salePrice": product.list_price_krw,
        "couponPrice": product.price_krw,
        "finalPrice": product.price_krw,
    }
