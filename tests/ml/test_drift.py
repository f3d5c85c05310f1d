"""Drift: what is expected of later reviews is what the earlier ones of the same products said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ml.drift import SIZE_MIX_LIMIT, body_drift, size_counts, size_mix_drift

EARLIER = {("a", "M"): 300, ("a", "L"): 100, ("b", "M"): 20, ("b", "L"): 180}


def counts(numbers: dict[tuple[str, str], int], mall: str = "musinsa") -> pd.DataFrame:
    rows = [(mall, product_id, label, n) for (product_id, label), n in numbers.items()]
    return pd.DataFrame(rows, columns=["mall", "product_id", "label", "reviews"])


def test_reviews_are_counted_by_product_and_label() -> None:
    rows = pd.DataFrame({"mall": "musinsa", "product_id": ["a", "a", "b"], "bought_label": ["M", "M", "L"]})
    assert size_counts(rows).values.tolist() == [["musinsa", "a", "M", 2], ["musinsa", "b", "L", 1]]


def test_more_reviews_of_a_product_that_runs_large_are_no_drift() -> None:
    (found,) = size_mix_drift(counts(EARLIER), counts({("b", "M"): 50, ("b", "L"): 450}), "now")
    assert (found.moved, found.reviews, found.is_too_far) == (pytest.approx(0.0), 500, False)


def test_sizes_read_one_step_too_large_are_a_drift() -> None:
    (found,) = size_mix_drift(counts(EARLIER), counts({("a", "L"): 300, ("a", "XL"): 100}), "now")
    assert found.moved == pytest.approx(0.75)
    assert found.is_too_far
    assert found.what == "sizes bought at musinsa now"


def test_what_chance_alone_makes_is_allowed() -> None:
    found = [
        next(size_mix_drift(counts(EARLIER), counts({("a", "M"): n, ("a", "L"): 200 - n}), "now"))
        for n in (150, 128, 100)
    ]
    assert [round(one.moved, 2) for one in found] == [0.0, 0.11, 0.25]
    assert [one.is_too_far for one in found] == [False, False, True]
    assert SIZE_MIX_LIMIT < found[0].limit < 0.2


def test_too_few_later_reviews_or_products_hardly_known_say_nothing() -> None:
    assert not list(size_mix_drift(counts(EARLIER), counts({("a", "XL"): 199}), "now"))
    assert not list(size_mix_drift(counts({("a", "M"): 19}), counts({("a", "XL"): 900}), "now"))
    assert not list(size_mix_drift(counts(EARLIER), counts({("new", "XL"): 900}), "now"))


def test_each_mall_is_judged_for_itself() -> None:
    before = pd.concat([counts(EARLIER), counts(EARLIER, "zigzag")])
    after = pd.concat([counts({("a", "M"): 900}), counts({("a", "M"): 300, ("a", "L"): 100}, "zigzag")])
    found = {one.what: one.is_too_far for one in size_mix_drift(before, after, "now")}
    assert found == {"sizes bought at musinsa now": True, "sizes bought at zigzag now": False}


def bodies(
    count: int, height: float, weight: float, product_id: str = "a", gender: str | None = "male"
) -> pd.DataFrame:
    wave = np.sin(np.arange(count) * 2.4)
    return pd.DataFrame({"mall": "musinsa", "product_id": product_id, "gender": gender,
                         "height_cm": height + 6 * wave, "weight_kg": weight + 10 * wave})  # fmt: skip


@pytest.mark.parametrize(
    ("height", "weight", "too_far"),
    [(174, 72, []), (175.5, 74, []), (170, 72, ["height"]), (174, 79, ["weight"]), (17.4, 720, ["height", "weight"])],
)
def test_bodies_that_move_further_than_they_may_are_a_drift(height: float, weight: float, too_far: list[str]) -> None:
    found = list(body_drift(bodies(400, 174, 72), bodies(400, height, weight), "now"))
    assert [one.unit for one in found] == ["cm", "kg"]
    assert [one.what.split()[0] for one in found if one.is_too_far] == too_far


def test_another_mix_of_products_is_no_drift_of_bodies() -> None:
    before = pd.concat([bodies(400, 174, 72), bodies(400, 160, 55, "b")])
    found = list(body_drift(before, pd.concat([bodies(50, 174, 72), bodies(500, 160, 55, "b")]), "now"))
    assert [one.is_too_far for one in found] == [False, False]


def test_bodies_without_a_gender_or_of_few_reviews_say_nothing() -> None:
    assert not list(body_drift(bodies(400, 174, 72, gender=None), bodies(400, 150, 72, gender=None), "now"))
    assert not list(body_drift(bodies(400, 174, 72), bodies(199, 150, 72), "now"))
    assert not list(body_drift(bodies(19, 174, 72), bodies(400, 150, 72), "now"))
