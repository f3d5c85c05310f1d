"""Train on one CSV of raw reviews, answer another: `python -m ml.benchmark --train A.csv --test B.csv --out P.csv`.

It runs the code of the daily training: the project's rules clean the rows, the size model learns, the size tables are
made, and each test row is looked up in them. An answer uses no other test row, nor its own size_option or fit.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from ml import settings
from ml.benchmark_metrics import metrics
from ml.body import HEIGHTS, WEIGHTS
from ml.errors import SizeModelError
from ml.features import Products, encode_products, encode_samples, gender_codes
from ml.lookup import Answers, look_up
from ml.model import Settings
from ml.raw_reviews import MALL, Cleaned, clean, place_in_run, product_rulers, read_bodies, read_csv, read_option
from ml.training import fit_model

REFUSED, ANSWERED, NO_EVIDENCE = "refused", "answered", "no_evidence"
# A product that training never saw is given the sizes that at least this share of its category's buyers bought.
_BORROWED_SHARE = 0.01
_BORROWED = "borrowed"  # stands for a mall, so that no product id can be mistaken


@dataclass(frozen=True)
class Truth:
    """The size bought in each test row, normalised; and its place in the product's run, -1 where it is not in it."""

    label: list[str]
    index: np.ndarray


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Prints what was refused and the main figures; ends with 2 on bad input."""
    parser = argparse.ArgumentParser(prog="python -m ml.benchmark", description=__doc__.splitlines()[0])
    for name, needed in (("train", True), ("test", True), ("out", True), ("metrics", False), ("probabilities", False)):
        parser.add_argument(f"--{name}", type=Path, required=needed)
    given = parser.parse_args(arguments)
    began = time.monotonic()
    try:
        train, test = read_csv(given.train), read_csv(given.test)
        figures = run(train, test, given.out, given.probabilities)
    except SizeModelError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    figures["seconds"] = round(time.monotonic() - began, 3)
    figures["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    if given.metrics:
        given.metrics.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    _tell(figures)
    return 0


def run(train: pd.DataFrame, test: pd.DataFrame, out: Path, probabilities: Path | None) -> dict:
    """Train, answer, write PREDICTIONS and PROBABILITIES; gives the metrics but for time and memory."""
    cleaned, rulers = clean(train), product_rulers(train)
    known = with_borrowed(cleaned)
    products = encode_products(known)
    samples = encode_samples(cleaned.samples, products)
    bodies = read_bodies(test)
    reasons = refusals(test, bodies)
    asked = np.flatnonzero(reasons == "")
    product = find_products(test.iloc[asked], products)
    truth = true_sizes(test.iloc[asked], products, product, rulers)
    height_cm, weight_kg = (bodies[name].to_numpy(float)[asked] for name in ("height_cm", "weight_kg"))
    gender = gender_codes(bodies["gender"].iloc[asked])
    with threadpool_limits(limits=1, user_api="blas"):
        model = fit_model(samples, products, replace(Settings(), threads=settings.threads()))
        answers = look_up(model, samples, product, height_cm, weight_kg, gender)
    _write_predictions(out, asked, products, product, answers, truth, _true_labels(test, rulers))
    if probabilities:
        _write_probabilities(probabilities, asked, products, product, answers)
    counts = np.bincount(samples.product, minlength=len(products))[product]
    has_truth = np.array([label != "" for label in truth.label], dtype=bool)
    found = metrics(answers, truth.index, has_truth, product, gender, counts)
    refused = Counter(reason for reason in reasons if reason)
    return {"rows": len(test), "refused": dict(sorted(refused.items())), "train_rows": len(train),
            "train_samples": len(samples), "train_left_out": cleaned.left_out, **found}  # fmt: skip


def refusals(test: pd.DataFrame, bodies: pd.DataFrame) -> np.ndarray:
    """Why a row cannot be answered, empty where it can: its product and body alone decide."""
    reasons = np.full(len(test), "", dtype=object)
    for column, (low, high) in (("weight_kg", (WEIGHTS[0], WEIGHTS[-1])), ("height_cm", (HEIGHTS[0], HEIGHTS[-1]))):
        value = bodies[column].to_numpy(float)
        reasons[(value < low) | (value > high)] = f"{column}_out_of_range"
        reasons[np.isnan(value)] = f"{column}_unreadable"
    reasons[(test["product_id"] == "").to_numpy()] = "no_product_id"
    return reasons


def with_borrowed(cleaned: Cleaned) -> pd.DataFrame:
    """The products, and one without a review for each brand and category: what an unseen product is taken for.

    They depend on the training rows alone, so that no test row can touch the answer of another.
    """
    joined = cleaned.samples.merge(cleaned.products, on=["mall", "product_id"])
    overall = _usual_run(joined) if len(joined) else ("", ())
    usual = {str(category): _usual_run(some) for category, some in joined.groupby("category")}
    seen = set(zip(cleaned.products["brand"], cleaned.products["category"], strict=True))
    pairs = seen | {(brand, "") for brand, _ in seen} | {("", category) for _, category in seen} | {("", "")}
    rows = []
    for brand, category in sorted(pairs):
        ruler, run = usual.get(category, overall)
        rows.append({"mall": _BORROWED, "product_id": json.dumps([brand, category]), "brand": brand,
                     "category": category, "size_ruler": ruler, "size_run": run})  # fmt: skip
    return pd.concat([cleaned.products, pd.DataFrame(rows, columns=cleaned.products.columns)], ignore_index=True)


def find_products(test: pd.DataFrame, products: Products) -> np.ndarray:
    """Each row's product; of an unseen one, its brand's and category's, else its brand's, else its category's."""
    index = {key: at for at, key in enumerate(zip(products.mall, products.product_id, strict=True))}
    found = []
    for name, brand, category in zip(test["product_id"], test["brand"], test["category"], strict=True):
        pairs = ((brand, category), (brand, ""), ("", category), ("", ""))
        keys = [(MALL, name), *((_BORROWED, json.dumps(pair)) for pair in pairs)]
        found.append(next(index[key] for key in keys if key in index))
    return np.array(found, dtype=np.int64)


