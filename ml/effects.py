"""How each product differs: thresholds and slopes of a cumulative logistic score, shrunk through brand and category.

    P(size > k | body) = sigmoid(slopes . body_terms - threshold_k)

Four levels are fitted one after the other, each as a deviation from the level above it with a normal prior of mean
zero: the ruler, the category, the brand, the product. A product with eight reviews hardly leaves what its brand says;
one with eight hundred goes its own way. Every level is one batch of small Newton systems, so cost grows with the
reviews. Slopes are held at or above zero for each gender: the score never falls as a body grows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.features import BODY_TERMS, Products, Samples, Stacked, body_terms, stack

TERMS = len(BODY_TERMS)
_SIDE = BODY_TERMS.index("female")


@dataclass(frozen=True)
class Shrinkage:
    """Prior spreads of the deviations, in units of the score. Tuned on held-out groups (docs/model.md)."""

    ruler: float = 3.0
    shift_category: float = 1.0
    shift_brand: float = 0.7
    shift_product: float = 0.6
    step_product: float = 0.5  # each threshold by itself
    slope_category: float = 0.3
    slope_brand: float = 0.2
    slope_product: float = 0.25
    side_product: float = 0.35  # female against male at the same body
    rows_a_product: float = 40.0  # no product counts for more rows than this in its brand and category


@dataclass(frozen=True)
class Effects:
    """What was fitted: one value a threshold, one row of slopes a product."""

    threshold: np.ndarray
    slopes: np.ndarray

    def score(self, terms: np.ndarray, product: np.ndarray) -> np.ndarray:
        """How big a body is in the eyes of a product, row by row."""
        return np.einsum("ij,ij->i", terms, self.slopes[product])

    def margin(self, terms: np.ndarray, product: np.ndarray, threshold: np.ndarray) -> np.ndarray:
        """The score of bodies above thresholds, row by row."""
        return self.score(terms, product) - self.threshold[threshold]


def fit_effects(samples: Samples, products: Products, shrinkage: Shrinkage, stacked: Stacked | None = None) -> Effects:
    """Thresholds and slopes of every product, also of those without a sample (theirs are their brand's)."""
    stacked = stack(samples, products) if stacked is None else stacked
    terms = body_terms(samples.height_cm, samples.weight_kg, samples.gender)
    fit = _Levels(samples, products, stacked, terms, shrinkage)
    fit.add_ruler()
    ruler, category, brand = products.ruler, products.category, products.brand
    categories = [f"{r}\x1f{c}" for r, c in zip(ruler, category, strict=True)]
    fit.add_group(categories, shrinkage.shift_category, shrinkage.slope_category)
    brands = [f"{r}\x1f{b}" if b else "" for r, b in zip(ruler, brand, strict=True)]
    fit.add_group(brands, shrinkage.shift_brand, shrinkage.slope_brand)
    fit.add_product()
    return Effects(fit.threshold, fit.slopes)


class _Levels:
    """The running sum of the levels fitted so far."""

    def __init__(
        self, samples: Samples, products: Products, stacked: Stacked, terms: np.ndarray, shrinkage: Shrinkage
    ) -> None:
        self.samples, self.products, self.stacked, self.terms, self.shrinkage = (
            samples, products, stacked, terms, shrinkage
        )  # fmt: skip
        self.threshold = np.zeros(len(products.place))
        self.slopes = np.zeros((len(products), TERMS))
        counts = np.bincount(samples.product, weights=samples.weight, minlength=len(products))
        self.damped = (
            samples.weight * np.minimum(1.0, shrinkage.rows_a_product / np.maximum(counts, 1e-9))[samples.product]
        )

    def add_ruler(self) -> None:
        ruler_names, ruler = np.unique(np.array(self.products.ruler, dtype=object).astype(str), return_inverse=True)
        owner = np.repeat(np.arange(len(self.products)), self.products.thresholds)
        keys = np.column_stack([ruler[owner], self.products.place]) if len(owner) else np.zeros((0, 2))
        distinct, slot = np.unique(keys, axis=0, return_inverse=True)
        slot = slot.reshape(-1)
        begin = np.searchsorted(distinct[:, 0], np.arange(len(ruler_names)))
        local = slot - begin[ruler[owner]]
        width = int(local.max()) + 1 if len(local) else 1
        s = self.shrinkage
        precision = np.diag([1 / s.ruler**2] * (width + TERMS))
        prior = np.zeros((len(ruler_names), width + TERMS))
        prior[:, width : width + 2] = 0.5  # before any review a bigger body wears a bigger size
        coef = self._solve(ruler, local, precision, self.damped, prior)
        self.threshold += coef[ruler[owner], local]
        self.slopes += coef[ruler, width:]
        self._hold_slopes()

    def add_group(self, names: list[str], shift: float, slope: float) -> None:
        _, group = np.unique(np.array(names, dtype=object).astype(str), return_inverse=True)
        local = np.zeros(len(self.products.place), dtype=np.int64)
        precision = np.diag([1 / shift**2] + [1 / slope**2] * TERMS)
        coef = self._solve(group, local, precision, self.damped)
        nameless = np.array([name == "" for name in names])[:, None]
        coef_of = np.where(nameless, 0.0, coef[group])
        self.threshold += np.repeat(coef_of[:, 0], self.products.thresholds)
        self.slopes += coef_of[:, 1:]
        self._hold_slopes()

    def add_product(self) -> None:
        local = np.arange(len(self.products.place)) - np.repeat(self.products.first[:-1], self.products.thresholds)
        width = int(local.max()) + 1 if len(local) else 1
        s = self.shrinkage
        spread = s.shift_product**2 * np.ones((width, width)) + s.step_product**2 * np.eye(width)
        precision = np.zeros((width + TERMS, width + TERMS))
        precision[:width, :width] = np.linalg.inv(spread)
        spreads = np.full(TERMS, s.slope_product)
        spreads[_SIDE] = s.side_product
        precision[width:, width:] = np.diag(1 / spreads**2)
        product = np.arange(len(self.products))
        owner = np.repeat(product, self.products.thresholds)
        coef = self._solve(product, local, precision, self.samples.weight)
        self.slopes += coef[:, width:]
        self._hold_slopes()
        # the thresholds again, under the slopes as they were held
        precision[width:, width:] = np.eye(TERMS) * 1e9
        coef = self._solve(product, local, precision, self.samples.weight)
        self.threshold += coef[owner, local]

    def _hold_slopes(self) -> None:
        """No gender's score may fall with height or weight."""
        for term, with_side in ((0, 3), (1, 4)):
            self.slopes[:, term] = np.maximum(self.slopes[:, term], 0.0)
            limit = 2 * self.slopes[:, term]
            self.slopes[:, with_side] = np.clip(self.slopes[:, with_side], -limit, limit)

    def _solve(
        self, group_of: np.ndarray, slot_of: np.ndarray, precision: np.ndarray, weight: np.ndarray,
        start: np.ndarray | None = None,
    ) -> np.ndarray:  # fmt: skip
        """The most probable deviations of each group, [thresholds..., slopes...], given the levels before."""
        groups = int(group_of.max()) + 1
        width = len(precision) - TERMS
        sample, threshold = self.stacked.sample, self.stacked.threshold
        sample_group = group_of[self.samples.product]
        group = sample_group[sample]
        cell = group * width + slot_of[threshold]
        offset = self._offset()
        row_weight = weight[sample]
        prior = np.zeros((groups, len(precision))) if start is None else start
        coef = prior.copy()
        for _ in range(_ITERATIONS):
            deviation = np.einsum("ij,ij->i", self.terms, coef[sample_group, width:])
            chance = 1 / (1 + np.exp(-(offset + deviation[sample] - coef[group, slot_of[threshold]])))
            residual = row_weight * (self.stacked.above - chance)
            curve = row_weight * chance * (1 - chance)
            step = self._step(coef - prior, precision, cell, sample_group, residual, curve, width)
            coef += np.clip(step, -2.0, 2.0)
            if np.abs(step).max(initial=0.0) < _CLOSE_ENOUGH:
                break
        return coef

    def _offset(self) -> np.ndarray:
        owner = self.samples.product
        return (
            np.einsum("ij,ij->i", self.terms, self.slopes[owner])[self.stacked.sample]
            - self.threshold[self.stacked.threshold]
        )

    def _step(
        self, coef: np.ndarray, precision: np.ndarray, cell: np.ndarray, sample_group: np.ndarray,
        residual: np.ndarray, curve: np.ndarray, width: int,
    ) -> np.ndarray:  # fmt: skip
        groups, size = coef.shape
        samples, terms = len(self.samples), self.terms
        gradient = -coef @ precision
        gradient[:, :width] -= np.bincount(cell, residual, groups * width).reshape(groups, width)
        hessian = np.repeat(precision[None], groups, axis=0)
        diagonal = np.arange(width)
        hessian[:, diagonal, diagonal] += np.bincount(cell, curve, groups * width).reshape(groups, width)
        residual_sum = np.bincount(self.stacked.sample, residual, samples)
        curve_sum = np.bincount(self.stacked.sample, curve, samples)
        for a in range(TERMS):
            gradient[:, width + a] += np.bincount(sample_group, residual_sum * terms[:, a], groups)
            cross = np.bincount(cell, curve * terms[self.stacked.sample, a], groups * width).reshape(groups, width)
            hessian[:, :width, width + a] -= cross
            hessian[:, width + a, :width] -= cross
            for b in range(a, TERMS):
                both = np.bincount(sample_group, curve_sum * terms[:, a] * terms[:, b], groups)
                hessian[:, width + a, width + b] += both
                if a != b:
                    hessian[:, width + b, width + a] += both
        return np.linalg.solve(hessian, gradient[..., None])[..., 0]


_ITERATIONS = 12
_CLOSE_ENOUGH = 1e-4
