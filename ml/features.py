"""Samples and products as the arrays that the size model learns from. Pure: frames in, arrays out.

A sample of a product with K sizes becomes K - 1 stacked rows, one a threshold k: how much of the sample's size lies
above k. `target` is a real place in the run, so a review that says "small" gives a fraction at one threshold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ml import rulers

GENDERS = ("male", "female", "unknown")
# How a gender enters a linear score: male and female half a unit to either side, unknown between them.
GENDER_SIDE = np.array([-0.5, 0.5, 0.0])
UNKNOWN = 2

# Centre and spread of Korean adults, so that slopes are of order one. Weight enters as its logarithm: ten kilograms
# mean more for a small person than for a big one, and one slope is then nearly enough.
_HEIGHT_CENTRE, _HEIGHT_SPREAD = 169.0, 8.0
_WEIGHT_CENTRE, _WEIGHT_SPREAD = 66.0, 0.2

BODY_TERMS = ("height", "weight", "female", "female_height", "female_weight")


@dataclass(frozen=True)
class Products:
    """The products of a run_date in key order, and the thresholds between their sizes laid end to end."""

    mall: list[str]
    product_id: list[str]
    brand: list[str]
    category: list[str]
    ruler: list[str]
    runs: list[tuple[str, ...]]
    first: np.ndarray  # where the thresholds of product p begin; one longer than the products
    place: np.ndarray  # a threshold's place on its ruler

    def __len__(self) -> int:
        return len(self.mall)

    @property
    def thresholds(self) -> np.ndarray:
        """How many thresholds each product has: one fewer than it has sizes."""
        return np.diff(self.first)

    @cached_property
    def lettered(self) -> np.ndarray:
        """Which products are sized by letters."""
        return np.array([ruler.startswith("letter") for ruler in self.ruler], dtype=bool)


@dataclass(frozen=True)
class Samples:
    """The samples in canonical order: product, then body, then what was bought."""

    product: np.ndarray  # index into Products
    height_cm: np.ndarray
    weight_kg: np.ndarray
    gender: np.ndarray  # index into GENDERS
    target: np.ndarray
    weight: np.ndarray
    bought: np.ndarray  # the size index that was bought, never moved by fit
    group: np.ndarray  # one number for equal product, body and gender: never split between train and test
    day: np.ndarray  # of the review, datetime64[D]; NaT where it is not stated

    def __len__(self) -> int:
        return len(self.product)

    def take(self, which: np.ndarray | slice) -> Samples:
        """The samples of a mask, of positions or of a slice."""
        return Samples(*(getattr(self, name)[which] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Stacked:
    """Samples times the thresholds of their product."""

    sample: np.ndarray
    threshold: np.ndarray  # index into Products.place
    above: np.ndarray  # the share of the sample above this threshold, 0..1


def encode_products(frame: pd.DataFrame) -> Products:
    """Products from rows with mall, product_id, brand, category, size_ruler and size_run (a list), in key order."""
    ordered = frame.sort_values(["mall", "product_id"], kind="stable")
    runs = [tuple(run) for run in ordered["size_run"]]
    between = [rulers.steps(run) for run in runs]
    first = np.concatenate([[0], np.cumsum([len(steps) for steps in between])]).astype(np.int64)
    return Products(
        mall=ordered["mall"].tolist(),
        product_id=ordered["product_id"].tolist(),
        brand=ordered["brand"].fillna("").tolist(),
        category=ordered["category"].fillna("").tolist(),
        ruler=ordered["size_ruler"].fillna("").tolist(),
        runs=runs,
        first=first,
        place=np.array([place for steps in between for place in steps], dtype=float),
    )


def encode_samples(frame: pd.DataFrame, products: Products) -> Samples:
    """Samples of known products in canonical order, so that the order of the rows that come in does not matter."""
    index = {key: at for at, key in enumerate(zip(products.mall, products.product_id, strict=True))}
    columns = {
        "product": np.array(
            [index[key] for key in zip(frame["mall"], frame["product_id"], strict=True)], dtype=np.int64
        ),
        "height_cm": frame["height_cm"].to_numpy(float),
        "weight_kg": frame["weight_kg"].to_numpy(float),
        "gender": gender_codes(frame["gender"]),
        "target": frame["target"].to_numpy(float),
        "weight": frame["weight"].to_numpy(float),
        "bought": frame["size_index"].to_numpy(np.int64),
        "day": _days(frame),
    }
    sort_keys = ("product", "height_cm", "weight_kg", "gender", "bought", "target", "weight", "day")
    order = np.lexsort([columns[name] for name in reversed(sort_keys)])
    columns = {name: column[order] for name, column in columns.items()}
    return Samples(group=_groups(columns, products), **columns)


def _days(frame: pd.DataFrame) -> np.ndarray:
    if "reviewed_on" not in frame:
        return np.full(len(frame), np.datetime64("NaT"), dtype="datetime64[D]")
    return pd.to_datetime(frame["reviewed_on"]).to_numpy("datetime64[D]")


def gender_codes(genders: Iterable[object]) -> np.ndarray:
    """Index into GENDERS; whatever is not male or female is unknown."""
    codes: dict[object, int] = {"male": 0, "female": 1}
    return np.array([codes.get(gender, UNKNOWN) for gender in genders], dtype=np.int64)


def _groups(columns: dict[str, np.ndarray], products: Products) -> np.ndarray:
    """A number from a hash of product, body and gender: the same on every machine and in every file."""
    keys: Sequence[tuple] = list(
        zip(columns["product"], columns["height_cm"], columns["weight_kg"], columns["gender"], strict=True)
    )
    seen: dict[tuple, int] = {}
    for key in keys:
        if key not in seen:
            text = f"{products.mall[key[0]]}|{products.product_id[key[0]]}|{key[1]:.1f}|{key[2]:.1f}|{key[3]}"
            seen[key] = stable_hash(text)
    return np.array([seen[key] for key in keys], dtype=np.uint64)


def stable_hash(text: str) -> int:
    """64 bits of SHA-256."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def folds(group: np.ndarray, count: int, salt: int = 0) -> np.ndarray:
    """A fold number from each group's hash; another salt deals the groups anew."""
    mixed = (group ^ np.uint64(stable_hash(f"salt {salt}"))) * np.uint64(0x9E3779B97F4A7C15)
    return ((mixed >> np.uint64(33)) % np.uint64(count)).astype(np.int64)


def body_terms(height_cm: np.ndarray, weight_kg: np.ndarray, gender: np.ndarray) -> np.ndarray:
    """One column a BODY_TERMS; a score with slopes on them rises with the body when the slopes of its gender do."""
    height = (height_cm - _HEIGHT_CENTRE) / _HEIGHT_SPREAD
    weight = np.log(weight_kg / _WEIGHT_CENTRE) / _WEIGHT_SPREAD
    side = GENDER_SIDE[gender]
    return np.column_stack([height, weight, side, side * height, side * weight])


def stack(samples: Samples, products: Products) -> Stacked:
    """Every sample at every threshold of its product."""
    counts = products.thresholds[samples.product]
    sample = np.repeat(np.arange(len(samples)), counts)
    within = np.arange(len(sample)) - np.repeat(np.cumsum(counts) - counts, counts)
    threshold = products.first[samples.product[sample]] + within
    return Stacked(sample, threshold, np.clip(samples.target[sample] - within, 0.0, 1.0))
