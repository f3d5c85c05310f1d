"""Where a table may answer: near bodies that bought this product, or near its category's where the brand says enough.

A review counts for a body by a kernel that halves at 5 cm or at 5 kg. An answer needs kernel reviews of the product
itself, fewer where its category has many reviews of such bodies: there the product's own few only have to place it.
"""

from __future__ import annotations

import numpy as np

from ml.body import HEIGHTS, WEIGHTS
from ml.features import UNKNOWN, Samples
from ml.model import SizeModel

_HALF_CM, _HALF_KG = 5.0, 5.0
# Kernel reviews of the product that carry an answer alone.
_OWN_ENOUGH = 1.0
# Reviews of the product by this gender, anywhere, that place it; kernel reviews of its ruler and category at the body.
_PLACED, _CATEGORY_ENOUGH = 3, 20.0

# Bodies beyond the grid still count near its edge. A histogram costs the same for eight reviews or a million.
_TALL, _HEAVY = np.arange(120, 221), np.arange(25, 201)
_NEAR_HEIGHT = np.exp2(-(((HEIGHTS[:, None] - _TALL[None, :]) / _HALF_CM) ** 2))
_NEAR_WEIGHT = np.exp2(-(((WEIGHTS[:, None] - _HEAVY[None, :]) / _HALF_KG) ** 2))


class Evidence:
    """Kernel counts of reviews over the grid."""

    def __init__(self, model: SizeModel, samples: Samples) -> None:
        names = [f"{r}\x1f{c}" for r, c in zip(model.products.ruler, model.products.category, strict=True)]
        _, self._category = np.unique(np.array(names, dtype=object).astype(str), return_inverse=True)
        of_sample = self._category[samples.product]
        self._around: dict[tuple[int, int], np.ndarray] = {}
        for category in np.unique(of_sample):
            for gender in (0, 1, UNKNOWN):
                some = _of_gender(samples.take(of_sample == category), gender)
                self._around[int(category), gender] = kernel_counts(some.height_cm, some.weight_kg)

    def answered(self, product: int, gender: int, own: Samples) -> np.ndarray:
        """Which cells of the table of this product and gender carry an answer."""
        counted = _of_gender(own, gender)
        enough = kernel_counts(counted.height_cm, counted.weight_kg) >= _OWN_ENOUGH
        if len(counted) < _PLACED:
            return enough
        around = self._around.get((int(self._category[product]), gender))
        return enough if around is None else enough | (around >= _CATEGORY_ENOUGH)


def kernel_counts(height_cm: np.ndarray, weight_kg: np.ndarray) -> np.ndarray:
    """Reviews around each cell, each counting half at 5 cm or 5 kg away; bodies at the nearest whole cm and kg."""
    row = np.clip(np.floor(height_cm + 0.5).astype(np.int64) - _TALL[0], 0, len(_TALL) - 1)
    column = np.clip(np.floor(weight_kg + 0.5).astype(np.int64) - _HEAVY[0], 0, len(_HEAVY) - 1)
    bodies = np.bincount(row * len(_HEAVY) + column, minlength=len(_TALL) * len(_HEAVY))
    return _NEAR_HEIGHT @ bodies.reshape(len(_TALL), len(_HEAVY)).astype(float) @ _NEAR_WEIGHT.T


def _of_gender(samples: Samples, gender: int) -> Samples:
    return samples if gender == UNKNOWN else samples.take(np.isin(samples.gender, (gender, UNKNOWN)))
