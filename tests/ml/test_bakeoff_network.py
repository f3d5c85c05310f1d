"""The bake-off's neural networks: how rows are laid out; and, where `make bakeoff` installed Keras, what they learn."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from local.stack import ROOT
from ml.bakeoff_network import NETWORKS, side_by_side
from tests.ml.test_benchmark import raw_rows

PYTHON = ROOT / ".venv-bakeoff" / "bin" / "python"


def test_each_products_rows_stand_under_one_another_and_nothing_below() -> None:
    owner, columns = np.array([2, 0, 2, 2, 0]), np.arange(10.0).reshape(5, 2)
    laid, place = side_by_side(owner, columns, 3)
    assert laid.shape == (3, 3, 2)
    assert place.tolist() == [0, 0, 1, 2, 1]
    assert np.array_equal(laid[place, owner], columns)
    assert (laid[:, 1] == 0).all()
    assert (laid[2, 0] == 0).all()


_ALONE = """
import sys
from pathlib import Path
import numpy as np
from ml.bakeoff import read_letters
from ml.bakeoff_network import NETWORKS

products, samples = read_letters(Path(sys.argv[1]), 20)
for network in NETWORKS:
    chance = network.chances((8, 30), products, samples, samples)
    assert np.allclose(chance.sum(axis=1), 1), network
    print(network.name, (chance.argmax(axis=1) == samples.bought).mean())
    again = network.chances((8, 30), products, samples, samples)
    assert np.array_equal(chance, again), network

# a product's network is the same whatever the others' reviews say
network, own = NETWORKS[0], samples.product == 1
bought = np.where(own, samples.bought, 3 - samples.bought)
other = type(samples)(**{**vars(samples), "bought": bought})
first, second = (network.chances((8, 30), products, rows, samples.take(own)) for rows in (samples, other))
assert np.allclose(first, second, atol=1e-5)
"""


@pytest.mark.slow
@pytest.mark.skipif(not PYTHON.exists(), reason="`make bakeoff` installs Keras into .venv-bakeoff")
def test_the_networks_learn_give_the_same_again_and_one_a_product_is_alone(tmp_path: Path) -> None:
    raw_rows(3, 60).to_csv(tmp_path / "reviews.csv", index=False)
    command = [PYTHON, "-c", _ALONE, tmp_path / "reviews.csv"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    shares = [float(line.split()[-1]) for line in done.stdout.splitlines()]
    assert len(shares) == len(NETWORKS)
    assert min(shares) > 0.4  # a quarter of the rows each size


@pytest.mark.slow
@pytest.mark.skipif(not PYTHON.exists(), reason="`make bakeoff` installs Keras into .venv-bakeoff")
def test_the_bake_off_runs_networks_in_its_own_environment(tmp_path: Path) -> None:
    raw_rows(3, 60).to_csv(tmp_path / "reviews.csv", index=False)
    names = [network.name for network in NETWORKS]
    command = [PYTHON, "-m", "ml.bakeoff", "--reviews", tmp_path / "reviews.csv", "--out", tmp_path / "out.json",
               "--splits", "1", "--min-rows", "20", "--candidates", *names]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    models = json.loads((tmp_path / "out.json").read_text())["models"]
    assert all(0.2 < models[name]["exact"] < 1 for name in names)
