"""The reviews' JSON in both forms that the mall has: the search list with a cursor, the older feed with an offset."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

from local.malls import words
from local.malls.goods import Product, Review, Stock
from local.malls.zigzag.marks import Marks

PAGE_LIMIT, FEED_LIMIT = 20, 100
_HEADER_PLACE = 3  # of a heading among the reviews of the first page
_ANSWERS = {"작아요": "SMALL", "정사이즈예요": "FIT", "생각보다 커요": "BIG"}
_USUAL = ("44", "55", "66", "77", "88")
_OTHER_ANSWERS = (("QUALITY", "퀄리티", "GOOD", "아주 만족해요"), ("COLOR", "색감", "SAME", "화면과 비슷해요"))


def search_list(
    stock: Stock, marks: Marks, product: Product, reviews: Sequence[Review], start: int, limit: int, image: str
) -> dict[str, Any]:
    """GetReviewSearchList: reviews among other components, and the mark of the next page."""
    shown = reviews[start : start + limit]
    entries = [{"type": "REVIEW_SEARCH_ITEM", "review": _review(stock, review, image)} for review in shown]
    if start == 0 and len(entries) > _HEADER_PLACE:
        entries.insert(_HEADER_PLACE, {"type": "REVIEW_SEARCH_TOPIC_HEADER", "title": "이런 리뷰가 많아요"})
    end = start + len(shown)
    return {
        "ux_review_search_list": {
            "total_count": len(reviews),
            "has_next": end < len(reviews),
            "end_cursor": marks.cursor(product.product_id, end) if shown else None,
            "component_list": entries,
        }
    }


def feed(stock: Stock, reviews: Sequence[Review], skip: int, limit: int, image: str) -> dict[str, Any]:
    """GetNormalReviewFeedList: a shorter list than the limit is the last one."""
    shown = reviews[skip : skip + limit]
    return {
        "feed_list": {
            "total_count": len(reviews),
            "item_list": [_review(stock, review, image) for review in shown],
        }
    }


def _review(stock: Stock, review: Review, image: str) -> dict[str, Any]:
    product = stock.products[review.product_id]
    created = review.created_at
    moment = None if created is None else int(created.timestamp() * 1000)
    key = words.user_key(review.review_id)
    return {
        "id": review.review_id,
        "product_id": review.product_id,
        "shop_id": product.brand_slug,
        "type": "NORMAL",
        "status": "NORMAL",
        "display_limited": False,
        "contents": review.content,
        "date_created": moment,
        "date_updated": moment,
        "rating": review.rating,
        "country": "KR",
        "like_list": [{"type": "LIKE", "count": review.likes}],
        "additional_description": None,
        "attachment_list": _attachments(review, image),
        "attribute_list": _answers(review),
        "fulfillment_badge": {"type": "ZIGZIN", "text": "직진"} if _number(review) % 5 == 0 else None,
        "reviewer": {
            "reviewer_id": key,
            "body_text": body_text(review),
            "profile": {"nickname": words.nickname(review.review_id), "masked_email": f"{key[4:6].lower()}**"},
        },
        "product_info": {"name": product.name, "option_detail_list": _bought(product, review)},
    }


def body_text(review: Review) -> str | None:
    """`168cm,48kg,상의 55`: what the buyer states of the body, and the size that she usually wears."""
    number = _number(review)
    parts = [f"{review.height}cm"] if review.height is not None else []
    parts += [f"{review.weight}kg"] if review.weight is not None else []
    if parts or number % 4 == 0:
        weight = review.weight if isinstance(review.weight, int) else 45 + number % 40
        parts.append(f"상의 {_USUAL[min(max((weight - 40) // 8, 0), 4)]}")
    return ",".join(parts) or None


def _bought(product: Product, review: Review) -> list[dict[str, str]]:
    return [
        {"name": axis.title, "value": axis.values[index]}
        for choice in review.choices[:1]
        for axis, index in zip(product.axes, choice, strict=True)
    ]


def _answers(review: Review) -> list[dict[str, Any]] | None:
    if not review.surveyed:
        return None
    size = [] if review.fit_answer is None else [("SIZE", "사이즈", _ANSWERS[review.fit_answer], review.fit_answer)]
    return [
        {
            "question": {"label": f"{category} 어땠어요?", "value": value, "category": category},
            "answer": {"label": label, "value": said},
        }
        for value, category, said, label in (*_OTHER_ANSWERS[:1], *size, *_OTHER_ANSWERS[1:])
    ]


def _attachments(review: Review, image: str) -> list[dict[str, str]]:
    if _number(review) % 3:
        return []
    path = f"{image}/original/review/{review.review_id}.svg"
    return [{"original_url": path, "thumbnail_url": path, "status": "NORMAL"}]


def _number(review: Review) -> int:
    return zlib.crc32(review.review_id.encode())
