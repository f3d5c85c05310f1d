"""Written size tables, read back as grids."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ml.body import GRID, HEIGHTS, WEIGHTS
from ml.errors import ModelBroken
from ml.table_check import changes, count_breaks, tables

RUN = ("S", "M", "L")
FLAT = {gender: np.full(GRID, 1 / (GRID[0] * GRID[1])) for gender in ("male", "female", "unknown")}


def bands(split: int, product_id: str = "a", small: str | None = "S", large: str | None = "L") -> pd.DataFrame:
    """Two bands a height: `small` up to `split` kilograms, `large` above."""
    rows = [
        ("musinsa", product_id, "male", height, low, high, label)
        for height in HEIGHTS
        for low, high, label in ((WEIGHTS[0], split, small), (split + 1, WEIGHTS[-1], large))
    ]
    names = ["mall", "product_id", "gender", "height_cm", "weight_from_kg", "weight_to_kg", "size_label"]
    return pd.DataFrame(rows, columns=names)


def test_a_table_is_read_cell_by_cell() -> None:
    (table,) = tables([bands(60)])
    assert table.key == ("musinsa", "a", "male")
    assert set(table.label[:, :26].reshape(-1)) == {"S"}
    assert set(table.label[:, 26:].reshape(-1)) == {"L"}
    assert count_breaks(table, RUN) == 0


def test_a_bigger_body_with_a_smaller_size_is_a_break_in_every_cell() -> None:
    (table,) = tables([bands(60, small="L", large="S")])
    assert count_breaks(table, RUN) == len(HEIGHTS)


def test_cells_without_an_answer_break_nothing() -> None:
    (table,) = tables([bands(60, small="L", large=None)])
    assert count_breaks(table, RUN) == 0


@pytest.mark.parametrize("broken", [bands(60).iloc[1:], pd.concat([bands(60), bands(60).iloc[:1]])])
def test_bands_that_leave_a_gap_or_lie_over_each_other_are_named(broken: pd.DataFrame) -> None:
    with pytest.raises(ModelBroken, match="musinsa/a/male do not tile"):
        list(tables([broken]))


def test_a_label_that_the_run_lacks_is_named() -> None:
    (table,) = tables([bands(60, large="4XL")])
    with pytest.raises(ModelBroken, match="4XL"):
        count_breaks(table, RUN)


def test_changes_are_counted_where_both_answer_in_tables_that_both_have() -> None:
    old = tables([bands(60, "a"), bands(60, "b", large=None), bands(60, "gone")])
    new = tables([bands(70, "a"), bands(60, "b"), bands(60, "new")])
    found = {one.after.key[1]: one for one in changes(old, new, FLAT)}
    assert set(found) == {"a", "b"}
    assert found["a"].both == pytest.approx(1.0)
    assert found["a"].changed == pytest.approx(10 / len(WEIGHTS))
    assert found["b"].both == pytest.approx(26 / len(WEIGHTS))
    assert found["b"].changed == 0.0
