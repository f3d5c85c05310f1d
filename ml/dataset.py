"""The samples and products of a run_date, read from what the warehouse unloaded, and checked.

Every fault is found here and named, so that nothing behind it meets a column that is absent, a size index outside its
run or a height that is no number.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from include.lake import Lake, unload_folder
from ml.errors import BadValues, MissingColumns, NoSamples, NoUnload

log = logging.getLogger(__name__)

SAMPLE_COLUMNS = ("mall", "product_id", "review_id", "gender", "height_cm", "weight_kg", "bought_label", "size_index",
                  "fit", "fit_slight", "target", "weight", "reviewed_on", "first_run_date")  # fmt: skip
PRODUCT_COLUMNS = (
    "mall",
    "product_id",
    "name",
    "brand",
    "category",
    "size_run",
    "size_ruler",
    "reviews",
    "reviewed_until",
)
# Wider than the tables' grid: a body beyond the grid still says something of its edge.
_BOUNDS = {"height_cm": (120, 220), "weight_kg": (25, 200)}
_GENDERS = {"male", "female"}
_FITS = {"small", "true", "large"}


@dataclass(frozen=True)
class Dataset:
    """The unloaded rows of one run_date, in canonical order."""

    run_date: date
    samples: pd.DataFrame
    products: pd.DataFrame  # size_run is a tuple of labels


def read_dataset(lake: Lake, run_date: date) -> Dataset:
    """Samples and products of a run_date. Raises NoUnload, MissingColumns, BadValues or NoSamples."""
    products = check_products(_read(lake, "product", run_date, PRODUCT_COLUMNS))
    samples = check_samples(_read(lake, "sample", run_date, SAMPLE_COLUMNS), products)
    log.info("%s: %d samples of %d products, %d products in all", run_date, len(samples),
             samples.groupby(["mall", "product_id"]).ngroups, len(products))  # fmt: skip
    return Dataset(run_date, samples, products)


def _read(lake: Lake, entity: str, run_date: date, columns: tuple[str, ...]) -> pd.DataFrame:
    folder = unload_folder(entity, run_date)
    keys = [key for key, size in lake.list(folder) if key.endswith(".parquet") and size]
    if not keys:
        raise NoUnload(f"{lake.uri(folder)} holds no Parquet: run load_warehouse for {run_date} first")
    tables = [lake.get_table(key) for key in keys]
    for key, table in zip(keys, tables, strict=True):
        absent = [column for column in columns if column not in table.column_names]
        if absent:
            raise MissingColumns(f"{lake.uri(key)} lacks {', '.join(absent)}; it has {', '.join(table.column_names)}")
    return pa.concat_tables([table.select(columns) for table in tables], promote_options="permissive").to_pandas()


def check_products(frame: pd.DataFrame) -> pd.DataFrame:
    """Products in key order with their runs read. Raises BadValues."""
    frame = frame.copy()
    _text(frame, ("mall", "product_id"))
    frame["size_run"] = [_run(value, key) for value, key in zip(frame["size_run"], frame["product_id"], strict=True)]
    double = frame.duplicated(["mall", "product_id"])
    if double.any():
        raise BadValues(f"{int(double.sum())} products stand twice in the unload, first {_key(frame[double])}")
    return frame.sort_values(["mall", "product_id"], kind="stable", ignore_index=True)


def check_samples(frame: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """Samples in canonical order, every value within its bounds. Raises BadValues or NoSamples."""
    frame = frame.copy()
    if frame.empty:
        raise NoSamples("mart.sample is empty for this run_date: no review had body, size and a known product")
    _text(frame, ("mall", "product_id", "review_id"))
    for column in ("height_cm", "weight_kg", "size_index", "target", "weight"):
        frame[column] = pd.to_numeric(frame[column], errors="coerce").astype(float)
        _refuse(frame, ~np.isfinite(frame[column]), f"{column} is not a finite number")
    for column, (low, high) in _BOUNDS.items():
        _refuse(frame, ~frame[column].between(low, high), f"{column} lies outside {low}..{high}")
    _refuse(frame, frame["weight"] < 0, "weight is below zero")
    _refuse(frame, frame["gender"].notna() & ~frame["gender"].isin(_GENDERS), "gender is none of male, female, NULL")
    _refuse(frame, frame["fit"].notna() & ~frame["fit"].isin(_FITS), "fit is none of small, true, large, NULL")
    sizes = products.assign(sizes=products["size_run"].map(len))[["mall", "product_id", "sizes"]]
    joined = frame.merge(sizes, on=["mall", "product_id"], how="left", validate="many_to_one")
    _refuse(joined, joined["sizes"].isna(), "the product is not in the product unload")
    last = joined["sizes"] - 1
    for column in ("size_index", "target"):
        _refuse(joined, (joined[column] < 0) | (joined[column] > last), f"{column} lies outside the product's size run")
    _refuse(joined, joined["size_index"] % 1 != 0, "size_index is not a whole number")
    _refuse(joined, joined.duplicated(["mall", "review_id"]), "the review stands twice")
    ordered = joined.drop(columns="sizes").sort_values(
        ["mall", "product_id", "review_id"], kind="stable", ignore_index=True
    )
    return ordered.astype({"size_index": np.int64})


def _run(value: object, product_id: str) -> tuple[str, ...]:
    try:
        run = json.loads(value) if isinstance(value, str) else []
    except json.JSONDecodeError as error:
        raise BadValues(f"size_run of product {product_id} is not JSON: {error}") from error
    if not isinstance(run, list) or not all(isinstance(label, str) and label for label in run):
        raise BadValues(f"size_run of product {product_id} is not a list of labels: {value!r}")
    if len(set(run)) != len(run):
        raise BadValues(f"size_run of product {product_id} names a size twice: {value!r}")
    return tuple(run)


def _text(frame: pd.DataFrame, columns: tuple[str, ...]) -> None:
    for column in columns:
        _refuse(frame, frame[column].isna() | (frame[column] == ""), f"{column} is empty")
        frame[column] = frame[column].astype(str)


def _refuse(frame: pd.DataFrame, wrong: pd.Series, what: str) -> None:
    if wrong.any():
        raise BadValues(f"{int(wrong.sum())} of {len(frame)} rows: {what}; first {_key(frame[wrong])}")


def _key(frame: pd.DataFrame) -> str:
    names = [name for name in ("mall", "product_id", "review_id", "height_cm", "weight_kg", "size_index", "target")
             if name in frame]  # fmt: skip
    return ", ".join(f"{name}={frame.iloc[0][name]}" for name in names)
