"""Repeats are found on evidence only."""

from __future__ import annotations

from ml.repeats import REPEAT, SCRAPED_TWICE, find_repeats

A, B, C, D = (("170cm", f"{kg}kg", "남성") for kg in (60, 61, 62, 63))


def test_an_undated_equal_body_among_the_three_before_is_a_repeat() -> None:
    assert find_repeats(["p"] * 5, [A, B, C, A, D], ["M", "M", "M", "L", "M"], [""] * 5)[3] == REPEAT


def test_an_equal_body_four_rows_before_is_no_repeat() -> None:
    assert find_repeats(["p"] * 5, [A, B, C, D, A], ["M"] * 5, [""] * 5) == [None] * 5


def test_the_same_body_in_another_product_is_no_repeat() -> None:
    assert find_repeats(["p", "q"], [A, A], ["M", "M"], ["", ""]) == [None, None]


def test_a_dated_review_repeats_only_with_equal_size_and_day() -> None:
    days = ["2026-01-01", "2026-01-02", "2026-01-01", "2026-01-01"]
    assert find_repeats(["p"] * 4, [A, A, A, A], ["M", "M", "M", "L"], days) == [None, None, REPEAT, None]


def test_three_rows_that_stood_earlier_were_scraped_twice() -> None:
    bodies = [A, B, C, D, (*A[:2], "여성"), A, B, C]
    found = find_repeats(["p"] * 8, bodies, ["M"] * 8, [""] * 8)
    assert found == [None] * 5 + [SCRAPED_TWICE] * 3


def test_two_rows_that_stood_earlier_stay() -> None:
    found = find_repeats(["p"] * 6, [A, B, C, D, A, B], ["M"] * 6, [""] * 6)
    assert found == [None] * 6
