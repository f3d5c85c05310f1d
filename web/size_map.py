"""The size map: height by weight, coloured by size, with the visitor's own spot. Geometry only; the template draws it.

Shapes are unions of rectangles, one path a size; the browser needs no style but classes, so the content security policy
stays closed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from web.bodies import GRID_HEIGHT_CM, GRID_WEIGHT_KG, Body

STEP = 6  # pixels of the drawing a cm or kg
LEFT, TOP, RIGHT, BOTTOM = 44, 36, 14, 40
CLEAR = 8 * STEP  # how far a label stays from the visitor's spot
COLOURS = 8  # classes c0..c7 of the style sheet, small to large

type Cell = tuple[int, int, int, str | None]  # height, weight from, weight to, size


@dataclass(frozen=True)
class Region:
    """All bodies of one size."""

    size: str
    path: str
    colour: int
    label_x: float
    label_y: float
    has_room: bool  # for its label inside


@dataclass(frozen=True)
class SizeMap:
    """A drawing."""

    width: int
    height: int
    plot: tuple[int, int, int, int]  # x, y, width, height
    regions: list[Region]
    weights: list[tuple[float, int]]  # x, kg
    heights: list[tuple[float, int]]  # y, cm
    spot: tuple[float, float] | None

    @property
    def base(self) -> int:
        """Where the weights stand."""
        return self.plot[1] + self.plot[3] + 26

    @property
    def unit_y(self) -> int:
        """Where the unit of the heights stands: above the tallest."""
        return self.plot[1] - 14


def draw(cells: Sequence[Cell], size_run: Sequence[str], body: Body | None) -> SizeMap:
    """The map of one table."""
    wide = (GRID_WEIGHT_KG[1] - GRID_WEIGHT_KG[0] + 1) * STEP
    tall = (GRID_HEIGHT_CM[1] - GRID_HEIGHT_CM[0] + 1) * STEP
    of_size: dict[str | None, list[Cell]] = {}
    for cell in cells:
        of_size.setdefault(cell[3], []).append(cell)
    sizes = [size for size in size_run if size in of_size]
    spread = (COLOURS - 1) / max(len(sizes) - 1, 1)
    spot = _spot(body)
    return SizeMap(
        width=LEFT + wide + RIGHT,
        height=TOP + tall + BOTTOM,
        plot=(LEFT, TOP, wide, tall),
        regions=[_region(size, of_size[size], round(at * spread), spot) for at, size in enumerate(sizes)],
        weights=[(_x(kg + 0.5), kg) for kg in range(40, GRID_WEIGHT_KG[1] + 1, 10)],
        heights=[(_y(cm - 0.5), cm) for cm in range(GRID_HEIGHT_CM[0], GRID_HEIGHT_CM[1] + 1, 10)],
        spot=spot,
    )


def table(cells: Sequence[Cell], heights: Iterable[int], weights: Sequence[int]) -> list[tuple[int, list[str]]]:
    """The same map as rows for a table: a height, and the size at each weight (empty without evidence)."""
    lines: dict[int, list[Cell]] = {}
    for cell in cells:
        lines.setdefault(cell[0], []).append(cell)
    return [(height, [_size_at(lines.get(height, ()), weight) for weight in weights]) for height in heights]


def _size_at(line: Iterable[Cell], weight: int) -> str:
    return next((size or "" for _, low, high, size in line if low <= weight <= high), "")


def _region(size: str, cells: Sequence[Cell], colour: int, spot: tuple[float, float] | None) -> Region:
    path = "".join(
        f"M{_x(low):g} {_y(height):g}h{(high - low + 1) * STEP}v{STEP}h-{(high - low + 1) * STEP}z"
        for height, low, high, _ in cells
    )
    area = sum(high - low + 1 for _, low, high, _ in cells)
    x, y = _label_place(cells, spot)
    return Region(size, path, colour, round(x, 1), round(y, 1), has_room=area > 160)


def _label_place(cells: Sequence[Cell], spot: tuple[float, float] | None) -> tuple[float, float]:
    """The middle of a row of the region: half-way up, or elsewhere if the visitor's spot is there."""
    rows: dict[int, tuple[int, int]] = {}
    for height, low, high, _ in cells:  # the bands of one size in a row lie side by side
        least, most = rows.get(height, (low, high))
        rows[height] = min(least, low), max(most, high)
    heights = sorted(rows)
    tried = [heights[int(share * (len(heights) - 1))] for share in (0.5, 0.7, 0.3, 0.85, 0.15)]
    places = [(_x((sum(rows[height]) + 1) / 2), _y(height) + STEP / 2) for height in tried]
    free = (place for place in places if spot is None or math.dist(place, spot) > CLEAR)
    return next(free, places[0])


def _spot(body: Body | None) -> tuple[float, float] | None:
    if body is None or body.lookup() is None:
        return None
    return round(_x(body.weight_kg + 0.5), 1), round(_y(body.height_cm - 0.5), 1)


def _x(kg: float) -> float:
    return LEFT + (kg - GRID_WEIGHT_KG[0]) * STEP


def _y(cm: float) -> float:
    """Upper edge of a height's row: tall is up."""
    return TOP + (GRID_HEIGHT_CM[1] - cm) * STEP
