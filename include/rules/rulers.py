"""The rulers that sizes stand on, and one size on one of them.

letter: S M L. korean: 44 55 66. chest: 085 090 095, and children's heights 110 120 130, which are written alike.
inch: trousers' waists. shoe: millimetres. brand: a brand's or a country's own numbers. free: one size.
"""

from __future__ import annotations

from dataclasses import dataclass

RULERS = ("letter", "korean", "chest", "inch", "shoe", "brand", "free")

_TALL = 150.0  # cm; children's sizes end about there and come one by one

# How far apart two neighbours of a ruler stand; brands and countries count in steps of their own.
_STEPS = {"letter": 1.0, "korean": 11.0, "chest": 5.0, "shoe": 5.0, "inch": 1.0}


@dataclass(frozen=True, slots=True)
class Token:
    """One size on one ruler."""

    label: str
    ruler: str
    order: float  # place on the ruler, small to large
    low: float | None = None  # ends of a range
    high: float | None = None

    def covers(self, other: Token) -> bool:
        """Whether this is a range on the other's ruler with the other inside."""
        if self.low is None or self.high is None or self.ruler != other.ruler:
            return False
        return self.low <= other.order <= self.high

    def is_height(self) -> bool:
        """Whether this is a range of bodies' heights beside another size (`M(155~165)`): no chest is so large."""
        return self.ruler == "chest" and self.low is not None and self.low >= _TALL


def join(low: Token, high: Token) -> Token:
    """A range of sizes that are sold as one: `S/M`, `55~66`."""
    return Token(f"{low.label}-{high.label}", low.ruler, (low.order + high.order) / 2, low.order, high.order)


def are_neighbours(low: Token, high: Token) -> bool:
    """Whether `high` is the next size after `low` on a ruler whose steps are known."""
    return low.ruler == high.ruler and high.order - low.order == _STEPS.get(low.ruler)
