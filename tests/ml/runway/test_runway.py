"""What is foretold of rentals, and that nothing of a row's own answer takes part in it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ml.errors import BadValues
from ml.runway.__main__ import main
from ml.runway.effects import fit_order_effects
from ml.runway.features import feature_names, features, learn_history, out_of_fold_features
from ml.runway.figures import figures
from ml.runway.learner import RunwaySettings, predict_fits
from ml.runway.orders import FITS, LARGE, SMALL, Orders, take_orders
from ml.runway.splits import deal_folds, random_split, split_by_day
from tests.ml.runway.rentals import rentals

QUICK = RunwaySettings(threads=1, boosters=1, rounds=20)


@pytest.fixture(scope="module")
def orders() -> Orders:
    return take_orders(rentals(), "generated")[0]


def with_fit(orders: Orders, fit: np.ndarray) -> Orders:
    return Orders(**{**vars(orders), "fit": fit})


def test_equal_rows_count_once_and_slips_of_the_pen_are_not_stated() -> None:
    frame = rentals(200)
    frame.loc[0, "age"] = 117.0
    twice = frame.iloc[[*range(200), 5, 7]]
    orders, left_out = take_orders(twice, "generated")
    assert (len(orders), left_out) == (200, {"exact duplicates": 2, "unreadable": 0})
    assert np.isnan(orders.age[0])


@pytest.mark.parametrize("column", ["user_id", "fit", "review_date"])
def test_a_missing_column_or_an_empty_file_is_named(column: str) -> None:
    with pytest.raises(BadValues, match=column):
        take_orders(rentals(20).drop(columns=column), "generated")
    with pytest.raises(BadValues, match="no row"):
        take_orders(rentals(20).assign(fit="unknown"), "generated")


def test_neither_rating_nor_occasion_nor_day_is_a_feature(orders: Orders) -> None:
    names = feature_names(orders, learn_history(orders))
    assert len(names) == features(orders, learn_history(orders)).shape[1]
    assert not {"rating", "rented_for", "day", "review_date", "fit"} & set(names)
    other = take_orders(rentals().assign(rating=1.0, rented_for="wedding"), "generated")[0]
    assert np.array_equal(out_of_fold_features(orders), out_of_fold_features(other), equal_nan=True)


def test_a_rows_own_answer_does_not_touch_its_features(orders: Orders) -> None:
    fold = deal_folds(len(orders), 5)
    mine = fold == fold[17]
    changed = orders.fit.copy()
    changed[mine] = (changed[mine] + 1) % 3
    before, after = out_of_fold_features(orders), out_of_fold_features(with_fit(orders, changed))
    assert np.array_equal(before[mine], after[mine], equal_nan=True)
    assert not np.array_equal(before[~mine], after[~mine], equal_nan=True)


def test_the_answers_of_judged_rows_touch_no_prediction(orders: Orders) -> None:
    judging = random_split(len(orders), "test")
    learned, asked = orders.take(~judging), orders.take(judging)
    plain = predict_fits(learned, asked, QUICK)
    assert np.array_equal(plain, predict_fits(learned, with_fit(asked, np.zeros_like(asked.fit)), QUICK))
    assert np.allclose(plain.sum(axis=1), 1.0, atol=1e-5)
    few = np.arange(7)
    assert np.allclose(plain[few], predict_fits(learned, asked.take(few), QUICK), atol=1e-6)


def chances(odds: np.ndarray) -> np.ndarray:
    """rows x FITS, from the log odds of small and large against fit."""
    small, large = np.exp(odds)
    return np.column_stack([small, np.ones_like(small), large]) / (1 + small + large)[:, None]


def test_effects_find_the_item_that_runs_small_and_hold_what_they_hardly_know() -> None:
    frame = rentals()
    frame.loc[frame["item_id"] == 55, "fit"] = "small"
    orders = take_orders(frame, "generated")[0]
    effects = fit_order_effects(orders)
    one = orders.take(np.flatnonzero(orders.item == orders.item[frame.index[frame["item_id"] == 55][0]]))
    assert chances(effects.parts(one).sum(axis=0))[:, SMALL].mean() > 0.7
    stranger = Orders(**{**vars(orders.take(np.arange(3))), "item": np.full(3, 999), "user": np.full(3, 99999)})
    parts = dict(zip(["body", *_blocks(orders)], effects.parts(stranger), strict=True))
    assert not parts["item"].any()
    assert not parts["user_size"].any()


def _blocks(orders: Orders) -> list[str]:
    names = feature_names(orders, learn_history(orders))
    return [name.removesuffix("_small") for name in names if name.endswith("_small")][2:]


def test_a_bigger_size_is_more_often_too_large(orders: Orders) -> None:
    effects = fit_order_effects(orders)
    some = orders.take(np.arange(200))
    bigger = Orders(**{**vars(some), "size": some.size + 8})
    here, there = (chances(effects.parts(one)[0]) for one in (some, bigger))
    assert (there[:, LARGE] > here[:, LARGE]).mean() > 0.9
    assert (there[:, SMALL] < here[:, SMALL]).mean() > 0.9


def test_days_are_whole_and_the_last_ones_judge(orders: Orders) -> None:
    judging = split_by_day(orders.day)
    assert orders.day[~judging].max() < orders.day[judging].min()
    assert 0.2 <= judging.mean() < 0.25
    with pytest.raises(BadValues, match="no earlier day"):
        split_by_day(np.full(9, np.datetime64("2017-01-01")))


def test_random_splits_hold_a_fifth_and_differ_by_salt() -> None:
    one, again, other = random_split(1000, "a"), random_split(1000, "a"), random_split(1000, "b")
    assert one.sum() == 200
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_figures_are_of_each_class_and_of_the_unseen(orders: Orders) -> None:
    judging = orders.item == orders.item[0]
    learned, asked = orders.take(~judging), orders.take(judging)
    sure = np.eye(3)[asked.fit] * 0.9 + 0.1 / 3
    found = figures(asked, sure, learned)
    assert found["all"]["mean_auc"] == 1.0
    assert found["item unseen"]["rows"] == len(asked)
    assert found["item seen"]["mean_auc"] is None
    assert figures(asked, 1 - sure, learned)["all"]["auc_large"] == 0.0
    assert FITS[LARGE] == "large"


def test_the_command_tells_more_than_chance_and_writes_its_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTTO_ML_THREADS", "1")
    monkeypatch.setattr("ml.runway.__main__.RunwaySettings", lambda: QUICK)
    rentals().to_parquet(tmp_path / "orders.parquet")
    out = tmp_path / "figures.json"
    assert main(["--orders", str(tmp_path / "orders.parquet"), "--out", str(out), "--splits", "1"]) == 0
    report = json.loads(out.read_text())
    assert set(report["splits"]) == {"runway-1", "last days"}
    assert report["mean of random splits"]["all"]["mean_auc"] > 0.8
    assert "another split" in capsys.readouterr().out
    assert main(["--orders", str(tmp_path / "absent.parquet")]) == 2
    assert "absent.parquet" in capsys.readouterr().err
