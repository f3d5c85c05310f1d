"""Which orders are learned from and which judge: at random by row, or by whole days."""

from __future__ import annotations

import numpy as np

from ml.errors import BadValues
from ml.features import stable_hash

TEST_SHARE = 0.2


def random_split(rows: int, salt: str) -> np.ndarray:
    """True for the fifth of the rows that judge."""
    order = np.random.default_rng(stable_hash(salt)).permutation(rows)
    test = np.zeros(rows, dtype=bool)
    test[order[: round(TEST_SHARE * rows)]] = True
    return test


def split_by_day(day: np.ndarray) -> np.ndarray:
    """True for the last whole days that hold a fifth of the rows or the least more. Raises BadValues for one day."""
    ordered = np.sort(day)
    first = ordered[len(ordered) - max(1, round(TEST_SHARE * len(ordered)))]
    if first == ordered[0]:
        raise BadValues(f"most orders are of {first}: there is no earlier day to learn from")
    return day >= first


def deal_folds(rows: int, count: int) -> np.ndarray:
    """A fold number for each row, of nearly equal size; the same in every run."""
    return np.random.default_rng(0).permutation(np.arange(rows) % count)
