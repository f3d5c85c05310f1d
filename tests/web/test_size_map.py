"""The geometry of the size map: pure."""

from __future__ import annotations

import math

from web import size_map
from web.bodies import Body

# two sizes on a slope: the border moves by a kilogram a centimetre
CELLS = [
    cell
    for height in range(140, 201)
    for cell in (
        (height, 35, 239 - height, "S"),
        (height, 240 - height, 250 - height, "M"),
        (height, 251 - height, 120, "M"),
        (height, 121, 130, None),
    )
]


def _at(drawn: size_map.SizeMap, x: float, y: float) -> str | None:
    weight = 35 + math.floor((x - size_map.LEFT) / size_map.STEP)
    height = 200 - math.floor((y - size_map.TOP) / size_map.STEP)
    return next(size for at, low, high, size in CELLS if at == height and low <= weight <= high)


def test_a_label_lies_in_its_region_and_clear_of_the_spot() -> None:
    for body in (None, *(Body(height, weight, "male") for height in (141, 170, 199) for weight in (40, 66, 110))):
        drawn = size_map.draw(CELLS, ["S", "M", "L"], body)
        assert [region.size for region in drawn.regions] == ["S", "M"]
        for region in drawn.regions:
            assert _at(drawn, region.label_x, region.label_y) == region.size
            if drawn.spot:
                assert math.dist(drawn.spot, (region.label_x, region.label_y)) > size_map.CLEAR


def test_the_spot_is_the_visitors_and_nobody_off_the_grid_has_one() -> None:
    spot = size_map.draw(CELLS, ["S", "M"], Body(170, 60, "male")).spot
    assert spot == (size_map.LEFT + 25.5 * size_map.STEP, size_map.TOP + 30.5 * size_map.STEP)
    assert size_map.draw(CELLS, ["S", "M"], Body(201, 60, "male")).spot is None
    assert size_map.draw(CELLS, ["S", "M"], None).spot is None


def test_the_table_says_what_the_map_shows() -> None:
    assert size_map.table(CELLS, [200, 170], [35, 70, 125]) == [(200, ["S", "M", ""]), (170, ["S", "M", ""])]


def test_a_table_without_any_answer_has_no_region() -> None:
    assert size_map.draw([(170, 35, 130, None)], ["S"], None).regions == []
