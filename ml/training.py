"""Training of the size model: effects out of fold, networks, trees stopped early on held-out groups, calibration.

All rows take part in the published effects. Networks and trees are a few of each, averaged; each network and its
booster leave a fold of the groups out, which says when to stop. Those folds, which neither saw, give the calibration
and choose the base where reviews are few.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import xgboost as xgb
from threadpoolctl import threadpool_limits

from ml.body import buyer_moments, mix_moments
from ml.calibration import Calibration, fit_calibration
from ml.effects import Effects, EffectsByFold, fit_effects_by_fold
from ml.errors import NoSamples
from ml.features import GENDERS, UNKNOWN, Products, Samples, Stacked, body_terms, folds, stable_hash, stack
from ml.model import FEATURES, MONOTONE, Settings, SizeModel, feature_matrix
from ml.network import Network, body_inputs, context, train_network
from ml.trees import average

# Trees where there was no held-out group to choose their number by: few, since there was hardly any data.
_ROUNDS_UNTRIED = 30
_USUAL_PRIOR = 4.0
# From so many stacked rows on the networks are the base; with fewer the score of the effects is tried too, whole and
# damped, and alone where a network could learn next to nothing.
_ROWS_FOR_NETWORKS, _ROWS_FOR_A_TRIAL = 60_000, 3_000
_DAMPED_SCORE = 0.7
_ROWS_AT_ONCE = 50_000


def fit_model(samples: Samples, products: Products, settings: Settings) -> SizeModel:
    """Train on samples of products. The same input, lock and CPU give the same model. Raises NoSamples."""
    if not len(samples):
        raise NoSamples("no sample is left to learn from: look at the counts of left-out reviews in mart.sample")
    # small matrices: more threads would only wait for each other, and round otherwise on a machine with other cores
    with threadpool_limits(limits=1, user_api="blas"):
        return _fitted(samples, products, settings)


def _fitted(samples: Samples, products: Products, settings: Settings) -> SizeModel:
    stacked = stack(samples, products)
    fold = folds(samples.group, settings.fold_count)
    by_fold = fit_effects_by_fold(samples, products, settings.shrinkage, fold)
    effects = by_fold.whole
    reviews, moments = _reviews(samples, products), _moments(samples)
    usual = _usual(samples, products, stacked, effects)
    if not len(stacked.sample):  # only products of one size: they go by rule
        return SizeModel(products, effects, reviews, usual, (), None, Calibration(), settings, moments)
    rows = _training_rows(samples, products, settings, fold, by_fold)
    tried = [_try(rows, samples, usual, replace(settings, damping=damping), smooth)
             for smooth, damping in _bases(rows, settings)]  # fmt: skip
    best = min(tried, key=lambda one: one.loss)
    return SizeModel(
        products, effects, reviews, usual, best.networks, best.booster, best.calibration, best.settings, moments
    )


@dataclass(frozen=True)
class _Tried:
    settings: Settings
    networks: tuple[Network, ...]
    booster: xgb.Booster
    calibration: Calibration
    loss: float  # on the held-out groups


def _bases(rows: _Rows, settings: Settings) -> list[tuple[bool, float]]:
    """Whether networks are the base, and how far it is damped."""
    networks, scores = [(True, settings.damping)], [(False, 1.0), (False, _DAMPED_SCORE)]
    if len(rows.fold) >= _ROWS_FOR_NETWORKS:
        return networks
    return networks + scores if len(rows.fold) >= _ROWS_FOR_A_TRIAL else scores


def _try(rows: _Rows, samples: Samples, usual: np.ndarray, settings: Settings, smooth: bool) -> _Tried:
    """Networks and boosters, each stopped early on a fold that it did not see, as one; and those folds' calibration."""
    present = np.unique(rows.fold)
    if len(present) < 2:
        every = rows.fold >= 0
        matrix = rows.matrix(every, rows.base(every, settings.damping, None))
        booster = xgb.train(_parameters(settings, 0), matrix, _ROUNDS_UNTRIED)
        return _Tried(settings, (), booster, Calibration(), 0.0)
    held_folds = present[: settings.boosters]
    # a thread a booster: threads inside one wait for each other at every tree, on a busy machine for seconds
    with ThreadPoolExecutor(min(settings.threads, len(held_folds))) as pool:
        work = partial(_stopped_early, rows, settings, smooth)
        stopped = list(pool.map(work, range(len(held_folds)), held_folds))
    networks, boosters, margins, losses = [], [], np.full(len(rows.fold), np.nan), []
    for fold, (network, booster, margin, loss) in zip(held_folds, stopped, strict=True):
        networks += [network] if network else []
        boosters.append(booster)
        margins[rows.fold == fold] = margin
        losses.append(loss)
    seen = ~np.isnan(margins)
    calibration = _calibrated(rows, seen, margins[seen], samples, usual)
    booster = average(boosters, settings.threads)
    return _Tried(settings, tuple(networks), booster, calibration, float(np.mean(losses)))


