"""The reviews' JSON: pages of at most twenty, shared by colour siblings; the fit in five steps where it was asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from local.malls import words
from local.malls.goods import FIVE_STEPS, Product, Review, Stock
from local.malls.musinsa.product import goods_number
from local.malls.musinsa.ranking import picture_path

PAGE_LIMIT = 20
USEFUL, LOW_RATING = "up_cnt_desc", "goods_est_asc"
_SIZE_QUESTION, _FIRST_ANSWER = 1008, 5033  # 5035 is 정사이즈
_OTHER_QUESTIONS = ((1009, "화면 대비 색감", 5041, "화면과 비슷"), (1010, "퀄리티", 5046, "좋음"))


def in_order(reviews: Sequence[Review], sort: str) -> Sequence[Review]:
    """The reviews as a sort code wants them; an unknown code falls back to the most useful first, without a word."""
    if sort == LOW_RATING:
        return sorted(reviews, key=lambda review: review.rating or 0)
    return reviews


def answer(stock: Stock, reviews: Sequence[Review], page: int, size: int) -> dict[str, Any]:
    """One page, counted from 0; an empty list past the end. `totalPages` promises more than there is."""
    shown = reviews[page * size : (page + 1) * size]
    pages = -(-len(reviews) // size)
    promised = pages + 1 if pages else 0
    return {
        "data": {
            "list": [_review(stock, review) for review in shown],
            "total": len(reviews),
            "page": {"page": page, "totalPages": promised, "startPage": 1, "lastPage": max(promised - 1, 0)},
        },
        "meta": {"result": "SUCCESS"},
    }


def similar(stock: Stock, product: Product, origins: dict[str, str]) -> list[dict[str, Any]]:
    """The colour siblings of a product, itself included."""
    return [
        {
            "goodsNo": goods_number(number),
            "goodsName": stock.products[number].name,
            "brandName": stock.products[number].brand,
            "imageUrl": origins["image"] + picture_path(stock.products[number]),
            "price": stock.products[number].price_krw,
        }
        for number in stock.siblings.get(product.product_id, (product.product_id,))
    ]


def summary(reviews: Sequence[Review]) -> dict[str, Any]:
    """Totals of a product's reviews."""
    ratings = [review.rating for review in reviews if review.rating is not None]
    return {
        "totalCount": len(reviews),
        "satisfactionScore": round(sum(ratings) / len(ratings), 1) if ratings else None,
        "generalCount": sum(not _styled(review) for review in reviews),
        "photoCount": sum(_styled(review) for review in reviews),
    }


def _review(stock: Stock, review: Review) -> dict[str, Any]:
    product, styled = stock.products[review.product_id], _styled(review)
    key = words.user_key(review.review_id)
    number = goods_number(product.product_id)
    return {
        "no": int(review.review_id) if stock.numbered else review.review_id,
        "type": "style" if styled else "general",
        "typeName": "스타일" if styled else "일반",
        "grade": None if review.rating is None else str(review.rating),
        "content": review.content,
        "createDate": None if review.created_at is None else review.created_at.isoformat(timespec="milliseconds"),
        "goodsOption": review.size_option,
        "likeCount": review.likes,
        "commentCount": 0,
        "images": [{"imageUrl": f"/data/estimate/{number}_0/{review.review_id}.svg"}] if styled else [],
        "goods": {
            "goodsNo": number,
            "goodsName": product.name,
            "brandName": product.brand,
            "goodsOptionKindCode": "CLOTHES",
        },
        "encryptedUserId": key,
        "userProfileInfo": _profile(review, key),
        "showUserProfile": review.shown,
        "reviewProfileTypeEnum": "BODY",
        "reviewSurveySatisfaction": _survey(review),
        "channelSource": "musinsa",
        "countryCode": "KR",
    }


def _profile(review: Review, key: str) -> dict[str, Any]:
    """The buyer; a hidden profile keeps its name and loses its body."""
    return {
        "reviewSex": review.gender,
        "userHeight": review.height,
        "userWeight": review.weight,
        "userLevel": len(review.content) % 8 + 1,
        "userNickName": words.nickname(review.review_id),
        "encryptedUserId": key,
    }


def _survey(review: Review) -> dict[str, Any] | None:
    if not review.surveyed:
        return None
    questions = [] if review.fit_answer is None else [_question(_SIZE_QUESTION, "사이즈", *_step(review.fit_answer))]
    return {"questions": questions + [_question(*other) for other in _OTHER_QUESTIONS]}


def _step(text: str) -> tuple[int, str]:
    return _FIRST_ANSWER + FIVE_STEPS.index(text), text


def _question(number: int, attribute: str, answer_number: int, text: str) -> dict[str, Any]:
    return {
        "questionId": number,
        "attribute": attribute,
        "answers": [{"answerId": answer_number, "answerShortText": text}],
    }


def _styled(review: Review) -> bool:
    return review.rating is not None and len(review.content) % 4 == 0
