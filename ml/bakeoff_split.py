"""One split of the bake-off: who learns from which rows, and what ours and a candidate answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ml import settings
from ml.bakeoff_network import NETWORKS, installed
from ml.body import GRID, HEIGHTS, WEIGHTS
from ml.candidates import CANDIDATES, Candidate
from ml.chances import breaks
from ml.evaluate import Judged
from ml.features import Products, Samples, folds, stable_hash
from ml.lookup import look_up
from ml.model import Settings
from ml.training import fit_model

OURS = "Otto's tables"
# The tables of men and of women.
_GENDERS_OF_TABLES = 2


def split(salt: str, samples: Samples) -> tuple[Samples, Samples]:
    """(train, test): a fifth of the (product, body, gender) groups is held out, dealt by the salt."""
    held = folds(samples.group, 5, salt=stable_hash(salt) % 10**9) == 0
    return samples.take(~held), samples.take(held)


def judge_ours(products: Products, train: Samples, test: Samples) -> tuple[Judged, int]:
    """The published tables looked up, every row answered; and the breaks in all tables that were looked into."""
    model = fit_model(train, products, replace(Settings(), threads=settings.threads()))
    answers = look_up(model, train, test.product, test.height_cm, test.weight_kg, test.gender)
    chance = answers.chance[np.arange(len(test)), test.bought]
    return Judged(test.product, test.gender, test.bought, answers.size, answers.probability, chance), answers.breaks


def judge_candidate(candidate: Candidate, products: Products, train: Samples, test: Samples) -> Judged:
    """A candidate with the setting that is best inside the training part."""
    return predict_products(candidate, tune(candidate, products, train), products, train, test)


def tune(candidate: Candidate, products: Products, train: Samples) -> Any:
    """The setting with the smallest log loss on a fifth of the training groups."""
    if len(candidate.settings) == 1:
        return candidate.settings[0]
    inner = folds(train.group, 5, salt=11) == 0
    losses = [
        float(predict_products(candidate, setting, products, train.take(~inner), train.take(inner)).loss.mean())
        for setting in candidate.settings
    ]
    return candidate.settings[int(np.argmin(losses))]


def predict_products(candidate: Candidate, setting: Any, products: Products, train: Samples, test: Samples) -> Judged:
    """A candidate's answers: its most probable sizes."""
    chance = candidate.chances(setting, products, train, test)
    truth = chance[np.arange(len(test)), test.bought]
    return Judged(test.product, test.gender, test.bought, chance.argmax(axis=1), chance.max(axis=1), truth)


def broken_tables(
    candidate: Candidate, setting: Any, products: Products, train: Samples, some: np.ndarray
) -> tuple[int, int, int]:
    """(tables, those with a break, breaks in them): each of some products asked for men and women at every cell."""
    asked = _every_cell(some)
    size = candidate.chances(setting, products, train, asked).argmax(axis=1).reshape(-1, *GRID)
    found = [breaks(table) for table in size]
    return len(found), sum(count > 0 for count in found), sum(found)


def _every_cell(products: np.ndarray) -> Samples:
    height, weight = (axis.reshape(-1).astype(float) for axis in np.meshgrid(HEIGHTS, WEIGHTS, indexing="ij"))
    tables = len(products) * _GENDERS_OF_TABLES
    rows = tables * len(height)
    nothing = np.zeros(rows)
    return Samples(
        product=np.repeat(products, _GENDERS_OF_TABLES * len(height)), height_cm=np.tile(height, tables),
        weight_kg=np.tile(weight, tables),
        gender=np.tile(np.repeat(np.arange(_GENDERS_OF_TABLES), len(height)), len(products)),
        target=nothing, weight=nothing, bought=nothing.astype(np.int64), group=nothing.astype(np.uint64),
        day=np.full(rows, np.datetime64("NaT", "D")),
    )  # fmt: skip


def every_candidate() -> tuple[Candidate, ...]:
    """All that can be run here: neural networks only where Keras is installed."""
    return (*CANDIDATES, *NETWORKS) if installed() else CANDIDATES
