"""How far fit answers move a target: on rows made by hand, and on generated buyers whose truth is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from local.malls import catalogue
from ml.fit_shares import ASSUMED, STEPS, half_of, learn_fit_shares, move_targets, used_fit_shares

PRODUCT = "100"  # of half 1, by its hash: its answers make the shares of half 0


def rows(*parts: tuple[int, int, str | None, float], **stated: Any) -> pd.DataFrame:
    """(how many, size index, fit, weight) of one product; everybody is 160 cm tall."""
    found = [
        {"mall": "musinsa", "product_id": PRODUCT, "gender": "male", "height_cm": 160.0, "weight_kg": weight,
         "size_index": size, "fit": fit, "fit_slight": False} | stated
        for count, size, fit, weight in parts for _ in range(count)
    ]  # fmt: skip
    return pd.DataFrame(found)


def share(shares: pd.DataFrame, mall: str, half: int, fit: str, slight: bool = False) -> float:
    found = shares[
        (shares["mall"] == mall) & (shares["half"] == half) & (shares["fit"] == fit) & (shares["fit_slight"] == slight)
    ]
    assert len(found) == 1
    return float(found["share"].iloc[0])


CONTENT = ((3, 1, "true", 60.0), (4, 2, "true", 70.0))


def test_a_share_is_how_far_on_the_way_to_the_next_sizes_content_buyers_they_stand() -> None:
    shares = learn_fit_shares(rows(*CONTENT, (100_000, 1, "small", 66.0), (100_000, 2, "large", 62.0)))
    assert share(shares, "musinsa", 0, "small") == pytest.approx(0.6, abs=0.001)
    assert share(shares, "musinsa", 0, "large") == pytest.approx(0.8, abs=0.001)


def test_few_answers_are_shrunk_first_to_what_is_assumed_then_to_all_malls() -> None:
    # 50 answers at half the way and the prior's 50: (25 + 50 * .7) / 100 = .6 overall, (25 + 50 * .6) / 100 in the mall
    shares = learn_fit_shares(rows(*CONTENT, (50, 1, "small", 65.0)))
    assert share(shares, "musinsa", 0, "small") == 0.55


def test_a_mall_without_answers_takes_those_of_all_malls() -> None:
    silent = rows((5, 1, None, 60.0), mall="zigzag")
    shares = learn_fit_shares(pd.concat([rows(*CONTENT, (50, 1, "small", 65.0)), silent], ignore_index=True))
    assert share(shares, "zigzag", 0, "small") == 0.6
    assert share(shares, "zigzag", 0, "small", slight=True) == ASSUMED[True]


def test_no_product_moves_its_own_targets() -> None:
    shares = learn_fit_shares(rows(*CONTENT, (50, 1, "small", 65.0)))
    assert half_of("musinsa", PRODUCT) == 1
    assert share(shares, "musinsa", 1, "small") == ASSUMED[False]


@pytest.mark.parametrize(
    "without_an_end",
    [
        rows((2, 1, "true", 60.0), (9, 2, "true", 70.0), (50, 1, "small", 65.0)),  # too few content buyers
        rows((9, 0, "small", 90.0)),  # a poisoned product: everybody says the smallest is too small
        rows((9, 1, "true", 60.0), (9, 2, "true", 70.0)).assign(fit=None),  # a mall that asks nothing
        rows(*CONTENT, (50, 1, "small", 65.0)).assign(gender=[None] * 7 + ["male"] * 50),  # ends of another gender
        rows((5, 1, "true", 70.0), (5, 2, "true", 60.0), (50, 1, "small", 65.0)),  # content buyers in no order
    ],
)
def test_answers_without_two_ends_in_order_teach_nothing(without_an_end: pd.DataFrame) -> None:
    shares = learn_fit_shares(without_an_end)
    assert len(shares) == 8
    assert all(found == ASSUMED[slight] for found, slight in zip(shares["share"], shares["fit_slight"], strict=True))


def test_a_share_stays_within_the_two_sizes() -> None:
    shares = learn_fit_shares(rows(*CONTENT, (5000, 1, "small", 90.0), (5000, 2, "large", 80.0)))
    assert share(shares, "musinsa", 0, "small") == 1.0
    assert share(shares, "musinsa", 0, "large") == 0.0


def test_targets_move_inside_the_run_and_stay_at_its_ends() -> None:
    asked = rows((1, 1, "small", 60.0), (1, 1, "large", 60.0), (1, 1, "true", 60.0), (1, 1, None, 60.0),
                 (1, 2, "small", 60.0), (1, 0, "large", 60.0))  # fmt: skip
    target, clipped = move_targets(asked, learn_fit_shares(asked), np.full(6, 2.0))
    assert target == pytest.approx([1.7, 0.3, 1.0, 1.0, 2.0, 0.0])
    assert clipped.tolist() == [False] * 4 + [True] * 2


def test_the_shares_that_targets_were_moved_by_are_read_back_from_them() -> None:
    asked = rows((9, 1, "small", 60.0), (1, 2, "small", 60.0), (3, 1, "large", 60.0), (5, 1, "true", 60.0))
    asked = asked.assign(target=move_targets(asked, learn_fit_shares(asked), np.full(18, 2.0))[0])
    assert used_fit_shares(asked, np.full(18, 2.0)) == [
        {"mall": "musinsa", "fit": "large", "fit_slight": False, "answers": 3, "share": 0.7},
        {"mall": "musinsa", "fit": "small", "fit_slight": False, "answers": 9, "share": 0.7},
    ]


def test_the_order_of_the_rows_does_not_matter() -> None:
    some = rows(*CONTENT, (50, 1, "small", 65.0), (9, 2, "large", 61.0))
    mixed = some.sample(frac=1.0, random_state=5, ignore_index=True)
    pd.testing.assert_frame_equal(learn_fit_shares(some), learn_fit_shares(mixed))


def test_on_generated_buyers_the_learned_shares_are_nearer_the_truth_than_what_was_assumed() -> None:
    answers = _generated()
    shares = learn_fit_shares(answers)
    for fit, step in STEPS.items():
        for slight in (False, True):
            said = answers[(answers["fit"] == fit) & (answers["fit_slight"] == slight)]
            inside = said[(said["size_index"] + step).between(0, said["last"])]
            truth = float((step * (inside["fitting"] - inside["size_index"])).clip(0, 1).mean())
            for half in (0, 1):
                learned = share(shares, "musinsa", half, fit, slight)
                assert abs(learned - truth) < abs(ASSUMED[slight] - truth)
                assert learned == pytest.approx(truth, abs=0.12)


def _generated() -> pd.DataFrame:
    """Reviews of a generated mall as the warehouse would know them, with the size that really fits."""
    made = catalogue.generate(products=100, reviews=20_000, seed=3)
    found = []
    for review in made.reviews.values():
        row = made.expected_review(review.review_id)
        if row["height_cm"] is not None and row["weight_kg"] is not None:
            last = len(made.products[review.product_id].size_labels) - 1
            found.append(row | {"mall": "musinsa", "size_index": review.bought_index, "last": last,
                                "fitting": review.fitting_index})  # fmt: skip
    return pd.DataFrame(found)
