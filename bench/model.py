"""The size model's speed: training and all size tables against a model a product, and tables against predict().

Ours: wall time of fit_model on encoded samples and of size_tables to their last row, which is chances, bands, evidence
and counted reviews of three genders; trees and tables use OTTO_ML_THREADS threads. Reference: wall time of
XGBClassifier(n_estimators=100, max_depth=6, n_jobs=1), product after product, each trained on its own reviews and asked
for both genders' whole grids by predict_proba; no bands, no evidence. It runs for some of the products and its time is
scaled to all, which their sameness allows. Both by turns, median of three. Products are invented, each with a size rule
of its own. Since ours has two cores and the reference one, the ratio of processor times is told beside.
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
from ml.features import Samples, encode_products, encode_samples
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
    count, threads = int(os.environ.get("OTTO_BENCH_PRODUCTS", "3000")), settings.threads()
    frames = invent(products=count, reviews=_REVIEWS_A_PRODUCT, fit=False)
    products = encode_products(frames[0])
    samples = encode_samples(frames[1], products)
    del frames
    chosen = Settings(threads=threads)
    models: list[SizeModel] = []
    training, tables, theirs, by_steps, by_cell = [], [], [], [], []
    with threadpool_limits(limits=1, user_api="blas"):
        for _ in range(_ROUNDS):
            training.append(_timed(lambda: models.append(fit_model(samples, products, chosen))))
            tables.append(_timed(lambda: _all_tables(models[-1], samples)))
            del models[:-1]
            theirs.append(_timed(lambda: _per_product(samples)) * (count / _SAMPLED))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        for _ in range(_ROUNDS):
            by_steps.append(_timed(lambda: sum(1 for _ in _chances(models[-1]))))
            by_cell.append(_timed(lambda: _predict_cells(models[-1])))
    ours = [one + other for one, other in zip(training, tables, strict=True)]
    name = f"{count:,} products, {len(samples):,} reviews, {threads} threads"
    return [
        judged(f"faster than a model a product, {name}", _wall(theirs) / _wall(ours), "x", 8, "more"),
        reported("the same by processor time of all threads", _processor(theirs) / _processor(ours), "x"),
        reported(f"training, {name}", _wall(training), "s"),
        reported(f"all size tables, {name}", _wall(tables), "s"),
        reported(f"a model a product, one thread, {_SAMPLED} products scaled to {count:,}", _wall(theirs), "s"),
        judged(f"tables faster than predict(), {_SAMPLED} products", _wall(by_cell) / _wall(by_steps), "x", 3, "more"),
        judged("size model peak memory", peak, "MB", 2048.0, "less"),
    ]


def _all_tables(model: SizeModel, samples: Samples) -> None:
    for part in size_tables(model, samples, settings.threads()):
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


def _timed(work: Callable[[], object]) -> np.ndarray:
    """Seconds by the clock, and of the processors."""
    began, used = time.monotonic(), time.process_time()
    work()
    return np.array([time.monotonic() - began, time.process_time() - used])


def _wall(times: list[np.ndarray]) -> float:
    return statistics.median(float(one[0]) for one in times)


def _processor(times: list[np.ndarray]) -> float:
    return statistics.median(float(one[1]) for one in times)
