"""What Zigzag's readers rely on, as their saved pages show it: part of a page -> path -> types. Pure.

An answer's part is its operation; below the answer's `data`. The document's part is the product that it embeds.
"""

from __future__ import annotations

from typing import Any

from include.scrapers.captures import Capture
from include.scrapers.zigzag import graphql, pages, urls

_CARD = "body.product_card"
_PRODUCT = "pdp_option_info.catalog_product"
_REVIEW: dict[str, tuple[type, ...]] = {
    "id": (str, int),
    "product_id": (str, int),
    "rating": (int,),
    "date_created": (int, str),
    "reviewer.body_text": (str,),
    "product_info.option_detail_list[].name": (str,),
    "product_info.option_detail_list[].value": (str,),
    "attribute_list[].question.value": (str,),
    "attribute_list[].answer.value": (str,),
}

SHAPE: dict[str, dict[str, tuple[type, ...]]] = {
    "GetCnvPage": {
        f"result.module_spec_list[].{_CARD}.product_card.product_id": (str, int),
        f"result.module_spec_list[].{_CARD}.ubl.server_log.ad_key": (str,),
    },
    "GetCnvPageAction": {
        f"result.module_spec_update_list[].module_spec_list[].{_CARD}.product_card.product_id": (str, int),
    },
    "document": {"id": (str, int), "is_purchasable": (bool,), "sales_status": (str,)},
    "GetCatalogProductDetailPageOption": {
        f"{_PRODUCT}.id": (str, int),
        f"{_PRODUCT}.name": (str,),
        f"{_PRODUCT}.shop_name": (str,),
        f"{_PRODUCT}.managed_category_list[].value": (str,),
        f"{_PRODUCT}.managed_category_list[].depth": (int,),
        f"{_PRODUCT}.product_price.final_discount_info.discount_price": (int,),
        f"{_PRODUCT}.product_price.display_final_price.final_price.price": (int,),
        f"{_PRODUCT}.product_price.display_final_price.final_price_additional.badge.text": (str,),
        f"{_PRODUCT}.product_image_list[].pdp_thumbnail_url": (str,),
        f"{_PRODUCT}.product_option_list[].name": (str,),
        f"{_PRODUCT}.product_option_list[].value_list[].value": (str,),
        f"{_PRODUCT}.matched_item_list[].sales_status": (str,),
        f"{_PRODUCT}.matched_item_list[].display_status": (str,),
        f"{_PRODUCT}.matched_item_list[].item_attribute_list[].name": (str,),
        f"{_PRODUCT}.matched_item_list[].item_attribute_list[].value": (str,),
    },
    "GetPdpIntegratedData": {"pdp_size_info.item_list[].value_list": (list,)},
    "GetReviewSearchList": {
        "ux_review_search_list.total_count": (int,),
        "ux_review_search_list.has_next": (bool,),
        "ux_review_search_list.end_cursor": (str,),
        "ux_review_search_list.component_list[].type": (str,),
        **{f"ux_review_search_list.component_list[].review.{path}": types for path, types in _REVIEW.items()},
    },
    "GetNormalReviewFeedList": {
        "feed_list.total_count": (int,),
        **{f"feed_list.item_list[].{path}": types for path, types in _REVIEW.items()},
    },
}


def read_json(capture: Capture) -> tuple[str, Any] | None:
    """The part that a capture is, and its JSON; None for what no reader reads. Raises PageChanged."""
    found = urls.listed(capture.url, capture.request_body)
    if found is None:
        return None
    if found.part == "document":
        return found.part, pages.next_data(capture)
    return found.operation, graphql.data(capture, found.operation)
