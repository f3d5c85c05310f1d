"""What is as usual, what is not, and from when on anything is known to be usual."""

from __future__ import annotations

from dataclasses import replace

import pytest

from include.scrapers.bands import Counts, judge

REVIEWS = Counts(
    pages=700, records=10_000, wanted=10_200, captured=10_000, parsed=9_900, refused=100, absent={"fit": 1_500}
)


def found(now: Counts, earlier: list[Counts], kind: str = "reviews") -> list[str]:
    """The names of what lies outside its band."""
    return [finding.share.name for finding in judge(kind, now, earlier)]


def test_the_same_again_is_as_usual_and_so_is_what_moves_a_little() -> None:
    moved = replace(REVIEWS, refused=350, parsed=9_650, absent={"fit": 2_200})
    assert found(REVIEWS, [REVIEWS] * 5) == found(moved, [REVIEWS] * 5) == []


@pytest.mark.parametrize(
    ("now", "names"),
    [
        (replace(REVIEWS, parsed=8_900, refused=1_100), ["refused"]),
        (replace(REVIEWS, parsed=6_000, refused=100), ["parsed"]),
        (replace(REVIEWS, absent={"fit": 9_900}), ["without fit"]),
        (replace(REVIEWS, absent={"fit": 0}), ["without fit"]),
        (replace(REVIEWS, captured=7_000, parsed=6_930, refused=70, absent={"fit": 1_050}), ["captured"]),
    ],
)
def test_each_share_that_leaves_its_band_is_named(now: Counts, names: list[str]) -> None:
    assert found(now, [REVIEWS] * 5) == names
    assert found(now, [REVIEWS] * 4) == [], "four runs are too few to know what is usual"


def test_a_list_that_comes_back_short_is_noticed_by_records_a_page() -> None:
    usual = Counts(pages=6, records=600, wanted=300, captured=300, parsed=300)
    assert found(replace(usual, records=250), [usual] * 5, "ranking") == ["records a page"]
    assert found(replace(usual, records=350), [usual] * 5, "ranking") == []


def test_reviews_that_a_mall_says_it_has_and_does_not_list_are_noticed_without_any_history() -> None:
    vanished = Counts(pages=30, records=0, wanted=300)
    (finding,) = judge("reviews", vanished, [])
    assert str(finding) == "reviews captured: 0.00 of 300, usual at least 0.50 by the mall's own account"
    assert judge("reviews", replace(vanished, wanted=12), []) == []


def test_few_rows_have_wider_bands_and_very_few_none() -> None:
    few = Counts(captured=12, parsed=11, refused=1)
    assert found(few, [REVIEWS] * 5) == []
    assert found(replace(few, captured=9, parsed=0, refused=9), [REVIEWS] * 5) == []
    assert found(replace(few, parsed=0, refused=12), [REVIEWS] * 5) == ["parsed", "refused"]


def test_the_band_is_the_range_of_the_last_two_weeks() -> None:
    worse = replace(REVIEWS, parsed=8_000, refused=2_000)
    assert found(worse, [REVIEWS] * 13 + [worse]) == []  # accepted once, it is usual
    assert found(worse, [REVIEWS] * 14 + [worse]) == ["parsed", "refused"]


def test_runs_of_before_that_share_was_written_down_count_for_the_others() -> None:
    old = Counts(captured=10_000, parsed=9_900, refused=100)
    assert found(replace(REVIEWS, absent={"fit": 9_900}), [old] * 9) == []
    assert found(replace(REVIEWS, parsed=5_000, refused=5_000), [old] * 9) == ["parsed", "refused"]
    assert judge("reviews", REVIEWS, [old] * 9) == []


def test_a_finding_says_the_numbers() -> None:
    (finding,) = judge("reviews", replace(REVIEWS, absent={"fit": 9_900}), [REVIEWS] * 6)
    assert str(finding) == "reviews without fit: 1.00 of 9900, usual 0.05 to 0.25 over 6 earlier runs"
