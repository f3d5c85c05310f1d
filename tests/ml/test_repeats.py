"""Repeats are found on evidence only."""

from __future__ import annotations

from datetime import date
from typing import Any

from ml.repeats import REPEAT, SCRAPED_TWICE, Line, find_repeats

FIRST, SECOND = date(2026, 1, 1), date(2026, 1, 2)


def line(weight_kg: float | None = 60.0, **stated: Any) -> Line:
    row = {"product_id": "p", "height_cm": 170.0, "gender": "male", "size_label": "M", "size_option": "M", "day": None}
    return Line(**(row | {"weight_kg": weight_kg} | stated))


def undated(*weights: float) -> list[Line]:
    return [line(weight) for weight in weights]


def test_an_undated_equal_body_among_the_three_before_is_a_repeat() -> None:
    rows = [*undated(60, 61, 62), line(60, size_label="L", size_option="L"), line(63)]
    assert find_repeats(rows) == [None, None, None, REPEAT, None]


def test_an_equal_body_four_rows_before_is_no_repeat() -> None:
    assert find_repeats(undated(60, 61, 62, 63, 60)) == [None] * 5


def test_the_same_body_in_another_product_is_no_repeat() -> None:
    assert find_repeats([line(), line(product_id="q")]) == [None, None]


def test_a_dated_review_repeats_only_with_equal_size_and_day() -> None:
    rows = [line(day=FIRST), line(day=SECOND), line(day=FIRST), line(day=FIRST, size_label="L", size_option="L")]
    assert find_repeats(rows) == [None, None, REPEAT, None]


def test_two_colours_of_one_size_on_one_day_are_one_review_of_the_size() -> None:
    assert find_repeats([line(day=FIRST, size_option="검정/M"), line(day=FIRST, size_option="흰/M")]) == [None, REPEAT]


def test_reviews_without_a_body_are_nobody_again() -> None:
    assert find_repeats([line(None, day=FIRST), line(None, day=FIRST)]) == [None, None]


def test_three_rows_that_stood_earlier_were_scraped_twice() -> None:
    rows = [*undated(60, 61, 62, 63), line(60, gender="female"), *undated(60, 61, 62)]
    assert find_repeats(rows) == [None] * 5 + [SCRAPED_TWICE] * 3


def test_two_rows_that_stood_earlier_stay() -> None:
    assert find_repeats(undated(60, 61, 62, 63, 60, 61)) == [None] * 6
