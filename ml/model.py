"""The size model: shrunk product effects, corrected by monotone trees, calibrated by one increasing line.

    margin(k | body) = base(k | body) + trees(k | body, product)        P(size > k) = sigmoid(scale * margin + shift)

The base is the score of ml/effects, its slopes damped: monotone trees can only add steepness, so the base leaves them
room to shape it. The trees see the body, the gender (missing where unknown) and what the effects say of the product,
all constant over a product's grid, so that a size table follows from the trees' steps (ml/steps). While training, each
row's effects were fitted without that row's fold; prediction uses those of all rows. Base and trees rise with height
and weight, hence so does every P(size > k), and the median size of a bigger body is never smaller.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import xgboost as xgb

from ml.body import buyer_moments, mix_moments
from ml.calibration import Calibration, fit_calibration
from ml.effects import Effects, Shrinkage, fit_effects
from ml.errors import ModelBroken, NoSamples
from ml.features import GENDERS, UNKNOWN, Products, Samples, Stacked, body_terms, folds, stable_hash, stack

FEATURES = (
    "height", "weight", "gender", "threshold", "place", "slope_height", "slope_weight", "slope_female",
    "reviews", "below", "above",
)  # fmt: skip
# Trees where there was no held-out group to choose their number by: few, since there was hardly any data.
_ROUNDS_UNTRIED = 30
# Stacked rows from which more than one thread is used.
_ROWS_A_THREAD = 100_000
MONOTONE = (1, 1) + (0,) * (len(FEATURES) - 2)


@dataclass(frozen=True)
class Settings:
    """Everything that a training depends on beside its rows. Tuned on held-out groups (docs/model.md)."""

    threads: int = 2
    seed: int = 0
    fold_count: int = 5
    rounds: int = 300
    patience: int = 20
    depth: int = 5
    eta: float = 0.1
    min_child_weight: float = 20.0
    reg_lambda: float = 5.0
    subsample: float = 0.8
    max_bin: int = 256
    damping: float = 0.45
    masked_share: float = 0.15
    shrinkage: Shrinkage = field(default_factory=Shrinkage)


@dataclass(frozen=True)
class SizeModel:
    """A trained model with the products that it knows."""

    products: Products
    effects: Effects
    reviews: np.ndarray  # weighted samples a product, which the trees see
    booster: xgb.Booster | None  # None where every product has a single size
    calibration: Calibration
    settings: Settings
    body_moments: dict[str, list[float]]  # of the buyers, by gender: where bodies are dense

    def margin(self, product: np.ndarray, threshold: np.ndarray, height_cm: np.ndarray, weight_kg: np.ndarray,
               gender: np.ndarray) -> np.ndarray:  # fmt: skip
        """Base and trees, row by row, before calibration; by the trees' own predict."""
        if self.booster is None:
            raise ModelBroken("a model of single-size products has no thresholds to be asked for")
        terms = body_terms(height_cm, weight_kg, gender)
        base = damped_margin(self.effects, terms, product, threshold, self.settings.damping)
        features = feature_matrix(
            self.products, self.effects, self.reviews, product, threshold, height_cm, weight_kg, gender
        )
        matrix = xgb.DMatrix(features, base_margin=base, feature_names=list(FEATURES), nthread=self.settings.threads)
        return self.booster.predict(matrix, output_margin=True).astype(float)

    def chances_above(self, product: np.ndarray, height_cm: np.ndarray, weight_kg: np.ndarray,
                      gender: np.ndarray) -> np.ndarray:  # fmt: skip
        """P(size > k), one row a body, one column a threshold; 0 beyond a product's own thresholds."""
        counts = self.products.thresholds[product]
        chances = np.zeros((len(product), int(counts.max(initial=0))))
        for k in range(chances.shape[1]):
            has = counts > k
            margin = self.margin(product[has], self.products.first[product[has]] + k,
                                 height_cm[has], weight_kg[has], gender[has])  # fmt: skip
            chances[has, k] = self.calibration.chance(margin)
        return np.minimum.accumulate(chances, axis=1)  # crossing thresholds meet at the smaller: still monotone


def damped_margin(
    effects: Effects, terms: np.ndarray, product: np.ndarray, threshold: np.ndarray, damping: float
) -> np.ndarray:
    """The base of the trees."""
    return damping * np.einsum("ij,ij->i", terms, effects.slopes[product]) - effects.threshold[threshold]