def _usual_run(joined: pd.DataFrame) -> tuple[str, tuple[str, ...]]:
    ruler = joined["size_ruler"].value_counts(sort=True).index[0]
    on_ruler = joined[joined["size_ruler"] == ruler]
    bought = Counter(run[at] for run, at in zip(on_ruler["size_run"], on_ruler["size_index"], strict=True))
    kept = [label for label, count in bought.items() if count >= _BORROWED_SHARE * len(on_ruler)]
    places = {label: option.order for label in kept if (option := read_option(label, ruler)) is not None}
    return str(ruler), tuple(sorted(places, key=lambda label: (places[label], label)))


def true_sizes(test: pd.DataFrame, products: Products, product: np.ndarray, rulers: dict[str, str | None]) -> Truth:
    """What was bought in each asked row."""
    labels, places = [], []
    for option, name, at in zip(test["size_option"], test["product_id"], product, strict=True):
        size = read_option(option, rulers.get(name))
        place = place_in_run(size, products.runs[at])
        places.append(-1 if place is None else place)
        labels.append("" if size is None else size.label if place is None else products.runs[at][place])
    return Truth(labels, np.array(places, dtype=np.int64))


def _true_labels(test: pd.DataFrame, rulers: dict[str, str | None]) -> list[str]:
    sizes = [read_option(o, rulers.get(p)) for o, p in zip(test["size_option"], test["product_id"], strict=True)]
    return ["" if size is None else size.label for size in sizes]


def _write_predictions(
    out: Path, asked: np.ndarray, products: Products, product: np.ndarray, answers: Answers, truth: Truth,
    labels: list[str],
) -> None:  # fmt: skip
    frame = pd.DataFrame({"row": np.arange(len(labels)), "state": REFUSED, "size_label": "", "probability": np.nan,
                          "runner_up": "", "runner_up_probability": np.nan, "true_label": labels})  # fmt: skip
    state = np.where(answers.answered, ANSWERED, NO_EVIDENCE)
    runs = [products.runs[at] for at in product]
    size = [run[at] if run else "" for run, at in zip(runs, answers.size, strict=True)]
    second = [run[at] if len(run) > 1 else "" for run, at in zip(runs, answers.second, strict=True)]
    several = np.array([len(run) > 1 for run in runs], dtype=bool)
    some = np.array([len(run) > 0 for run in runs], dtype=bool)
    columns = {
        "state": state, "size_label": size, "probability": np.where(some, answers.probability, np.nan),
        "runner_up": second, "runner_up_probability": np.where(several, answers.second_probability, np.nan),
        "true_label": truth.label,
    }  # fmt: skip
    for name, values in columns.items():
        frame.loc[asked, name] = np.array(values, dtype=object if frame[name].dtype == object else None)
    frame.to_csv(out, index=False, float_format="%.6f")


def _write_probabilities(
    path: Path, asked: np.ndarray, products: Products, product: np.ndarray, answers: Answers
) -> None:
    lengths = np.array([len(products.runs[at]) for at in product], dtype=np.int64)
    rows = np.repeat(np.arange(len(product)), lengths)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    frame = pd.DataFrame(
        {
            "row": asked[rows],
            "size_label": [products.runs[product[row]][at] for row, at in zip(rows, within, strict=True)],
            "probability": answers.chance[rows, within],
        }
    )
    frame.to_csv(path, index=False, float_format="%.9f")


def _tell(figures: dict) -> None:
    print(
        f"trained on {figures['train_samples']} of {figures['train_rows']} rows; left out {figures['train_left_out']}"
    )
    print(f"tested on {figures['rows']} rows; refused {figures['refused'] or 'none'}")
    for name in (
        "coverage",
        "exact",
        "within_one",
        "log_loss",
        "mean_error",
        "ece",
        "monotone_breaks",
        "seconds",
        "peak_mb",
    ):
        value = figures[name]
        print(f"  {name:<16} {value if not isinstance(value, float) else f'{value:.4f}'}")


if __name__ == "__main__":
    sys.exit(main())
