"""29CM's review captures -> reviews and refusals. Pure.

A review belongs to the product that it names; one that names another is refused. One that the mall has blinded is
refused too: it is counted, and nothing of it is used. A review may name two bought options: where both are the same
size it is read, where they are not it is refused. User keys, photos and texts are read by nobody here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from include.rules.body import BodyRefused, read_height, read_weight
from include.rules.fit import Fit
from include.rules.size_option import SizeOption
from include.rules.size_run import number_ruler
from include.scrapers.captures import Capture, Stored
from include.scrapers.cm29 import urls
from include.scrapers.errors import PageChanged
from include.scrapers.fields import Unreadable, clean, dig, legible, number, product_id_of, refusal
from include.scrapers.records import Product, Refusal, Review, ReviewPages, Source
from include.scrapers.review_fields import day_of, fit_of, review, review_id_of, size_of
from include.settings import Mall

_SIZE_SURVEY = "SIZE"
_CM = re.compile(r"cm|센치|센티|㎝", re.IGNORECASE)
_KG = re.compile(r"kg|킬로|키로|㎏", re.IGNORECASE)
_BUYERS = {"women": "female", "men": "male"}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is known of the product whose reviews are read."""

    mall: str
    product_id: str
    run_date: date
    gender: str | None  # of its buyers, implied by its category
    ruler: str | None  # what its options prove about bare numbers


def review_ids(capture: Capture) -> list[str]:
    """The numbers of the reviews that a list response holds, in its order. Raises PageChanged."""
    return [str(row.get("itemReviewNo")) for row in _results(capture)]


def review_total(capture: Capture) -> int | None:
    """How many reviews the product has in all, as a list response states it. Raises PageChanged."""
    total = dig(_answer(capture), "data", "count")
    return total if isinstance(total, int) else None


def read_reviews(
    stored: Iterable[Stored], mall: Mall, product_id: str, run_date: date, product: Product | None = None
) -> ReviewPages:
    """The reviews of one asked product. `product` is what its page said, where that could be read: its options tell
    rulers apart, and its category implies who buys it.
    """
    lists = [page for page in stored if (found := urls.listed(page.capture.url)) and found.part == "list"]
    rows = [(row, page.source) for page in lists for row in _results(page.capture)]
    options = json.loads(product.size_options) if product and product.size_options else None
    bought = {text for row, _ in rows for text in _texts(row.get("optionValue"))}
    gender = _BUYERS.get(product.gender or "") if product else None
    asked = _Asked(mall.name, product_id, run_date, gender, number_ruler(options or bought))
    totals = [total for page in lists if (total := review_total(page.capture)) is not None]
    return ReviewPages([_read(row, source, asked) for row, source in rows], [], max(totals, default=None))


def _read(row: dict[str, Any], source: Source, asked: _Asked) -> Review | Refusal:
    named, review_id = row.get("itemNo"), clean(row.get("itemReviewNo"))
    try:
        own = product_id_of(named)
        if own != asked.product_id:
            raise Unreadable("itemNo", "foreign_product", "a review of a product that was not asked for", own)
        if row.get("isBlind") is True:
            raise Unreadable("isBlind", "blind_review", "the mall has blinded this review", None)
        return _review(row, review_id_of("itemReviewNo", row.get("itemReviewNo")), source, asked)
    except Unreadable as error:
        return refusal("review", asked.mall, asked.run_date, error, source, clean(named), review_id)


def _review(row: dict[str, Any], review_id: str, source: Source, asked: _Asked) -> Review:
    height, weight = _body(row.get("userSize"))
    option, size = _size(row.get("optionValue"), asked.ruler)
    fit = _fit(row.get("surveyList"))
    return review(
        mall=asked.mall,
        run_date=asked.run_date,
        review_id=review_id,
        product_id=asked.product_id,
        gender=asked.gender,
        gender_implied=asked.gender is not None,
        height_cm=height,
        weight_kg=weight,
        option=option,
        size=size,
        fit=fit,
        rating=number("point", row.get("point"), 1, 5),
        reviewed_on=day_of("insertTimestamp", row.get("insertTimestamp")),
        source=source,
    )


def _body(sizes: Any) -> tuple[Decimal | None, Decimal | None]:
    """Height and weight from `["160cm", "47kg"]`, either of them absent; the unit tells which is which."""
    found: dict[str, set[Decimal]] = {"height_cm": set(), "weight_kg": set()}
    for text in _texts(sizes):
        field = "height_cm" if _CM.search(text) else "weight_kg" if _KG.search(text) else None
        if field is None:
            raise Unreadable("userSize", "unreadable_body", "a measure with neither cm nor kg", text)
        try:
            value = read_height(text) if field == "height_cm" else read_weight(text)
        except BodyRefused as error:
            raise Unreadable("userSize", error.code, str(error), text) from error
        found[field] |= {value} if value is not None else set()
    for field, values in found.items():
        if len(values) > 1:
            raise Unreadable("userSize", f"ambiguous_{field}", "two different values of one measure", sizes)
    return next(iter(found["height_cm"]), None), next(iter(found["weight_kg"]), None)


def _size(bought: Any, ruler: str | None) -> tuple[str | None, SizeOption | None]:
    """The option as written and the size that it names. Two options are one size or none."""
    texts = [text for entry in _entries(bought) if (text := legible("optionValue", entry))]
    if not texts:
        return None, None
    option = " + ".join(texts)
    sizes = [size_of("optionValue", text, ruler, option) for text in texts]
    if len({(size.label, size.ruler) for size in sizes}) > 1:
        labels = ", ".join(size.label for size in sizes)
        raise Unreadable("optionValue", "size_several_sizes", f"bought in several sizes: {labels}", option)
    return option, sizes[0]


def _fit(surveys: Any) -> Fit | None:
    """The answer to the question about the size; the mall writes a code from 1 (small) to 3 (large)."""
    answers = [
        survey.get("optionValue")
        for survey in surveys or []
        if isinstance(survey, dict) and survey.get("surveyType") == _SIZE_SURVEY
    ]
    found = set()
    for answer in answers:
        code = int(answer) if isinstance(answer, str) and answer.isdigit() else answer
        found.add(fit_of("surveyList", code))
    if len(found) > 1:
        raise Unreadable("surveyList", "ambiguous_fit", "two different answers to one question", answers)
    return next(iter(found), None)


def _texts(value: Any) -> list[str]:
    """The texts of a list that may be absent, a single text, or hold empty entries."""
    return [text for entry in _entries(value) if (text := clean(entry))]


def _entries(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _results(capture: Capture) -> list[dict[str, Any]]:
    rows = dig(_answer(capture), "data", "results")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise PageChanged(f"the review answer (status {capture.status}) holds no data.results", capture.url)
    return rows


def _answer(capture: Capture) -> Any:
    try:
        return json.loads(capture.body)
    except json.JSONDecodeError as error:
        raise PageChanged(f"the answer is no JSON: {error}", capture.url) from error
