"""Where a list of reviews may be left."""

from __future__ import annotations

from include.scrapers.until import Until


def test_nothing_set_means_the_whole_list() -> None:
    assert not Until().is_reached(["1", "2"], 1_000_000)
    assert not Until().is_reached([], 0)


def test_a_limit_is_reached_with_the_list_that_holds_it() -> None:
    assert not Until(40).is_reached(["1"], 39)
    assert Until(40).is_reached(["1"], 40)


def test_a_list_whose_last_review_is_known_is_the_last_one() -> None:
    until = Until(known=frozenset({"5", "6"}))
    assert until.is_reached(["9", "8", "6"], 3)
    assert not until.is_reached(["9", "6", "4"], 3), "a known one out of its place ends nothing"
    assert not until.is_reached([], 0)
