"""The bake-off on generated reviews: same rows for all, figures and pictures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ml.bakeoff import main
from ml.bakeoff_figures import Split, groups, summarise_splits
from ml.bakeoff_pictures import first_of_each
from ml.bakeoff_split import OURS, broken_tables, split, tune
from ml.bakeoff_trial import Trial, some_products, try_model
from ml.candidates import CANDIDATES, OneAProduct, with_even_share
from ml.evaluate import Judged
from ml.features import Products, Samples, encode_products, encode_samples
from tests.ml.invented import invent
from tests.ml.test_benchmark import raw_rows


def known_candidate(name: str) -> OneAProduct:
    return next(one for one in CANDIDATES if one.name == name)


def encoded(products: int = 3, reviews: int = 100) -> tuple[Products, Samples]:
    frames = invent(products=products, reviews=reviews)
    coded = encode_products(frames[0])
    return coded, encode_samples(frames[1], coded)


def test_a_split_never_parts_equal_bodies_and_its_salt_deals_anew() -> None:
    frames = invent(products=3, reviews=100)
    samples = encode_samples(frames[1], encode_products(frames[0]))
    train, test = split("a", samples)
    assert not np.isin(test.group, train.group).any()
    assert 0.1 < len(test) / len(samples) < 0.3
    assert not np.array_equal(split("b", samples)[1].group, test.group)


def test_the_first_reviews_of_each_product_are_the_same_and_so_many() -> None:
    frames = invent(products=3, reviews=30)
    samples = encode_samples(frames[1], encode_products(frames[0]))
    few, more = first_of_each(samples, 5), first_of_each(samples, 10)
    assert np.bincount(few.product).tolist() == [5, 5, 5]
    assert np.isin(few.group, more.group).all()


def test_the_command_writes_figures_and_pictures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ml.bakeoff_pictures._REVIEWS", (10,))
    raw_rows(3, 60).to_csv(tmp_path / "reviews.csv", index=False)
    files = [f"--{name}={tmp_path / file}" for name, file in (("reviews", "reviews.csv"), ("out", "out.json"))]
    files.append(f"--pictures={tmp_path / 'pictures'}")
    code = main([*files, "--splits=1", "--min-rows=20", "--candidates", "naive Bayes"])
    assert code == 0
    report = json.loads((tmp_path / "out.json").read_text())
    assert set(report["models"]) == {OURS, "naive Bayes"}
    assert report["models"][OURS]["breaks"] == 0
    assert report["models"][OURS]["tables"] == 9
    assert report["models"]["naive Bayes"]["tables"] == 6
    assert report["models"]["naive Bayes"]["groups"]["male"]["rows"] == report["models"][OURS]["rows"]
    low, high = report["models"]["naive Bayes"]["log_loss_gain_95"]
    assert low <= report["models"]["naive Bayes"]["log_loss_gain"] <= high
    for name in ("learning.png", "calibration.png", "size_maps.png"):
        assert (tmp_path / "pictures" / name).read_bytes().startswith(b"\x89PNG")
    assert "salts otto-1" in capsys.readouterr().out


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda one: one.name)
def test_every_candidate_gives_chances_over_its_products_run_alone(candidate: OneAProduct) -> None:
    short, long = invent(products=2, reviews=40, run=["S", "M"]), invent(products=3, reviews=40, seed=2)
    keep = long[0]["product_id"] == "p002"
    frame = pd.concat([short[0], long[0][keep]])
    products = encode_products(frame)
    samples = encode_samples(pd.concat([short[1], long[1][long[1]["product_id"] == "p002"]]), products)
    chance = candidate.chances(candidate.settings[0], products, samples, samples)
    assert np.allclose(chance.sum(axis=1), 1.0)
    assert (chance[samples.product < 2, 2:] == 0).all()
    assert (chance[samples.product == 2] > 0).all()


def test_a_product_without_rows_to_learn_from_has_even_chances() -> None:
    products, samples = encoded()
    unseen, others = samples.take(samples.product == 0), samples.take(samples.product != 0)
    chance = known_candidate("logistic regression").chances(0.5, products, others, unseen)
    assert np.allclose(chance, 0.25)


def test_no_size_of_a_run_has_no_chance() -> None:
    chance = with_even_share(np.array([[1.0, 0.0, 9.0], [3.0, 1.0, 0.0]]), np.array([2, 3]))
    assert np.allclose(chance, [[0.995, 0.005, 0.0], [0.99 * 0.75 + 0.01 / 3, 0.99 * 0.25 + 0.01 / 3, 0.01 / 3]])


def test_a_setting_is_chosen_by_log_loss() -> None:
    products, samples = encoded()
    candidate = known_candidate("cumulative logistic regression")
    poor = OneAProduct(candidate.name, (1e-9, 0.5, 1e-8), candidate.learn)
    assert tune(poor, products, samples) == 0.5


def test_breaks_are_counted_over_whole_tables() -> None:
    products, samples = encoded()

    def falling(x: np.ndarray, y: np.ndarray, asked: np.ndarray, sizes: int, setting: None) -> np.ndarray:
        return np.eye(sizes)[np.where(asked[:, 1] > 0, 0, 1)]  # the heavier get the smaller

    looked = broken_tables(OneAProduct("falling", (None,), falling), None, products, samples, np.array([0, 2]))
    assert looked == (4, 4, 4 * 61)  # one step down at each height
    rising = OneAProduct(
        "rising", (None,), lambda x, y, asked, sizes, _: np.eye(sizes)[np.where(asked[:, 1] > 0, 1, 0)]
    )
    assert broken_tables(rising, None, products, samples, np.array([0, 2])) == (4, 0, 0)


def test_products_for_breaks_are_drawn_by_name_and_known() -> None:
    products, samples = encoded(products=50, reviews=3)
    some = some_products(products, samples.take(samples.product > 4), "a")
    assert len(some) == 40
    assert some.min() > 4
    assert set(some) != set(some_products(products, samples.take(samples.product > 4), "b"))


def test_a_trial_costs_what_it_costs_in_a_process_of_its_own() -> None:
    products, samples = encoded()
    trial = try_model("naive Bayes", products, samples, "a", with_breaks=True)
    assert len(trial.judged) == len(split("a", samples)[1])
    assert trial.setting in known_candidate("naive Bayes").settings
    assert 0 < trial.seconds < trial.tuning_seconds
    assert trial.memory_mb is None or 0 <= trial.memory_mb < 200
    assert trial.tables == 6


def test_groups_tile_the_test_rows() -> None:
    _, samples = encoded()
    train, test = split("a", samples)
    found = groups(train, test)
    for unit in ("kg", "cm", "reviews"):
        masks = [mask for name, mask in found.items() if unit in name]
        assert (np.sum(masks, axis=0) == 1).all(), unit
    assert found["20 to under 100 reviews"].all()
    assert found["under 55 kg"].tolist() == (test.weight_kg < 55).tolist()


def test_gains_are_paired_and_groups_are_summed_up() -> None:
    truth, product = np.array([0, 1, 1, 2]), np.array([0, 0, 1, 1])

    def trial(size: list[int], chance: float) -> Trial:
        stated = np.full(4, chance)
        return Trial(Judged(product, np.array([0, 1, 0, 1]), truth, np.array(size), stated, stated),
                     0.5, 1.0, 2.0, 3.0, None, 4, 1, 7)  # fmt: skip

    right = np.array([True, False, False, True])
    one = Split(
        {OURS: trial([0, 1, 1, 2], 0.5), "other": trial([0, 0, 1, 1], 0.25)}, {"some": right, "none": ~right & right}
    )
    models = summarise_splits([one, one])
    other = models["other"]
    assert (models[OURS]["exact"], other["exact"], other["exact_gain"]) == (1.0, 0.5, 0.5)
    assert other["log_loss_gain"] == pytest.approx(np.log(2))
    assert (other["women_exact"], other["mean_error"]) == (0.0, -0.5)
    assert other["groups"]["some"]["exact"] == 0.5
    assert other["groups"]["none"]["exact"] is None
    assert (other["breaks"], other["tables"], other["memory_mb"]) == (14, 8, None)
