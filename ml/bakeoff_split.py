"""One split of the bake-off: who learns from which rows, and what ours and a candidate answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ml import settings
from ml.candidates import Candidate, predict_product
from ml.evaluate import Judged
from ml.features import Products, Samples, folds, stable_hash
from ml.lookup import look_up
from ml.model import Settings
from ml.training import fit_model

OURS = "Otto's tables"


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
    """A candidate's answers, learned for each product from its own rows."""
    size, stated, truth = np.zeros(len(test), dtype=np.int64), np.zeros(len(test)), np.zeros(len(test))
    for product in np.unique(test.product):
        rows = np.flatnonzero(test.product == product)
        own, sizes = train.take(train.product == product), len(products.runs[product])
        if not len(own):
            chance = np.full((len(rows), sizes), 1 / sizes)
        else:
            chance = predict_product(candidate, setting, own, test.take(rows), sizes)
        size[rows], stated[rows] = chance.argmax(axis=1), chance.max(axis=1)
        truth[rows] = chance[np.arange(len(rows)), test.bought[rows]]
    return Judged(test.product, test.gender, test.bought, size, stated, truth)
