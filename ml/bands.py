"""Bands: runs of weights at one height, cut from the chances of products for a gender. Pure: arrays in, arrays out.

They tile the grid exactly; a band's probability is the mean of its cells' weighted by how dense bodies are there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.body import GRID


@dataclass(frozen=True)
class Bands:
    """Laid over the grid row by row: band i begins at flat cell starts[i]."""

    starts: np.ndarray
    answered: np.ndarray
    size: np.ndarray
    probability: np.ndarray
    second: np.ndarray  # the runner-up
    second_probability: np.ndarray

    @property
    def row(self) -> np.ndarray:
        """The height of each band, as a position on the grid."""
        return self.starts // GRID[1]

    @property
    def begin(self) -> np.ndarray:
        """The first weight, as a position on the grid."""
        return self.starts % GRID[1]

    @property
    def end(self) -> np.ndarray:
        """The last weight, as a position on the grid."""
        return (np.append(self.starts[1:], GRID[0] * GRID[1]) - 1) % GRID[1]


def cut_bands(chance: np.ndarray, size: np.ndarray, answered: np.ndarray, dense: np.ndarray) -> list[Bands]:
    """Runs of weights at one height with the same state, size, runner-up and probability class, product by product.

    chance is sizes x products x heights x weights, size and answered lack the sizes, dense is one grid for all.
    """
    probability, second, second_probability = _best_two(chance, size)
    key = np.where(answered, ((size * 64 + second) * 16 + probability_class(probability)) + 1, 0)
    starts_at = np.ones(key.shape, dtype=bool)
    np.not_equal(key[..., 1:], key[..., :-1], out=starts_at[..., 1:])
    starts = np.flatnonzero(starts_at)
    cells = GRID[0] * GRID[1]
    share = np.add.reduceat(np.broadcast_to(dense, key.shape).reshape(-1), starts)
    columns = [
        starts % cells,
        answered.reshape(-1)[starts],
        size.reshape(-1)[starts],
        np.add.reduceat((probability * dense).reshape(-1), starts) / share,
        second.reshape(-1)[starts],
        np.add.reduceat((second_probability * dense).reshape(-1), starts) / share,
    ]
    ends = np.searchsorted(starts, np.arange(1, len(size)) * cells)
    return [Bands(*parts) for parts in zip(*(np.split(column, ends) for column in columns), strict=True)]


def _best_two(chance: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The advised size's chance; and of the other sizes the most probable one, the smaller of equals, with its own."""
    probability = np.zeros(size.shape)
    second = np.zeros(size.shape, dtype=size.dtype)
    second_probability = np.full(size.shape, -1.0)
    for at, one in enumerate(chance):
        mine = size == at
        np.copyto(probability, one, where=mine)
        better = one > second_probability
        better &= ~mine
        np.copyto(second, at, where=better)
        np.copyto(second_probability, one, where=better)
    return probability, second, np.maximum(second_probability, 0.0)


def probability_class(probability: np.ndarray) -> np.ndarray:
    """Below .4 is one class, then steps of .1."""
    return np.clip(np.floor(probability * 10 + 1e-9), 3, 9).astype(np.int32)
