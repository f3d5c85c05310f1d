"""The reviews' JSON: pages from 0, the newest first unless the most helpful are wanted, nothing past the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from local.malls import words
from local.malls.cm29 import spelling
from local.malls.cm29.trade import BLIND, FIT_CODES, GIFT
from local.malls.goods import Product, Review, Stock

PAGE_LIMIT = 100
BEST = "BEST"
BLINDED = {"isBlind": True, "contents": "블라인드 처리된 후기입니다.", "uploadFiles": []}


def in_order(reviews: Sequence[Review], sort: str) -> Sequence[Review]:
    """The reviews as the mall's one sort code wants them, or the newest first."""
    return reviews if sort == BEST else sorted(reviews, key=lambda review: -int(review.review_id))


def answer(product: Product, reviews: Sequence[Review], page: int, size: int) -> dict[str, Any]:
    """One page of a list."""
    ratings = [review.rating for review in reviews if review.rating is not None]
    return {
        "count": len(reviews),
        "giftCount": sum(GIFT in review.marks for review in reviews),
        "averagePoint": round(2 * sum(ratings) / len(ratings)) / 2 if ratings else 0.0,
        "results": [_row(product, review) for review in reviews[page * size : (page + 1) * size]],
    }


def photos(stock: Stock, product: Product, size: int) -> list[dict[str, Any]]:
    """The first reviews with a picture."""
    shown = [review for review in stock.reviews_of(product.product_id) if _has_photo(review)]
    return [_row(product, review) for review in shown[:size]]


def _row(product: Product, review: Review) -> dict[str, Any]:
    key = words.user_key(review.review_id)
    photo = [{"url": f"/review/{product.product_id}/{review.review_id}.svg"}] if _has_photo(review) else []
    row: dict[str, Any] = {
        "itemReviewNo": int(review.review_id),
        "itemNo": int(product.product_id),
        "point": review.rating,
        "contents": review.content,
        "insertTimestamp": review.created_at.strftime("%Y-%m-%d %H:%M:%S") if review.created_at else None,
        "optionValue": [spelling.option_text(product, choice) for choice in review.choices],
        "userSize": _body(review),
        "uploadFiles": photo,
        "helpfulCount": review.likes,
        "isGift": "T" if GIFT in review.marks else "F",
        "isBlind": False,
        "userId": f"{key[4:7].lower()}*******",
        "userNo": key,
        "userNickname": words.nickname(review.review_id),
    }
    if review.surveyed:
        row["surveyList"] = _survey(review)
    return row | BLINDED if BLIND in review.marks else row


def _body(review: Review) -> list[str]:
    """Height and weight as texts; either may be missing, and nothing says which one is there but its unit."""
    return [f"{value}{unit}" for value, unit in ((review.height, "cm"), (review.weight, "kg")) if value is not None]


def _survey(review: Review) -> list[dict[str, Any]]:
    answers = [{"surveyType": "COLOR", "optionValue": 2}]
    if review.fit_answer is not None:
        answers.insert(0, {"surveyType": "SIZE", "optionValue": FIT_CODES[review.fit_answer]})
    return answers


def _has_photo(review: Review) -> bool:
    return len(review.content) % 5 == 0
