"""A logistic model of how an order fits: what the body, the item, the user and their meetings add to the odds.

    log odds of small, and of large, against fit  =  body columns . slopes  +  one effect of each block

Every block's effects are drawn towards zero by a normal prior whose spread is learned from them (EM), so an item of
three orders hardly speaks. Blocks are fitted by turns; the columns of one block share no row, so its Newton step is a
division. The first axis of odds, effects and variances is small, large.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.runway.blocks import Block, Bodies, blocks, body_columns, learn_bodies
from ml.runway.orders import FIT, LARGE, SMALL, Orders

_AGAINST_FIT = (SMALL, LARGE)
_TURNS = 20
_BODY_PRECISION = 1.0
_FIRST_VARIANCE, _SMALLEST_VARIANCE = 0.05, 1e-3
_LONGEST_STEP = 1.0
_HIGHEST_ODDS = 30.0


@dataclass(frozen=True)
class OrderEffects:
    """What was fitted: slopes of the body's columns, and each block's effects by column."""

    bodies: Bodies
    slopes: np.ndarray  # 2 x body columns
    columns: list[np.ndarray]  # of each block, the columns that it knows, ascending
    effects: list[np.ndarray]  # 2 x columns

    def parts(self, orders: Orders) -> np.ndarray:
        """(1 + blocks) x 2 x rows: what each part adds to the log odds; nothing where a column is not known."""
        found = [self.slopes @ body_columns(orders, self.bodies).T]
        for block, known, effects in zip(blocks(orders, self.bodies), self.columns, self.effects, strict=True):
            place = np.minimum(np.searchsorted(known, block.column), len(known) - 1)
            has = known[place] == block.column
            found.append(np.where(has, effects[:, place] * block.value, 0.0))
        return np.stack(found)


def fit_order_effects(orders: Orders) -> OrderEffects:
    """The most probable effects of some orders."""
    bodies = learn_bodies(orders)
    fit = _Fit(body_columns(orders, bodies), blocks(orders, bodies), orders.fit)
    for _ in range(_TURNS):
        fit.move_slopes()
        for number in range(len(fit.owner)):
            fit.move_block(number)
    return OrderEffects(bodies, fit.slopes, fit.columns, fit.effects)


class _Fit:
    """The running effects, and the log odds that follow from them, row by row."""

    def __init__(self, body: np.ndarray, found: list[Block], fit: np.ndarray) -> None:
        self.body = body
        self.truth = np.stack([fit == answer for answer in _AGAINST_FIT]).astype(float)
        coded = [np.unique(block.column, return_inverse=True) for block in found]
        self.columns, self.owner = [columns for columns, _ in coded], [owner for _, owner in coded]
        self.value = [block.value for block in found]
        self.effects = [np.zeros((2, len(columns))) for columns in self.columns]
        self.variance = np.full((len(found), 2), _FIRST_VARIANCE)
        self.slopes = np.zeros((2, body.shape[1]))
        counts = [max(1, int((fit == answer).sum())) for answer in (*_AGAINST_FIT, FIT)]
        self.slopes[:, 0] = np.log(np.array(counts[:2]) / counts[2])
        self.odds = self.slopes @ body.T

    def move_slopes(self) -> None:
        pull, weight = self._pull()
        step = np.zeros_like(self.slopes)
        for side in range(2):
            curve = (self.body * weight[side, :, None]).T @ self.body + _BODY_PRECISION * np.eye(self.body.shape[1])
            drawn = pull[side] @ self.body - _BODY_PRECISION * self.slopes[side]
            step[side] = np.clip(np.linalg.solve(curve, drawn), -_LONGEST_STEP, _LONGEST_STEP)
        self.slopes += step
        self.odds += step @ self.body.T

    def move_block(self, number: int) -> None:
        """One Newton step of the block's effects, then one step of EM of its variance."""
        owner, value, effects = self.owner[number], self.value[number], self.effects[number]
        pull, weight = self._pull()
        for side in range(2):
            mine, precision = effects[side], 1 / self.variance[number, side]
            curve = np.bincount(owner, weight[side] * value**2, len(mine)) + precision
            drawn = np.bincount(owner, pull[side] * value, len(mine)) - precision * mine
            step = np.clip(drawn / curve, -_LONGEST_STEP, _LONGEST_STEP)
            mine += step
            self.odds[side] += step[owner] * value
            self.variance[number, side] = max(float((mine**2 + 1 / curve).mean()), _SMALLEST_VARIANCE)

    def _pull(self) -> tuple[np.ndarray, np.ndarray]:
        """Slope of each row's log likelihood in its odds, and a bound of its curvature with both odds moving."""
        ratio = np.exp(np.clip(self.odds, -_HIGHEST_ODDS, _HIGHEST_ODDS))
        chance = ratio / (1 + ratio.sum(axis=0))
        return self.truth - chance, chance
