"""The size model: shrunk product effects, smoothed by a monotone network, corrected by monotone trees, calibrated.

    margin(k | body) = base(k | body) + trees(k | body, product)        P(size > k) = calibration(margin)

The base is what small monotone networks (ml/network) make of the score of ml/effects; where reviews are few it is the
score itself, which shrinks by the certainty of the product's effects, so that what is not known is said less surely.
Either is damped: monotone trees can only add steepness, so the base leaves them room to shape it.
The trees see the body, the gender (between the two where unknown) and what the effects say of the product, all constant
over a product's grid, so that a size table follows from the trees' steps (ml/steps). While training, each row's effects
were fitted without that row's fold; prediction uses those of all rows. Base and trees rise with height and weight,
hence so does every P(size > k), and the median size of a bigger body is never smaller.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import xgboost as xgb

from ml.calibration import Calibration
from ml.effects import Effects
from ml.errors import ModelBroken
from ml.features import Products, body_terms
from ml.levels import Shrinkage
from ml.network import Network, between

FEATURES = (
    "height", "weight", "gender", "threshold", "place", "slope_height", "slope_weight", "slope_female",
    "below", "above",
)  # fmt: skip
MONOTONE = (1, 1) + (0,) * (len(FEATURES) - 2)
# No value is missing to XGBoost, which grows trees a third faster so. A gender that is not known lies between the two:
# a split sends it with either side, as it would a missing value, and nothing is assumed of it.
SIDES = np.array([0.0, 1.0, 0.5])  # by GENDERS
_NO_PLACE = -100.0  # of a threshold that is not between letters, below all that are


@dataclass(frozen=True)
class Settings:
    """Everything that a training depends on beside its rows. Tuned on held-out groups (docs/model.md)."""

    threads: int = 2
    seed: int = 0
    fold_count: int = 10
    rounds: int = 400
    patience: int = 25
    depth: int = 5
    eta: float = 0.05
    min_child_weight: float = 40.0
    reg_lambda: float = 5.0
    subsample: float = 0.6
    max_bin: int = 64
    boosters: int = 2  # averaged, each stopped early on a fold of its own
    damping: float = 0.85
    masked_share: float = 0.15  # of the reviews: learned from a second time without the gender
    stranger_share: float = 0.07  # the same, as if their product had no reviews
    shrinkage: Shrinkage = field(default_factory=Shrinkage)


@dataclass(frozen=True)
class SizeModel:
    """A trained model with the products that it knows."""

    products: Products
    effects: Effects
    reviews: np.ndarray  # weighted samples a product
    usual: np.ndarray  # a threshold's share of buyers above it, whatever their body
    networks: tuple[Network, ...]  # averaged; none where the base is the score
    booster: xgb.Booster | None  # None where every product has a single size
    calibration: Calibration
    settings: Settings
    body_moments: dict[str, list[float]]  # of the buyers, by gender: where bodies are dense

    def margin(self, product: np.ndarray, threshold: np.ndarray, height_cm: np.ndarray, weight_kg: np.ndarray,
               gender: np.ndarray) -> np.ndarray:  # fmt: skip
        """Base and trees, row by row, before calibration; by the trees' own predict."""
        if self.booster is None:
            raise ModelBroken("a model of single-size products has no thresholds to be asked for")
        base = self._base(product, threshold, height_cm, weight_kg, gender)
        features = feature_matrix(self.products, self.effects, product, threshold, height_cm, weight_kg, gender)
        matrix = xgb.DMatrix(features, base_margin=base, feature_names=list(FEATURES), nthread=self.settings.threads)
        return self.booster.predict(matrix, output_margin=True).astype(float)

    def _base(self, product: np.ndarray, threshold: np.ndarray, height_cm: np.ndarray, weight_kg: np.ndarray,
              gender: np.ndarray) -> np.ndarray:  # fmt: skip
        if not self.networks:
            score = self.effects.score(body_terms(height_cm, weight_kg, gender), product)
            return self.effects.margin(score, threshold, gender, self.settings.damping)
        base = np.empty(len(product))
        for side in np.unique(gender):
            rows = np.flatnonzero(gender == side)
            grids, grid = np.unique(np.column_stack([product[rows], threshold[rows]]), axis=0, return_inverse=True)
            nodes = self.smooth(grids[:, 0], grids[:, 1], int(side))
            base[rows] = between(nodes, grid.reshape(-1), height_cm[rows], weight_kg[rows])
        return base

    def smooth(self, product: np.ndarray, threshold: np.ndarray, gender: int) -> np.ndarray:
        """The base that the networks give, at their nodes: rows x height nodes x weight nodes."""
        each = (one.grids(self.products, self.effects, product, threshold, gender) for one in self.networks)
        return self.settings.damping / len(self.networks) * sum(each, np.zeros(()))

    def chance(self, margin: np.ndarray, threshold: np.ndarray) -> np.ndarray:
        """P(size > k) from margins; the first axis of both is the same."""
        usual = self.usual[threshold].reshape(-1, *(1,) * (margin.ndim - 1))
        return self.calibration.chance(margin, usual)

    def chances_above(self, product: np.ndarray, height_cm: np.ndarray, weight_kg: np.ndarray,
                      gender: np.ndarray) -> np.ndarray:  # fmt: skip
        """P(size > k), one row a body, one column a threshold; 0 beyond a product's own thresholds."""
        counts = self.products.thresholds[product]
        chances = np.zeros((len(product), int(counts.max(initial=0))))
        for k in range(chances.shape[1]):
            has = counts > k
            threshold = self.products.first[product[has]] + k
            margin = self.margin(product[has], threshold, height_cm[has], weight_kg[has], gender[has])
            chances[has, k] = self.chance(margin, threshold)
        return np.minimum.accumulate(chances, axis=1)  # crossing thresholds meet at the smaller: still monotone


def feature_matrix(
    products: Products, effects: Effects, product: np.ndarray, threshold: np.ndarray,
    height_cm: np.ndarray, weight_kg: np.ndarray, gender: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """One column a FEATURES, float32 as the trees compare them."""
    return np.column_stack(
        [height_cm, weight_kg, SIDES[gender],
         *constant_features(products, effects, product, threshold)]
    ).astype(np.float32)  # fmt: skip


def constant_features(products: Products, effects: Effects, product: np.ndarray,
                      threshold: np.ndarray) -> list[np.ndarray]:  # fmt: skip
    """The features that do not change over the grid of a product and threshold."""
    slopes = effects.slopes[product]
    within = threshold - products.first[product]
    return [
        effects.threshold[threshold],
        np.where(products.lettered[product], products.place[threshold], _NO_PLACE),
        slopes[:, 0], slopes[:, 1], slopes[:, 2],
        within.astype(float),
        (products.thresholds[product] - 1 - within).astype(float),
    ]  # fmt: skip
