"""What every mall states of a review in a field of its own, and Otto reads alike: number, size, fit, day. Pure."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from include.rules.fit import Fit, FitRefused, read_fit
from include.rules.size_option import SizeOption, SizeRefused, read_size_option
from include.scrapers.fields import Unreadable, clean
from include.scrapers.records import Review, Source
from include.settings import SEOUL

_LONGEST_ID = 64
_OPTION_BYTES = 1024  # what the staging column holds


def review_id_of(field: str, value: Any) -> str:
    """The mall's number of a review. Raises Unreadable."""
    number = clean(value)
    if number is None or len(number) > _LONGEST_ID:
        raise Unreadable(field, "missing_review_id", "the review has no number", value)
    return number


def size_of(field: str, text: str, ruler: str | None, written: str | None = None) -> SizeOption:
    """The size that an option names; `written` is the whole of what was bought, where the option is a piece of it.

    Raises Unreadable.
    """
    option = written or text
    try:
        size = read_size_option(text, ruler)
    except SizeRefused as error:
        raise Unreadable(field, f"size_{error.code}", str(error), option) from error
    if len(option.encode()) > _OPTION_BYTES:
        raise Unreadable(field, "size_too_long", "the option is too long to store", option)
    return size


def fit_of(field: str, said: Any) -> Fit | None:
    """What the buyer said of the size, in the mall's word or code. Raises Unreadable."""
    try:
        return read_fit(said)
    except FitRefused as error:
        raise Unreadable(field, "unknown_fit", str(error), said) from error


def day_of(field: str, written: Any, forms: str = "no moment in ISO form") -> date | None:
    """The day in Seoul of a moment in ISO form; one without a zone is Korean time. Raises Unreadable."""
    if written is None or written == "":
        return None
    try:
        moment = datetime.fromisoformat(str(written))
    except ValueError as error:
        raise Unreadable(field, "unreadable_date", forms, written) from error
    return (moment if moment.tzinfo is None else moment.astimezone(ZoneInfo(SEOUL))).date()


def review(
    *,
    mall: str,
    run_date: date,
    review_id: str,
    product_id: str,
    gender: str | None,
    gender_implied: bool,
    height_cm: Decimal | None,
    weight_kg: Decimal | None,
    option: str | None,
    size: SizeOption | None,
    fit: Fit | None,
    rating: int | None,
    reviewed_on: date | None,
    source: Source,
) -> Review:
    """The record of a review whose fields are read."""
    return Review(
        mall=mall,
        run_date=run_date,
        review_id=review_id,
        product_id=product_id,
        gender=gender,
        gender_implied=gender_implied,
        height_cm=height_cm,
        weight_kg=weight_kg,
        size_option=option,
        size_label=size.label if size else None,
        size_alias=size.alias if size else None,
        size_ruler=size.ruler if size else None,
        size_order=size.order if size else None,
        fit=fit.fit if fit else None,
        fit_slight=fit.slight if fit else False,
        rating=rating,
        reviewed_on=reviewed_on,
        captured_at=source.captured_at,
        capture_key=source.capture_key,
        capture_line=source.capture_line,
    )
