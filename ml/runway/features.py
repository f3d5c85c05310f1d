"""What the trees see of an order: its body, its size, and what other orders say of its item and its user.

What other orders say is learned from a *history*. The rows that trees are trained on get it fold by fold, from a
history without their own fold; rows that judge get it from all rows that are learned from. So no row's answer touches
its own features, and no row that judges touches anything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.runway.blocks import blocks, length, size_level
from ml.runway.effects import OrderEffects, fit_order_effects
from ml.runway.orders import Orders
from ml.runway.splits import deal_folds

FOLDS = 5
# As many orders of the overall mean are added to a user's or an item's usual gap.
_USUAL_PRIOR = 2.0


@dataclass(frozen=True)
class History:
    """What some orders say: effects, the gap at which each item and user usually orders, and how many there are."""

    effects: OrderEffects
    item_gap: _Usual
    user_gap: _Usual
    item_size: _Usual


@dataclass(frozen=True)
class _Usual:
    """A shrunk mean and a count of each code that occurs."""

    codes: np.ndarray
    mean: np.ndarray
    count: np.ndarray
    overall: float

    def of(self, code: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        place = np.minimum(np.searchsorted(self.codes, code), len(self.codes) - 1)
        has = self.codes[place] == code
        return np.where(has, self.mean[place], self.overall), np.where(has, self.count[place], 0.0)


def learn_history(orders: Orders) -> History:
    """Everything that later orders are told about these."""
    effects = fit_order_effects(orders)
    gap = effects.bodies.gap(orders)
    return History(effects, _usual(orders.item, gap), _usual(orders.user, gap), _usual(_item_size(orders), gap))


def features(orders: Orders, history: History) -> np.ndarray:
    """One row an order, float32."""
    effects = history.effects
    parts = effects.parts(orders)
    total = parts.sum(axis=0)
    gap = effects.bodies.gap(orders)
    item_gap, item_count = history.item_gap.of(orders.item)
    user_gap, user_count = history.user_gap.of(orders.user)
    _, item_size_count = history.item_size.of(_item_size(orders))
    return np.column_stack([
        *total, *parts.reshape(-1, len(orders)), orders.size, size_level(orders), length(orders), gap,
        gap - item_gap, gap - user_gap, item_gap, user_gap, item_count, user_count, item_size_count,
        orders.height_in, orders.weight_lbs, orders.age, orders.weight_lbs / orders.height_in**2,
        orders.body_type, orders.category,
    ]).astype(np.float32)  # fmt: skip


def feature_names(orders: Orders, history: History) -> list[str]:
    """The columns of `features`."""
    named = ["body", *(block.name for block in blocks(orders, history.effects.bodies))]
    return [
        "odds_small", "odds_large", *(f"{name}_{side}" for name in named for side in ("small", "large")),
        "size", "size_level", "length", "gap", "gap_to_item", "gap_to_user", "item_gap", "user_gap", "item_count",
        "user_count", "item_size_count", "height_in", "weight_lbs", "age", "mass_index", "body_type", "category",
    ]  # fmt: skip


def out_of_fold_features(orders: Orders) -> np.ndarray:
    """Features of orders that are learned from: each fold's from a history of the others."""
    fold, found = deal_folds(len(orders), FOLDS), None
    for number in range(FOLDS):
        mine = fold == number
        part = features(orders.take(mine), learn_history(orders.take(~mine)))
        if found is None:
            found = np.zeros((len(orders), part.shape[1]), dtype=np.float32)
        found[mine] = part
    assert found is not None
    return found


def _usual(code: np.ndarray, gap: np.ndarray) -> _Usual:
    codes, owner = np.unique(code, return_inverse=True)
    count, overall = np.bincount(owner).astype(float), float(gap.mean())
    mean = (np.bincount(owner, gap) + _USUAL_PRIOR * overall) / (count + _USUAL_PRIOR)
    return _Usual(codes, mean, count, overall)


def _item_size(orders: Orders) -> np.ndarray:
    return orders.item * 1000 + orders.size.astype(np.int64)
