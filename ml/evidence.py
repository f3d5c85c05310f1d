"""Where a table may answer: near bodies that bought this product, or near its category's where the brand says enough.

A review counts for a body by a kernel that halves at 5 cm or at 5 kg. An answer needs kernel reviews of the product
itself, fewer where its category has many reviews of such bodies: there the product's own few only have to place it.
"""

from __future__ import annotations

import numpy as np

from ml.body import GRID, HEIGHTS, WEIGHTS
from ml.features import GENDERS, UNKNOWN, Samples
from ml.model import SizeModel

_HALF_CM, _HALF_KG = 5.0, 5.0
# Kernel reviews of the product that carry an answer alone.
_OWN_ENOUGH = 1.0
# Reviews of the product by this gender, anywhere, that place it; kernel reviews of its ruler and category at the body.
_PLACED, _CATEGORY_ENOUGH = 3, 20.0

# Bodies beyond the grid still count near its edge.
_TALL, _HEAVY = np.arange(120, 221), np.arange(25, 201)
_NEAR_HEIGHT = np.exp2(-(((HEIGHTS[:, None] - _TALL[None, :]) / _HALF_CM) ** 2))
_NEAR_WEIGHT = np.exp2(-(((WEIGHTS[:, None] - _HEAVY[None, :]) / _HALF_KG) ** 2))
# From so many reviews on a histogram of bodies, which costs the same for any number, is the quicker way.
_MANY = 400

# A band's centre may lie between two whole kilograms.
_CENTRES = np.arange(WEIGHTS[0], WEIGHTS[-1] + 0.25, 0.5)
_REACH_CM, _REACH_KG = 5, 5


class Evidence:
    """Where the tables of a model may answer."""

    def __init__(self, model: SizeModel, samples: Samples) -> None:
        names = [f"{r}\x1f{c}" for r, c in zip(model.products.ruler, model.products.category, strict=True)]
        found, self._category = np.unique(np.array(names, dtype=object).astype(str), return_inverse=True)
        of_sample = self._category[samples.product]
        order = np.argsort(of_sample, kind="stable")
        ends = np.searchsorted(of_sample[order], np.arange(1, len(found)))
        # of each category and gender, where it has enough reviews
        self._around = [
            [near.kernel(gender) >= _CATEGORY_ENOUGH for gender in range(len(GENDERS))]
            for near in (Near(samples, rows) for rows in np.split(order, ends))
        ]

    def answered(self, product: int, gender: int, own: Near) -> np.ndarray:
        """Which cells of the table of this product and gender carry an answer."""
        enough = own.kernel(gender) >= _OWN_ENOUGH
        if own.reviews(gender) < _PLACED:
            return enough
        return enough | self._around[self._category[product]][gender]


class Near:
    """How many of some reviews lie near each body, by the gender of the table that asks.

    The table of a gender counts its reviews and those of no gender; the table `unknown` counts all.
    """

    def __init__(self, samples: Samples, rows: np.ndarray | slice) -> None:
        gender, height, weight = samples.gender[rows], samples.height_cm[rows], samples.weight_kg[rows]
        parts = [gender == part for part in range(len(GENDERS))]
        self._bodies = [(height[part], weight[part]) for part in parts]
        self._kernels: dict[int, np.ndarray] = {}
        self._counts: dict[int, np.ndarray] = {}

    def reviews(self, gender: int) -> int:
        """How many count for a gender, anywhere."""
        return sum(len(self._bodies[part][0]) for part in _counted(gender))

    def kernel(self, gender: int) -> np.ndarray:
        """Reviews around each cell, each counting half at 5 cm or 5 kg away: heights x weights."""
        return sum((self._kernel(part) for part in self._some(gender)), np.zeros(GRID))

    def within(self, gender: int, height: np.ndarray, centre: np.ndarray) -> np.ndarray:
        """How many lie within 5 cm and 5 kg of each band's centre."""
        counts = sum((self._count(part) for part in self._some(gender)), np.zeros((len(HEIGHTS), len(_CENTRES))))
        return counts[height - HEIGHTS[0], np.rint((centre - WEIGHTS[0]) * 2).astype(np.int64)].astype(np.int32)

    def _some(self, gender: int) -> list[int]:
        return [part for part in _counted(gender) if len(self._bodies[part][0])]

    def _kernel(self, part: int) -> np.ndarray:
        if part not in self._kernels:
            self._kernels[part] = kernel_counts(*self._bodies[part])
        return self._kernels[part]

    def _count(self, part: int) -> np.ndarray:
        if part not in self._counts:
            height, weight = self._bodies[part]
            near_height = np.abs(height[None, :] - HEIGHTS[:, None]) <= _REACH_CM
            near_weight = np.abs(weight[:, None] - _CENTRES[None, :]) <= _REACH_KG
            self._counts[part] = near_height.astype(np.float32) @ near_weight.astype(np.float32)
        return self._counts[part]


def kernel_counts(height_cm: np.ndarray, weight_kg: np.ndarray) -> np.ndarray:
    """Reviews around each cell, each counting half at 5 cm or 5 kg away; bodies at the nearest whole cm and kg."""
    row = np.clip(np.floor(height_cm + 0.5).astype(np.int64) - _TALL[0], 0, len(_TALL) - 1)
    column = np.clip(np.floor(weight_kg + 0.5).astype(np.int64) - _HEAVY[0], 0, len(_HEAVY) - 1)
    if len(row) < _MANY:
        return _NEAR_HEIGHT[:, row] @ _NEAR_WEIGHT[:, column].T
    bodies = np.bincount(row * len(_HEAVY) + column, minlength=len(_TALL) * len(_HEAVY))
    return _NEAR_HEIGHT @ bodies.reshape(len(_TALL), len(_HEAVY)).astype(float) @ _NEAR_WEIGHT.T


def _counted(gender: int) -> tuple[int, ...]:
    return tuple(range(len(GENDERS))) if gender == UNKNOWN else (gender, UNKNOWN)
