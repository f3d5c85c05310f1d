"""The grid of bodies that every size table covers, and how dense bodies are on it."""

from __future__ import annotations

import numpy as np

HEIGHTS = np.arange(140, 201)
WEIGHTS = np.arange(35, 131)
GRID = (len(HEIGHTS), len(WEIGHTS))

# Adults of Korea, 2015, 15 to 69 years, rounded: mean height, mean weight, their spreads, their correlation. They are
# the prior of the buyers' own moments, so that one buyer does not make a density.
_ADULTS = {"male": (172.0, 71.8, 6.0, 11.8, 0.42), "female": (158.8, 57.0, 5.9, 8.6, 0.3)}
_PRIOR_ROWS = 50.0
# A cell far from every body still counts a little, so that each band has a weight.
_FLOOR = 1e-6


def buyer_moments(height_cm: np.ndarray, weight_kg: np.ndarray, weight: np.ndarray, gender: str) -> list[float]:
    """Mean height, mean weight, variances and covariance of buyers, with adult statistics as some fifty rows more."""
    mean_h, mean_w, spread_h, spread_w, correlation = _ADULTS[gender]
    prior = np.array([mean_h, mean_w, spread_h**2 + mean_h**2, spread_w**2 + mean_w**2,
                      correlation * spread_h * spread_w + mean_h * mean_w])  # fmt: skip
    powers = np.column_stack([height_cm, weight_kg, height_cm**2, weight_kg**2, height_cm * weight_kg])
    sums = (weight @ powers + _PRIOR_ROWS * prior) / (weight.sum() + _PRIOR_ROWS)
    return [float(value) for value in (sums[0], sums[1], sums[2] - sums[0] ** 2, sums[3] - sums[1] ** 2,
                                       sums[4] - sums[0] * sums[1])]  # fmt: skip


def mix_moments(parts: list[list[float]], shares: list[float]) -> list[float]:
    """The moments of a mixture."""
    share = np.array(shares) / sum(shares)
    means = np.array([part[:2] for part in parts])
    mean = share @ means
    spread = means - mean
    inside = share @ np.array([part[2:] for part in parts])
    between = share @ np.column_stack([spread[:, 0] ** 2, spread[:, 1] ** 2, spread[:, 0] * spread[:, 1]])
    return [float(value) for value in (*mean, *(inside + between))]


def density(moments: list[float]) -> np.ndarray:
    """Normal density over the grid, summing to one, nowhere zero."""
    mean_h, mean_w, var_h, var_w, covariance = moments
    inverse = np.linalg.inv(np.array([[var_h, covariance], [covariance, var_w]]))
    h, w = (HEIGHTS - mean_h)[:, None], (WEIGHTS - mean_w)[None, :]
    value = np.exp(-0.5 * (inverse[0, 0] * h * h + 2 * inverse[0, 1] * h * w + inverse[1, 1] * w * w))
    value = value / value.sum() + _FLOOR / value.size
    return value / value.sum()
