"""Musinsa's review captures -> reviews, colour siblings and refusals. Pure.

A review belongs to the product that it names. Siblings share one list, so a review that names a sibling is taken where
the asked product's similar-list names that sibling; any other foreign product is refused. Nickname, user keys, photos
and text are read by nobody here.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from include.rules.body import BodyRefused, read_gender, read_height, read_weight
from include.rules.fit import Fit
from include.rules.size_run import number_ruler
from include.scrapers.captures import Capture, Stored
from include.scrapers.errors import PageChanged
from include.scrapers.fields import Unreadable, clean, dig, number, product_id_of, refusal
from include.scrapers.musinsa import urls
from include.scrapers.musinsa.pages import absolute_image
from include.scrapers.records import Product, Refusal, Review, ReviewPages, Source
from include.scrapers.review_fields import day_of, fit_of, review, review_id_of, size_of
from include.settings import Mall

_SIZE_QUESTION = "사이즈"


def review_ids(capture: Capture) -> list[str]:
    """The numbers of the reviews that a list response holds, in its order. Raises PageChanged."""
    return [str(row.get("no")) for row in _rows(_answer(capture), capture)]


def review_total(capture: Capture) -> int | None:
    """How many reviews the product has in all, as a list response states it. Raises PageChanged."""
    total = dig(_answer(capture), "data", "total")
    return total if isinstance(total, int) else None


def read_reviews(
    stored: Iterable[Stored],
    mall: Mall,
    product_id: str,
    run_date: date,
    product: Product | None = None,
) -> ReviewPages:
    """The reviews of one asked product. `product` is what its page said, where that could be read: its options tell
    rulers apart.
    """
    pages = [(found.part, page) for page in stored if (found := urls.listed(page.capture.url))]
    siblings: dict[str, tuple[dict[str, Any], Source]] = {}
    for part, page in pages:
        if part == "similar":
            siblings |= {str(row.get("goodsNo")): (row, page.source) for row in _similar(page.capture)}
    rows: list[tuple[dict[str, Any], Source]] = []
    totals: list[int] = []
    for page in (page for part, page in pages if part == "list"):
        rows += [(row, page.source) for row in _rows(_answer(page.capture), page.capture)]
        totals += [total for total in [review_total(page.capture)] if total is not None]
    options = json.loads(product.size_options) if product and product.size_options else []
    rulers = _rulers(rows, {product_id: options} if options else {})
    reviews: list[Review | Refusal] = []
    for row, source in rows:
        named = dig(row, "goods", "goodsNo")
        review_id = clean(row.get("no"))
        try:
            own = product_id_of(named)
            if own != product_id and own not in siblings:
                raise Unreadable("goodsNo", "foreign_product", "a product that the similar-list does not name", own)
            reviews.append(_review(row, source, mall.name, own, run_date, rulers[own]))
        except Unreadable as error:
            reviews.append(refusal("review", mall.name, run_date, error, source, clean(named), review_id))
    seen = {review.product_id for review in reviews if isinstance(review, Review)} - {product_id}
    named = [_sibling(*siblings[other], mall, run_date) for other in sorted(seen)]
    return ReviewPages(reviews, named, max(totals, default=None))


def _review(
    row: dict[str, Any], source: Source, mall: str, product_id: str, run_date: date, ruler: str | None
) -> Review:
    review_id = review_id_of("no", row.get("no"))
    profile = row.get("userProfileInfo") or {}
    try:
        height, weight = read_height(profile.get("userHeight")), read_weight(profile.get("userWeight"))
        gender = read_gender(profile.get("reviewSex"))
    except BodyRefused as error:
        names = {"height_cm": "userHeight", "weight_kg": "userWeight", "gender": "reviewSex"}
        value = profile.get(names[error.field])
        raise Unreadable(names[error.field], error.code, str(error), value) from error
    option = clean(row.get("goodsOption"))
    size = size_of("goodsOption", option, ruler) if option else None
    fit = _fit(row)
    return review(
        mall=mall,
        run_date=run_date,
        review_id=review_id,
        product_id=product_id,
        gender=gender,
        gender_implied=False,
        height_cm=height,
        weight_kg=weight,
        option=option,
        size=size,
        fit=fit,
        rating=number("grade", row.get("grade"), 1, 5),
        reviewed_on=day_of("createDate", row.get("createDate")),
        source=source,
    )


def _fit(row: dict[str, Any]) -> Fit | None:
    for question in dig(row, "reviewSurveySatisfaction", "questions") or []:
        if question.get("attribute") == _SIZE_QUESTION:
            for answer in question.get("answers") or []:
                return fit_of("answerShortText", answer.get("answerShortText"))
    return None


def _sibling(row: dict[str, Any], source: Source, mall: Mall, run_date: date) -> Product:
    """A colour sibling as the similar-list states it. No ranking listed it, so no page of its own was read."""
    product_id = str(row["goodsNo"])
    price = row.get("price")
    return Product(
        mall=mall.name,
        run_date=run_date,
        product_id=product_id,
        category=None,
        mall_category=None,
        name=clean(row.get("goodsName")) or f"Product {product_id}",
        brand=clean(row.get("brandName")),
        gender=None,
        gender_implied=False,
        price_krw=price if isinstance(price, int) and 0 <= price < 2**31 else None,
        image_url=absolute_image(clean(row.get("imageUrl")), mall),
        product_url=urls.product_page(mall.origins, product_id),
        size_options=None,
        size_run=None,
        size_ruler=None,
        size_chart=None,
        sold_out=None,
        listed=False,
        captured_at=source.captured_at,
        capture_key=source.capture_key,
        capture_line=source.capture_line,
    )


def _rulers(
    rows: list[tuple[dict[str, Any], Source]], options: Mapping[str, Iterable[str]]
) -> defaultdict[str, str | None]:
    """What each product's option list, or else its buyers' options together, prove about bare numbers."""
    bought: defaultdict[str, set[str]] = defaultdict(set)
    for row, _ in rows:
        bought[str(dig(row, "goods", "goodsNo"))].add(str(row.get("goodsOption") or ""))
    rulers: defaultdict[str, str | None] = defaultdict(lambda: None)
    for product, texts in bought.items():
        rulers[product] = number_ruler(options.get(product) or texts)
    return rulers


def _rows(answer: Any, capture: Capture) -> list[dict[str, Any]]:
    rows = dig(answer, "data", "list")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise PageChanged(f"the review answer (status {capture.status}) holds no data.list", capture.url)
    return rows


def _similar(capture: Capture) -> list[dict[str, Any]]:
    rows = dig(_answer(capture), "data")
    if not isinstance(rows, list):
        raise PageChanged(f"the similar-list (status {capture.status}) holds no data", capture.url)
    return [row for row in rows if isinstance(row, dict)]


def _answer(capture: Capture) -> Any:
    try:
        return json.loads(capture.body)
    except json.JSONDecodeError as error:
        raise PageChanged(f"the answer is no JSON: {error}", capture.url) from error
