"""The pictures of the bake-off: learning curves by reviews a product, calibration, and size maps of a few products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from include.rules.size_run import order_of
from ml import settings
from ml.bakeoff_split import OURS, judge_candidate, judge_ours, split
from ml.candidates import Candidate
from ml.evaluate import Judged, calibration_points
from ml.features import GENDERS, Products, Samples
from ml.model import Settings
from ml.report_pictures import calibration_picture, learning_picture, map_picture, png
from ml.size_table import tabulate
from ml.training import fit_model

_REVIEWS = (10, 20, 50, 100)
_MAPS = 3


def write_pictures(folder: Path, salt: str, products: Products, samples: Samples, candidates: Sequence[Candidate],
                   judged: Mapping[str, Judged]) -> list[Path]:  # fmt: skip
    """learning.png, calibration.png and size_maps.png of one split; `judged` are its answers by model."""
    folder.mkdir(parents=True, exist_ok=True)
    points = {name: calibration_points(one.probability, one.hit) for name, one in judged.items()}
    curves = learning_curves(salt, products, samples, candidates, judged)
    figures = {
        "learning.png": learning_picture(curves, "exact on held-out reviews"),
        "calibration.png": calibration_picture(points),
        "size_maps.png": _maps(products, split(salt, samples)[0]),
    }
    for name, figure in figures.items():
        (folder / name).write_bytes(png(figure))
    return [folder / name for name in figures]


def learning_curves(salt: str, products: Products, samples: Samples, candidates: Sequence[Candidate],
                    judged: Mapping[str, Judged]) -> dict[str, list[tuple[float, float]]]:  # fmt: skip
    """(reviews a product, exact) of each model; every model learns from the same reviews of every product, and the last
    point is that of all of them. Settings of candidates are chosen anew for each number."""
    train, test = split(salt, samples)
    curves: dict[str, list[tuple[float, float]]] = {name: [] for name in judged}
    for reviews in _REVIEWS:
        some = first_of_each(train, reviews)
        found: dict[str, Judged] = {OURS: judge_ours(products, some, test)[0]}
        found |= {one.name: judge_candidate(one, products, some, test) for one in candidates}
        for name in curves:
            curves[name].append((float(reviews), float(found[name].hit.mean())))
    middle = float(np.median(np.bincount(train.product)[np.unique(train.product)]))
    for name, one in judged.items():
        curves[name].append((max(middle, 1.1 * _REVIEWS[-1]), float(one.hit.mean())))
    return curves


def first_of_each(train: Samples, reviews: int) -> Samples:
    """So many samples of each product, dealt by the hash of their group."""
    order = np.lexsort([train.group, train.product])
    place = np.arange(len(train)) - np.searchsorted(train.product[order], train.product[order])
    return train.take(np.sort(order[place < reviews]))


def _maps(products: Products, train: Samples) -> plt.Figure:
    """What the products with the most reviews advise men and women."""
    best = np.argsort(-np.bincount(train.product, minlength=len(products)), kind="stable")[:_MAPS]
    model = fit_model(train, products, replace(Settings(), threads=settings.threads()))
    labels: list[str] = sorted({label for at in best for label in products.runs[at]}, key=_place_of)
    found: list[tuple[str, np.ndarray]] = []
    for table in tabulate(model, train, np.sort(best)):
        run = np.array([labels.index(label) for label in products.runs[table.product]])
        if table.gender < len(GENDERS) - 1 and table.answered.any():
            title = f"{products.product_id[table.product]}, {GENDERS[table.gender]}"
            found.append((title, np.where(table.answered, run[table.size], -1)))
    return map_picture(found, labels)


def _place_of(label: str) -> tuple[bool, float, str]:
    """A label's place on its ruler; what has none comes last."""
    order = order_of(label)
    return order is None, order or 0.0, label
