"""The trees of a size model over whole grids, from their steps instead of cell by cell.

Over the grid of one product, gender and threshold all features but height and weight are constant. Each leaf is then
either out of reach or a rectangle of height and weight that adds its value. A rectangle is four corners in an array of
differences, and two running sums over the array give every cell. Leaves that want the same of the constants are one
group with one set of corners, where the corners of neighbours cancel. Which groups a constant lets through is a row of
bits for each interval between the trees' cuts, so the reach of a grid is one `and` a feature.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import xgboost as xgb
from scipy import sparse

from ml.body import HEIGHTS, WEIGHTS

_H, _W = len(HEIGHTS) + 1, len(WEIGHTS) + 1
_UNIT = 2.0**30


@dataclass(frozen=True)
class Reach:
    """Which groups of leaves the values of one constant feature let through."""

    feature: int
    cuts: np.ndarray  # ascending
    passing: np.ndarray  # (intervals between the cuts, then missing) x groups, eight to a byte

    @staticmethod
    def of(feature: int, low: np.ndarray, high: np.ndarray, missing: np.ndarray) -> Reach:
        """From what each group wants: low <= value < high, or a missing value."""
        ends = np.concatenate([low, high])
        cuts = np.unique(ends[np.isfinite(ends)])
        least = np.concatenate([np.full(1, -np.inf, dtype=np.float32), cuts])[:, None]  # of each interval
        passing = np.vstack([(least >= low) & (least < high), missing])
        return Reach(feature, cuts, np.packbits(passing, axis=1))

    def bits(self, constants: np.ndarray) -> np.ndarray:
        """Rows x groups, eight to a byte."""
        value = constants[:, self.feature]
        interval = np.searchsorted(self.cuts, value, side="right")
        return self.passing[np.where(np.isnan(value), len(self.passing) - 1, interval)]


@dataclass(frozen=True)
class Steps:
    """Every group of leaves: what it wants of the constant features, and its corners on the grid."""

    reaches: tuple[Reach, ...]  # of the features that some tree asks
    corners: sparse.csr_matrix  # corner cells x groups, the leaves' values with their signs
    rows: np.ndarray  # the cell of the difference array behind each row of corners

    def grids(self, constants: np.ndarray) -> np.ndarray:
        """Sum of the trees over the grid for each row of constant features: rows x heights x weights."""
        difference = np.zeros((len(constants), _H * _W))
        groups = self.corners.shape[1]
        if groups:
            bits = np.full((len(constants), (groups + 7) // 8), 255, dtype=np.uint8)
            for reach in self.reaches:
                bits &= reach.bits(constants)
            reached = np.unpackbits(bits, axis=1, count=groups).T.astype(np.float64, order="C")
            difference[:, self.rows] = (self.corners @ reached).T
        grid = difference.reshape(-1, _H, _W)[:, :-1, :-1]
        for row in range(1, grid.shape[1]):  # a third quicker than a running sum along the middle axis
            grid[:, row] += grid[:, row - 1]
        return np.cumsum(grid, axis=2, out=grid)


def read_steps(booster: xgb.Booster | None) -> Steps:
    """The leaves of a booster whose first two features are height and weight; none of no booster."""
    if booster is None:
        return Steps((), sparse.csr_matrix((0, 0)), np.zeros(0, dtype=np.int64))
    document = json.loads(bytes(booster.save_raw("json")))
    trees = document["learner"]["gradient_booster"]["model"]["trees"]
    features = int(document["learner"]["learner_model_param"]["num_feature"])
    leaves = [leaf for tree in trees for leaf in _leaves(tree, features)]
    low = np.array([leaf[0] for leaf in leaves], dtype=np.float32).reshape(-1, features)
    high = np.array([leaf[1] for leaf in leaves], dtype=np.float32).reshape(-1, features)
    missing = np.array([leaf[2] for leaf in leaves], dtype=bool).reshape(-1, features)
    # so that running sums are exact, and cells that no leaf tells apart come out equal
    value = np.rint(np.array([leaf[3] for leaf in leaves], dtype=np.float64) * _UNIT) / _UNIT
    top, bottom = _range(HEIGHTS, low[:, 0], high[:, 0])
    left, right = _range(WEIGHTS, low[:, 1], high[:, 1])
    wants = np.hstack([low[:, 2:], high[:, 2:], missing[:, 2:].astype(np.float32)])
    _, first, group = np.unique(wants, axis=0, return_index=True, return_inverse=True)
    cells = np.column_stack([top * _W + left, top * _W + right, bottom * _W + left, bottom * _W + right]).reshape(-1)
    signed = np.column_stack([value, -value, -value, value]).reshape(-1)
    rows, row = np.unique(cells, return_inverse=True)
    corners = sparse.csr_matrix((signed, (row, np.repeat(group.reshape(-1), 4))), shape=(len(rows), len(first)))
    corners.eliminate_zeros()
    reaches = (Reach.of(at - 2, low[first, at], high[first, at], missing[first, at]) for at in range(2, features))
    return Steps(tuple(reach for reach in reaches if len(reach.cuts)), corners, rows)


def _range(grid: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Grid positions from the first >= low to the first >= high."""
    begin = np.searchsorted(grid.astype(np.float32), low, side="left")
    return begin, np.maximum(begin, np.searchsorted(grid.astype(np.float32), high, side="left"))


def _leaves(tree: dict, features: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, float]]:
    """(low, high, missing may pass, value) of each leaf; a split sends value < condition to the left."""
    found = []
    waiting = [(0, np.full(features, -np.inf), np.full(features, np.inf), np.ones(features, dtype=bool))]
    while waiting:
        node, low, high, missing = waiting.pop()
        left, right = tree["left_children"][node], tree["right_children"][node]
        if left < 0:
            found.append((low, high, missing, tree["split_conditions"][node]))
            continue
        feature, condition = tree["split_indices"][node], np.float32(tree["split_conditions"][node])
        default_left = bool(tree["default_left"][node])
        for child, goes_left in ((left, True), (right, False)):
            child_low, child_high, child_missing = low.copy(), high.copy(), missing.copy()
            if goes_left:
                child_high[feature] = min(high[feature], condition)
            else:
                child_low[feature] = max(low[feature], condition)
            child_missing[feature] &= default_left == goes_left
            waiting.append((child, child_low, child_high, child_missing))
    return found
