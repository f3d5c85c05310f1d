"""The models of the first system, one a product, for the bake-off: fitted on a product's own rows, nothing shared.

Each gives chances over the product's sizes. Its one setting is chosen inside the training part (ml/bakeoff).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import xgboost as xgb
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from ml.features import Samples

# Where a candidate says zero, the log loss is infinite; every one gets this much of the even spread.
_EVEN_SHARE = 0.01


@dataclass(frozen=True)
class Candidate:
    """A way to learn one product, and the settings it may be tuned to."""

    name: str
    settings: tuple[Any, ...]
    chances: Callable[[np.ndarray, np.ndarray, np.ndarray, int, Any], np.ndarray]


def predict_product(candidate: Candidate, setting: Any, train: Samples, test: Samples, sizes: int) -> np.ndarray:
    """Chances of each size for the test rows of one product."""
    shares = np.bincount(train.bought, minlength=sizes) + 0.5
    if len(np.unique(train.bought)) < 2:
        chances = np.tile(shares / shares.sum(), (len(test), 1))
    else:
        scaler = StandardScaler().fit(_features(train))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a rare size gives warnings of convergence, product after product
            chances = candidate.chances(
                scaler.transform(_features(train)), train.bought, scaler.transform(_features(test)), sizes, setting
            )
    return (1 - _EVEN_SHARE) * chances / chances.sum(axis=1, keepdims=True) + _EVEN_SHARE / sizes


def _features(samples: Samples) -> np.ndarray:
    height, weight = samples.height_cm, samples.weight_kg
    return np.column_stack([height, weight, height**2, weight**2, (samples.gender == 1).astype(float)])


def _of_classifier(make: Callable[[Any], Any]) -> Callable[..., np.ndarray]:
    def chances(x: np.ndarray, y: np.ndarray, asked: np.ndarray, sizes: int, setting: Any) -> np.ndarray:
        known, coded = np.unique(y, return_inverse=True)
        found = np.zeros((len(asked), sizes))
        found[:, known] = make(setting).fit(x, coded).predict_proba(asked)
        return found

    return chances


def _cumulative(x: np.ndarray, y: np.ndarray, asked: np.ndarray, sizes: int, setting: float) -> np.ndarray:
    above = np.zeros((len(asked), sizes + 1))
    above[:, 0] = 1.0
    for k in range(sizes - 1):
        over = y > k
        if over.all() or not over.any():
            above[:, k + 1] = float(over.all())
        else:
            above[:, k + 1] = LogisticRegression(C=setting, max_iter=300).fit(x, over).predict_proba(asked)[:, 1]
    above = np.minimum.accumulate(above, axis=1)
    return above[:, :-1] - above[:, 1:]


def _nearest(neighbours: int) -> Any:
    return _Nearest(neighbours)


class _Nearest:
    """KNN that makes do with fewer rows than neighbours."""

    def __init__(self, neighbours: int) -> None:
        self.neighbours = neighbours

    def fit(self, x: np.ndarray, y: np.ndarray) -> KNeighborsClassifier:
        return KNeighborsClassifier(min(self.neighbours, len(y))).fit(x, y)


def _boosted(shape: tuple[int, int]) -> xgb.XGBClassifier:
    return xgb.XGBClassifier(n_estimators=shape[0], max_depth=shape[1], learning_rate=0.1, n_jobs=1)


def _most_frequent(x: np.ndarray, y: np.ndarray, asked: np.ndarray, sizes: int, _: None) -> np.ndarray:
    return np.tile(np.bincount(y, minlength=sizes) + 0.5, (len(asked), 1))


def _tree(depth: int) -> DecisionTreeClassifier:
    return DecisionTreeClassifier(max_depth=depth, min_samples_leaf=5, random_state=0)


def _logistic(strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=300)


def _bayes(smoothing: float) -> GaussianNB:
    return GaussianNB(var_smoothing=smoothing)


CANDIDATES = (
    Candidate("most frequent size", (None,), _most_frequent),
    Candidate("naive Bayes", (1e-9, 1e-2, 1e-1), _of_classifier(_bayes)),
    Candidate("nearest neighbours", (7, 15, 31), _of_classifier(_nearest)),
    Candidate("decision tree", (3, 4, 5), _of_classifier(_tree)),
    Candidate("XGBoost", ((40, 2), (100, 2), (100, 6)), _of_classifier(_boosted)),
    Candidate("logistic regression", (0.1, 0.5, 2.0), _of_classifier(_logistic)),
    Candidate("cumulative logistic regression", (0.1, 0.5, 2.0), _cumulative),
)
