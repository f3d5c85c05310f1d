"""Where a size label stands on its ruler.

Letters, Korean numbers, inches and brand numbers are different rulers: a place is a number that only means something
beside other places of the same ruler. Where a run's labels are no known sizes, or not in order, a place is an index.
"""

from __future__ import annotations

from collections.abc import Sequence

from include.rules.size_run import order_of


def places(run: Sequence[str]) -> list[float]:
    """One place a label, strictly ascending; the index where the labels are not on a known ruler or not in order."""
    found = [order_of(label) for label in run]
    known = [place for place in found if place is not None]
    if len(known) == len(run) and all(low < high for low, high in zip(known, known[1:], strict=False)):
        return known
    return [float(index) for index in range(len(run))]


def steps(run: Sequence[str]) -> list[float]:
    """The places between neighbours of a run: where each threshold P(size > k) stands."""
    at = places(run)
    return [(low + high) / 2 for low, high in zip(at, at[1:], strict=False)]
