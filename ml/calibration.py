"""One increasing map from margins to chances, the same for every threshold, fitted on reviews that no tree saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

# The map is held near this one by a prior worth some reviews: networks bend away at both ends by themselves, so that
# few lapses are left to tell.
_USUAL_SCALE, _USUAL_LAPSES = 1.0, 0.01
_PRIOR_REVIEWS = 50.0
_CLIP = 1e-6


@dataclass(frozen=True)
class Calibration:
    """sigmoid(scale * margin + shift), scale above zero: order, and so every law of the tables, is kept.

    A few buyers' sizes do not follow the body that they state (a gift, a slip); they buy what the product's buyers buy.
    Their share, `lapses`, is the same for all bodies, so what rises with the body still does.
    """

    scale: float = _USUAL_SCALE
    shift: float = 0.0
    lapses: float = _USUAL_LAPSES

    def chance(self, margin: np.ndarray, usual: np.ndarray) -> np.ndarray:
        """P(size > k) from margins and the share of the product's buyers above k, of one shape or broadcast."""
        follows = -self.scale * margin  # one array for all steps: this runs over every cell of every table
        follows -= self.shift
        with np.errstate(over="ignore"):  # a chance of zero
            np.exp(follows, out=follows)
        follows += 1
        np.divide(1 - self.lapses, follows, out=follows)
        follows += self.lapses * usual
        return follows


def fit_calibration(margin: np.ndarray, usual: np.ndarray, target: np.ndarray, weight: np.ndarray) -> Calibration:
    """The most probable map for held-out reviews.

    margin and usual have one row a review and one column a threshold, margin -inf and usual 0 beyond the product's own;
    target is the real place of the size.
    """
    low = np.floor(target).astype(np.int64)
    part, row = target - low, np.arange(len(target))
    high = np.minimum(low + 1, margin.shape[1])

    def loss(values: np.ndarray) -> float:
        chance = _chances(_from_values(values).chance(margin, usual))
        found = (1 - part) * np.log(np.maximum(chance[row, low], _CLIP))
        found += part * np.log(np.maximum(chance[row, high], _CLIP))
        return float(_PRIOR_REVIEWS * values @ values - weight @ found)

    best = minimize(loss, np.zeros(3), method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-3, "maxiter": 200})
    return _from_values(best.x)


def _from_values(values: np.ndarray) -> Calibration:
    scale, shift, lapses = np.clip(values, -1.5, 1.5)
    odds = np.log(_USUAL_LAPSES / (1 - _USUAL_LAPSES)) + lapses
    return Calibration(float(_USUAL_SCALE * np.exp(scale)), float(shift), float(1 / (1 + np.exp(-odds))))


def _chances(above: np.ndarray) -> np.ndarray:
    above = np.minimum.accumulate(above, axis=1)
    rows = len(above)
    return np.hstack([np.ones((rows, 1)), above]) - np.hstack([above, np.zeros((rows, 1))])
