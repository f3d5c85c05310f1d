"""The levels above a product: its ruler, category and brand, and how far products stray from them.

Every product is seen here through a normal approximation of its own likelihood, so that a level is one small Newton
step on sums over its products, and a fit without some reviews costs no walk over the reviews at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.features import Products
from ml.ordinal import TERMS, Batch

# A first step from far away may overshoot.
_LONGEST_STEP = 2.0


@dataclass(frozen=True)
class Shrinkage:
    """Prior spreads of the deviations, in units of the score. Tuned on held-out groups (docs/model.md)."""

    ruler_shift: float = 4.0
    ruler_step: float = 2.0  # each threshold by itself
    ruler_slope: float = 1.0
    category_shift: float = 1.0
    category_slope: float = 0.3
    brand_shift: float = 0.7
    brand_slope: float = 0.2
    # of the product; learned from the products, these count for some products as a prior
    product_shift: float = 0.8
    product_step: float = 0.5
    product_slope: float = 0.45
    prior_products: float = 20.0
    # A product far from all others counts less: the deviations' tails are those of Student's t.
    tails: float = 30.0
    lapses: float = 0.03


class Levels:
    """Means of the thresholds and slopes of each ruler, category and brand, and the spread of products around them."""

    def __init__(self, batches: list[Batch], products: Products, shrinkage: Shrinkage) -> None:
        self.shrinkage = shrinkage
        count = max((batch.ruler for batch in batches), default=-1) + 1
        self.places = [np.unique(_joined(b.places for b in batches if b.ruler == ruler)) for ruler in range(count)]
        s = shrinkage
        self.centre = [_centre(places) for places in self.places]
        self.ruler_precision = [np.linalg.inv(_spread(places, s.ruler_shift, s.ruler_step, s.ruler_slope))
                                for places in self.places]  # fmt: skip
        self.prior = [_spread(places, s.product_shift, s.product_step, s.product_slope) for places in self.places]
        self.spread = [prior.copy() for prior in self.prior]
        self.mean = [centre.copy() for centre in self.centre]
        self.columns = [
            np.concatenate([np.searchsorted(self.places[b.ruler], b.places),
                            len(self.places[b.ruler]) + np.arange(TERMS)]) for b in batches
        ]  # fmt: skip
        ruler, category, brand = products.ruler, products.category, products.brand
        self.groups = [_numbered([f"{r}\x1f{c}" for r, c in zip(ruler, category, strict=True)]),
                       _numbered([f"{r}\x1f{b}" if b else "" for r, b in zip(ruler, brand, strict=True)])]  # fmt: skip
        self.group_precision = [
            _precision(s.category_shift, s.category_slope),
            _precision(s.brand_shift, s.brand_slope),
        ]
        self.group_mean = [np.zeros((int(group.max(initial=-1)) + 1, 1 + TERMS)) for group in self.groups]

    def copy(self) -> Levels:
        """The same levels, to be moved without moving these."""
        other = Levels.__new__(Levels)
        other.__dict__.update(self.__dict__)
        other.mean = [mean.copy() for mean in self.mean]
        other.group_mean = [mean.copy() for mean in self.group_mean]
        return other

    def means(self, at: int, batch: Batch) -> np.ndarray:
        """What the levels say of each product of batch number `at`: products x width."""
        mean = np.tile(self.mean[batch.ruler][self.columns[at]], (len(batch.products), 1))
        for group, deviation in zip(self.groups, self.group_mean, strict=True):
            mean += _widened(deviation, group[batch.products], len(batch.places))
        return mean

    def precision(self, at: int, batch: Batch) -> np.ndarray:
        """Of the products' deviations: width x width."""
        return np.linalg.inv(self.spread[batch.ruler][np.ix_(self.columns[at], self.columns[at])])

    def move(self, batches: list[Batch], pulls: list[np.ndarray], curves: list[np.ndarray]) -> None:
        """One Newton step of every level; `pulls` and `curves` are the slope and curvature of the products' marginal
        likelihood in their means, and are kept up to date."""
        for ruler in range(len(self.mean)):
            self._move_ruler(ruler, batches, pulls, curves)
        for number in range(len(self.groups)):
            self._move_groups(number, batches, pulls, curves)

    def learn_spread(self, ruler: int, found: list[tuple[np.ndarray, np.ndarray, np.ndarray]], products: int) -> None:
        """The products' spread by one step of EM; `found` holds columns, precision and summed squares of batches."""
        spread, prior = self.spread[ruler], self.shrinkage.prior_products
        total = prior * self.prior[ruler] + products * spread
        for columns, precision, squares in found:
            ahead = spread[:, columns] @ precision
            total += ahead @ squares @ ahead.T
        self.spread[ruler] = total / (prior + products)

    def _move_ruler(self, ruler: int, batches: list[Batch], pulls: list[np.ndarray], curves: list[np.ndarray]) -> None:
        precision = self.ruler_precision[ruler]
        pull, curve = precision @ (self.centre[ruler] - self.mean[ruler]), precision.copy()
        mine = [at for at, batch in enumerate(batches) if batch.ruler == ruler]
        for at in mine:
            pull[self.columns[at]] += pulls[at].sum(axis=0)
            curve[np.ix_(self.columns[at], self.columns[at])] += curves[at].sum(axis=0)
        step = np.clip(np.linalg.solve(curve, pull), -_LONGEST_STEP, _LONGEST_STEP)
        self.mean[ruler] += step
        for at in mine:
            pulls[at] -= curves[at] @ step[self.columns[at]]

    def _move_groups(self, number: int, batches: list[Batch], pulls: list[np.ndarray],
                     curves: list[np.ndarray]) -> None:  # fmt: skip
        group, mean, precision = self.groups[number], self.group_mean[number], self.group_precision[number]
        if not len(mean):
            return
        pull, curve = -mean @ precision, np.repeat(precision[None], len(mean), axis=0)
        for at, batch in enumerate(batches):
            narrow = _narrowing(len(batch.places))
            named = group[batch.products] >= 0
            np.add.at(pull, group[batch.products][named], pulls[at][named] @ narrow)
            np.add.at(curve, group[batch.products][named], narrow.T @ curves[at][named] @ narrow)
        step = np.clip(np.linalg.solve(curve, pull[..., None])[..., 0], -_LONGEST_STEP, _LONGEST_STEP)
        mean += step
        for at, batch in enumerate(batches):
            wide = _widened(step, group[batch.products], len(batch.places))
            pulls[at] -= np.einsum("pij,pj->pi", curves[at], wide)


