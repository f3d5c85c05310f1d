"""How the cost of the size model grows: 300, 3,000 and, with FULL=1, 30,000 products of 67 reviews each.

Timed is what the daily task does between its two files: samples encoded, the model trained, all size tables made. Each
number of products runs in a process of its own, whose highest resident memory is taken from the encoded samples on.
Judged is the growth from one number to the next against that of the products: above one is worse than linear.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import TypedDict

from threadpoolctl import threadpool_limits

from bench.row import Row, judged, reported
from ml import peak_memory, settings
from ml.features import encode_products, encode_samples
from ml.model import Settings
from ml.size_table import size_tables
from ml.training import fit_model
from tests.ml.invented import invent

SIZES = [300, 3_000] + ([30_000] if os.environ.get("FULL") == "1" else [])
REVIEWS_A_PRODUCT = 67
PICTURE = Path(__file__).parent / "results" / "model_growth.png"
_LINEAR = 1.0


class Cost(TypedDict):
    """Of one number of products."""

    products: int
    reviews: int
    encode_s: float
    train_s: float
    tables_s: float
    peak_mb: float
    base_mb: float  # what is held before training: the interpreter, its libraries and the samples
    bands: int


def measure_growth() -> list[Row]:
    """Seconds and memory of each number of products, judged from one to the next; and a plot beside the results."""
    costs = [_apart(products) for products in SIZES]
    PICTURE.write_bytes(_picture(costs))
    rows = []
    for cost in costs:
        name = f"{cost['products']:,} products, {cost['reviews']:,} reviews, {settings.threads()} threads"
        for part in ("encode", "train", "tables"):
            rows.append(reported(f"{part}, {name}", cost[f"{part}_s"], "s"))  # type: ignore[literal-required]
        rows.append(reported(f"peak memory, {name}", cost["peak_mb"], "MB"))
    for few, many in pairwise(costs):
        name = f"{many['products']:,} products against {few['products']:,}, a thousand products"
        for what, unit, of in (("seconds", "s", seconds), ("peak memory", "MB", _peak)):
            by_thousand = [of(cost) * 1000 / cost["products"] for cost in (many, few)]
            rows.append(judged(f"{what}, {name}", by_thousand[0], unit, _LINEAR, "less", reference=by_thousand[1]))
    return rows


def seconds(cost: Cost) -> float:
    """Samples encoded, model trained, tables made."""
    return cost["encode_s"] + cost["train_s"] + cost["tables_s"]


def _peak(cost: Cost) -> float:
    return cost["peak_mb"]


def _apart(products: int) -> Cost:
    done = subprocess.run([sys.executable, "-m", __spec__.name, str(products)], check=True, stdout=subprocess.PIPE,
                          cwd=Path(__file__).parents[1], text=True)  # fmt: skip
    found: Cost = json.loads(done.stdout)
    return found


def cost_of(products: int) -> Cost:
    """Measured in this process; the peak is that of the process."""
    frames = invent(products, reviews=REVIEWS_A_PRODUCT, fit=False)
    began = time.monotonic()
    encoded = encode_products(frames[0])
    samples = encode_samples(frames[1], encoded)
    encode_s = time.monotonic() - began
    del frames
    _give_back()
    base = peak_memory.resident_mb()
    peak_memory.forget()
    with threadpool_limits(limits=1, user_api="blas"):
        began = time.monotonic()
        model = fit_model(samples, encoded, Settings(threads=settings.threads()))
        train_s = time.monotonic() - began
        began = time.monotonic()
        bands = sum(len(part) for part in size_tables(model, samples, settings.threads()))
        tables_s = time.monotonic() - began
    peak = peak_memory.peak_mb()
    if base is None or peak is None:
        raise RuntimeError("this system does not tell a process's memory in /proc/self/status")
    return Cost(products=products, reviews=len(samples), encode_s=encode_s, train_s=train_s,
                tables_s=tables_s, peak_mb=peak, base_mb=base, bands=bands)  # fmt: skip


def _give_back() -> None:
    """What the frames held goes back to the system, so that it is not taken for the training's."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


def _picture(costs: list[Cost]) -> bytes:
    import matplotlib.pyplot as plt
    from matplotlib.ticker import NullLocator

    from ml.report_pictures import png

    figure, (time_axes, memory_axes) = plt.subplots(1, 2, figsize=(9, 3.6))
    products = [cost["products"] for cost in costs]
    for part in ("encode", "train", "tables"):
        values = [cost[f"{part}_s"] for cost in costs]  # type: ignore[literal-required]
        time_axes.loglog(products, values, marker="o", label=part)
    whole = [seconds(cost) for cost in costs]
    time_axes.loglog(products, whole, marker="o", color="black", label="together")
    time_axes.loglog(products, [whole[0] * n / products[0] for n in products], ":", color="grey", label="linear")
    memory_axes.semilogx(products, [cost["peak_mb"] for cost in costs], marker="o", color="black", label="peak")
    memory_axes.semilogx(products, [cost["base_mb"] for cost in costs], marker="o", label="before training")
    memory_axes.set_ylim(bottom=0)
    for axes, what in ((time_axes, f"seconds, {settings.threads()} threads"), (memory_axes, "MB, resident")):
        axes.set_xticks(products, [f"{count:,}" for count in products])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set(xlabel=f"products of {REVIEWS_A_PRODUCT} reviews", title=what)
        axes.legend(frameon=False)
    return png(figure)


if __name__ == "__main__":
    print(json.dumps(cost_of(int(sys.argv[1]))))
