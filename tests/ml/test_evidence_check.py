"""Classes of evidence, and what the rule makes of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ml import evidence_check
from ml.evidence_check import ROWS_ENOUGH, SUPPORTS, choose, classes, support
from ml.newcomers import deal_rows
from tests.ml.test_benchmark import raw_rows


def rows_where(own: list[float], seen: list[float], stated: float = 0.6) -> dict[str, np.ndarray]:
    """A class of a thousand rows for each own kernel weight, of which this share hits."""
    hit = np.concatenate([np.arange(1000) < share * 1000 for share in seen]).astype(float)
    count = len(hit)
    return {
        "own": np.repeat(own, 1000), "hit": hit, "stated": np.full(count, stated), "placed": np.zeros(count),
        "category": np.zeros(count), "close": np.zeros(count), "product": np.arange(count) % 50,
    }  # fmt: skip


def test_the_loosest_constant_is_where_every_class_from_there_on_holds() -> None:
    assert choose(rows_where([0.3, 0.6, 1.5, 3.0], [0.6, 0.56, 0.58, 0.6]))["own"] == 1.0
    assert choose(rows_where([0.3, 0.6, 1.5, 3.0], [0.6, 0.6, 0.6, 0.5]))["own"] is None


def test_an_answer_that_is_mostly_wrong_does_not_hold_however_honest() -> None:
    assert choose(rows_where([0.6, 1.5], [0.45, 0.55], stated=0.47))["own"] == 1.0


def test_a_class_of_few_rows_decides_nothing() -> None:
    rows = rows_where([0.6, 1.5], [0.1, 0.6])
    few = np.r_[: ROWS_ENOUGH - 1, 1000:2000]
    assert choose({name: values[few] for name, values in rows.items()})["own"] == 1.0
    line = classes(rows)["kernel reviews of the product"][0]
    assert (line["rows"], line["products"], line["stated"], line["seen"]) == (1000, 50, pytest.approx(0.6), 0.1)


def test_the_command_asks_every_judging_row_and_support_goes_round(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw_rows(8, 70).to_csv(tmp_path / "rows.csv", index=False)
    files = ["--reviews", str(tmp_path / "rows.csv"), "--out", str(tmp_path / "out.json")]
    assert evidence_check.main([*files, "--draws", "1", "--min-rows", "20"]) == 0
    deal = deal_rows(tmp_path / "rows.csv", 20)
    found = json.loads((tmp_path / "out.json").read_text())["classes"]["kernel reviews of the product"]
    assert sum(line["rows"] for line in found) == deal.judging.sum()
    counts = [
        len(support(deal, fold, draw)) for draw in range(len(SUPPORTS)) for fold in range(4)
    ]  # each product has each number once
    assert sum(counts) == sum(
        min(wanted, int((~deal.judging & (deal.rows["product_id"] == name)).sum()))
        for name in set(deal.rows["product_id"]) for wanted in SUPPORTS
    )  # fmt: skip
    assert "kernel reviews of the product" in capsys.readouterr().out


def test_a_file_of_too_few_products_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw_rows(2, 40).to_csv(tmp_path / "rows.csv", index=False)
    files = ["--reviews", str(tmp_path / "rows.csv"), "--out", str(tmp_path / "out.json")]
    assert evidence_check.main([*files, "--min-rows", "20"]) == 2
    assert "BadValues" in capsys.readouterr().err
