"""Each check refuses what it is for and names where; pure arrays, no database."""

from __future__ import annotations

from typing import Any

import pytest

from include.publish import bands, checks
from include.publish.checks import CheckFailed
from tests.publish import invented

RUN = ["S", "M", "L", "XL"]
RUNS = {("musinsa", "1000000"): RUN}


def _rows() -> list[dict[str, Any]]:
    return invented.bands("musinsa", "1000000", "male", RUN)


def _check(rows: list[dict[str, Any]], runs: Any = None) -> None:
    checks.check_bands(bands.from_tables([invented.tables_of(rows)]), RUNS if runs is None else runs)


def _answered(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return next(row for row in rows if row["state"] == "answered")


def test_a_sound_table_passes_in_any_order_of_rows() -> None:
    _check(_rows()[::-1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gender": "men"}, "gender is none of"),
        ({"state": "maybe"}, "state is none of"),
        ({"height_cm": 201}, "height_cm lies off the grid"),
        ({"weight_to_kg": 131}, "the weights are no run on the grid"),
        ({"reviews": -1}, "reviews is negative"),
        ({"size_label": None}, "an answer lacks its size or probability"),
        ({"probability": None}, "an answer lacks its size or probability"),
        ({"runner_up": None}, "a runner-up and its probability do not go together"),
        ({"state": "no_evidence"}, "no_evidence carries an answer"),
        ({"probability": 1.2}, "probabilities lie outside"),
        ({"probability": 0.7, "runner_up_probability": 0.5}, "sum to more than 1"),
        ({"size_label": "3XL"}, "the advised size is not in the product's size run"),
        ({"runner_up": "3XL"}, "the runner-up is not in the product's size run"),
        ({"size_label": "XL", "runner_up": "L"}, "breaks: a larger body gets a smaller size"),
    ],
)
def test_a_wrong_band_is_refused(change: dict[str, Any], message: str) -> None:
    rows = _rows()
    _answered(rows).update(change)
    with pytest.raises(CheckFailed, match=message):
        _check(rows)


def test_a_missing_band_a_doubled_band_and_a_missing_height_are_refused() -> None:
    rows = _rows()
    inner = next(at for at, row in enumerate(rows) if row["weight_from_kg"] > 35 and row["weight_to_kg"] < 130)
    for broken, message in (
        (rows[:inner] + rows[inner + 1 :], "overlap or leave a gap"),
        ([*rows, rows[inner]], "overlap or leave a gap"),
        ([row for row in rows if row["height_cm"] != 150], "does not have all of the 61 heights"),
        (rows[1:], "does not begin at the lowest weight"),
    ):
        with pytest.raises(CheckFailed, match=message):
            _check(broken)


def test_a_table_of_an_unknown_product_is_refused() -> None:
    with pytest.raises(CheckFailed, match="musinsa/1000000, which the release does not have"):
        _check(_rows(), runs={})


def test_a_break_is_found_in_height_too_and_placed() -> None:
    rows = [row for row in _rows() if row["height_cm"] != 171]
    one = {"state": "answered", "probability": 0.9, "runner_up": "M", "runner_up_probability": 0.1, "size_label": "S"}
    flat = {**rows[0], **one, "height_cm": 171, "weight_from_kg": 35, "weight_to_kg": 130}
    with pytest.raises(CheckFailed, match="first in musinsa/1000000 male 140 cm"):
        _check([*rows, flat])


def test_too_many_ranked_places_without_a_product_are_refused() -> None:
    checks.check_ranks(100, 10)
    with pytest.raises(CheckFailed, match="11 of 100"):
        checks.check_ranks(100, 11)
