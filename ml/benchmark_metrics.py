"""The figures of a benchmark run: all rows with a true size, then those that the tables answer, then groups."""

from __future__ import annotations

from typing import Any

import numpy as np

from ml.evaluate import Judged, summarise
from ml.features import GENDERS
from ml.lookup import Answers

_TRAINING_ROWS = (("0", 0, 0), ("1-4", 1, 4), ("5-19", 5, 19), ("20-99", 20, 99), ("100+", 100, 10**9))


def metrics(
    answers: Answers,
    truth: np.ndarray,
    has_truth: np.ndarray,
    product: np.ndarray,
    gender: np.ndarray,
    rows: np.ndarray,
) -> dict[str, Any]:
    """Figures of the asked rows; `rows` is how many samples each row's product had in training."""
    position = np.arange(len(truth))
    of_truth = np.where(truth >= 0, answers.chance[position, np.maximum(truth, 0)], 0.0) if len(truth) else np.zeros(0)
    judged = Judged(product, gender, truth, answers.size, answers.probability, of_truth)
    forced = summarise(judged.take(has_truth))
    return {
        "coverage": float(answers.answered.mean()) if len(truth) else 0.0,
        **{name: value for name, value in forced.items() if name != "rows"},
        "monotone_breaks": answers.breaks,
        "scored_rows": forced["rows"],
        "answered": summarise(judged.take(has_truth & answers.answered)),
        "by_gender": {name: _both(judged, answers, has_truth & (gender == code)) for code, name in enumerate(GENDERS)},
        "by_training_rows": {
            name: _both(judged, answers, has_truth & (rows >= low) & (rows <= high))
            for name, low, high in _TRAINING_ROWS
        },
    }


def _both(judged: Judged, answers: Answers, which: np.ndarray) -> dict[str, Any]:
    return {
        "coverage": float(answers.answered[which].mean()) if which.any() else None,
        "forced": summarise(judged.take(which)),
        "answered": summarise(judged.take(which & answers.answered)),
    }
