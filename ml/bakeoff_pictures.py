"""The pictures of the bake-off: learning curves by reviews a product, calibration, and size maps of a few products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from include.rules.size_run import order_of
from ml import settings
from ml.bakeoff_split import OURS, judge_candidate, judge_ours, split
from ml.candidates import Candidate
from ml.evaluate import Judged, calibration_points
from ml.features import GENDERS, Products, Samples
from ml.model import Settings
from ml.report_pictures import map_picture, png
from ml.size_table import tabulate
from ml.training import fit_model

_REVIEWS = (10, 20, 50, 100)
_MAPS = 2
_OURS_COLOUR, _DIAGONAL = "#1f5fa8", "#b8bec6"
_COLOURS = ("#b3261e", "#6b7d3a", "#7a4fa3", "#c77d12", "#2f8f83", "#555555", "#d16ba5", "#8c6d31", "#a0a0a0")
_PANELS_A_ROW = 5


def write_pictures(folder: Path, salt: str, products: Products, samples: Samples, candidates: Sequence[Candidate],
                   judged: Mapping[str, Judged]) -> list[Path]:  # fmt: skip
    """learning.png, calibration.png and size_maps.png of one split; `judged` are its answers by model."""
    folder.mkdir(parents=True, exist_ok=True)
    with threadpool_limits(limits=1, user_api="blas"):
        curves = learning_curves(salt, products, samples, candidates, judged)
    figures = {
        "learning.png": learning_picture(curves),
        "calibration.png": calibration_panels(judged),
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
            print(f"{reviews} reviews a product: {name}: exact {found[name].hit.mean():.4f}", flush=True)
    middle = float(np.median(np.bincount(train.product)[np.unique(train.product)]))
    for name, one in judged.items():
        curves[name].append((max(middle, 1.1 * _REVIEWS[-1]), float(one.hit.mean())))
    return curves


def first_of_each(train: Samples, reviews: int) -> Samples:
    """So many samples of each product, dealt by the hash of their group."""
    order = np.lexsort([train.group, train.product])
    place = np.arange(len(train)) - np.searchsorted(train.product[order], train.product[order])
    return train.take(np.sort(order[place < reviews]))


def learning_picture(curves: Mapping[str, Sequence[tuple[float, float]]]) -> plt.Figure:
    """One line a model, ours the thick one, each named at its end."""
    figure, axes = plt.subplots(figsize=(7.2, 4.4))
    for name, colour in _colours(curves):
        points, width = curves[name], 2.6 if name == OURS else 1.2
        axes.plot(*zip(*points, strict=True), marker="o", markersize=4, color=colour, linewidth=width)
    last = max(points[-1][0] for points in curves.values())
    ends = {name: points[-1][1] for name, points in curves.items()}
    low, high = axes.get_ylim()
    places = _apart(ends, (high - low) / 22)
    for name, colour in _colours(curves):
        weight = "bold" if name == OURS else "normal"
        axes.annotate(name, (last, ends[name]), xytext=(last * 1.08, places[name]), color=colour, va="center",
                      fontsize=8.5, fontweight=weight, annotation_clip=False)  # fmt: skip
    axes.set(xscale="log", xlabel="reviews of each product that were learned from",
             ylabel="exact size on held-out reviews")  # fmt: skip
    ticks = [*_REVIEWS, last]
    axes.set_xticks(ticks, [*(str(reviews) for reviews in _REVIEWS), "all"])
    axes.minorticks_off()
    axes.grid(axis="y", color="#eceef0", linewidth=0.8)
    return figure


def calibration_panels(judged: Mapping[str, Judged]) -> plt.Figure:
    """One panel a model: what it states of the advised size, and how many bought it; all dots hold as many reviews."""
    rows = -(-len(judged) // _PANELS_A_ROW)
    columns = min(len(judged), _PANELS_A_ROW)
    figure, panels = plt.subplots(
        rows, columns, figsize=(2.3 * columns, 2.5 * rows), squeeze=False, sharex=True, sharey=True
    )  # fmt: skip
    for axes in panels.flat[len(judged) :]:
        axes.set_visible(False)
    for axes, (name, colour) in zip(panels.flat, _colours(judged), strict=False):
        points = calibration_points(judged[name].probability, judged[name].hit)
        axes.plot([0, 1], [0, 1], color=_DIAGONAL, linewidth=1, linestyle="--", zorder=1)
        axes.plot([p[0] for p in points], [p[1] for p in points], marker="o", markersize=3.5, color=colour)
        axes.set_title(name.replace(" logistic", "\nlogistic").replace(" network", "\nnetwork"), fontsize=8.5)
        axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    figure.supxlabel("stated probability of the advised size", fontsize=9)
    figure.supylabel("share that bought it", fontsize=9)
    figure.tight_layout()
    return figure


def _colours(models: Mapping[str, object]) -> list[tuple[str, str]]:
    others = [name for name in models if name != OURS]
    return [(OURS, _OURS_COLOUR), *((name, _COLOURS[at % len(_COLOURS)]) for at, name in enumerate(others))]


def _apart(ends: Mapping[str, float], gap: float) -> dict[str, float]:
    """Places of names near their lines' ends, so far apart that none covers another."""
    names = sorted(ends, key=lambda name: ends[name])
    places = [ends[name] for name in names]
    for _ in range(200):
        for at in range(len(places) - 1):
            if (lack := gap - (places[at + 1] - places[at])) > 1e-9:
                places[at], places[at + 1] = places[at] - lack / 2, places[at + 1] + lack / 2
    return dict(zip(names, places, strict=True))


def _maps(products: Products, train: Samples) -> plt.Figure:
    """What the products with the most reviews advise men and women."""
    best = np.argsort(-np.bincount(train.product, minlength=len(products)), kind="stable")[:_MAPS]
    model = fit_model(train, products, replace(Settings(), threads=settings.threads()))
    labels: list[str] = sorted({label for at in best for label in products.runs[at]}, key=_place_of)
    found: list[tuple[int, str, np.ndarray]] = []
    for table in tabulate(model, train, np.sort(best)):
        run = np.array([labels.index(label) for label in products.runs[table.product]])
        if table.gender < len(GENDERS) - 1 and table.answered.any():
            place = best.tolist().index(table.product)
            title = f"product {place + 1} by reviews, {GENDERS[table.gender]}"
            found.append((place, title, np.where(table.answered, run[table.size], -1)))
    in_order = sorted(found, key=lambda one: one[0])  # the genders of a product side by side
    return map_picture([(title, size) for _, title, size in in_order], labels)


def _place_of(label: str) -> tuple[bool, float, str]:
    """A label's place on its ruler; what has none comes last."""
    order = order_of(label)
    return order is None, order or 0.0, label
