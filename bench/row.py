"""One line of the benchmark table."""

from __future__ import annotations

from typing import Literal, TypedDict


class Row(TypedDict):
    """One measured figure. ratio is value against reference; met is None where there is no goal."""

    name: str
    value: float
    unit: str
    reference: float | None
    ratio: float | None
    goal: float | None
    met: bool | None


def reported(name: str, value: float, unit: str, reference: float | None = None) -> Row:
    """A figure without a goal."""
    ratio = value / reference if reference else None
    return Row(name=name, value=value, unit=unit, reference=reference, ratio=ratio, goal=None, met=None)


def judged(
    name: str, value: float, unit: str, goal: float, better: Literal["more", "less"], reference: float | None = None
) -> Row:
    """A figure with a goal: its ratio to the reference where there is one, else the value itself, is held to it."""
    ratio = value / reference if reference else None
    figure = value if ratio is None else ratio
    met = figure >= goal if better == "more" else figure <= goal
    return Row(name=name, value=value, unit=unit, reference=reference, ratio=ratio, goal=goal, met=bool(met))
