"""One increasing map from margins to chances, the same for every threshold, fitted on rows that no tree saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Calibration:
    """sigmoid(scale * margin + shift), scale above zero: order, and so every law of the tables, is kept."""

    scale: float
    shift: float

    def chance(self, margin: np.ndarray) -> np.ndarray:
        """P(size > k)."""
        return 1 / (1 + np.exp(-np.clip(self.scale * margin + self.shift, -60, 60)))

    def loss(self, margin: np.ndarray, above: np.ndarray, weight: np.ndarray) -> float:
        """Mean log loss of the thresholds."""
        chance = np.clip(self.chance(margin), 1e-9, 1 - 1e-9)
        return float(-(weight * (above * np.log(chance) + (1 - above) * np.log(1 - chance))).sum() / weight.sum())


def fit_calibration(margin: np.ndarray, above: np.ndarray, weight: np.ndarray) -> Calibration:
    """Newton steps on the log loss, held near the identity by a prior worth some thirty rows."""
    scale, shift, prior = 1.0, 0.0, 30.0
    for _ in range(20):
        chance = 1 / (1 + np.exp(-(scale * margin + shift)))
        residual, curve = weight * (above - chance), weight * chance * (1 - chance)
        gradient = np.array([residual @ margin - prior * (scale - 1), residual.sum() - prior * shift])
        hessian = np.array([[curve @ margin**2 + prior, curve @ margin], [curve @ margin, curve.sum() + prior]])
        step = np.linalg.solve(hessian, gradient)
        scale, shift = float(np.clip(scale + step[0], 0.3, 3.0)), float(shift + step[1])
        if np.abs(step).max() < 1e-9:
            break
    return Calibration(scale, shift)
