"""What an answer means: pure."""

from __future__ import annotations

from typing import Any

import pytest

from web.advice import Advice, advise
from web.queries import Band

RUN = ["S", "M", "L", "XL"]


def _advise(probability: float = 0.7, second: float = 0.2, **options: Any) -> Advice:
    band = Band("male", "answered", "M", probability, options.pop("other", "L"), second, options.pop("reviews", 12))
    return advise(band, **({"size_run": RUN, "sold_out": (), "gender": "male"} | options))


@pytest.mark.parametrize(
    ("share", "word"), [(0.9, "sure"), (0.8, "sure"), (0.79, "fair"), (0.5, "leaning"), (0.39, "open")]
)
def test_sureness_follows_the_share(share: float, word: str) -> None:
    assert _advise(share, 0.1).sureness == word


@pytest.mark.parametrize(
    ("share", "reviews", "word"),
    [
        (0.95, 10, "sure"),
        (0.95, 9, "fair"),
        (0.95, 2, "leaning"),
        (0.95, 0, "inferred"),
        (0.65, 2, "leaning"),
        (0.3, 0, "inferred"),
    ],
)
def test_a_confident_word_needs_people_of_a_similar_body(share: float, reviews: int, word: str) -> None:
    assert _advise(share, 0.02, reviews=reviews).sureness == word


def test_a_share_that_few_similar_people_stand_behind_is_only_probable() -> None:
    assert [_advise(reviews=people).is_inferred for people in (0, 2, 3)] == [True, True, False]


def test_two_sizes_within_ten_points_are_between_in_order() -> None:
    assert _advise(0.46, 0.40).between == ("M", "L")
    assert _advise(0.40, 0.46, other="S").between == ("S", "M")
    assert _advise(0.60, 0.30).between is None


def test_a_wish_moves_only_between_size_and_runner_up_and_is_told() -> None:
    loose = _advise(0.6, 0.3, wish="loose")
    assert (loose.size, loose.from_size, loose.wished, loose.share) == ("L", "M", "loose", 0.3)
    tight = _advise(0.6, 0.3, wish="tight")
    assert (tight.size, tight.wished) == ("M", "")


def test_a_wish_does_not_move_to_an_unlikely_size_and_that_is_told() -> None:
    stays = _advise(0.9, 0.08, wish="loose")
    assert (stays.size, stays.wished, stays.wish_stays) == ("M", "", "loose")
    assert _advise(0.6, 0.3, wish="loose").wish_stays == ""
    assert _advise(0.9, 0.08).wish_stays == ""


def test_sold_out_and_any_gender_are_told() -> None:
    assert _advise(sold_out=["M"]).sold_out
    assert advise(
        Band("unknown", "answered", "M", 0.7, None, None, 3), size_run=RUN, sold_out=(), gender="male"
    ).any_gender


def test_no_table_and_no_evidence_are_the_same_to_the_visitor() -> None:
    silent = Band("male", "no_evidence", None, None, None, None, 0)
    for band in (None, silent):
        assert advise(band, size_run=RUN, sold_out=(), gender="male").state == "no_evidence"


def test_of_ten_is_never_none_of_ten() -> None:
    assert (_advise(0.04, 0.02).of_ten, _advise(0.66, 0.1).of_ten, _advise(1.0, 0.0).of_ten) == (1, 7, 10)
