"""Invented products and reviews with a known size rule, and a lake in memory."""

from __future__ import annotations

import io
import json
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from include.lake import Lake, unload_folder

RUN_DATE = date(2026, 11, 22)
LETTERS = ["S", "M", "L", "XL"]


class FakeS3:
    """The part of an S3 client that Lake uses, over a dict."""

    class exceptions:  # noqa: N801 (boto3's own spelling)
        class NoSuchKey(Exception):  # noqa: N818
            """No object of this key."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_object(self, *, Key: str, Body: bytes, **_: Any) -> None:  # noqa: N803
        self.objects[Key] = Body

    def get_object(self, *, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        if Key not in self.objects:
            raise self.exceptions.NoSuchKey(Key)
        return {"Body": io.BytesIO(self.objects[Key])}

    def delete_objects(self, *, Delete: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N803
        for entry in Delete["Objects"]:
            self.objects.pop(entry["Key"], None)
        return {}

    def get_paginator(self, _: str) -> FakeS3:
        return self

    def paginate(self, *, Prefix: str, **_: Any) -> list[dict[str, Any]]:  # noqa: N803
        keys = sorted(key for key in self.objects if key.startswith(Prefix))
        return [{"Contents": [{"Key": key, "Size": len(self.objects[key])} for key in keys]}]


def lake_with(products: pd.DataFrame, samples: pd.DataFrame, run_date: date = RUN_DATE) -> Lake:
    """A lake that holds one day's unload."""
    lake = Lake(FakeS3(), "invented")
    put_unload(lake, products, samples, run_date)
    return lake


def put_unload(lake: Lake, products: pd.DataFrame, samples: pd.DataFrame, run_date: date = RUN_DATE) -> None:
    """Write the unload of a day as the warehouse does: size_run as JSON text."""
    stored = products.assign(size_run=[json.dumps(list(run)) for run in products["size_run"]])
    for entity, frame in (("product", stored), ("sample", samples)):
        table = pa.Table.from_pandas(frame, preserve_index=False)
        lake.put_table(unload_folder(entity, run_date) + "000.parquet", table)


def invent(products: int = 12, reviews: int = 120, seed: int = 1, run: list[str] | None = None,
           female_share: float = 0.3, fit: bool = True) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Products whose size rises with the body, each with an offset of its own, and noisy reviews of them."""
    random = np.random.default_rng(seed)
    run = LETTERS if run is None else run
    names = [f"p{number:03d}" for number in range(products)]
    frame = pd.DataFrame(
        {
            "mall": "musinsa", "product_id": names, "name": names, "brand": [f"b{n % 3}" for n in range(products)],
            "category": ["tops" if n % 2 else "bottoms" for n in range(products)], "gender": "unisex",
            "size_run": [list(run) for _ in names], "size_ruler": "letter", "size_chart": None, "sold_out": None,
            "listed": True, "reviews": reviews, "reviewed_until": date(2026, 11, 20),
        }
    )  # fmt: skip
    rows = []
    for name in names:
        offset = random.normal(0, 0.5)
        female = random.random(reviews) < female_share
        height = np.round(
            np.where(female, random.normal(161, 5, reviews), random.normal(174, 6, reviews)).clip(141, 199)
        )
        weight = np.round(np.where(female, random.normal(56, 8, reviews), random.normal(72, 11, reviews)).clip(36, 129))
        score = (weight - 66) / 11 + (height - 169) / 20 + offset + random.normal(0, 0.6, reviews)
        size = np.clip(np.floor(score + len(run) / 2), 0, len(run) - 1).astype(int)
        rows.append(_reviews(name, run, height, weight, female, size, random, fit))
    return frame, pd.concat(rows, ignore_index=True)


def _reviews(name: str, run: list[str], height: np.ndarray, weight: np.ndarray, female: np.ndarray, size: np.ndarray,
             random: np.random.Generator, fit: bool) -> pd.DataFrame:  # fmt: skip
    count = len(height)
    answers = np.array(["small", "true", "large", None], dtype=object)
    said = random.choice(answers, count, p=[0.1, 0.6, 0.1, 0.2]) if fit else np.full(count, None)
    return pd.DataFrame(
        {
            "run_date": RUN_DATE, "mall": "musinsa", "product_id": name,
            "review_id": [f"{name}-{n}" for n in range(count)],
            "gender": np.where(female, "female", "male"), "height_cm": height, "weight_kg": weight,
            "bought_label": [run[at] for at in size], "size_index": size, "fit": said, "fit_slight": False,
            "target": size.astype(float), "weight": 1.0, "reviewed_on": date(2026, 11, 1), "first_run_date": RUN_DATE,
        }
    )  # fmt: skip
