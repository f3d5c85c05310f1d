"""Written size tables read back as grids: do they tile, are they monotone, and what do they advise otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.body import GRID, HEIGHTS, WEIGHTS
from ml.chances import breaks
from ml.errors import ModelBroken

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Table:
    """One product and gender, cell by cell."""

    key: Key
    label: np.ndarray  # heights x weights; None where nothing is answered

    @property
    def answered(self) -> np.ndarray:
        """Which cells carry an answer."""
        return self.label != None  # noqa: E711 (cell by cell)


def tables(parts: Iterable[pd.DataFrame]) -> Iterator[Table]:
    """Every table of written parts. Raises ModelBroken where the bands do not tile the grid."""
    for part in parts:
        for key, rows in part.groupby(["mall", "product_id", "gender"], sort=True):
            mall, product_id, gender = (str(part) for part in key)
            yield Table((mall, product_id, gender), _grid((mall, product_id, gender), rows))


def _grid(key: Key, rows: pd.DataFrame) -> np.ndarray:
    rows = rows.sort_values(["height_cm", "weight_from_kg"], kind="stable")
    low, high = rows["weight_from_kg"].to_numpy(int), rows["weight_to_kg"].to_numpy(int)
    width = high - low + 1
    height = np.repeat(rows["height_cm"].to_numpy(int), np.maximum(width, 0))
    within = np.arange(len(height)) - np.repeat(np.cumsum(width) - width, np.maximum(width, 0))
    weight = np.repeat(low, np.maximum(width, 0)) + within
    whole_h, whole_w = (axis.reshape(-1) for axis in np.meshgrid(HEIGHTS, WEIGHTS, indexing="ij"))
    if not (np.array_equal(height, whole_h) and np.array_equal(weight, whole_w)):
        raise ModelBroken(f"the bands of {'/'.join(key)} do not tile the grid of bodies")
    label = rows["size_label"].astype(object).where(rows["size_label"].notna(), None).to_numpy(dtype=object)
    return np.repeat(label, width).reshape(GRID)


def count_breaks(table: Table, run: tuple[str, ...]) -> int:
    """Neighbouring answered cells where the larger body has the smaller size. Raises ModelBroken for a wrong label."""
    index = {label: at for at, label in enumerate(run)}
    foreign = {label for label in np.unique(table.label[table.answered])} - set(index)
    if foreign:
        raise ModelBroken(f"the table of {'/'.join(table.key)} advises {sorted(foreign)}, which its run {run} lacks")
    size = np.array([index.get(label, -1) for label in table.label.reshape(-1)]).reshape(GRID)
    if table.answered.all():
        return breaks(size)
    found = 0
    for axis in (0, 1):
        both = np.take(size >= 0, range(1, GRID[axis]), axis) & np.take(size >= 0, range(GRID[axis] - 1), axis)
        found += int(((np.diff(size, axis=axis) < 0) & both).sum())
    return found


@dataclass(frozen=True)
class Change:
    """What two models advise for one product and gender."""

    before: Table
    after: Table
    both: float  # how much of the bodies both answer
    changed: float  # how much of the bodies both answer, and differently


def changes(old: Iterator[Table], new: Iterator[Table], densities: dict[str, np.ndarray]) -> Iterator[Change]:
    """One a table that both models have; `old` and `new` come in key order, a density sums to one over the grid."""
    before, after = next(old, None), next(new, None)
    while before is not None and after is not None:
        if before.key < after.key:
            before = next(old, None)
        elif after.key < before.key:
            after = next(new, None)
        else:
            both, density = before.answered & after.answered, densities[after.key[2]]
            differs = both & (before.label != after.label)
            yield Change(before, after, float(density[both].sum()), float(density[differs].sum()))
            before, after = next(old, None), next(new, None)
