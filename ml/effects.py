"""How each product differs: thresholds and slopes of a cumulative logistic score, shrunk through brand and category.

    P(size > k | body) = sigmoid(slopes . body_terms - threshold_k)

The levels (ml/levels) are ruler, category and brand; a product strays from what they say by a normal deviation whose
spread is learned from all products. A product with eight reviews hardly leaves what its brand says; one with eight
hundred goes its own way. All levels are fitted together: each turn walks the reviews once (ml/ordinal) and takes one
Newton step of every product and level. Leaving a fold of the reviews out is one more such step, from sums that are
already there. Slopes are held at or above zero for each gender: the score never falls as a body grows.

A product that no likeness to the others explains (all its buyers took the smallest size, say) keeps its own effects,
but levels and trees learn nothing from it. Few reviews never lead so far: their product stays near its brand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from ml.features import GENDERS, Products, Samples, body_terms
from ml.levels import Levels, Shrinkage
from ml.ordinal import TERMS, Batch, batches

_TURNS, _TURNS_TOGETHER = 12, 3
_CLOSE_ENOUGH = 0.02
_PARTS_OF_PRODUCTS = 3  # each is left out of the levels that tell of it as of a stranger
_LONGEST_STEP = 2.0
# By chance a product strays further than this once in three thousand; however many do, at most a tenth is left out.
_NEVER_SO_FAR, _MOST_LEFT_OUT = 3e-4, 0.1
# A logistic score whose own error has variance v expects sigmoid(score / sqrt(1 + v pi / 8)).
_DOUBT = np.pi / 8
# Where the doubt of a threshold is taken: the terms of the middling body of each gender.
MIDDLING = body_terms(np.array([173.0, 160.0, 169.0]), np.array([72.0, 56.0, 66.0]), np.arange(len(GENDERS)))

# Gradient and information of the products of each batch.
Sums = list[tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Effects:
    """What was fitted: one value a threshold, one row of slopes a product."""

    threshold: np.ndarray
    slopes: np.ndarray
    certainty: np.ndarray  # thresholds x GENDERS, 0..1: the score shrinks by it for what is not known of the product
    pooled: np.ndarray  # of each product: False where it contradicts all others, who then learn nothing from it

    def score(self, terms: np.ndarray, product: np.ndarray) -> np.ndarray:
        """How big a body is in the eyes of a product, row by row."""
        return np.einsum("ij,ij->i", terms, self.slopes[product])

    def margin(self, score: np.ndarray, threshold: np.ndarray, gender: np.ndarray, damping: float = 1.0) -> np.ndarray:
        """The score against a threshold, row by row, shrunk by what is not known of the product."""
        return self.certainty[threshold, gender] * (damping * score - self.threshold[threshold])


def fit_effects(samples: Samples, products: Products, shrinkage: Shrinkage) -> Effects:
    """Thresholds and slopes of every product, also of those without a sample (theirs are their brand's)."""
    return fit_effects_by_fold(samples, products, shrinkage, np.zeros(len(samples), dtype=np.int64)).whole


@dataclass(frozen=True)
class EffectsByFold:
    """The effects of all samples, and those that leave some out; each is worked out as it is asked for."""

    whole: Effects
    without: Iterator[Effects]  # for each fold 0, 1, ... without that fold's samples
    strangers: Iterator[tuple[np.ndarray, Effects]]  # a part of the products, and effects without any sample of theirs


def fit_effects_by_fold(samples: Samples, products: Products, shrinkage: Shrinkage, fold: np.ndarray) -> EffectsByFold:
    """The effects of all samples, those without each fold's samples, and those of products as if they were new."""
    fit = _Fit(samples, products, shrinkage)
    fit.run()
    count = int(fold.max(initial=0)) + 1
    parts = [[_Touched.of(*sums) for sums in fit.sums(fold == number)] for number in range(count)]
    whole = [_added(none, [part[at] for part in parts], 1.0) for at, none in enumerate(fit.nothing())]
    without = (
        fit.effects([_added(sums, [touched], -1.0) for sums, touched in zip(whole, part, strict=True)])
        for part in parts
    )
    parts_of_products = (np.arange(len(products)) % _PARTS_OF_PRODUCTS == part for part in range(_PARTS_OF_PRODUCTS))
    strangers = ((part, fit.effects(_forgotten(whole, fit.batches, part))) for part in parts_of_products)
    return EffectsByFold(fit.effects(whole), without, strangers)


def _forgotten(sums: Sums, batches: list[Batch], part: np.ndarray) -> Sums:
    """The sums as if some products had no sample."""
    known = [~part[batch.products] for batch in batches]
    return [(gradient * keep[:, None], info * keep[:, None, None])
            for (gradient, info), keep in zip(sums, known, strict=True)]  # fmt: skip


@dataclass(frozen=True)
class _Touched:
    """Sums of the products that some samples are of: of a hundred thousand products a fold touches few."""

    products: np.ndarray
    gradient: np.ndarray
    info: np.ndarray

    @staticmethod
    def of(gradient: np.ndarray, info: np.ndarray) -> _Touched:
        products = np.flatnonzero(gradient.any(axis=1) | info.any(axis=(1, 2)))
        return _Touched(products, gradient[products], info[products])


def _added(sums: tuple[np.ndarray, np.ndarray], parts: list[_Touched], sign: float) -> tuple[np.ndarray, np.ndarray]:
    gradient, info = (one.copy() for one in sums)
    for part in parts:
        gradient[part.products] += sign * part.gradient
        info[part.products] += sign * part.info
    return gradient, info


class _Fit:
    """The running values of every product, batch by batch, and of the levels above them."""

    def __init__(self, samples: Samples, products: Products, shrinkage: Shrinkage) -> None:
        self.products, self.shrinkage = products, shrinkage
        self.batches = batches(samples, products)
        self.levels = Levels(self.batches, products, shrinkage)
        self.value = [self.levels.means(at, batch) for at, batch in enumerate(self.batches)]
        self.trust = [np.ones(len(batch.products)) for batch in self.batches]
        self.pooled = [np.ones(len(batch.products), dtype=bool) for batch in self.batches]

    def run(self) -> None:
        for turn in range(_TURNS):
            sums = [batch.sums(value, self.shrinkage.lapses)
                    for batch, value in zip(self.batches, self.value, strict=True)]  # fmt: skip
            before = self.value
            self.value, error = self.settle(self.levels, sums)
            self._learn(error, exclude=turn >= _TURNS_TOGETHER)
            moved = (np.abs(new - old).max(initial=0.0) for new, old in zip(self.value, before, strict=True))
            if turn > _TURNS_TOGETHER and max(moved, default=0.0) < _CLOSE_ENOUGH:
                break

    def sums(self, some: np.ndarray) -> Sums:
        """At the present values, over the samples of a mask."""
        return [batch.sums(value, self.shrinkage.lapses, np.flatnonzero(some[batch.sample]))
                for batch, value in zip(self.batches, self.value, strict=True)]  # fmt: skip

    def nothing(self) -> Sums:
        """The sums over no sample."""
        return [(np.zeros((len(b.products), b.width)), np.zeros((len(b.products), b.width, b.width)))
                for b in self.batches]  # fmt: skip

    def settle(self, levels: Levels, sums: Sums) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """One Newton step of products and levels; gives the new values and the products' covariances of error."""
        values, errors, pulls, curves, ties, means = [], [], [], [], [], []
        for at, (batch, (gradient, info)) in enumerate(zip(self.batches, sums, strict=True)):
            mean = levels.means(at, batch)
            tie = levels.precision(at, batch) * self.trust[at][:, None, None]
            error = np.linalg.inv(info + tie)
            step = _times(error, gradient - _times(tie, self.value[at] - mean))
            known = info.any(axis=(1, 2))[:, None]  # the others have no likelihood to overshoot: they go to their mean
            values.append(self.value[at] + np.where(known, np.clip(step, -_LONGEST_STEP, _LONGEST_STEP), step))
            pulls.append(_times(tie, values[at] - mean) * self.pooled[at][:, None])
            curves.append((tie - tie @ error @ tie) * self.pooled[at][:, None, None])
            errors.append(error)
            ties.append(tie)
            means.append(mean)
        levels.move(self.batches, pulls, curves)
        for at, batch in enumerate(self.batches):
            values[at] = values[at] + _times(errors[at] @ ties[at], levels.means(at, batch) - means[at])
        return values, errors

    def _learn(self, errors: list[np.ndarray], exclude: bool) -> None:
        """How far products stray, how much each is trusted to tell, and who is left out."""
        for ruler in range(len(self.levels.mean)):
            mine = [at for at, batch in enumerate(self.batches) if batch.ruler == ruler]
            precisions = [self.levels.precision(at, self.batches[at]) for at in mine]
            strays = [self.value[at] - self.levels.means(at, self.batches[at]) for at in mine]
            far = [np.einsum("pi,ij,pj->p", stray, precision, stray)
                   for stray, precision in zip(strays, precisions, strict=True)]  # fmt: skip
            if exclude:
                for at, pooled in zip(mine, _pooled(far, [p.shape[-1] for p in precisions]), strict=True):
                    self.pooled[at] = pooled
            found = []
            for at, precision, stray, distance in zip(mine, precisions, strays, far, strict=True):
                width, pooled = precision.shape[-1], self.pooled[at]
                doubt = np.einsum("ij,pji->p", precision, errors[at])
                self.trust[at] = (self.shrinkage.tails + width) / (self.shrinkage.tails + distance + doubt)
                squares = (stray * (self.trust[at] * pooled)[:, None]).T @ stray + errors[at][pooled].sum(axis=0)
                found.append((self.levels.columns[at], precision, squares - pooled.sum() * np.linalg.inv(precision)))
            self.levels.learn_spread(ruler, found, sum(int(self.pooled[at].sum()) for at in mine))

    def effects(self, sums: Sums) -> Effects:
        """The effects that follow from sums at the present values."""
        levels = self.levels.copy()
        values, errors = self.settle(levels, sums)
        threshold = np.zeros(len(self.products.place))
        slopes = np.zeros((len(self.products), TERMS))
        certainty = np.ones((len(self.products.place), len(GENDERS)))
        pooled = np.ones(len(self.products), dtype=bool)
        for at, batch in enumerate(self.batches):
            pooled[batch.products] = self.pooled[at]
        for batch, value, error in zip(self.batches, values, errors, strict=True):
            held = _held(value, np.linalg.inv(error), len(batch.places))
            threshold[batch.threshold] = held[:, : len(batch.places)]
            slopes[batch.products] = held[:, len(batch.places) :]
            certainty[batch.threshold] = _certainty(error, batch)
        return Effects(threshold, slopes, certainty, pooled)


def variance_of(certainty: np.ndarray) -> np.ndarray:
    """The variance of the score's own error that a certainty stands for."""
    return (1 / certainty**2 - 1) / _DOUBT


def _pooled(far: list[np.ndarray], widths: list[int]) -> list[np.ndarray]:
    """Which products of each batch the others may learn from, by their squared distances (chi square of width)."""
    beyond = [distance / chi2.isf(_NEVER_SO_FAR, width) for distance, width in zip(far, widths, strict=True)]
    every = np.sort(np.concatenate([*beyond, np.zeros(0)]))
    kept = len(every) - int(_MOST_LEFT_OUT * len(every))
    limit = max(1.0, float(every[kept - 1])) if len(every) else 1.0
    return [one <= limit for one in beyond]


def _times(matrices: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    return (matrices @ vectors[..., None])[..., 0]


def _held(value: np.ndarray, precision: np.ndarray, thresholds: int) -> np.ndarray:
    """No gender's score may fall with height or weight; the thresholds move to where that makes them most probable."""
    slopes = value[:, thresholds:].copy()
    for term, with_side in ((0, 3), (1, 4)):
        slopes[:, term] = np.maximum(slopes[:, term], 0.0)
        slopes[:, with_side] = np.clip(slopes[:, with_side], -2 * slopes[:, term], 2 * slopes[:, term])
    pushed = _times(precision[:, :thresholds, thresholds:], slopes - value[:, thresholds:])
    moved = np.linalg.solve(precision[:, :thresholds, :thresholds], pushed[..., None])[..., 0]
    return np.hstack([value[:, :thresholds] - moved, slopes])


def _certainty(error: np.ndarray, batch: Batch) -> np.ndarray:
    """products x thresholds x GENDERS."""
    count = len(batch.places)
    own = np.diagonal(error[:, :count, :count], axis1=1, axis2=2)[:, :, None]
    cross = error[:, :count, count:] @ MIDDLING.T
    slopes = np.einsum("gi,pij,gj->pg", MIDDLING, error[:, count:, count:], MIDDLING)[:, None, :]
    return 1 / np.sqrt(1 + _DOUBT * np.maximum(own - 2 * cross + slopes, 0.0))
