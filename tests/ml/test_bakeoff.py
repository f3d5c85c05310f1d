"""The bake-off on generated reviews: same rows for all, figures and pictures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ml.bakeoff import main
from ml.bakeoff_pictures import first_of_each
from ml.bakeoff_split import OURS, split
from ml.features import encode_products, encode_samples
from tests.ml.invented import invent
from tests.ml.test_benchmark import raw_rows


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
    low, high = report["models"]["naive Bayes"]["log_loss_gain_95"]
    assert low <= report["models"]["naive Bayes"]["log_loss_gain"] <= high
    for name in ("learning.png", "calibration.png", "size_maps.png"):
        assert (tmp_path / "pictures" / name).read_bytes().startswith(b"\x89PNG")
    assert "salts otto-1" in capsys.readouterr().out
