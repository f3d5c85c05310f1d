"""What nobody orders but a night may bring: a clear error or a sane table, and never a sure answer from nothing."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ml import benchmark
from ml.errors import NoSamples
from ml.features import encode_products, encode_samples
from ml.fit_shares import learn_fit_shares, move_targets
from ml.model import Settings
from ml.size_table import size_tables
from ml.training import fit_model
from tests.ml.invented import LETTERS, invent
from tests.ml.test_benchmark import raw_rows, run

QUICK = Settings(threads=1, rounds=60)
# What a review may need beside a share of what all share: products of one review each, two sizes and more.
BYTES_A_REVIEW = 16_000


def tables_of(frames: tuple[pd.DataFrame, pd.DataFrame]) -> pd.DataFrame:
    products = encode_products(frames[0])
    samples = encode_samples(frames[1], products)
    return pd.concat(size_tables(fit_model(samples, products, QUICK), samples), ignore_index=True)


def sane_answers(rows: pd.DataFrame, run: list[str]) -> pd.DataFrame:
    answered = rows[rows["state"] == "answered"]
    assert set(answered["size_label"]) <= set(run)
    assert answered["probability"].between(0, 1).all()
    assert rows.loc[rows["state"] == "no_evidence", "size_label"].isna().all()
    return answered


def bought(rows: pd.DataFrame, size: object) -> pd.DataFrame:
    index = np.broadcast_to(np.asarray(size, dtype=np.int64), len(rows))
    return rows.assign(size_index=index, target=index.astype(float), bought_label=[LETTERS[at] for at in index])


def test_no_samples_at_all_are_named() -> None:
    frame, rows = invent(products=2, reviews=3)
    with pytest.raises(NoSamples, match="no sample is left to learn from"):
        tables_of((frame, rows.iloc[:0]))


def test_where_all_bodies_are_equal_only_that_body_is_answered_and_by_what_its_buyers_bought() -> None:
    frame, rows = invent(products=4, reviews=60)
    rows = rows.assign(height_cm=170.0, weight_kg=65.0, gender="male")
    rows = bought(rows, np.tile([1, 1, 2], len(rows) // 3))
    answered = sane_answers(tables_of((frame, rows)), LETTERS)
    at_it = answered[
        (answered["height_cm"] == 170) & answered["weight_from_kg"].le(65) & answered["weight_to_kg"].ge(65)
    ]
    assert set(at_it["size_label"]) == {"M"}
    assert at_it["probability"].between(0.55, 0.8).all()
    assert set(answered["gender"]) == {"male", "unknown"}
    # the weight of a review that halves at 5 kg sums to one of sixty as far as 13 kg away
    assert answered["weight_from_kg"].min() >= 50
    assert answered["weight_to_kg"].max() <= 80


def test_sizes_that_nobody_bought_are_in_no_table_where_somebody_answers_for_the_product() -> None:
    frame, rows = invent(products=6, reviews=80)
    rows = bought(rows, np.clip(rows["size_index"], 1, 2))  # neither the smallest nor the largest of four
    answered = sane_answers(tables_of((frame, rows)), LETTERS)
    near = answered[answered["reviews"] >= 5]
    assert len(near)
    assert set(near["size_label"]) == {"M", "L"}


@pytest.mark.parametrize("gender", ["male", None])
def test_one_gender_or_none_has_no_table_of_the_others(gender: str | None) -> None:
    frame, rows = invent(products=3, reviews=60, female_share=0.0)
    answered = sane_answers(tables_of((frame, rows.assign(gender=gender))), LETTERS)
    # a review without a gender counts for each; one of a man counts for no woman
    assert set(answered["gender"]) == ({"male", "unknown"} if gender else {"male", "female", "unknown"})


def test_equal_bodies_that_bought_the_smallest_and_the_largest_leave_no_sure_answer() -> None:
    frame, rows = invent(products=4, reviews=100, female_share=0.0)
    rows = rows.assign(height_cm=np.repeat(rows["height_cm"][::2], 2).to_numpy(),
                       weight_kg=np.repeat(rows["weight_kg"][::2], 2).to_numpy())  # fmt: skip
    rows = bought(rows, np.tile([0, 3], len(rows) // 2))
    near = sane_answers(tables_of((frame, rows)), LETTERS)
    near = near[near["reviews"] >= 5]
    assert len(near)
    assert near["probability"].max() < 0.75


def test_equal_buyers_of_one_size_who_call_it_too_small_and_too_large_stay_at_it() -> None:
    frame, rows = invent(products=6, reviews=120, fit=False)
    rows = rows.assign(fit=np.tile(["small", "large"], len(rows) // 2), fit_slight=False)
    last = np.full(len(rows), len(LETTERS) - 1)
    target, _ = move_targets(rows, learn_fit_shares(rows), last)
    told, untold = (tables_of((frame, some)) for some in (rows.assign(target=target), rows.assign(fit=None)))
    sane_answers(told, LETTERS)
    both = told.merge(untold, on=["product_id", "gender", "height_cm", "weight_from_kg", "weight_to_kg"])
    both = both[(both["state_x"] == "answered") & (both["reviews_x"] >= 5)]
    steps = both["size_label_x"].map(LETTERS.index) - both["size_label_y"].map(LETTERS.index)
    assert steps.abs().max() <= 1
    assert abs(steps.mean()) < 0.1


@pytest.mark.parametrize("text", ["nan", "NaN", "inf", "-inf", "1e400", "Infinity"])
def test_a_body_that_is_no_number_is_refused_and_taught_to_nobody(tmp_path: Any, text: str) -> None:
    rows = raw_rows()
    train = pd.concat([rows, rows.iloc[:5].assign(height=text), rows.iloc[:5].assign(weight=text)])
    test = pd.concat([rows.iloc[:3], rows.iloc[:1].assign(height=text), rows.iloc[:1].assign(weight=text)])
    out, figures, _ = run(tmp_path, train, test)
    assert out["state"].tolist() == ["answered"] * 3 + [benchmark.REFUSED] * 2
    plain, plain_figures, _ = run(tmp_path, rows, rows.iloc[:3])
    assert out["probability"].iloc[:3].astype(float).tolist() == plain["probability"].tolist()
    assert figures["train_samples"] == plain_figures["train_samples"]


@pytest.mark.slow
def test_memory_grows_by_the_review_where_every_product_has_one() -> None:
    few, many = 600, 1800
    peaks = [_peak_bytes(products) for products in (few, many)]
    assert (peaks[1] - peaks[0]) / (many - few) < BYTES_A_REVIEW


def _peak_bytes(products: int) -> int:
    """What numpy and Python hold at most while they train and write tables; the trees' own share is not in it."""
    frames = invent(products, reviews=1, fit=False)
    encoded = encode_products(frames[0])
    samples = encode_samples(frames[1], encoded)
    tracemalloc.start()
    try:
        for part in size_tables(fit_model(samples, encoded, QUICK), samples):
            del part
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