def _stopped_early(rows: _Rows, settings: Settings, smooth: bool, number: int,
                   fold: int) -> tuple[Network | None, xgb.Booster, np.ndarray, float]:  # fmt: skip
    """A network and a booster that did not see the fold, with their margins and their loss there.

    The same whatever the number of threads.
    """
    held, network = rows.fold == fold, None
    if smooth:
        learned = ~held
        network = train_network(rows.body[learned], rows.context[learned], rows.above[learned], rows.weight[learned],
                                settings.seed + number)  # fmt: skip
    judge, learner = (rows.matrix(which, rows.base(which, settings.damping, network)) for which in (held, ~held))
    early = xgb.train(
        _parameters(settings, number), learner, settings.rounds,
        evals=[(judge, "held")], early_stopping_rounds=settings.patience, verbose_eval=False,
    )  # fmt: skip
    booster = early[: early.best_iteration + 1]
    return network, booster, booster.predict(judge, output_margin=True), early.best_score


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
    body: np.ndarray  # what the networks are told, single precision
    context: np.ndarray
    score: np.ndarray  # what the effects say of the body, undamped, times their certainty
    threshold: np.ndarray  # times their certainty
    above: np.ndarray
    weight: np.ndarray
    fold: np.ndarray
    sample: np.ndarray
    at: np.ndarray  # index into Products.place
    column: np.ndarray  # which threshold of its product
    masked: np.ndarray  # a second time: something of it is hidden

    def base(self, which: np.ndarray, damping: float, network: Network | None) -> np.ndarray:
        """Where the trees begin, for the rows of a mask."""
        if network is None:
            return damping * self.score[which] - self.threshold[which]
        rows = np.flatnonzero(which)
        some = (rows[begin : begin + _ROWS_AT_ONCE] for begin in range(0, len(rows), _ROWS_AT_ONCE))
        return damping * np.concatenate([network.margin(self.body[part], self.context[part]) for part in some])

    def matrix(self, which: np.ndarray, base: np.ndarray) -> xgb.DMatrix:
        return xgb.DMatrix(
            self.features[which], label=self.above[which], weight=self.weight[which], base_margin=base,
            feature_names=list(FEATURES), nthread=1,
        )  # fmt: skip


def _training_rows(samples: Samples, products: Products, settings: Settings, fold: np.ndarray,
                   by_fold: EffectsByFold) -> _Rows:  # fmt: skip
    """Every stacked row with effects that were fitted without its fold; and some a second time without a gender, or as
    of a product without reviews.
    """
    unsexed, strange = (
        folds(samples.group, 1000, salt=stable_hash(salt) % 1000) < share * 1000
        for salt, share in (("mask", settings.masked_share), ("stranger", settings.stranger_share))
    )

    def kinds() -> Iterator[tuple[np.ndarray, str | None, Effects]]:
        for number, effects in enumerate(by_fold.without):
            mine = fold == number
            yield mine, None, effects
            yield mine & unsexed, "gender", effects
        for part, effects in by_fold.strangers:
            yield strange & part[samples.product], "product", effects

    found = [_rows_of(samples, np.flatnonzero(which), hidden, products, effects, fold)
             for which, hidden, effects in kinds() if which.any()]  # fmt: skip
    return _Rows(*(np.concatenate([getattr(part, name) for part in found]) for name in _Rows.__dataclass_fields__))


def _rows_of(samples: Samples, which: np.ndarray, hidden: str | None, products: Products, effects: Effects,
             fold: np.ndarray) -> _Rows:  # fmt: skip
    some = samples.take(which)
    gender = np.full(len(some), UNKNOWN) if hidden == "gender" else some.gender
    stacked = stack(some, products)
    at, threshold = stacked.sample, stacked.threshold
    product = some.product[at]
    features = feature_matrix(products, effects, product, threshold, some.height_cm[at], some.weight_kg[at], gender[at])
    score = effects.score(body_terms(some.height_cm, some.weight_kg, gender), some.product)[at]
    certainty, rows = effects.certainty[threshold, gender[at]], len(at)
    body = body_inputs(effects, product, threshold, some.height_cm[at], some.weight_kg[at], gender[at])
    return _Rows(
        features, body.astype(np.float32), context(products, effects, product, threshold, gender[at]),
        certainty * score, certainty * effects.threshold[threshold], stacked.above,
        some.weight[at] * effects.pooled[product],
        fold[which[at]], which[at], threshold, threshold - products.first[product], np.full(rows, hidden is not None),
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
