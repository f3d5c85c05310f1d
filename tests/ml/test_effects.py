"""The shrunk effects: their likelihood, their levels, and what leaving a fold out gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ml.effects import fit_effects, fit_effects_by_fold
from ml.features import Products, Samples, encode_products, encode_samples, folds
from ml.levels import Shrinkage
from ml.ordinal import TERMS, batches
from tests.ml.invented import invent


def encoded(frames: tuple[pd.DataFrame, pd.DataFrame]) -> tuple[Samples, Products]:
    products = encode_products(frames[0])
    return encode_samples(frames[1], products), products


def test_the_gradient_is_the_slope_of_the_log_likelihood() -> None:
    samples, products = encoded(invent(products=1, reviews=40))
    samples = replace(samples, target=np.minimum(samples.target + 0.3, 3.0))
    batch = batches(samples, products)[0]

    def log_likelihood(value: np.ndarray) -> float:
        score = batch.terms @ value[3:]
        above = 1 / (1 + np.exp(value[:3] - score[:, None]))
        full = np.hstack([np.ones((len(score), 1)), above, np.zeros((len(score), 1))])
        return float(batch.weight @ np.log((full[:, :-1] - full[:, 1:])[np.arange(len(score)), batch.size]))

    value = np.concatenate([[-2.0, 0.1, 1.8], [0.4, 0.9, -0.2, 0.1, 0.3]])
    gradient, info = batch.sums(value[None], lapses=0.0)
    nudges = np.eye(len(value)) * 1e-5
    slopes = [(log_likelihood(value + nudge) - log_likelihood(value - nudge)) / 2e-5 for nudge in nudges]
    assert np.allclose(gradient[0], slopes, rtol=1e-4, atol=1e-4)
    assert np.allclose(info[0], info[0].T)
    assert np.linalg.eigvalsh(info[0]).min() > 0


def test_a_review_between_two_sizes_is_two_reviews_of_less_weight() -> None:
    samples, products = encoded(invent(products=1, reviews=1))
    half = batches(replace(samples, target=np.array([1.7])), products)[0]
    assert half.size.tolist() == [1, 2]
    assert np.allclose(half.weight, [0.3, 0.7])


def test_without_a_fold_they_are_nearly_those_of_a_fit_without_its_reviews() -> None:
    samples, products = encoded(invent(products=12, reviews=60))
    fold = folds(samples.group, 8)
    found = fit_effects_by_fold(samples, products, Shrinkage(), fold)
    whole, without = found.whole, found.without
    stray, moved = [], []
    for number, effects in enumerate(without):
        alone = fit_effects(samples.take(fold != number), products, Shrinkage())
        stray.append(np.abs(effects.threshold - alone.threshold).mean())
        moved.append(np.abs(whole.threshold - alone.threshold).mean())
    assert np.mean(stray) < 0.4 * np.mean(moved)


def test_the_only_review_of_a_product_leaves_nothing_behind_in_the_fit_without_it() -> None:
    frame, rows = invent(products=10, reviews=60)
    single = rows[(rows["product_id"] != "p003") | ~rows["product_id"].duplicated()]
    samples, products = encoded((frame, single))
    fold = (samples.product == 3).astype(np.int64)
    without = fit_effects_by_fold(samples, products, Shrinkage(), fold).without
    without_it = list(without)[1]
    alone = fit_effects(samples.take(fold == 0), products, Shrinkage())
    own = slice(products.first[3], products.first[4])
    assert np.abs(without_it.threshold[own] - alone.threshold[own]).max() < 0.05
    assert np.allclose(without_it.certainty[own], alone.certainty[own], atol=0.02)


def test_a_new_product_is_like_its_brand_and_surer_with_every_review() -> None:
    frame, rows = invent(products=30, reviews=60)
    rows["size_index"] = np.where(rows["product_id"].isin(frame["product_id"][frame["brand"] == "b1"]),
                                  np.maximum(rows["size_index"] - 1, 0), rows["size_index"])  # fmt: skip
    rows["target"] = rows["size_index"].astype(float)
    few = rows[~rows["product_id"].isin(["p000", "p001"])]
    samples, products = encoded((frame, few))
    effects = fit_effects(samples, products, Shrinkage())
    middle = effects.threshold[products.first[:-1] + 1]
    assert middle[1] > middle[0] + 0.3  # b1 sells a size larger: its thresholds lie higher
    surer = effects.certainty[products.first[:-1] + 1].min(axis=1)
    assert surer[1] < surer[4] <= 1.0


def test_no_score_falls_with_the_body_even_where_the_reviews_say_so() -> None:
    frame, rows = invent(products=3, reviews=80)
    rows["size_index"] = 3 - rows["size_index"]
    rows["target"] = rows["size_index"].astype(float)
    effects = fit_effects(*encoded((frame, rows)), Shrinkage())
    assert effects.slopes.shape == (3, TERMS)
    for side in (-0.5, 0.5):
        assert (effects.slopes[:, 0] + side * effects.slopes[:, 3] >= -1e-9).all()
        assert (effects.slopes[:, 1] + side * effects.slopes[:, 4] >= -1e-9).all()


def test_a_product_all_of_whose_buyers_took_the_smallest_size_hardly_moves_the_others() -> None:
    samples, products = encoded(invent(products=60, reviews=100))
    poison = np.where(samples.product == 7, 0.0, samples.target)
    before = fit_effects(samples, products, Shrinkage())
    after = fit_effects(replace(samples, target=poison), products, Shrinkage())
    owner = np.repeat(np.arange(60), products.thresholds)
    moved = np.abs(after.threshold - before.threshold)[owner != 7]
    own = np.abs(after.threshold - before.threshold)[owner == 7]
    assert moved.max() < 0.1 < 1.0 < own.max()


def test_a_stranger_is_told_by_the_others_alone() -> None:
    samples, products = encoded(invent(products=12, reviews=80))
    which = 4
    moved = replace(samples, target=np.where(samples.product == which, 0.0, samples.target))
    fold = np.zeros(len(samples), dtype=np.int64)
    for some in (samples, moved):
        found = fit_effects_by_fold(some, products, Shrinkage(), fold)
        part, strange = next((part, effects) for part, effects in found.strangers if part[which])
        own = slice(products.first[which], products.first[which + 1])
        others = fit_effects(some.take(~part[some.product]), products, Shrinkage())
        assert np.abs(strange.threshold[own] - others.threshold[own]).max() < 0.35
        assert (strange.certainty[own] < found.whole.certainty[own]).all()
        known = np.flatnonzero(~part)[0]
        rest = slice(products.first[known], products.first[known + 1])
        assert np.abs(strange.threshold[rest] - found.whole.threshold[rest]).max() < 0.2
