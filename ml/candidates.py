"""The models of the first system, for the bake-off: one a product, fitted on a product's own rows, nothing shared.

A candidate gives chances over a product's sizes. Its one setting is chosen inside the training part (ml/bakeoff_split).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import xgboost as xgb
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from ml.features import Products, Samples

# Where a candidate says zero, the log loss is infinite; every one gets this much of the even spread.
_EVEN_SHARE = 0.01


class Candidate(Protocol):
    """A way to learn sizes, and the settings it may be tuned to."""

    @property
    def name(self) -> str: ...

    @property
    def settings(self) -> tuple[Any, ...]: ...

    def chances(self, setting: Any, products: Products, train: Samples, test: Samples) -> np.ndarray:
        """One row a test sample, one column a size of its product's run, zero beyond the run."""
        ...


@dataclass(frozen=True)
class OneAProduct:
    """A candidate that learns each product by itself."""

    name: str
    settings: tuple[Any, ...]
    learn: Callable[[np.ndarray, np.ndarray, np.ndarray, int, Any], np.ndarray]

    def chances(self, setting: Any, products: Products, train: Samples, test: Samples) -> np.ndarray:
        sizes = products.thresholds + 1
        found = np.zeros((len(test), int(sizes[test.product].max(initial=1))))
        for product in np.unique(test.product):
            rows, own = np.flatnonzero(test.product == product), train.take(train.product == product)
            found[rows, : sizes[product]] = self._of_product(setting, own, test.take(rows), int(sizes[product]))
        return with_even_share(found, sizes[test.product])

    def _of_product(self, setting: Any, train: Samples, test: Samples, sizes: int) -> np.ndarray:
        if len(np.unique(train.bought)) < 2:
            return np.tile(np.bincount(train.bought, minlength=sizes) + 0.5, (len(test), 1))
        scaler = StandardScaler().fit(body_columns(train))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a rare size gives warnings of convergence, product after product
            return self.learn(
                scaler.transform(body_columns(train)),
                train.bought,
                scaler.transform(body_columns(test)),
                sizes,
                setting,
            )


def body_columns(samples: Samples) -> np.ndarray:
    """What every candidate sees of a body."""
    height, weight = samples.height_cm, samples.weight_kg
    return np.column_stack([height, weight, height**2, weight**2, (samples.gender == 1).astype(float)])


def with_even_share(chances: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Chances that sum to one in each row, none of a size of the run zero."""
    within = np.arange(chances.shape[1]) < sizes[:, None]
    inside = np.where(within, chances, 0.0)
    return (1 - _EVEN_SHARE) * inside / inside.sum(axis=1, keepdims=True) + _EVEN_SHARE * within / sizes[:, None]


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
    OneAProduct("most frequent size", (None,), _most_frequent),
    OneAProduct("naive Bayes", (1e-9, 1e-2, 1e-1), _of_classifier(_bayes)),
    OneAProduct("nearest neighbours", (7, 15, 31), _of_classifier(_nearest)),
    OneAProduct("decision tree", (3, 4, 5), _of_classifier(_tree)),
    OneAProduct("XGBoost", ((40, 2), (100, 2), (100, 6)), _of_classifier(_boosted)),
    OneAProduct("logistic regression", (0.1, 0.5, 2.0), _of_classifier(_logistic)),
    OneAProduct("cumulative logistic regression", (0.1, 0.5, 2.0), _cumulative),
)
