"""How new products are measured: who may learn from which rows, and what an interrupted run keeps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ml import newcomers
from ml.errors import BadValues

LABELS = ["S", "M", "L", "XL"]


def review_file(folder: Path, products: int = 8, rows: int = 60) -> Path:
    random = np.random.default_rng(4)
    count = products * rows
    height, weight = random.integers(158, 188, count), random.integers(50, 96, count)
    size = np.clip((weight - 48) // 12, 0, 3)
    frame = pd.DataFrame({
        "item_id": np.repeat([f"p{n}" for n in range(products)], rows), "gender": "남성",
        "height": [f"{h}cm" for h in height], "weight": [f"{w}kg" for w in weight],
        "size": [f"{LABELS[s]} 구매" for s in size],
    })  # fmt: skip
    frame.to_csv(folder / "reviews.csv", index=False)
    return folder / "reviews.csv"


def test_support_is_of_the_fold_alone_and_never_judges(tmp_path: Path) -> None:
    deal = newcomers.deal_rows(review_file(tmp_path), min_rows=20)
    assert len(set(deal.fold)) == newcomers.FOLDS
    groups = deal.rows[["product_id", "height_cm", "weight_kg"]].apply(tuple, axis=1)
    assert not set(groups[deal.judging]) & set(groups[~deal.judging])
    for draw in (newcomers.IN_FILE_ORDER, 0, 1):
        support = deal.support(1, 5, draw)
        assert set(deal.fold[support]) == {1}
        assert not deal.judging[support].any()
        assert (deal.rows.iloc[support]["product_id"].value_counts() == 5).all()
    assert (
        deal.support(1, newcomers.ALL, newcomers.IN_FILE_ORDER).tolist()
        == np.flatnonzero((deal.fold == 1) & ~deal.judging).tolist()
    )
    assert set(deal.support(1, 5, 0)) != set(deal.support(1, 5, 1))


def test_in_file_order_the_first_rows_are_taken(tmp_path: Path) -> None:
    deal = newcomers.deal_rows(review_file(tmp_path), min_rows=20)
    support = deal.support(0, 3, newcomers.IN_FILE_ORDER)
    free = pd.Series(np.flatnonzero((deal.fold == 0) & ~deal.judging))
    first = free.groupby(deal.rows.iloc[free]["product_id"].to_numpy()).head(3)
    assert sorted(first) == support.tolist()


def test_every_draw_of_every_fold_is_learned_once() -> None:
    tasks = list(newcomers.trainings(draws=2))
    assert len({tuple(task.values()) for task in tasks}) == len(tasks) == newcomers.FOLDS * (3 + 3 * 3)


def test_figures_of_another_file_are_not_mixed_in(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    out.write_text('{"made_by": "another", "found": []}')
    with pytest.raises(BadValues, match="other reviews or settings"):
        newcomers.measure(review_file(tmp_path), out, 1, 20)


def test_calibration_is_that_of_all_folds_of_a_draw_together() -> None:
    figures = {"rows": 2, "exact": 0.5, "within_one": 1.0, "log_loss": 0.7, "women": 0, "women_exact": None}
    step = np.arange(15) / 100
    stated = [
        {"probability": 0.2 + step, "hit": np.ones(15, dtype=int), "gender": np.zeros(15)},
        {"probability": 0.201 + step, "hit": np.zeros(15, dtype=int), "gender": np.zeros(15)},
    ]
    found = [
        {"model": "ours", "reviews": 5, "draw": draw, "fold": fold, "figures": figures, "stated": stated[fold]}
        for draw in (0, 1)
        for fold in (0, 1)
    ]
    (line,) = newcomers.summary(found)
    # each bin has one row of either fold, so half are hit; a fold alone would be .73 and .27 off
    assert line["ece"] == pytest.approx(0.5 - (0.2005 + step).mean())
    assert 0 < line["ece_by_chance"] < 0.4
    assert (line["draws"], line["women_exact"], line["women_ece"]) == (2, None, None)
