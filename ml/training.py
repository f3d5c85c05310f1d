"""Training of the size model: effects out of fold, trees stopped early on held-out groups, calibration.

All rows take part in the published effects and trees; the number of trees, the damping of the base and the calibration
come from a fold of groups that the trees did not see.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import xgboost as xgb

from ml.body import buyer_moments, mix_moments
from ml.calibration import Calibration, fit_calibration
from ml.effects import Effects, fit_effects
from ml.errors import NoSamples
from ml.features import GENDERS, UNKNOWN, Products, Samples, Stacked, body_terms, folds, stable_hash, stack
from ml.model import FEATURES, MONOTONE, Settings, SizeModel, feature_matrix

# Trees where there was no held-out group to choose their number by: few, since there was hardly any data.
_ROUNDS_UNTRIED = 30
_USUAL_PRIOR = 4.0
# Stacked rows from which more than one thread is used.
_ROWS_A_THREAD = 100_000
# With fewer stacked rows than this the trees may be too few to make up for a damped base: the whole base is tried too.
_ROWS_FOR_DAMPING = 60_000


def fit_model(samples: Samples, products: Products, settings: Settings) -> SizeModel:
    """Train on samples of products. The same input, lock and CPU give the same model. Raises NoSamples."""
    if not len(samples):
        raise NoSamples("no sample is left to learn from: look at the counts of left-out reviews in mart.sample")
    stacked = stack(samples, products)
    effects = fit_effects(samples, products, settings.shrinkage, stacked)
    reviews, moments = _reviews(samples, products), _moments(samples)
    usual = _usual(samples, products, stacked, effects)
    if not len(stacked.sample):  # only products of one size: they go by rule
        return SizeModel(products, effects, reviews, usual, None, Calibration(1.0, 0.0), settings, moments)
    rows = _training_rows(samples, products, settings)
    tried = [_try(rows, replace(settings, damping=damping)) for damping in _dampings(rows, settings)]
    best = min(tried, key=lambda one: one.loss)
    every = np.ones(len(rows.fold), dtype=bool)
    booster = xgb.train(_parameters(rows, best.settings), rows.matrix(every, best.settings), best.rounds)
    return SizeModel(products, effects, reviews, usual, booster, best.calibration, best.settings, moments)


@dataclass(frozen=True)
class _Tried:
    settings: Settings
    rounds: int
    calibration: Calibration
    loss: float  # on the held-out groups, calibrated


def _dampings(rows: _Rows, settings: Settings) -> tuple[float, ...]:
    return (settings.damping,) if len(rows.fold) >= _ROWS_FOR_DAMPING else (1.0, settings.damping)


def _try(rows: _Rows, settings: Settings) -> _Tried:
    """How many trees, which calibration, and how good they are together."""
    held = rows.fold == 0
    if not held.any() or held.all():
        return _Tried(settings, _ROUNDS_UNTRIED, Calibration(1.0, 0.0), 0.0)
    judge = rows.matrix(held, settings)
    early = xgb.train(
        _parameters(rows, settings), rows.matrix(~held, settings), settings.rounds,
        evals=[(judge, "held")], early_stopping_rounds=settings.patience, verbose_eval=False,
    )  # fmt: skip
    rounds = early.best_iteration + 1
    margin = early.predict(judge, iteration_range=(0, rounds), output_margin=True).astype(float)
    calibration = fit_calibration(margin, rows.above[held], rows.weight[held])
    return _Tried(settings, rounds, calibration, calibration.loss(margin, rows.above[held], rows.weight[held]))


@dataclass(frozen=True)
class _Rows:
    features: np.ndarray
    score: np.ndarray  # what the effects say of the body, undamped
    threshold: np.ndarray
    above: np.ndarray
    weight: np.ndarray
    fold: np.ndarray

    def matrix(self, which: np.ndarray, settings: Settings) -> xgb.DMatrix:
        base = settings.damping * self.score[which] - self.threshold[which]
        return xgb.DMatrix(
            self.features[which], label=self.above[which], weight=self.weight[which], base_margin=base,
            feature_names=list(FEATURES), nthread=settings.threads,
        )  # fmt: skip


def _training_rows(samples: Samples, products: Products, settings: Settings) -> _Rows:
    """Every stacked row with effects that were fitted without its fold, and some a second time without a gender."""
    fold = folds(samples.group, settings.fold_count)
    parts = []
    for held in range(settings.fold_count):
        inside, outside = np.flatnonzero(fold == held), fold != held
        if not len(inside):
            continue
        others = samples.take(outside)
        effects = fit_effects(others, products, settings.shrinkage)
        reviews = _reviews(others, products)
        mine = samples.take(inside)
        masked = folds(mine.group, 1000, salt=stable_hash("mask") % 1000) < settings.masked_share * 1000
        for part in (mine, replace(mine.take(masked), gender=np.full(int(masked.sum()), UNKNOWN))):
            parts.append(_rows_of(part, products, effects, reviews, held, settings))
    return _Rows(*(np.concatenate([getattr(part, name) for part in parts]) for name in _Rows.__dataclass_fields__))


def _rows_of(
    samples: Samples, products: Products, effects: Effects, reviews: np.ndarray, fold: int, settings: Settings
) -> _Rows:
    stacked = stack(samples, products)
    at, product = stacked.sample, samples.product[stacked.sample]
    terms = body_terms(samples.height_cm, samples.weight_kg, samples.gender)[at]
    features = feature_matrix(products, effects, reviews, product, stacked.threshold,
                              samples.height_cm[at], samples.weight_kg[at], samples.gender[at])  # fmt: skip
    score, threshold = effects.score(terms, product), effects.threshold[stacked.threshold]
    return _Rows(features, score, threshold, stacked.above, samples.weight[at], np.full(len(at), fold))


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


def _parameters(rows: _Rows, settings: Settings) -> dict[str, object]:
    # threads that wait for each other cost more than they bring where rows are few
    threads = settings.threads if len(rows.fold) >= _ROWS_A_THREAD else 1
    return {
        "objective": "binary:logistic", "tree_method": "hist", "max_depth": settings.depth, "eta": settings.eta,
        "min_child_weight": settings.min_child_weight, "reg_lambda": settings.reg_lambda, "max_bin": settings.max_bin,
        "subsample": settings.subsample,
        "colsample_bynode": settings.features_a_split, "num_parallel_tree": settings.trees_a_round, "base_score": 0.5,
        "monotone_constraints": "(" + ",".join(map(str, MONOTONE)) + ")",
        "nthread": threads, "seed": settings.seed,
    }  # fmt: skip
