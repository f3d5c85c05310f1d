"""Faults of an unload are named where they are read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from include.lake import unload_folder
from ml.dataset import check_products, check_samples, read_dataset
from ml.errors import BadValues, MissingColumns
from tests.ml.invented import RUN_DATE, invent, lake_with


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("height_cm", np.nan, "height_cm is not a finite number"),
        ("weight_kg", np.inf, "weight_kg is not a finite number"),
        ("height_cm", 90.0, "height_cm lies outside"),
        ("size_index", 4, "size_index lies outside the product's size run"),
        ("target", -0.1, "target lies outside"),
        ("gender", "men", "gender is none of"),
        ("fit", "tight", "fit is none of"),
        ("weight", -1.0, "weight is below zero"),
        ("product_id", "p9", "not in the product unload"),
    ],
)
def test_a_wrong_value_is_named_with_its_row(column: str, value: Any, message: str) -> None:
    products, samples = invent(products=2, reviews=5)
    samples[column] = samples[column].astype(object)
    samples.loc[3, column] = value
    with pytest.raises(BadValues, match=message):
        check_samples(samples, products)


def test_a_review_twice_is_refused() -> None:
    products, samples = invent(products=1, reviews=5)
    with pytest.raises(BadValues, match="stands twice"):
        check_samples(pd.concat([samples, samples.iloc[:1]]), products)


@pytest.mark.parametrize("run", ['{"a": 1}', "[1, 2]", "not json", '["S", "S"]'])
def test_a_size_run_that_is_no_list_of_labels_is_refused(run: str) -> None:
    products, _ = invent(products=1, reviews=1)
    with pytest.raises(BadValues, match="size_run of product p000"):
        check_products(products.assign(size_run=run))


def test_a_missing_column_is_named() -> None:
    products, samples = invent(products=1, reviews=3)
    lake = lake_with(products, samples)
    key = unload_folder("sample", RUN_DATE) + "000.parquet"
    lake.put_table(key, pa.Table.from_pandas(samples.drop(columns="target"), preserve_index=False))
    with pytest.raises(MissingColumns, match="lacks target"):
        read_dataset(lake, RUN_DATE)


def test_a_product_without_a_run_is_read_as_empty() -> None:
    products, _ = invent(products=1, reviews=1)
    assert check_products(products.assign(size_run=None))["size_run"].tolist() == [()]
