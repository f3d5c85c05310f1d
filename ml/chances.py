"""P(size > k) over whole grids, and what follows from it. Pure: a model in, arrays out.

A size is the median of the size distribution, the one form of advice that never falls as a body grows.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ml.body import GRID, HEIGHTS, WEIGHTS
from ml.errors import ModelBroken
from ml.features import GENDERS, body_terms
from ml.model import SIDES, SizeModel, constant_features
from ml.network import cells
from ml.steps import Steps

# So many that numpy's calls do not count, so few that a processor's cache holds them.
_GRIDS_AT_ONCE = 32


def chances(model: SizeModel, steps: Steps, products: np.ndarray) -> Iterator[tuple[int, int, np.ndarray]]:
    """(product, gender, P(size > k) as thresholds x heights x weights) of the products, for every gender."""
    for batch, gender, above in batch_chances(model, steps, products):
        for at, product in enumerate(batch):
            yield int(product), gender, above[:, at]


def batch_chances(model: SizeModel, steps: Steps, products: np.ndarray) -> Iterator[tuple[np.ndarray, int, np.ndarray]]:
    """The same for several products of equally many sizes at once: thresholds x products x heights x weights.

    Every gender of a batch follows before the next batch. Big arrays let threads run beside each other.
    """
    height, weight = (axis.reshape(-1).astype(float) for axis in np.meshgrid(HEIGHTS, WEIGHTS, indexing="ij"))
    terms = [body_terms(height, weight, np.full(height.shape, gender)).T for gender in range(len(GENDERS))]
    for batch, count in _batches(products, model.products.thresholds):
        shape = (count, len(batch), *GRID)
        owner = np.tile(batch, count)
        threshold = (model.products.first[batch] + np.arange(count)[:, None]).reshape(-1)
        constants = np.column_stack(constant_features(model.products, model.effects, owner, threshold))
        for gender in range(len(GENDERS)):
            side = np.full(len(owner), SIDES[gender])
            margin = steps.grids(np.column_stack([side, constants]).astype(np.float32))
            if model.networks:
                margin += cells(model.smooth(owner, threshold, gender))
            else:
                margin += _score(model, owner, threshold, gender, terms[gender]).reshape(-1, *GRID)
            above = _risen(model.chance(margin, threshold))
            yield batch, gender, _uncrossed(above.reshape(shape))


def _score(model: SizeModel, owner: np.ndarray, threshold: np.ndarray, gender: int, terms: np.ndarray) -> np.ndarray:
    """The damped score of the effects, where there is no network: grids x cells."""
    effects = model.effects
    certainty = effects.certainty[threshold, gender]
    slopes = (model.settings.damping * certainty)[:, None] * effects.slopes[owner]
    return slopes @ terms - (certainty * effects.threshold[threshold])[:, None]


def size_chances(above: np.ndarray) -> np.ndarray:
    """P(size = k) from P(size > k), first axis k."""
    chance = np.empty((len(above) + 1, *above.shape[1:]), dtype=above.dtype)
    chance[:-1] = -above
    chance[-1] = 0.0
    chance[1:] += above
    chance[0] += 1.0
    return chance


def median_size(above: np.ndarray) -> np.ndarray:
    """The smallest k with P(size <= k) >= 0.5, first axis k."""
    size = np.zeros(above.shape[1:], dtype=np.int32)
    for one in above:
        size += one > 0.5
    return size


def breaks(size: np.ndarray) -> int:
    """Pairs of neighbouring cells, one step in height or weight, where the larger body has the smaller size.

    Height and weight are the last two axes.
    """
    taller = np.count_nonzero(size[..., 1:, :] < size[..., :-1, :])
    return int(taller + np.count_nonzero(size[..., 1:] < size[..., :-1]))


def _batches(products: np.ndarray, thresholds: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
    """Products of equally many thresholds, a few at a time, and how many those are."""
    for count in np.unique(thresholds[products]).tolist():
        some = products[thresholds[products] == count]
        at_once = max(1, _GRIDS_AT_ONCE // max(1, count))
        for begin in range(0, len(some), at_once):
            yield some[begin : begin + at_once], count


def _risen(above: np.ndarray) -> np.ndarray:
    """Rounding taken away, so that equal neighbours are equal. Raises ModelBroken where a fall was no rounding."""
    if not ((above[:, 1:] < above[:, :-1]).any() or (above[:, :, 1:] < above[:, :, :-1]).any()):
        return above
    risen = np.maximum.accumulate(np.maximum.accumulate(above, axis=1), axis=2)
    if (worst := float((risen - above).max())) > 1e-9:
        raise ModelBroken(f"P(size > k) falls by {worst:.2g} as a body grows: the model is not monotone")
    return risen


def _uncrossed(above: np.ndarray) -> np.ndarray:
    """Thresholds that cross meet at the smaller chance, in place: each still rises with the body."""
    for larger, smaller in zip(above[1:], above[:-1], strict=True):
        np.minimum(larger, smaller, out=larger)
    return above
