"""The size map: height by weight, coloured by size, with the visitor's own spot. Geometry only; the template draws it.

Shapes are unions of rectangles, one path a size; the browser needs no style but classes, so the content security policy
stays closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from web.bodies import GRID_HEIGHT_CM, GRID_WEIGHT_KG, Body

STEP = 6  # pixels of the drawing a cm or kg
LEFT, TOP, RIGHT, BOTTOM = 44, 36, 14, 40
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
    sizes = [size for size in size_run if any(cell[3] == size for cell in cells)]
    spread = (COLOURS - 1) / max(len(sizes) - 1, 1)
    return SizeMap(
        width=LEFT + wide + RIGHT,
        height=TOP + tall + BOTTOM,
        plot=(LEFT, TOP, wide, tall),
        regions=[
            _region(size, [c for c in cells if c[3] == size], round(at * spread)) for at, size in enumerate(sizes)
        ],
        weights=[(_x(kg + 0.5), kg) for kg in range(40, GRID_WEIGHT_KG[1] + 1, 10)],
        heights=[(_y(cm - 0.5), cm) for cm in range(GRID_HEIGHT_CM[0], GRID_HEIGHT_CM[1] + 1, 10)],
        spot=_spot(body),
    )


def table(cells: Sequence[Cell], heights: Iterable[int], weights: Sequence[int]) -> list[tuple[int, list[str]]]:
    """The same map as rows for a table: a height, and the size at each weight (empty without evidence)."""
    lines: dict[int, list[Cell]] = {}
    for cell in cells:
        lines.setdefault(cell[0], []).append(cell)
    return [(height, [_size_at(lines.get(height, ()), weight) for weight in weights]) for height in heights]


def _size_at(line: Iterable[Cell], weight: int) -> str:
    return next((size or "" for _, low, high, size in line if low <= weight <= high), "")


def _region(size: str, cells: Sequence[Cell], colour: int) -> Region:
    path = "".join(
        f"M{_x(low):g} {_y(height):g}h{(high - low + 1) * STEP}v{STEP}h-{(high - low + 1) * STEP}z"
        for height, low, high, _ in cells
    )
    area = sum(high - low + 1 for _, low, high, _ in cells)
    x = sum(_x((low + high + 1) / 2) * (high - low + 1) for _, low, high, _ in cells) / area
    y = sum((_y(height) + STEP / 2) * (high - low + 1) for height, low, high, _ in cells) / area
    return Region(size, path, colour, round(x, 1), round(y, 1), has_room=area > 160)


def _spot(body: Body | None) -> tuple[float, float] | None:
    if body is None or body.lookup() is None:
        return None
    return round(_x(body.weight_kg + 0.5), 1), round(_y(body.height_cm - 0.5), 1)


def _x(kg: float) -> float:
    return LEFT + (kg - GRID_WEIGHT_KG[0]) * STEP


def _y(cm: float) -> float:
    """Upper edge of a height's row: tall is up."""
    return TOP + (GRID_HEIGHT_CM[1] - cm) * STEP
