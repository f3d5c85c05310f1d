"""The size model's speed: training and all size tables against a model a product, and tables against predict().

The reference trains XGBClassifier(n_estimators=100, max_depth=6, n_jobs=1) for some of the products and predicts both
genders' whole grids; its time is scaled to all of them, which its sameness from product to product allows. Products are
invented, with a size rule of their own each; OTTO_ML_THREADS states the threads of ours.
"""

from __future__ import annotations

import os
import resource
import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
import xgboost as xgb
from threadpoolctl import threadpool_limits

from bench.row import Row, judged, reported
from ml import settings
from ml.body import HEIGHTS, WEIGHTS
from ml.chances import chances
from ml.features import Products, Samples, encode_products, encode_samples
from ml.model import Settings, SizeModel
from ml.size_table import size_tables
from ml.steps import read_steps
from ml.training import fit_model
from tests.ml.invented import invent

_REVIEWS_A_PRODUCT = 67
_SAMPLED = 15  # products that the references are run on
_ROUNDS = 3


def measure_model() -> list[Row]:
    """The rows of the size model. OTTO_BENCH_PRODUCTS sets the products (default 3,000)."""
    count = int(os.environ.get("OTTO_BENCH_PRODUCTS", "3000"))
    frames = invent(products=count, reviews=_REVIEWS_A_PRODUCT, fit=False)
    products = encode_products(frames[0])
    samples = encode_samples(frames[1], products)
    ours, theirs, by_steps, by_cell = [], [], [], []
    with threadpool_limits(limits=1, user_api="blas"):
        for _ in range(_ROUNDS):
            ours.append(_seconds(lambda: _all_tables(samples, products)))
            theirs.append(_seconds(lambda: _per_product(samples)) * count / _SAMPLED)
        model = fit_model(samples, products, Settings(threads=settings.threads()))
        for _ in range(_ROUNDS):
            by_steps.append(_seconds(lambda: sum(1 for _ in _chances(model))))
            by_cell.append(_seconds(lambda: _predict_cells(model)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ours_s, theirs_s = statistics.median(ours), statistics.median(theirs)
    steps_s, cell_s = statistics.median(by_steps), statistics.median(by_cell)
    threads = settings.threads()
    return [
        judged(
            f"faster than a model a product, {count} products, {threads} threads", theirs_s / ours_s, "x", 8, "more"
        ),
        reported(f"training and all size tables, {count} products", ours_s, "s"),
        judged(f"tables faster than predict(), {_SAMPLED} products", cell_s / steps_s, "x", 3, "more"),
        judged("size model peak memory", peak, "MB", 2048.0, "less"),
    ]


def _all_tables(samples: Samples, products: Products) -> None:
    model = fit_model(samples, products, Settings(threads=settings.threads()))
    for part in size_tables(model, samples):
        del part


def _per_product(samples: Samples) -> None:
    grid = np.array([(h, w) for h in HEIGHTS for w in WEIGHTS], dtype=float)
    for product in range(_SAMPLED):
        own = samples.take(samples.product == product)
        _, size = np.unique(own.bought, return_inverse=True)
        model = xgb.XGBClassifier(n_estimators=100, max_depth=6, n_jobs=1)
        model.fit(np.column_stack([own.height_cm, own.weight_kg, own.gender]), size)
        for gender in (0, 1):
            model.predict_proba(np.column_stack([grid, np.full(len(grid), gender)]))


def _chances(model: SizeModel) -> Iterator[tuple[int, int, np.ndarray]]:
    return chances(model, read_steps(model.booster), np.arange(_SAMPLED))


def _predict_cells(model: SizeModel) -> None:
    height, weight = (axis.reshape(-1).astype(float) for axis in np.meshgrid(HEIGHTS, WEIGHTS, indexing="ij"))
    for product in range(_SAMPLED):
        for gender in range(3):
            model.chances_above(np.full(len(height), product), height, weight, np.full(len(height), gender))


def _seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began
