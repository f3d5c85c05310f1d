"""Zigzag's review captures -> reviews and refusals. Pure.

Both forms of the list are read: the search list (a cursor) and the older feed (an offset). A review belongs to the
product that it names; one of another product is refused. Nickname, e-mail, user keys, photos and text are read by
nobody here. The mall states no gender: it sells to women, so female is implied where the body line does not say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from include.rules.body import Body, BodyRefused, read_body
from include.rules.fit import Fit
from include.rules.size_run import number_ruler
from include.scrapers.captures import Capture, Stored
from include.scrapers.errors import PageChanged
from include.scrapers.fields import Unreadable, clean, dig, legible, number, product_id_of, refusal
from include.scrapers.records import Product, Refusal, Review, ReviewPages, Source
from include.scrapers.review_fields import day_of, fit_of, review, review_id_of, size_of
from include.scrapers.zigzag import graphql, urls
from include.scrapers.zigzag.options import bought_option
from include.settings import SEOUL, Mall

_REVIEW_TYPE = "REVIEW_SEARCH_ITEM"  # the search list mixes in headings and banners
_EPOCH_MS = (1_262_304_000_000, 4_102_444_800_000)  # 2010 to 2100


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one list response goes. `begins` and `goes_on` are the mall's own marks, which chain the pages."""

    review_ids: tuple[str, ...]
    begins: str  # "" on the first page
    goes_on: str | None  # None on the last page


def review_progress(capture: Capture) -> Progress:
    """What a visit needs to know to go on. Raises PageChanged, also for an empty first page of a list that is none."""
    name, answer, total = _answer(capture)
    asked = graphql.variables(name, capture.request_body)
    if name == "GetReviewSearchList":
        begins = str(dig(asked, "input", "cursor", "end_cursor") or "")
        more = graphql.need(answer, "has_next", capture.url)
        goes_on = str(graphql.need(answer, "end_cursor", capture.url)) if more else None
    else:
        skipped, limit = int(asked.get("skip_count") or 0), int(asked.get("limit_count") or 0)
        begins = str(skipped or "")
        goes_on = str(skipped + limit) if limit and len(answer["item_list"] or []) >= limit else None
    ids = tuple(str(graphql.need(row, "id", capture.url)) for row in _reviews(capture))
    if not ids and not begins and total:
        raise PageChanged(f"the list says {total} reviews and shows none", capture.url)
    return Progress(ids, begins, goes_on if ids else None)


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
    pages = [page for page in stored if urls.listed(page.capture.url, page.capture.request_body)]
    rows = [(row, page.source, page.capture.url) for page in pages for row in _reviews(page.capture)]
    stated = max((_answer(page.capture)[2] for page in pages), default=None)
    bought = {text for row, _, _ in rows if (text := bought_option(_option_pairs(row)))}
    options = json.loads(product.size_options) if product and product.size_options else []
    ruler = number_ruler(options or bought)
    reviews: list[Review | Refusal] = []
    for row, source, where in rows:
        named = graphql.need(row, "product_id", where)
        review_id = clean(graphql.need(row, "id", where))
        try:
            if product_id_of(named) != product_id:
                raise Unreadable("product_id", "foreign_product", "a product that was not asked for", named)
            reviews.append(_review(row, source, where, mall.name, product_id, run_date, ruler))
        except Unreadable as error:
            reviews.append(refusal("review", mall.name, run_date, error, source, clean(named), review_id))
    return ReviewPages(reviews, [], stated)


def _review(
    row: dict[str, Any],
    source: Source,
    where: str,
    mall: str,
    product_id: str,
    run_date: date,
    ruler: str | None,
) -> Review:
    review_id = review_id_of("id", row["id"])
    if row.get("display_limited"):
        raise Unreadable("display_limited", "blind_review", "the mall has withdrawn this review", None)
    body = _body(dig(graphql.need(row, "reviewer", where), "body_text"))
    graphql.need(row, "product_info", where)
    option = _bought(row)
    size = size_of("option_detail_list", option, ruler) if option else None
    fit = _fit(graphql.rows(row, "attribute_list", where))
    return review(
        mall=mall,
        run_date=run_date,
        review_id=review_id,
        product_id=product_id,
        gender=body.gender or "female",
        gender_implied=body.gender is None,
        height_cm=body.height_cm,
        weight_kg=body.weight_kg,
        option=option,
        size=size,
        fit=fit,
        rating=number("rating", graphql.need(row, "rating", where), 1, 5),
        reviewed_on=_day(graphql.need(row, "date_created", where)),
        source=source,
    )


def _body(line: Any) -> Body:
    """`168cm,48kg,상의 55` or, without separators, `159cm39kg상의 44`: the usual size is no size bought."""
    text = clean(line)
    try:
        return read_body(text)
    except BodyRefused as error:
        raise Unreadable("body_text", error.code, str(error), text) from error


def _option_pairs(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    pairs = dig(row, "product_info", "option_detail_list") or []
    return [pair for pair in pairs if isinstance(pair, dict)]


def _bought(row: Mapping[str, Any]) -> str | None:
    pairs = _option_pairs(row)
    for pair in pairs:
        legible("option_detail_list", pair.get("value"))
    return bought_option(pairs)


def _fit(answers: Iterable[Mapping[str, Any]]) -> Fit | None:
    for answer in answers:
        question = answer.get("question")
        if dig(question, "value") == "SIZE" or dig(question, "category") == "사이즈":
            return fit_of("attribute_list", dig(answer, "answer", "value") or dig(answer, "answer", "label"))
    return None


def _day(created: Any) -> date | None:
    """The day in Seoul of milliseconds since 1970, or of a moment in ISO form."""
    text = str(created)
    if re.fullmatch(r"\d{13}", text) and _EPOCH_MS[0] <= int(text) < _EPOCH_MS[1]:
        return datetime.fromtimestamp(int(text) / 1000, ZoneInfo(SEOUL)).date()
    return day_of("date_created", created, "neither milliseconds nor ISO form")


def _answer(capture: Capture) -> tuple[str, dict[str, Any], int]:
    """Operation, list and the total that the mall states. Raises PageChanged."""
    found = urls.listed(capture.url, capture.request_body)
    if found is None or found.kind != "reviews":
        raise PageChanged("no answer of a review list", capture.url)
    data = graphql.data(capture, found.operation)
    key = "ux_review_search_list" if found.operation == "GetReviewSearchList" else "feed_list"
    answer = graphql.need(data, key, capture.url)
    total = graphql.need(answer, "total_count", capture.url)
    return found.operation, answer, total if isinstance(total, int) else 0


def _reviews(capture: Capture) -> list[dict[str, Any]]:
    name, answer, _ = _answer(capture)
    if name == "GetNormalReviewFeedList":
        return graphql.rows(answer, "item_list", capture.url)
    entries = graphql.rows(answer, "component_list", capture.url)
    return [_entry(entry, capture.url) for entry in entries if entry.get("type") == _REVIEW_TYPE]


def _entry(entry: Mapping[str, Any], where: str) -> dict[str, Any]:
    review = graphql.need(entry, "review", where)
    if not isinstance(review, dict):
        raise PageChanged("an entry of the review list holds no review", where)
    return review