def feature_matrix(
    products: Products, effects: Effects, reviews: np.ndarray, product: np.ndarray, threshold: np.ndarray,
    height_cm: np.ndarray, weight_kg: np.ndarray, gender: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """One column a FEATURES, float32 as the trees compare them."""
    return np.column_stack(
        [height_cm, weight_kg, np.where(gender == UNKNOWN, np.nan, gender),
         *constant_features(products, effects, reviews, product, threshold)]
    ).astype(np.float32)  # fmt: skip


def constant_features(products: Products, effects: Effects, reviews: np.ndarray, product: np.ndarray,
                      threshold: np.ndarray) -> list[np.ndarray]:  # fmt: skip
    """The features that do not change over the grid of a product and threshold."""
    slopes = effects.slopes[product]
    within = threshold - products.first[product]
    letters = np.array([ruler.startswith("letter") for ruler in products.ruler])[product]
    return [
        effects.threshold[threshold],
        np.where(letters, products.place[threshold], np.nan),
        slopes[:, 0], slopes[:, 1], slopes[:, 2],
        np.log1p(reviews[product]),
        within.astype(float),
        (products.thresholds[product] - 1 - within).astype(float),
    ]  # fmt: skip


def fit_model(samples: Samples, products: Products, settings: Settings) -> SizeModel:
    """Train on samples of products. The same input, lock and CPU give the same model. Raises NoSamples."""
    if not len(samples):
        raise NoSamples("no sample is left to learn from: look at the counts of left-out reviews in mart.sample")
    stacked = stack(samples, products)
    effects = fit_effects(samples, products, settings.shrinkage, stacked)
    reviews, moments = _reviews(samples, products), _moments(samples)
    if not len(stacked.sample):  # only products of one size: they go by rule
        return SizeModel(products, effects, reviews, None, Calibration(1.0, 0.0), settings, moments)
    rows = _training_rows(samples, products, stacked, settings)
    rounds, calibration = _rounds_and_calibration(rows, settings)
    booster = xgb.train(
        _parameters(settings, rows.threads(settings)),
        rows.matrix(np.ones(len(rows.fold), dtype=bool), settings),
        rounds,
    )
    return SizeModel(products, effects, reviews, booster, calibration, settings, moments)


def _rounds_and_calibration(rows: _Rows, settings: Settings) -> tuple[int, Calibration]:
    """How many trees, and the calibration, from a fold of groups that the trees did not see."""
    held = rows.fold == 0
    if not held.any() or held.all():
        return _ROUNDS_UNTRIED, Calibration(1.0, 0.0)
    judge = rows.matrix(held, settings)
    early = xgb.train(
        _parameters(settings, rows.threads(settings)), rows.matrix(~held, settings), settings.rounds,
        evals=[(judge, "held")], early_stopping_rounds=settings.patience, verbose_eval=False,
    )  # fmt: skip
    rounds = early.best_iteration + 1
    margin = early.predict(judge, iteration_range=(0, rounds), output_margin=True).astype(float)
    return rounds, fit_calibration(margin, rows.above[held], rows.weight[held])


@dataclass(frozen=True)
class _Rows:
    features: np.ndarray
    base: np.ndarray
    above: np.ndarray
    weight: np.ndarray
    fold: np.ndarray

    def threads(self, settings: Settings) -> int:
        """One where rows are few: threads that wait for each other cost more than they bring."""
        return settings.threads if len(self.fold) >= _ROWS_A_THREAD else 1

    def matrix(self, which: np.ndarray, settings: Settings) -> xgb.DMatrix:
        return xgb.DMatrix(
            self.features[which], label=self.above[which], weight=self.weight[which], base_margin=self.base[which],
            feature_names=list(FEATURES), nthread=settings.threads,
        )  # fmt: skip


def _training_rows(samples: Samples, products: Products, stacked: Stacked, settings: Settings) -> _Rows:
    """Every stacked row with effects that were fitted without its fold, and some a second time without a gender."""
    fold = folds(samples.group, settings.fold_count)
    parts = []
    for held in range(settings.fold_count):
        inside, outside = np.flatnonzero(fold == held), fold != held
        if not len(inside):
            continue
        others = samples.take(outside)
        effects = fit_effects(others, products, settings.shrinkage)
        reviews = _reviews(others, products)
        mine = samples.take(inside)
        masked = folds(mine.group, 1000, salt=stable_hash("mask") % 1000) < settings.masked_share * 1000
        for part in (mine, replace(mine.take(masked), gender=np.full(int(masked.sum()), UNKNOWN))):
            parts.append(_rows_of(part, products, effects, reviews, held, settings))
    return _Rows(*(np.concatenate([getattr(part, name) for part in parts]) for name in _Rows.__dataclass_fields__))


def _rows_of(
    samples: Samples, products: Products, effects: Effects, reviews: np.ndarray, fold: int, settings: Settings
) -> _Rows:
    stacked = stack(samples, products)
    at, product = stacked.sample, samples.product[stacked.sample]
    terms = body_terms(samples.height_cm, samples.weight_kg, samples.gender)[at]
    features = feature_matrix(products, effects, reviews, product, stacked.threshold,
                              samples.height_cm[at], samples.weight_kg[at], samples.gender[at])  # fmt: skip
    base = damped_margin(effects, terms, product, stacked.threshold, settings.damping)
    return _Rows(features, base, stacked.above, samples.weight[at], np.full(len(at), fold))


def _reviews(samples: Samples, products: Products) -> np.ndarray:
    return np.bincount(samples.product, weights=samples.weight, minlength=len(products))


def _moments(samples: Samples) -> dict[str, list[float]]:
    """Where buyers are; `unknown` is the mixture of both as one normal."""
    found, shares = [], []
    for code, name in enumerate(GENDERS[:UNKNOWN]):
        some = samples.take(samples.gender == code)
        found.append(buyer_moments(some.height_cm, some.weight_kg, some.weight, name))
        shares.append(1.0 + len(some))
    return dict(zip(GENDERS, [*found, mix_moments(found, shares)], strict=True))


def _parameters(settings: Settings, threads: int) -> dict[str, object]:
    return {
        "objective": "binary:logistic", "tree_method": "hist", "max_depth": settings.depth, "eta": settings.eta,
        "min_child_weight": settings.min_child_weight, "reg_lambda": settings.reg_lambda, "max_bin": settings.max_bin,
        "subsample": settings.subsample, "base_score": 0.5,
        "monotone_constraints": "(" + ",".join(map(str, MONOTONE)) + ")",
        "nthread": threads, "seed": settings.seed,
    }  # fmt: skip
