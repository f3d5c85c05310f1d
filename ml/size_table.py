"""Size tables: from the model to bands of weight at each height. Pure: a model and samples in, arrays and frames out.

A size is the median of the size distribution, the one form of advice that never falls as a body grows. Bands tile the
grid exactly; a band's probability is the mean of its cells' weighted by how dense bodies are there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.body import GRID, HEIGHTS, WEIGHTS, density
from ml.errors import ModelBroken
from ml.evidence import Evidence
from ml.features import GENDERS, UNKNOWN, Samples, body_terms
from ml.model import SizeModel, constant_features
from ml.steps import Steps, read_steps

PRODUCTS_A_PART = 100
_GRIDS_AT_ONCE = 128
COLUMNS = ("mall", "product_id", "gender", "height_cm", "weight_from_kg", "weight_to_kg", "state", "size_label",
           "probability", "runner_up", "runner_up_probability", "reviews")  # fmt: skip


_STATES = np.array(["no_evidence", "answered"], dtype=object)


@dataclass(frozen=True)
class Bands:
    """Runs of weights at one height, laid over the grid row by row: band i begins at flat cell starts[i]."""

    starts: np.ndarray
    answered: np.ndarray
    size: np.ndarray
    probability: np.ndarray
    second: np.ndarray  # the runner-up
    second_probability: np.ndarray

    @property
    def row(self) -> np.ndarray:
        """The height of each band, as a position on the grid."""
        return self.starts // GRID[1]

    @property
    def begin(self) -> np.ndarray:
        """The first weight, as a position on the grid."""
        return self.starts % GRID[1]

    @property
    def end(self) -> np.ndarray:
        """The last weight, as a position on the grid."""
        return (np.append(self.starts[1:], GRID[0] * GRID[1]) - 1) % GRID[1]


@dataclass(frozen=True)
class Table:
    """One product and gender over the grid."""

    product: int
    gender: int
    chance: np.ndarray  # sizes x heights x weights
    size: np.ndarray  # heights x weights: the advised size, also where nothing is answered
    answered: np.ndarray
    bands: Bands
    own: Samples  # the product's samples


def size_tables(model: SizeModel, samples: Samples) -> Iterator[pd.DataFrame]:
    """The tables of all products, some hundred products at a time. Raises ModelBroken where a table has a break."""
    every, ground = np.arange(len(model.products)), prepare(model, samples)
    for start in range(0, len(every), PRODUCTS_A_PART):
        part = [
            _columns(model, table)
            for table in tabulate(model, samples, every[start : start + PRODUCTS_A_PART], ground)
            # nothing is known of this gender: the table of `unknown` holds what is
            if table.gender == UNKNOWN or table.answered.any()
        ]
        joined = {name: np.concatenate([columns[name] for columns in part]) for name in COLUMNS}
        yield pd.DataFrame({name: pd.Series(values, dtype=values.dtype) for name, values in joined.items()})


@dataclass(frozen=True)
class Ground:
    """What all tables of a model share."""

    steps: Steps
    evidence: Evidence
    densities: list[np.ndarray]  # by gender


def prepare(model: SizeModel, samples: Samples) -> Ground:
    """Read the trees and count the evidence, once for any number of tables."""
    densities = [density(model.body_moments[gender]) for gender in GENDERS]
    return Ground(read_steps(model.booster), Evidence(model, samples), densities)


def tabulate(model: SizeModel, samples: Samples, products: np.ndarray, ground: Ground | None = None) -> Iterator[Table]:
    """The tables of some products for every gender. Raises ModelBroken where one has a break."""
    ground = prepare(model, samples) if ground is None else ground
    begin = np.searchsorted(samples.product, np.arange(len(model.products) + 1))  # samples are in product order
    for product, gender, above in chances(model, ground.steps, products):
        own = samples.take(np.arange(begin[product], begin[product + 1]))
        answered = ground.evidence.answered(product, gender, own) & bool(model.products.runs[product])
        chance, size = size_chances(above), median_size(above)
        if found := breaks(size):
            key = f"{model.products.mall[product]} {model.products.product_id[product]} for {GENDERS[gender]}"
            raise ModelBroken(f"{found} monotone breaks in the table of {key}: nothing was written for it")
        yield Table(
            product, gender, chance, size, answered, _bands(chance, size, answered, ground.densities[gender]), own
        )


def chances(model: SizeModel, steps: Steps, products: np.ndarray) -> Iterator[tuple[int, int, np.ndarray]]:
    """(product, gender, P(size > k) as thresholds x heights x weights) of the products, for every gender."""
    height, weight = (axis.reshape(-1) for axis in np.meshgrid(HEIGHTS, WEIGHTS, indexing="ij"))
    terms = [
        body_terms(height.astype(float), weight.astype(float), np.full(height.shape, g)) for g in range(len(GENDERS))
    ]
    thresholds = model.products.thresholds
    for batch in _batches(products, thresholds):
        counts = thresholds[batch]
        owner = np.repeat(batch, counts)
        threshold = np.concatenate([np.arange(model.products.first[p], model.products.first[p + 1]) for p in batch])
        constants = np.column_stack(constant_features(model.products, model.effects, model.reviews, owner, threshold))
        for gender in range(len(GENDERS)):
            side = np.full(len(owner), np.nan if gender == UNKNOWN else float(gender))
            margin = steps.grids(np.column_stack([side, constants]).astype(np.float32))
            base = model.settings.damping * model.effects.slopes[batch] @ terms[gender].T
            margin += (
                np.repeat(base, counts, axis=0).reshape(-1, *GRID) - model.effects.threshold[threshold][:, None, None]
            )
            above = _risen(model.chance(margin, threshold))
            for product, rows in zip(batch, np.split(above, np.cumsum(counts)[:-1]), strict=True):
                yield int(product), gender, np.minimum.accumulate(rows, axis=0)


def _batches(products: np.ndarray, thresholds: np.ndarray) -> Iterator[np.ndarray]:
    begin = 0
    while begin < len(products):
        end, held = begin, 0
        while end < len(products) and (end == begin or held + thresholds[products[end]] <= _GRIDS_AT_ONCE):
            held += int(thresholds[products[end]])
            end += 1
        yield products[begin:end]
        begin = end


def _risen(above: np.ndarray) -> np.ndarray:
    """Rounding of sums taken away, so that equal neighbours are equal. Raises ModelBroken where it was no rounding."""
    risen = np.maximum.accumulate(np.maximum.accumulate(above, axis=1), axis=2)
    if (worst := float((risen - above).max(initial=0.0))) > 1e-9:
        raise ModelBroken(f"P(size > k) falls by {worst:.2g} as a body grows: the model is not monotone")
    return risen


def size_chances(above: np.ndarray) -> np.ndarray:
    """P(size = k) from P(size > k), first axis k."""
    whole, nothing = np.ones((1, *above.shape[1:])), np.zeros((1, *above.shape[1:]))
    full = np.concatenate([whole, above, nothing])
    return full[:-1] - full[1:]


def median_size(above: np.ndarray) -> np.ndarray:
    """The smallest k with P(size <= k) >= 0.5, first axis k."""
    return (above > 0.5).sum(axis=0)


def breaks(size: np.ndarray) -> int:
    """Pairs of neighbouring cells, one step in height or weight, where the larger body has the smaller size."""
    return int((np.diff(size, axis=0) < 0).sum() + (np.diff(size, axis=1) < 0).sum())


def _columns(model: SizeModel, table: Table) -> dict[str, np.ndarray]:
    """The rows of one table, a column each: arrays, since a data frame for each of thousands of tables costs more."""
    bands, answered = table.bands, table.bands.answered
    labels = np.array(model.products.runs[table.product] or (None,), dtype=object)
    height, low, high = HEIGHTS[bands.row], WEIGHTS[bands.begin], WEIGHTS[bands.end]
    has_second = answered & (len(labels) > 1)

    def every(text: str) -> np.ndarray:
        return np.full(len(height), text, dtype=object)

    return {
        "mall": every(model.products.mall[table.product]),
        "product_id": every(model.products.product_id[table.product]),
        "gender": every(GENDERS[table.gender]),
        "height_cm": height.astype(np.int16),
        "weight_from_kg": low.astype(np.int16),
        "weight_to_kg": high.astype(np.int16),
        "state": _STATES[answered.astype(np.int64)],
        "size_label": np.where(answered, labels[bands.size], None),
        "probability": np.where(answered, bands.probability, np.nan).astype(np.float32),
        "runner_up": np.where(has_second, labels[bands.second], None),
        "runner_up_probability": np.where(has_second, bands.second_probability, np.nan).astype(np.float32),
        "reviews": _reviews_near(table.own, table.gender, height, (low + high) / 2),
    }


def _bands(chance: np.ndarray, size: np.ndarray, answered: np.ndarray, dense: np.ndarray) -> Bands:
    """Runs of weights at one height with the same state, size, runner-up and probability class."""
    probability = np.take_along_axis(chance, size[None], axis=0)[0]
    others = chance.copy()
    np.put_along_axis(others, size[None], -1.0, axis=0)
    second = others.argmax(axis=0)
    second_probability = np.maximum(np.take_along_axis(others, second[None], axis=0)[0], 0.0)
    key = np.where(answered, ((size * 64 + second) * 16 + probability_class(probability)) + 1, 0)
    starts_at = np.ones(GRID, dtype=bool)
    starts_at[:, 1:] = np.diff(key, axis=1) != 0
    starts = np.flatnonzero(starts_at.reshape(-1))
    share = np.add.reduceat(dense.reshape(-1), starts)
    return Bands(
        starts=starts,
        answered=answered.reshape(-1)[starts],
        size=size.reshape(-1)[starts],
        probability=np.add.reduceat((probability * dense).reshape(-1), starts) / share,
        second=second.reshape(-1)[starts],
        second_probability=np.add.reduceat((second_probability * dense).reshape(-1), starts) / share,
    )


def probability_class(probability: np.ndarray) -> np.ndarray:
    """Below .4 is one class, then steps of .1."""
    return np.clip(np.floor(probability * 10 + 1e-9), 3, 9).astype(np.int64)


def _reviews_near(own: Samples, gender: int, height: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Samples within 5 cm and 5 kg of each band's centre; of the table's gender or of none, of any for `unknown`."""
    counted = np.ones(len(own), dtype=bool) if gender == UNKNOWN else np.isin(own.gender, (gender, UNKNOWN))
    near_height = np.abs(own.height_cm[counted][None, :] - HEIGHTS[:, None]) <= 5
    near_weight = np.abs(own.weight_kg[counted][None, :] - _CENTRES[:, None]) <= 5
    counts = near_height.astype(np.float32) @ near_weight.astype(np.float32).T
    return counts[height - HEIGHTS[0], np.rint((centre - WEIGHTS[0]) * 2).astype(np.int64)].astype(np.int32)


_CENTRES = np.arange(WEIGHTS[0], WEIGHTS[-1] + 0.25, 0.5)
