"""Bands: runs of weights at one height, cut from the chances of one product and gender. Pure: arrays in, arrays out.

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


def cut_bands(chance: np.ndarray, size: np.ndarray, answered: np.ndarray, dense: np.ndarray) -> Bands:
    """Runs of weights at one height with the same state, size, runner-up and probability class."""
    probability, second, second_probability = _best_two(chance, size)
    key = np.where(answered, ((size * 64 + second) * 16 + probability_class(probability)) + 1, 0)
    starts_at = np.ones(GRID, dtype=bool)
    np.not_equal(key[:, 1:], key[:, :-1], out=starts_at[:, 1:])
    starts = np.flatnonzero(starts_at)
    share = np.add.reduceat(dense.reshape(-1), starts)
    return Bands(
        starts=starts,
        answered=answered.reshape(-1)[starts],
        size=size.reshape(-1)[starts],
        probability=np.add.reduceat((probability * dense).reshape(-1), starts) / share,
        second=second.reshape(-1)[starts],
        second_probability=np.add.reduceat((second_probability * dense).reshape(-1), starts) / share,
    )


def _best_two(chance: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The advised size's chance; and of the other sizes the most probable one, the smaller of equals, with its own."""
    probability = np.zeros(size.shape)
    second = np.zeros(size.shape, dtype=np.int64)
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
    return np.clip(np.floor(probability * 10 + 1e-9), 3, 9).astype(np.int64)
