"""The figures of a bake-off: means over its splits, by groups of reviews, and the paired gains of ours. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.bakeoff_split import OURS
from ml.bakeoff_trial import Trial
from ml.evaluate import Judged, calibration_error, clustered_error, error_by_chance, paired_bootstrap, summarise
from ml.features import GENDERS, Samples

_WEIGHTS_KG, _HEIGHTS_CM, _REVIEWS = (55, 65, 75, 85), (160, 170, 180), (20, 100, 200)
_FIGURES = ("exact", "within_one", "log_loss", "mean_error", "ece")


@dataclass(frozen=True)
class Split:
    """The trials of one split by model, and which of its test rows belong to which group."""

    trials: dict[str, Trial]
    groups: dict[str, np.ndarray]


def groups(train: Samples, test: Samples) -> dict[str, np.ndarray]:
    """Masks of the test rows: by gender, by body, and by how many reviews of their product were learned from."""
    reviews = np.bincount(train.product, minlength=int(test.product.max(initial=0)) + 1)[test.product]
    return {
        **{gender: test.gender == code for code, gender in enumerate(GENDERS)},
        **dict(_bands(test.weight_kg, _WEIGHTS_KG, "kg")),
        **dict(_bands(test.height_cm, _HEIGHTS_CM, "cm")),
        **dict(_bands(reviews, _REVIEWS, "reviews")),
    }


def _bands(values: np.ndarray, bounds: Sequence[int], unit: str) -> Iterator[tuple[str, np.ndarray]]:
    yield f"under {bounds[0]} {unit}", values < bounds[0]
    for low, high in zip(bounds[:-1], bounds[1:], strict=True):
        yield f"{low} to under {high} {unit}", (values >= low) & (values < high)
    yield f"{bounds[-1]} {unit} and more", values >= bounds[-1]


def summarise_splits(splits: Sequence[Split]) -> dict[str, dict[str, Any]]:
    """One entry a model."""
    return {name: _of_model(name, splits) for name in splits[0].trials}


def _of_model(name: str, splits: Sequence[Split]) -> dict[str, Any]:
    trials = [split.trials[name] for split in splits]
    judged = [trial.judged for trial in trials]
    figures = _means(judged) | {"women_exact": None, "women_ece": None}
    women = _means([one.take(one.gender == GENDERS.index("female")) for one in judged])
    figures |= {"women_exact": women["exact"], "women_ece": women["ece"]}
    figures |= _together(judged) | _errors(judged)
    figures |= {
        "seconds": _mean(trial.seconds for trial in trials),
        "tuning_seconds": _mean(trial.tuning_seconds for trial in trials),
        "wall_seconds": _mean(trial.wall_seconds for trial in trials),
        "memory_mb": _mean(trial.memory_mb for trial in trials),
        "settings": [trial.setting for trial in trials],
        "tables": sum(trial.tables for trial in trials),
        "broken_tables": sum(trial.broken_tables for trial in trials),
        "breaks": sum(trial.breaks for trial in trials),
        "splits": [summarise(one) for one in judged],
        "groups": {
            group: _means([split.trials[name].judged.take(split.groups[group]) for split in splits])
            for group in splits[0].groups
        },
    }
    if name != OURS:
        figures |= _gains([split.trials[OURS].judged for split in splits], judged)
    return figures


def _means(judged: Sequence[Judged]) -> dict[str, Any]:
    every = [summarise(one) for one in judged]
    means: dict[str, Any] = {key: _mean(one[key] for one in every) for key in _FIGURES}
    return means | {
        "rows": sum(len(one) for one in judged),
        "ece_by_chance": _mean(error_by_chance(one.probability) for one in judged),
    }


def _together(judged: Sequence[Judged]) -> dict[str, float | None]:
    """Calibration of the rows of all splits at once, of which chance makes less; a row may be judged in several."""
    found: dict[str, float | None] = {}
    for name, which in (("", None), ("women_", GENDERS.index("female"))):
        some = [one if which is None else one.take(one.gender == which) for one in judged]
        stated, hit = np.concatenate([one.probability for one in some]), np.concatenate([one.hit for one in some])
        found[f"{name}ece_together"] = calibration_error(stated, hit) if len(hit) else None
        found[f"{name}ece_together_by_chance"] = error_by_chance(stated) if len(hit) else None
    return found


def _errors(splits: Sequence[Judged]) -> dict[str, float | None]:
    """Standard errors of exactness in one split: of rows, and clustered by product."""
    return {
        "se_rows": _mean(float(one.hit.std() / np.sqrt(len(one.hit))) for one in splits),
        "se_products": _mean(clustered_error(one.hit, one.product) for one in splits),
    }


def _gains(ours: Sequence[Judged], theirs: Sequence[Judged]) -> dict[str, Any]:
    product = np.concatenate([judged.product for judged in ours])
    exact = np.concatenate([a.hit.astype(float) - b.hit for a, b in zip(ours, theirs, strict=True)])
    loss = np.concatenate([b.loss - a.loss for a, b in zip(ours, theirs, strict=True)])
    return {
        "exact_gain": float(exact.mean()), "exact_gain_95": paired_bootstrap(exact, product),
        "log_loss_gain": float(loss.mean()), "log_loss_gain_95": paired_bootstrap(loss, product),
    }  # fmt: skip


def _mean(values: Any) -> float | None:
    """None where a split has no such row."""
    every = list(values)
    return None if None in every else float(np.mean(every))
