"""How well fits are told apart: one-vs-rest AUC of each class and their mean; for all, and for the unseen."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from ml.runway.orders import FITS, Orders


def figures(asked: Orders, chance: np.ndarray, learned: Orders) -> dict[str, Any]:
    """Of all judged rows, and of those whose user, item, or both were not learned from."""
    new_user, new_item = ~np.isin(asked.user, learned.user), ~np.isin(asked.item, learned.item)
    groups = {
        "all": np.ones(len(asked), dtype=bool), "user unseen": new_user, "user seen": ~new_user,
        "item unseen": new_item, "item seen": ~new_item, "user and item unseen": new_user & new_item,
    }  # fmt: skip
    return {name: _of(asked.fit[rows], chance[rows]) for name, rows in groups.items()}


def _of(fit: np.ndarray, chance: np.ndarray) -> dict[str, float | int | None]:
    """None where a class is absent, or nothing else is there."""
    areas = [_area(fit == answer, chance[:, answer]) for answer in range(len(FITS))]
    known = [area for area in areas if area is not None]
    truth = np.clip(chance[np.arange(len(fit)), fit], 1e-6, 1.0)
    return {
        "rows": len(fit), "mean_auc": float(np.mean(known)) if len(known) == len(FITS) else None,
        **{f"auc_{name}": area for name, area in zip(FITS, areas, strict=True)},
        "log_loss": float(-np.log(truth).mean()) if len(fit) else None,
    }  # fmt: skip


def _area(positive: np.ndarray, chance: np.ndarray) -> float | None:
    if positive.all() or not positive.any():
        return None
    return float(roc_auc_score(positive, chance))
