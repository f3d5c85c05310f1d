"""Our model against the first system's, on the same splits: `python -m ml.bakeoff --reviews FILE --out FILE.json`.

FILE has the columns of the benchmark, or item_id, height, weight, size, gender. A split holds out a fifth of the
(product, body, gender) groups, dealt by a printed salt. Every candidate's setting is chosen on a fifth of the training
groups; ours is the setting of the daily training. Our answers are those of the published tables, also where these would
not answer.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from ml.bakeoff_split import OURS, judge_candidate, judge_ours, split
from ml.candidates import CANDIDATES, Candidate
from ml.errors import BadValues, SizeModelError
from ml.evaluate import Judged, paired_bootstrap, summarise
from ml.features import Products, Samples, encode_products, encode_samples
from ml.model import Settings
from ml.raw_reviews import OPTIONAL, REQUIRED, clean

SALTS = ("otto-1", "otto-2", "otto-3", "otto-4", "otto-5")
_FILE_NAMES = {"item_id": "product_id", "size": "size_option"}


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line: prints one table and writes all figures."""
    parser = argparse.ArgumentParser(prog="python -m ml.bakeoff", description=__doc__.splitlines()[0])
    parser.add_argument("--reviews", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--splits", type=int, default=len(SALTS), choices=range(1, len(SALTS) + 1))
    parser.add_argument("--min-rows", type=int, default=100, help="products with fewer clean rows are left out")
    names = [candidate.name for candidate in CANDIDATES]
    parser.add_argument("--candidates", nargs="*", default=names, choices=names)
    parser.add_argument("--pictures", type=Path, help="folder of learning curves, calibration and maps of one split")
    given = parser.parse_args(arguments)
    try:
        products, samples = read_letters(given.reviews, given.min_rows)
    except SizeModelError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    print(f"{len(samples)} rows of {len(products)} products; salts {', '.join(SALTS[: given.splits])}", flush=True)
    chosen = [candidate for candidate in CANDIDATES if candidate.name in given.candidates]
    with threadpool_limits(limits=1, user_api="blas"):
        found = [dict(run_split(salt, products, samples, chosen)) for salt in SALTS[: given.splits]]
    models = summarise_splits(found)
    report = {"rows": len(samples), "products": len(products), "salts": SALTS[: given.splits],
              "settings": asdict(Settings()), "models": models}  # fmt: skip
    given.out.write_text(json.dumps(report, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
    _tell(models)
    if given.pictures:
        from ml.bakeoff_pictures import write_pictures  # matplotlib is only needed here

        judged = {name: one[0] for name, one in found[0].items()}
        for path in write_pictures(given.pictures, SALTS[0], products, samples, chosen, judged):
            print(path)
    return 0


def read_letters(path: Path, min_rows: int) -> tuple[Products, Samples]:
    """Clean samples of letter-sized products with enough rows. Raises BadValues."""
    products_frame, rows = read_letter_rows(path, min_rows)
    products = encode_products(products_frame)
    return products, encode_samples(rows, products)


def read_letter_rows(path: Path, min_rows: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same as frames: products, and samples in the file's order. Raises BadValues."""
    try:
        raw = pd.read_csv(path, dtype=str, keep_default_na=False).rename(columns=_FILE_NAMES)
    except OSError as error:
        raise BadValues(f"{path} cannot be read: {error}") from error
    raw = raw.assign(**{name: "" for name in (*REQUIRED, *OPTIONAL) if name not in raw.columns})
    cleaned = clean(raw)
    counts = cleaned.samples["product_id"].value_counts()
    wanted = cleaned.products["size_ruler"].eq("letter") & (cleaned.products["product_id"].map(counts) >= min_rows)
    if not wanted.any():
        raise BadValues(f"{path} has no letter-sized product with {min_rows} clean rows")
    products = cleaned.products[wanted]
    return products, cleaned.samples[cleaned.samples["product_id"].isin(products["product_id"])]


def run_split(
    salt: str, products: Products, samples: Samples, candidates: list[Candidate]
) -> Iterator[tuple[str, Any]]:
    """(name, (judged rows, breaks, seconds)) of ours and of each candidate."""
    train, test = split(salt, samples)
    began = time.monotonic()
    judged, breaks = judge_ours(products, train, test)
    yield OURS, (judged, breaks, time.monotonic() - began)
    for candidate in candidates:
        began = time.monotonic()
        judged = judge_candidate(candidate, products, train, test)
        yield candidate.name, (judged, None, time.monotonic() - began)


def summarise_splits(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Means over the splits, both standard errors, and the paired gain of ours."""
    report = {}
    for name in found[0]:
        splits = [summarise(split[name][0]) for split in found]
        women = [summarise(split[name][0].take(split[name][0].gender == 1)) for split in found]
        figures: dict[str, Any] = {
            key: _mean(one[key] for one in splits) for key in ("exact", "within_one", "log_loss", "mean_error", "ece")
        }
        figures |= {
            "women_exact": _mean(one["exact"] for one in women),
            "women_ece": _mean(one["ece"] for one in women),
        }
        figures |= {"breaks": found[0][name][1], "seconds": _mean(split[name][2] for split in found)}
        figures |= _errors([split[name][0] for split in found])
        if name != OURS:
            figures |= _gains([split[OURS][0] for split in found], [split[name][0] for split in found])
        report[name] = figures
    return report


def _errors(splits: list[Judged]) -> dict[str, float | None]:
    """Standard errors of exactness in one split: of rows, and clustered by product."""
    by_row, by_product = [], []
    for judged in splits:
        hit = judged.hit.astype(float)
        by_row.append(float(hit.std() / np.sqrt(len(hit))))
        _, cluster = np.unique(judged.product, return_inverse=True)
        by_product.append(float(np.sqrt((np.bincount(cluster, hit - hit.mean()) ** 2).sum()) / len(hit)))
    return {"se_rows": _mean(by_row), "se_products": _mean(by_product)}


def _gains(ours: list[Judged], theirs: list[Judged]) -> dict[str, Any]:
    product = np.concatenate([judged.product for judged in ours])
    exact = np.concatenate([a.hit.astype(float) - b.hit for a, b in zip(ours, theirs, strict=True)])
    loss = np.concatenate([b.loss - a.loss for a, b in zip(ours, theirs, strict=True)])
    return {
        "exact_gain": float(exact.mean()), "exact_gain_95": paired_bootstrap(exact, product),
        "log_loss_gain": float(loss.mean()), "log_loss_gain_95": paired_bootstrap(loss, product),
    }  # fmt: skip


def _mean(values: Any) -> float | None:
    """None where a split has no such row."""
    every = list(values)
    return None if None in every else float(np.mean(every))


def _tell(models: dict[str, dict[str, Any]]) -> None:
    columns = (
        "exact",
        "within_one",
        "log_loss",
        "ece",
        "women_exact",
        "women_ece",
        "seconds",
        "exact_gain",
        "log_loss_gain",
    )
    print(f"{'':32}" + "".join(f"{name:>14}" for name in columns))
    for name, figures in models.items():
        cells = (f"{figures[column]:14.4f}" if figures.get(column) is not None else f"{'':14}" for column in columns)
        print(f"{name:32}" + "".join(cells))
    ours = models[OURS]
    errors = f"rows {ours['se_rows']:.4f}, products {ours['se_products']:.4f}"
    print(f"breaks {ours['breaks']}; standard error of exact in one split: {errors}")


if __name__ == "__main__":
    sys.exit(main())
