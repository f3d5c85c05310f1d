"""Chances of small, fit and large: trees that correct what the effects say, a few boosters averaged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xgboost as xgb

from ml.runway.features import features, learn_history, out_of_fold_features
from ml.runway.orders import FITS, LARGE, SMALL, Orders


@dataclass(frozen=True)
class RunwaySettings:
    """Chosen on splits of other salts and on days before those that judge (docs/model.md)."""

    threads: int = 2
    boosters: int = 2  # each with samples of rows and features of its own
    rounds: int = 200
    depth: int = 4
    eta: float = 0.05
    min_child_weight: float = 20.0
    reg_lambda: float = 5.0
    subsample: float = 0.7
    colsample: float = 0.5
    max_bin: int = 128


def predict_fits(learned: Orders, asked: Orders, settings: RunwaySettings) -> np.ndarray:
    """rows x FITS: chances of the asked orders, from the learned ones."""
    rows = _rows(out_of_fold_features(learned), settings, learned.fit)
    told = _rows(features(asked, learn_history(learned)), settings)
    total = np.zeros((len(asked), len(FITS)))
    for seed in range(settings.boosters):
        total += xgb.train(_parameters(settings, seed), rows, settings.rounds).predict(told)
    return total / settings.boosters


def _rows(told: np.ndarray, settings: RunwaySettings, fit: np.ndarray | None = None) -> xgb.DMatrix:
    """The trees begin at the odds of the effects, the first two features."""
    base = np.zeros((len(told), len(FITS)), dtype=np.float32)
    base[:, [SMALL, LARGE]] = told[:, :2]
    return xgb.DMatrix(told, label=fit, base_margin=base, nthread=settings.threads)


def _parameters(settings: RunwaySettings, seed: int) -> dict[str, object]:
    return {
        "objective": "multi:softprob", "num_class": len(FITS), "tree_method": "hist", "max_depth": settings.depth,
        "eta": settings.eta, "min_child_weight": settings.min_child_weight, "reg_lambda": settings.reg_lambda,
        "subsample": settings.subsample, "colsample_bytree": settings.colsample, "max_bin": settings.max_bin,
        "nthread": settings.threads, "seed": seed,
    }  # fmt: skip
