"""Our model against the first system's, on the same splits: `python -m ml.bakeoff --reviews FILE --out FILE.json`.

FILE has the columns of the benchmark, or item_id, height, weight, size, gender. A split holds out a fifth of the
(product, body, gender) groups, dealt by a printed salt. Every candidate's setting is chosen on a fifth of the training
groups; ours is the setting of the daily training. Our answers are those of the published tables, also where these would
not answer. Each trial runs in a process of its own. The neural networks need Keras, which `make bakeoff` installs.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from ml.bakeoff_figures import Split, groups, summarise_splits
from ml.bakeoff_network import NETWORKS, installed
from ml.bakeoff_split import OURS, every_candidate, split
from ml.bakeoff_trial import try_model
from ml.errors import BadValues, SizeModelError
from ml.features import Products, Samples, encode_products, encode_samples
from ml.model import Settings
from ml.raw_reviews import OPTIONAL, REQUIRED, clean

SALTS = ("otto-1", "otto-2", "otto-3", "otto-4", "otto-5")
_FILE_NAMES = {"item_id": "product_id", "size": "size_option"}
_COLUMNS = ("exact", "within_one", "log_loss", "mean_error", "ece", "women_exact", "women_ece", "seconds",
            "tuning_seconds", "memory_mb", "exact_gain", "log_loss_gain")  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line: prints one table and writes all figures."""
    parser = argparse.ArgumentParser(prog="python -m ml.bakeoff", description=__doc__.splitlines()[0])
    parser.add_argument("--reviews", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--splits", type=int, default=len(SALTS), choices=range(1, len(SALTS) + 1))
    parser.add_argument("--min-rows", type=int, default=100, help="products with fewer clean rows are left out")
    names = [candidate.name for candidate in every_candidate()]
    parser.add_argument("--candidates", nargs="*", default=names, choices=names)
    parser.add_argument("--pictures", type=Path, help="folder of learning curves, calibration and maps of one split")
    given = parser.parse_args(arguments)
    try:
        products, samples = read_letters(given.reviews, given.min_rows)
    except SizeModelError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    salts = SALTS[: given.splits]
    print(f"{len(samples)} rows of {len(products)} products; salts {', '.join(salts)}", flush=True)
    if not installed():
        print(f"Keras is not installed: without {', '.join(one.name for one in NETWORKS)} (see make bakeoff)")
    splits: list[Split] = []
    for salt in salts:
        splits.append(run_split(salt, products, samples, [OURS, *given.candidates], with_breaks=not splits))
        models = summarise_splits(splits)
        report = {"rows": len(samples), "products": len(products), "salts": salts[: len(splits)],
                  "settings": asdict(Settings()), "models": models}  # fmt: skip
        given.out.write_text(json.dumps(report, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
    _tell(models)
    if given.pictures:
        from ml.bakeoff_pictures import write_pictures  # matplotlib is only needed here

        judged = {name: trial.judged for name, trial in splits[0].trials.items()}
        chosen = [candidate for candidate in every_candidate() if candidate.name in given.candidates]
        for path in write_pictures(given.pictures, salts[0], products, samples, chosen, judged):
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


def run_split(salt: str, products: Products, samples: Samples, names: Sequence[str], *, with_breaks: bool) -> Split:
    """Every model on one split; breaks of candidates are looked for where asked."""
    trials = {}
    for name in names:
        trials[name] = trial = try_model(name, products, samples, salt, with_breaks)
        found = f"exact {trial.judged.hit.mean():.4f}, log loss {trial.judged.loss.mean():.4f}"
        cost = f"{trial.seconds:.1f} s after {trial.tuning_seconds:.1f} s of tuning"
        print(f"{salt}: {name}: {found}, setting {trial.setting}, {cost}", flush=True)
    return Split(trials, groups(*split(salt, samples)))


def _tell(models: dict[str, dict[str, Any]]) -> None:
    print(f"{'':32}" + "".join(f"{name:>15}" for name in (*_COLUMNS, "broken tables")))
    for name, figures in models.items():
        cells = (f"{figures[column]:15.4f}" if figures.get(column) is not None else f"{'':15}" for column in _COLUMNS)
        print(f"{name:32}" + "".join(cells) + f"{figures['broken_tables']:8} of {figures['tables']}")
    ours = models[OURS]
    errors = f"rows {ours['se_rows']:.4f}, products {ours['se_products']:.4f}"
    print(f"breaks {ours['breaks']}; standard error of exact in one split: {errors}")


if __name__ == "__main__":
    sys.exit(main())