def _joined(parts: object) -> np.ndarray:
    found = list(parts)  # type: ignore[call-overload]
    return np.concatenate(found) if found else np.zeros(0)


def _centre(places: np.ndarray) -> np.ndarray:
    """Before any review: sizes in even steps around a middling body, and a bigger body wears a bigger one."""
    steps = np.arange(len(places)) - (len(places) - 1) / 2
    slopes = np.zeros(TERMS)
    slopes[:2] = 0.5
    return np.concatenate([steps, slopes])


def _spread(places: np.ndarray, shift: float, step: float, slope: float) -> np.ndarray:
    count = len(places)
    spread = np.diag(np.concatenate([np.full(count, step**2), np.full(TERMS, slope**2)]))
    spread[:count, :count] += shift**2
    return spread


def _precision(shift: float, slope: float) -> np.ndarray:
    return np.diag([1 / shift**2] + [1 / slope**2] * TERMS)


def _numbered(names: list[str]) -> np.ndarray:
    """A number for each name; -1 for none."""
    _, number = np.unique(np.array(["", *names], dtype=object).astype(str), return_inverse=True)
    return number[1:] - 1


def _narrowing(thresholds: int) -> np.ndarray:
    """width x (1 + TERMS): a group moves all thresholds alike."""
    narrow = np.zeros((thresholds + TERMS, 1 + TERMS))
    narrow[:thresholds, 0] = 1.0
    narrow[thresholds:, 1:] = np.eye(TERMS)
    return narrow


def _widened(deviation: np.ndarray, group: np.ndarray, thresholds: int) -> np.ndarray:
    if not len(deviation):
        return np.zeros((len(group), thresholds + TERMS))
    mine = np.where((group >= 0)[:, None], deviation[np.maximum(group, 0)], 0.0)
    return np.hstack([np.repeat(mine[:, :1], thresholds, axis=1), mine[:, 1:]])
