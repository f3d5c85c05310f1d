"""The true size rule of a garment, and how buyers depart from it: what makes the best possible accuracy known.

A body has a score; the score plus a person's own noise falls between two thresholds: that is the size that fits. Most
people buy it, some buy a neighbour, and say afterwards that it was too small or too large.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from local.malls import bodies

# In units of one letter size. With it, knowing the rule exactly names the fitting size of 60 to 70 % of the buyers: the
# ceiling that real reviews seem to have as well.
PERSONAL_NOISE = 0.5
# Share of buyers who take a neighbouring size, half of them on each side.
WRONG_SIZE = 0.14


@dataclass(frozen=True)
class SizeRule:
    """Ordinal rule of one garment: size index = number of thresholds below score + noise."""

    thresholds: tuple[float, ...]  # ascending, one fewer than there are sizes
    weight_effect: float  # sizes a kilogram
    height_effect: float  # sizes a centimetre
    women_shift: float  # at the same body women take this much more
    women_share: float  # of the buyers

    def score(self, women: np.ndarray, height_cm: np.ndarray, weight_kg: np.ndarray) -> np.ndarray:
        """Where bodies stand on the garment's scale; rises with height and weight."""
        return (
            self.weight_effect * (np.asarray(weight_kg) - 65)
            + self.height_effect * (np.asarray(height_cm) - 167)
            + self.women_shift * np.asarray(women)
        )

    def fitting(self, women: np.ndarray, height_cm: np.ndarray, weight_kg: np.ndarray) -> np.ndarray:
        """P(size that fits) for each body: one row a body, one column a size."""
        score = np.atleast_1d(self.score(women, height_cm, weight_kg))
        below = ndtr((np.array(self.thresholds)[None, :] - score[:, None]) / PERSONAL_NOISE)
        edges = np.hstack([np.zeros((len(score), 1)), below, np.ones((len(score), 1))])
        return np.diff(edges, axis=1)

    def bought(self, fitting: np.ndarray) -> np.ndarray:
        """P(size bought) from P(size that fits)."""
        return fitting @ purchase_matrix(fitting.shape[1])

    def women_probability(self, height_cm: np.ndarray, weight_kg: np.ndarray) -> np.ndarray:
        """P(buyer is a woman) for a body whose gender is not stated, among this garment's buyers."""
        women = self.women_share * bodies.density(True, height_cm, weight_kg)
        men = (1 - self.women_share) * bodies.density(False, height_cm, weight_kg)
        total = women + men
        # Far outside both crowds the densities vanish: the share of the buyers is all that is known.
        return np.where(total > 0, women / np.where(total > 0, total, 1), self.women_share)


def purchase_matrix(sizes: int) -> np.ndarray:
    """P(bought size | fitting size). Beyond the ends of the run one takes the end."""
    matrix = np.eye(sizes) * (1 - WRONG_SIZE)
    for fitting in range(sizes):
        for step in (-1, 1):
            matrix[fitting, min(max(fitting + step, 0), sizes - 1)] += WRONG_SIZE / 2
    return matrix


def draw_sizes(
    rule: SizeRule, women: np.ndarray, heights: np.ndarray, weights: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fitting index, bought index, and how many sizes the buyer lies beyond the run's end (signed, 0 inside)."""
    noisy = rule.score(women, heights, weights) + PERSONAL_NOISE * rng.standard_normal(len(women))
    thresholds = np.array(rule.thresholds)
    fitting = (noisy[:, None] > thresholds[None, :]).sum(axis=1)
    wrong = rng.random(len(women))
    step = np.where(wrong < WRONG_SIZE / 2, -1, np.where(wrong < WRONG_SIZE, 1, 0))
    bought = np.clip(fitting + step, 0, len(thresholds))
    if not len(thresholds):
        return fitting, bought, np.zeros(len(women))
    above, below = noisy - thresholds[-1], noisy - thresholds[0]
    beyond = np.where(above > 1, above - 1, np.where(below < -1, below + 1, 0.0))
    return fitting, bought, beyond
