"""Training of the size model: effects out of fold, trees stopped early on held-out groups, calibration.

All rows take part in the published effects. The trees are a few boosters, averaged; each leaves a fold of the groups
out, which says when to stop. Those folds, which their booster never saw, give the calibration and choose the damping.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import xgboost as xgb

from ml.body import buyer_moments, mix_moments
from ml.calibration import Calibration, fit_calibration
from ml.effects import Effects, fit_effects_by_fold
from ml.errors import NoSamples
from ml.features import GENDERS, UNKNOWN, Products, Samples, Stacked, body_terms, folds, stable_hash, stack
from ml.model import FEATURES, MONOTONE, Settings, SizeModel, feature_matrix
from ml.trees import average

# Trees where there was no held-out group to choose their number by: few, since there was hardly any data.
_ROUNDS_UNTRIED = 30
_USUAL_PRIOR = 4.0
# With fewer stacked rows than this the trees may be too few to make up for a damped base: the whole base is tried too.
_ROWS_FOR_DAMPING = 60_000


def fit_model(samples: Samples, products: Products, settings: Settings) -> SizeModel:
    """Train on samples of products. The same input, lock and CPU give the same model. Raises NoSamples."""
    if not len(samples):
        raise NoSamples("no sample is left to learn from: look at the counts of left-out reviews in mart.sample")
    stacked = stack(samples, products)
    fold = folds(samples.group, settings.fold_count)
    effects, without = fit_effects_by_fold(samples, products, settings.shrinkage, fold)
    reviews, moments = _reviews(samples, products), _moments(samples)
    usual = _usual(samples, products, stacked, effects)
    if not len(stacked.sample):  # only products of one size: they go by rule
        return SizeModel(products, effects, reviews, usual, None, Calibration(), settings, moments)
    rows = _training_rows(samples, products, settings, fold, without)
    tried = [_try(rows, samples, usual, replace(settings, damping=damping)) for damping in _dampings(rows, settings)]
    best = min(tried, key=lambda one: one.loss)
    return SizeModel(products, effects, reviews, usual, best.booster, best.calibration, best.settings, moments)


@dataclass(frozen=True)
class _Tried:
    settings: Settings
    booster: xgb.Booster
    calibration: Calibration
    loss: float  # on the held-out groups


def _dampings(rows: _Rows, settings: Settings) -> tuple[float, ...]:
    return (settings.damping,) if len(rows.fold) >= _ROWS_FOR_DAMPING else (1.0, settings.damping)


def _try(rows: _Rows, samples: Samples, usual: np.ndarray, settings: Settings) -> _Tried:
    """Some boosters, each stopped early on a fold that it did not see, as one; and the calibration of those folds."""
    present = np.unique(rows.fold)
    if len(present) < 2:
        booster = xgb.train(_parameters(settings, 0), rows.matrix(rows.fold >= 0, settings), _ROUNDS_UNTRIED)
        return _Tried(settings, booster, Calibration(), 0.0)
    held_folds = present[: settings.boosters]
    # a thread a booster: threads inside one wait for each other at every tree, on a busy machine for seconds
    with ThreadPoolExecutor(min(settings.threads, len(held_folds))) as pool:
        stopped = list(pool.map(partial(_stopped_early, rows, settings), range(len(held_folds)), held_folds))
    boosters, margins, losses = [], np.full(len(rows.fold), np.nan), []
    for fold, (booster, margin, loss) in zip(held_folds, stopped, strict=True):
        boosters.append(booster)
        margins[rows.fold == fold] = margin
        losses.append(loss)
    seen = ~np.isnan(margins)
    calibration = _calibrated(rows, seen, margins[seen], samples, usual)
    return _Tried(settings, average(boosters, settings.threads), calibration, float(np.mean(losses)))


def _stopped_early(rows: _Rows, settings: Settings, number: int, fold: int) -> tuple[xgb.Booster, np.ndarray, float]:
    """A booster that did not see the fold, its margins and its loss there. The same whatever the number of threads."""
    held = rows.fold == fold
    judge = rows.matrix(held, settings)
    early = xgb.train(
        _parameters(settings, number), rows.matrix(~held, settings), settings.rounds,
        evals=[(judge, "held")], early_stopping_rounds=settings.patience, verbose_eval=False,
    )  # fmt: skip
    booster = early[: early.best_iteration + 1]
    return booster, booster.predict(judge, output_margin=True), early.best_score


def _calibrated(rows: _Rows, held: np.ndarray, margin: np.ndarray, samples: Samples, usual: np.ndarray) -> Calibration:
    """Fitted on held-out samples as they are, not on those whose gender was masked."""
    plain = ~rows.masked[held]
    sample, column = rows.sample[held][plain], rows.column[held][plain]
    which, row = np.unique(sample, return_inverse=True)
    wide = np.full((len(which), int(rows.column.max()) + 1), -np.inf)
    wide[row, column] = margin[plain]
    shares = np.zeros_like(wide)
    shares[row, column] = usual[rows.at[held][plain]]
    weight = np.zeros(len(which))
    weight[row] = rows.weight[held][plain]
    return fit_calibration(wide, shares, samples.target[which], weight)


@dataclass(frozen=True)
class _Rows:
    """Samples at thresholds, some of them a second time with the gender masked."""

    features: np.ndarray
    score: np.ndarray  # what the effects say of the body, undamped, times their certainty
    threshold: np.ndarray  # times their certainty
    above: np.ndarray
    weight: np.ndarray
    fold: np.ndarray
    sample: np.ndarray
    at: np.ndarray  # index into Products.place
    column: np.ndarray  # which threshold of its product
    masked: np.ndarray

    def matrix(self, which: np.ndarray, settings: Settings) -> xgb.DMatrix:
        base = settings.damping * self.score[which] - self.threshold[which]
        return xgb.DMatrix(
            self.features[which], label=self.above[which], weight=self.weight[which], base_margin=base,
            feature_names=list(FEATURES), nthread=1,
        )  # fmt: skip


def _training_rows(samples: Samples, products: Products, settings: Settings, fold: np.ndarray,
                   without: Iterable[Effects]) -> _Rows:  # fmt: skip
    """Every stacked row with effects that were fitted without its fold, and some a second time without a gender."""
    masked = folds(samples.group, 1000, salt=stable_hash("mask") % 1000) < settings.masked_share * 1000
    parts = []
    for number, effects in enumerate(without):
        mine = fold == number
        for which, hidden in ((mine, False), (mine & masked, True)):
            if which.any():
                parts.append(_rows_of(samples, np.flatnonzero(which), hidden, products, effects, number))
    return _Rows(*(np.concatenate([getattr(part, name) for part in parts]) for name in _Rows.__dataclass_fields__))


def _rows_of(samples: Samples, which: np.ndarray, hidden: bool, products: Products, effects: Effects,
             fold: int) -> _Rows:  # fmt: skip
    some = samples.take(which)
    gender = np.full(len(some), UNKNOWN) if hidden else some.gender
    stacked = stack(some, products)
    at, threshold = stacked.sample, stacked.threshold
    product = some.product[at]
    features = feature_matrix(products, effects, product, threshold, some.height_cm[at], some.weight_kg[at], gender[at])
    score = effects.score(body_terms(some.height_cm, some.weight_kg, gender), some.product)[at]
    certainty, rows = effects.certainty[threshold, gender[at]], len(at)
    return _Rows(
        features, certainty * score, certainty * effects.threshold[threshold], stacked.above,
        some.weight[at] * effects.pooled[product],
        np.full(rows, fold), which[at], threshold, threshold - products.first[product], np.full(rows, hidden),
    )  # fmt: skip


def _reviews(samples: Samples, products: Products) -> np.ndarray:
    return np.bincount(samples.product, weights=samples.weight, minlength=len(products))


def _usual(samples: Samples, products: Products, stacked: Stacked, effects: Effects) -> np.ndarray:
    """The share of buyers above each threshold, with the effects at a middling body as a few buyers more."""
    weight = samples.weight[stacked.sample]
    above = np.bincount(stacked.threshold, weight * stacked.above, minlength=len(products.place))
    every = np.bincount(stacked.threshold, weight, minlength=len(products.place))
    return (above + _USUAL_PRIOR / (1 + np.exp(effects.threshold))) / (every + _USUAL_PRIOR)


def _moments(samples: Samples) -> dict[str, list[float]]:
    """Where buyers are; `unknown` is the mixture of both as one normal."""
    found, shares = [], []
    for code, name in enumerate(GENDERS[:UNKNOWN]):
        some = samples.take(samples.gender == code)
        found.append(buyer_moments(some.height_cm, some.weight_kg, some.weight, name))
        shares.append(1.0 + len(some))
    return dict(zip(GENDERS, [*found, mix_moments(found, shares)], strict=True))


def _parameters(settings: Settings, number: int) -> dict[str, object]:
    return {
        "objective": "binary:logistic", "tree_method": "hist", "max_depth": settings.depth, "eta": settings.eta,
        "min_child_weight": settings.min_child_weight, "reg_lambda": settings.reg_lambda, "max_bin": settings.max_bin,
        "subsample": settings.subsample, "base_score": 0.5,
        "monotone_constraints": "(" + ",".join(map(str, MONOTONE)) + ")",
        "nthread": 1, "seed": settings.seed + number,
    }  # fmt: skip
