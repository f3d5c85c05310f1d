"""Invented releases: products with a known true size rule, laid into a lake as the warehouse and the model leave them.

The size of a body is where its build (height and weight on one scale) falls between cuts that rise along the size run,
so every table is monotone; shares fall off towards the cuts, so there are sure and unsure answers.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from include import lake as keys
from include.lake import Lake
from include.publish.bands import GENDERS, HEIGHTS_CM, WEIGHTS_KG

DAY = date(2026, 11, 22)
VERSION = "20261122-0123456789ab"
RUN = ["S", "M", "L", "XL"]

_SORTS = (
    ("tops", "릴렉스드 코튼 티셔츠", ["S", "M", "L", "XL", "2XL"], "men"),
    ("tops", "울 블렌드 라운드 니트", ["S", "M", "L", "XL"], "unisex"),
    ("bottoms", "와이드 데님 팬츠", ["W28", "W30", "W32", "W34", "W36"], "men"),
    ("outer", "라이트 다운 재킷", ["090", "095", "100", "105", "110"], "unisex"),
    ("dress", "리넨 셔츠 원피스", ["44", "55", "66", "77"], "women"),
    ("bottoms", "턱 테이퍼드 슬랙스", ["S", "M", "L", "XL"], "unisex"),
)
_BRANDS = ("무명상점", "Northfold", "소소공방", "HALF MOON", "오늘의옷", "Basic Dept.")


def product(number: int, **changes: Any) -> dict[str, Any]:
    """One row of the warehouse's product unload."""
    category, name, run, gender = _SORTS[number % len(_SORTS)]
    row = {
        "mall": "musinsa",
        "product_id": f"{1_000_000 + number}",
        "name": f"{name} {number + 1}",
        "brand": _BRANDS[number % len(_BRANDS)],
        "category": category,
        "gender": gender,
        "gender_implied": False,
        "price_krw": 19_900 + number * 7_000 % 150_000,
        "image_url": f"https://image.msscdn.net/images/{number}.jpg",
        "product_url": f"https://www.musinsa.com/products/{1_000_000 + number}",
        "size_run": json.dumps(run),
        "size_ruler": "letter",
        "size_chart": json.dumps(
            [{"label": label, "parts": {"총장": 66 + 2 * at, "가슴단면": 50 + 3 * at}} for at, label in enumerate(run)]
        ),
        "sold_out": json.dumps(run[-1:]) if number % 5 == 2 else None,
        "listed": True,
        "reviews": 40 + number * 37 % 900,
        "reviewed_until": DAY - timedelta(days=number % 9),
    }
    return row | changes


def bands(mall: str, product_id: str, gender: str, run: list[str], evidence: bool = True) -> list[dict[str, Any]]:
    """One table's bands."""
    heights = np.arange(HEIGHTS_CM[0], HEIGHTS_CM[1] + 1)
    weights = np.arange(WEIGHTS_KG[0], WEIGHTS_KG[1] + 1)
    shift = {"male": 0.0, "female": -1.5, "unknown": -0.6}[gender] + (int(product_id) % 7 - 3) * 1.5
    rows = []
    for height in heights:
        build = (height - 170) * 0.45 + (weights - 68) * 0.8 + shift
        cuts = (np.arange(1, len(run)) - len(run) / 2) * 9.5
        above = 1 / (1 + np.exp(-(build[:, None] - cuts[None, :]) / 3.2))
        share = -np.diff(np.hstack([np.ones((len(weights), 1)), above, np.zeros((len(weights), 1))]), axis=1)
        size = (above >= 0.5).sum(axis=1)
        rows += _height(mall, product_id, gender, run, int(height), weights, size, share, evidence)
    return rows


