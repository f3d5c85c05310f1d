"""What the published tables say of bodies: each is looked up at the nearest whole cm and kg, halves up.

Where a table has no evidence the size is still told, as the model would have it (`forced`), for measuring only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.body import GRID, HEIGHTS, WEIGHTS
from ml.chances import breaks
from ml.features import Samples
from ml.model import SizeModel
from ml.size_table import Table, tabulate


@dataclass(frozen=True)
class Answers:
    """One row a body."""

    answered: np.ndarray
    size: np.ndarray
    probability: np.ndarray  # of the band; where there is no evidence, of the cell
    second: np.ndarray
    second_probability: np.ndarray
    chance: np.ndarray  # the model's chances at the cell, one column a size, zero beyond the run
    breaks: int  # over every cell of every table that was looked into


def look_up(
    model: SizeModel,
    samples: Samples,
    product: np.ndarray,
    height_cm: np.ndarray,
    weight_kg: np.ndarray,
    gender: np.ndarray,
) -> Answers:
    """Answers for bodies inside the grid, from the tables of their products."""
    rows, sizes = len(product), int(model.products.thresholds[product].max(initial=0)) + 1
    cell = flat_cell(height_cm, weight_kg)
    found = Answers(
        answered=np.zeros(rows, dtype=bool),
        size=np.zeros(rows, dtype=np.int64),
        probability=np.zeros(rows),
        second=np.zeros(rows, dtype=np.int64),
        second_probability=np.zeros(rows),
        chance=np.zeros((rows, sizes)),
        breaks=0,
    )
    wanted: dict[tuple[int, int], list[int]] = {}
    for row, key in enumerate(zip(product.tolist(), gender.tolist(), strict=True)):
        wanted.setdefault(key, []).append(row)
    broken = 0
    for table in tabulate(model, samples, np.unique(product)):
        broken += breaks(table.size)
        if some := wanted.get((table.product, table.gender)):
            _fill(found, table, np.array(some), cell)
    return Answers(**{**vars(found), "breaks": broken})


def flat_cell(height_cm: np.ndarray, weight_kg: np.ndarray) -> np.ndarray:
    """The cell of the grid, row by row: the nearest whole cm and kg, halves up."""
    row = np.floor(height_cm + 0.5).astype(np.int64) - HEIGHTS[0]
    return row * GRID[1] + np.floor(weight_kg + 0.5).astype(np.int64) - WEIGHTS[0]


def _fill(found: Answers, table: Table, rows: np.ndarray, cell: np.ndarray) -> None:
    at = cell[rows]
    band = np.searchsorted(table.bands.starts, at, side="right") - 1
    chance = table.chance.reshape(len(table.chance), -1)[:, at].T
    answered = table.bands.answered[band]
    size = table.size.reshape(-1)[at]
    position = np.arange(len(rows))
    others = chance.copy()
    others[position, size] = -1.0
    second = others.argmax(axis=1)
    found.answered[rows] = answered
    found.size[rows] = size
    found.probability[rows] = np.where(answered, table.bands.probability[band], chance[position, size])
    found.second[rows] = second
    second_chance = np.maximum(others[position, second], 0.0)
    found.second_probability[rows] = np.where(answered, table.bands.second_probability[band], second_chance)
    found.chance[rows, : chance.shape[1]] = chance
