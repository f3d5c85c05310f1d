"""Orders as the columns of a logistic model, block by block: the body, the item, the user, and where they meet.

The columns of a block share a prior spread. A row has one column of each block, times a value: 1 for an effect of its
own, the gap for a slope. The gap is how much bigger the ordered size is than what people of this body order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.runway.orders import Orders

# Size codes: 4k - 1, 4k, 4k + 1 seem to be petite, regular and long of one US size.
_CODES_A_SIZE = 4
_GAP_UNIT = 4.0  # one US size
_WIDEST_GAP = 4.0  # further out is a slip of the pen
_GAP_KNOTS = (-2.0, -1.0, 0.0, 1.0, 2.0)
_AGES = (25, 30, 35, 40, 45, 50, 60)


@dataclass(frozen=True)
class Bodies:
    """What the orders of some rows say of sizes: which size a body orders. Never how it fitted."""

    coefficients: np.ndarray
    means: np.ndarray  # of the body's numbers, where one is not stated
    types: int  # how many body types there are; a later one counts as none

    def gap(self, orders: Orders) -> np.ndarray:
        """How many US sizes bigger than its body's usual size each order is."""
        return (orders.size - _body_terms(orders, self.means) @ self.coefficients) / _GAP_UNIT


def learn_bodies(orders: Orders) -> Bodies:
    """Least squares of the size on the body."""
    means = np.array([_mean(column) for column in (orders.height_in, orders.weight_lbs, orders.age)])
    terms = _body_terms(orders, means)
    penalty = np.eye(terms.shape[1])
    types = int(orders.body_type.max(initial=-1)) + 1
    return Bodies(np.linalg.solve(terms.T @ terms + penalty, terms.T @ orders.size), means, types)


def size_level(orders: Orders) -> np.ndarray:
    """The US size of the code."""
    return (orders.size.astype(np.int64) + 1) // _CODES_A_SIZE


def length(orders: Orders) -> np.ndarray:
    """0 petite, 1 regular, 2 long, 3 other."""
    return (orders.size.astype(np.int64) + 1) % _CODES_A_SIZE


@dataclass(frozen=True)
class Block:
    """One column a row, named by a number, times a value."""

    name: str
    column: np.ndarray
    value: np.ndarray


def blocks(orders: Orders, bodies: Bodies) -> list[Block]:
    """All blocks but the body's own numbers."""
    gap, one = np.clip(bodies.gap(orders), -_WIDEST_GAP, _WIDEST_GAP), np.ones(len(orders))
    level, long = size_level(orders), length(orders)
    return [
        Block("category", orders.category, one),
        Block("category_gap", orders.category, gap),
        Block("category_size", _pair(orders.category, level), one),
        Block("item", orders.item, one),
        Block("item_gap", orders.item, gap),
        Block("item_size", _pair(orders.item, orders.size), one),
        Block("item_length", _pair(orders.item, long), one),
        Block("item_body", _pair(orders.item, orders.body_type), one),
        Block("user", orders.user, one),
        Block("user_gap", orders.user, gap),
        Block("user_size", _pair(orders.user, level), one),
        Block("user_category", _pair(orders.user, orders.category), one),
    ]


def body_columns(orders: Orders, bodies: Bodies) -> np.ndarray:
    """The dense columns: one, hinges of the gap, the body's numbers and which of them are stated."""
    gap = np.clip(bodies.gap(orders), -_WIDEST_GAP, _WIDEST_GAP)
    height, weight, age = _filled(orders, bodies.means).T
    hinges = [np.maximum(gap - knot, 0) for knot in _GAP_KNOTS]
    ages = [np.maximum(age - knot, 0) / 10 for knot in _AGES]
    stated = [np.isnan(orders.weight_lbs), np.isnan(orders.age), np.isnan(orders.height_in)]
    tall, heavy = (height - 65) / 3, (weight - 138) / 22
    types = (orders.body_type[:, None] == np.arange(bodies.types)).astype(float)
    lengths = np.eye(_CODES_A_SIZE)[length(orders)]
    return np.column_stack([
        np.ones(len(orders)), gap, *hinges, tall, heavy, tall**2, heavy**2, tall * heavy, gap * tall, gap * heavy,
        age / 10, *ages, *stated, types, lengths, lengths * tall[:, None],
    ])  # fmt: skip


def _pair(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return left.astype(np.int64) * 1000 + right.astype(np.int64)


def _mean(column: np.ndarray) -> float:
    known = column[~np.isnan(column)]
    return float(known.mean()) if len(known) else 0.0


def _filled(orders: Orders, means: np.ndarray) -> np.ndarray:
    numbers = np.column_stack([orders.height_in, orders.weight_lbs, orders.age])
    return np.where(np.isnan(numbers), means, numbers)


def _body_terms(orders: Orders, means: np.ndarray) -> np.ndarray:
    height, weight, age = _filled(orders, means).T
    light = np.isnan(orders.weight_lbs).astype(float)
    return np.column_stack([np.ones(len(orders)), height - 65, (weight - 138) / 10, ((weight - 138) / 10) ** 2,
                            (age - 34) / 10, light, light * (height - 65)])  # fmt: skip