def _height(mall, product_id, gender, run, height, weights, size, share, evidence) -> list[dict[str, Any]]:
    others = share.copy()
    others[np.arange(len(weights)), size] = -1
    second = others.argmax(axis=1)
    here = share[np.arange(len(weights)), size]
    silent = (abs(weights - 22 * (height / 100) ** 2) > 26) | (not evidence)
    step = np.maximum(np.floor(here * 10), 3)
    mark = np.where(silent, -1, size * 10_000 + second * 100 + step)
    edges = np.flatnonzero(np.diff(mark)) + 1
    rows = []
    for cells in np.split(np.arange(len(weights)), edges):
        answered = not silent[cells[0]]
        centre = weights[cells].mean()
        rows.append(
            {
                "mall": mall,
                "product_id": product_id,
                "gender": gender,
                "height_cm": height,
                "weight_from_kg": int(weights[cells[0]]),
                "weight_to_kg": int(weights[cells[-1]]),
                "state": "answered" if answered else "no_evidence",
                "size_label": run[size[cells[0]]] if answered else None,
                "probability": float(here[cells].mean()) if answered else None,
                "runner_up": run[second[cells[0]]] if answered else None,
                "runner_up_probability": float(others[cells, second[cells]].mean()) if answered else None,
                "reviews": int(25 * np.exp(-(((height - 172) / 12) ** 2) - ((centre - 68) / 14) ** 2))
                if answered
                else 0,
            }
        )
    return rows


def tables_of(rows: list[dict[str, Any]]) -> pa.Table:
    """Bands as the model writes them."""
    text, small = pa.string(), pa.int16()
    types = [("mall", text), ("product_id", text), ("gender", text), ("height_cm", small), ("weight_from_kg", small)]
    types += [("weight_to_kg", small), ("state", text), ("size_label", text), ("probability", pa.float32())]
    types += [("runner_up", text), ("runner_up_probability", pa.float32()), ("reviews", pa.int32())]
    return pa.Table.from_pylist(rows, schema=pa.schema(types))


def lay(
    lake: Lake,
    run_date: date = DAY,
    products: list[dict[str, Any]] | None = None,
    rows: list[dict[str, Any]] | None = None,
    version: str = VERSION,
    genders: tuple[str, ...] = GENDERS,
) -> None:
    """Put a whole day into the lake: accepted model, tables, products, ranking."""
    products = [product(number) for number in range(3)] if products is None else products
    if rows is None:
        rows = [
            row
            for each in products
            for gender in genders
            for row in bands(
                each["mall"], each["product_id"], gender, json.loads(each["size_run"]), each["reviews"] > 0
            )
        ]
    half = len(rows) // 2
    for part, some in enumerate((rows[:half], rows[half:])):
        lake.put_table(f"{keys.model_folder(version)}tables/{part:04d}.parquet", tables_of(some))
    lake.put_table(
        f"{keys.model_folder(version)}products.parquet", pa.Table.from_pylist([_learned(p) for p in products])
    )
    lake.put_table(f"{keys.unload_folder('product', run_date)}0000_part_00.parquet", pa.Table.from_pylist(products))
    lake.put_table(f"{keys.unload_folder('product_rank', run_date)}0000_part_00.parquet", _ranking(products, run_date))
    lake.put_json(keys.accepted_key(run_date), {"model_version": version})


def _learned(row: dict[str, Any]) -> dict[str, Any]:
    number = int(row["product_id"]) if row["product_id"].isdigit() else 0
    advice = ("true", "small", "true", "large")[number % 4] if row["reviews"] else None
    return {
        "mall": row["mall"],
        "product_id": row["product_id"],
        "size_run": row["size_run"],
        "fit_advice": advice,
        "fit_share": 0.62 if advice else None,
        "reviews": row["reviews"],
        "reviewed_until": row["reviewed_until"],
    }


def _ranking(products: list[dict[str, Any]], run_date: date) -> pa.Table:
    places: dict[tuple[str, str], int] = {}
    rows = []
    for each in products:
        key = (each["mall"], each["category"])
        places[key] = places.get(key, 0) + 1
        rows.append(
            {
                "mall": each["mall"],
                "category": each["category"],
                "rank": places[key],
                "product_id": each["product_id"],
                "run_date": run_date,
            }
        )
    return pa.Table.from_pylist(rows)
