"""Size tables: from the model to rows of bands. Pure: a model and samples in, arrays and frames out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.bands import Bands, cut_bands
from ml.body import GRID, HEIGHTS, WEIGHTS, density
from ml.chances import batch_chances, breaks, median_size, size_chances
from ml.errors import ModelBroken
from ml.evidence import Evidence, Near
from ml.features import GENDERS, UNKNOWN, Samples
from ml.model import SizeModel
from ml.steps import Steps, read_steps

PRODUCTS_A_PART = 100
COLUMNS = ("mall", "product_id", "gender", "height_cm", "weight_from_kg", "weight_to_kg", "state", "size_label",
           "probability", "runner_up", "runner_up_probability", "reviews")  # fmt: skip
_STATES = np.array(["no_evidence", "answered"], dtype=object)


@dataclass(frozen=True)
class Table:
    """One product and gender over the grid."""

    product: int
    gender: int
    chance: np.ndarray  # sizes x heights x weights
    size: np.ndarray  # heights x weights: the advised size, also where nothing is answered
    answered: np.ndarray
    bands: Bands
    near: Near  # the product's reviews


@dataclass(frozen=True)
class Ground:
    """What all tables of a model share."""

    steps: Steps
    evidence: Evidence
    densities: list[np.ndarray]  # by gender
    begin: np.ndarray  # where the samples of each product begin: they are in product order


def prepare(model: SizeModel, samples: Samples) -> Ground:
    """Read the trees and count the evidence, once for any number of tables."""
    densities = [density(model.body_moments[gender]) for gender in GENDERS]
    begin = np.searchsorted(samples.product, np.arange(len(model.products) + 1))
    return Ground(read_steps(model.booster), Evidence(model, samples), densities, begin)


def size_tables(model: SizeModel, samples: Samples, threads: int = 1) -> Iterator[pd.DataFrame]:
    """The tables of all products, some hundred products at a time; the same whatever the number of threads.

    Raises ModelBroken where a table has a break.
    """
    every, ground = np.arange(len(model.products)), prepare(model, samples)

    def frame(start: int) -> pd.DataFrame:
        part = tabulate(model, samples, every[start : start + PRODUCTS_A_PART], ground)
        # nothing is known of a gender: the table of `unknown` holds what is
        return _frame(model, [_Rows.of(table) for table in part if table.gender == UNKNOWN or table.answered.any()])

    yield from _in_order(frame, range(0, len(every), PRODUCTS_A_PART), threads)


def _in_order(work: Callable[[int], pd.DataFrame], starts: Iterable[int], threads: int) -> Iterator[pd.DataFrame]:
    """What the work makes of each start, in their order; no more are under way than threads, and one is ready."""
    if threads == 1:
        yield from map(work, starts)
        return
    waiting: deque[Future[pd.DataFrame]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for start in starts:
                waiting.append(pool.submit(work, start))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:  # the first fault, or a reader that has enough, ends it
            for future in waiting:
                future.cancel()


def tabulate(model: SizeModel, samples: Samples, products: np.ndarray, ground: Ground | None = None) -> Iterator[Table]:
    """The tables of some products for every gender. Raises ModelBroken where one has a break."""
    ground = prepare(model, samples) if ground is None else ground
    near: list[Near] = []
    for batch, gender, above in batch_chances(model, ground.steps, products):
        if gender == 0:  # the first of the batch
            near = [Near(samples, slice(ground.begin[product], ground.begin[product + 1])) for product in batch]
        answered = np.stack([_answered(model, ground, int(p), gender, own) for p, own in zip(batch, near, strict=True)])
        chance, size = size_chances(above), median_size(above)
        if breaks(size):
            _refuse(model, batch, gender, size)
        cut = cut_bands(chance, size, answered, ground.densities[gender])
        for at, (product, bands, own) in enumerate(zip(batch, cut, near, strict=True)):
            yield Table(int(product), gender, chance[:, at], size[at], answered[at], bands, own)


def _answered(model: SizeModel, ground: Ground, product: int, gender: int, own: Near) -> np.ndarray:
    if not model.products.runs[product]:
        return np.zeros(GRID, dtype=bool)
    return ground.evidence.answered(product, gender, own)


def _refuse(model: SizeModel, batch: np.ndarray, gender: int, sizes: np.ndarray) -> None:
    for product, size in zip(batch, sizes, strict=True):
        if found := breaks(size):
            key = f"{model.products.mall[product]} {model.products.product_id[product]} for {GENDERS[gender]}"
            raise ModelBroken(f"{found} monotone breaks in the table of {key}: nothing was written for it")


@dataclass(frozen=True)
class _Rows:
    """The rows of one table, before names are written to them."""

    product: int
    gender: int
    bands: Bands
    reviews: np.ndarray

    @staticmethod
    def of(table: Table) -> _Rows:
        bands = table.bands
        centre = (WEIGHTS[bands.begin] + WEIGHTS[bands.end]) / 2
        return _Rows(table.product, table.gender, bands, table.near.within(table.gender, HEIGHTS[bands.row], centre))


def _frame(model: SizeModel, parts: list[_Rows]) -> pd.DataFrame:
    """One frame, column by column: a data frame for each of thousands of tables costs more."""
    counts = [len(part.reviews) for part in parts]
    runs = [model.products.runs[part.product] or ("",) for part in parts]
    labels = np.array([label for run in runs for label in run], dtype=object)
    lengths = np.array([len(run) for run in runs])
    first = np.repeat(np.cumsum(lengths) - lengths, counts)
    answered = _joined(part.bands.answered for part in parts)
    has_second = answered & np.repeat(lengths > 1, counts)

    def named(names: list[str]) -> np.ndarray:
        return np.repeat(np.array(names, dtype=object), counts)

    products = model.products
    columns = {
        "mall": named([products.mall[part.product] for part in parts]),
        "product_id": named([products.product_id[part.product] for part in parts]),
        "gender": named([GENDERS[part.gender] for part in parts]),
        "height_cm": HEIGHTS[_joined(part.bands.row for part in parts)].astype(np.int16),
        "weight_from_kg": WEIGHTS[_joined(part.bands.begin for part in parts)].astype(np.int16),
        "weight_to_kg": WEIGHTS[_joined(part.bands.end for part in parts)].astype(np.int16),
        "state": _STATES[answered.astype(np.int64)],
        "size_label": _labels(labels, first + _joined(part.bands.size for part in parts), answered),
        "probability": _chance(_joined(part.bands.probability for part in parts), answered),
        "runner_up": _labels(labels, first + _joined(part.bands.second for part in parts), has_second),
        "runner_up_probability": _chance(_joined(part.bands.second_probability for part in parts), has_second),
        "reviews": _joined(part.reviews for part in parts),
    }
    return pd.DataFrame({name: pd.Series(columns[name], dtype=columns[name].dtype) for name in COLUMNS}, copy=False)


def _joined(parts: Iterator[np.ndarray]) -> np.ndarray:
    return np.concatenate(list(parts))


def _labels(labels: np.ndarray, at: np.ndarray, known: np.ndarray) -> np.ndarray:
    found = labels[np.where(known, at, 0)]
    found[~known] = None
    return found


def _chance(probability: np.ndarray, known: np.ndarray) -> np.ndarray:
    return np.where(known, probability, np.nan).astype(np.float32)
