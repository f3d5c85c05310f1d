"""What the daily DAG calls: train, judge, accept. Each may be run again for the same day and gives the same files."""

from __future__ import annotations

import json
import logging
import platform
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import xgboost as xgb
from threadpoolctl import threadpool_limits

from include.lake import Lake
from ml import gate, registry, settings
from ml.body import density
from ml.dataset import Dataset, read_dataset
from ml.errors import ModelRefused
from ml.evaluate import Judged, calibration_points, judge_rows
from ml.features import GENDERS, UNKNOWN, Products, Samples, encode_products, encode_samples, folds
from ml.fit_advice import advise_fit
from ml.fit_shares import used_fit_shares
from ml.model import Settings, SizeModel
from ml.model_file import version_of, write_model
from ml.report import write_report
from ml.size_table import size_tables
from ml.table_check import Table, changed_share, count_breaks, tables
from ml.training import fit_model

log = logging.getLogger(__name__)

# The tenth of the groups that judges, dealt by hash: the same for every day and every model.
_JUDGING_PARTS, _JUDGING_SALT = 10, 7


def train(lake: Lake, run_date: date) -> str:
    """Train on the unloaded samples of a day, write model, card, products and size tables; gives the model_version."""
    began = time.monotonic()
    data = read_dataset(lake, run_date)
    products, samples, chosen = *_encoded(data), replace(Settings(), threads=settings.threads())
    held = _judging(samples)
    with threadpool_limits(limits=1, user_api="blas"):  # many small products: threads would only wait for each other
        model = fit_model(samples, products, chosen)
        twin = fit_model(samples.take(~held), products, chosen) if 0 < held.sum() < len(held) else model
    body = write_model(model)
    version = version_of(body, run_date)
    registry.put_models(lake, version, body, write_model(twin))
    trained = time.monotonic()
    with threadpool_limits(limits=1, user_api="blas"):
        written = registry.put_tables(lake, version, (_ordered(part) for part in size_tables(model, samples)))
    registry.put_products(lake, version, _product_rows(data))
    card = _card(data, model, held) | {
        "model_version": version, "tables": written, "train_seconds": round(trained - began, 2),
        "table_seconds": round(time.monotonic() - trained, 2),
    }  # fmt: skip
    registry.put_json(lake, version, "card.json", card)
    log.info("trained %s on %d samples in %.1f s; %d table rows in %.1f s", version, len(samples),
             card["train_seconds"], written["rows"], card["table_seconds"])  # fmt: skip
    return version


def judge(lake: Lake, run_date: date, model_version: str) -> dict[str, Any]:
    """Judge a trained model; writes metrics.json and report.html and gives verdict, reasons and the report's URI."""
    data = read_dataset(lake, run_date)
    products, samples = _encoded(data)
    model = registry.get_model(lake, model_version)
    twin = registry.get_model(lake, model_version, registry.JUDGING_MODEL)
    held = _judging(samples)
    rows, seen = samples.take(held), samples.take(~held)
    judged = _predict(twin, rows)
    champion = registry.newest_accepted(lake)
    rival, known, means = _rival(lake, champion, products, rows, seen)
    grids = list(_first_tables(lake, model_version))
    found = gate.Evidence(
        judged=judged.take(known), rival=rival.take(known), rival_is_champion=champion is not None,
        **_table_evidence(lake, model_version, model), body_means=_body_means(model), champion_body_means=means,
        changed_advice=_changed(lake, champion, model_version, model),
    )  # fmt: skip
    verdict = gate.decide(found)
    metrics = {
        "model_version": model_version, "run_date": run_date.isoformat(), "verdict": verdict.verdict,
        "reasons": verdict.reasons, "champion_version": champion[0] if champion else None, **verdict.figures,
    }  # fmt: skip
    points = calibration_points(judged.probability, judged.hit) if len(judged) else []
    page = write_report(
        model_version, verdict.verdict, verdict.reasons, verdict.figures, points, _maps(grids, products)
    )
    report = registry.put_report(lake, model_version, page)
    registry.put_json(lake, model_version, "metrics.json", metrics)
    log.info("%s is %s: %s; report %s", model_version, verdict.verdict, "; ".join(verdict.reasons), report)
    return metrics | {"report": report}


def accept(lake: Lake, run_date: date, model_version: str) -> None:
    """Let publish read this model for this day. Raises ModelRefused, whoever asks, where the gate refused it.

    `undecided` and `needs_person` are for the caller to let through or not (the parameter go_live).
    """
    metrics = registry.get_json(lake, model_version, "metrics.json")
    if metrics["verdict"] == "refused":
        raise ModelRefused(f"the gate refused {model_version}: {'; '.join(metrics['reasons'])}")
    registry.accept(lake, run_date, model_version)


def _encoded(data: Dataset) -> tuple[Products, Samples]:
    products = encode_products(data.products)
    return products, encode_samples(data.samples, products)


def _judging(samples: Samples) -> np.ndarray:
    return folds(samples.group, _JUDGING_PARTS, salt=_JUDGING_SALT) == 0


def _ordered(part: pd.DataFrame) -> pd.DataFrame:
    return part.sort_values(["mall", "product_id", "gender", "height_cm", "weight_from_kg"], kind="stable")


def _product_rows(data: Dataset) -> pd.DataFrame:
    rows = data.products[["mall", "product_id", "size_run"]].copy()
    rows["size_run"] = [json.dumps(list(run), ensure_ascii=False) for run in rows["size_run"]]
    seen = data.samples.groupby(["mall", "product_id"]).agg(
        reviews=("review_id", "size"), reviewed_until=("reviewed_on", "max")
    )
    rows = rows.merge(seen.reset_index(), on=["mall", "product_id"], how="left")
    rows = rows.merge(advise_fit(data.samples), on=["mall", "product_id"], how="left")
    rows["reviews"] = rows["reviews"].fillna(0).astype("int32")
    rows["reviewed_until"] = rows["reviewed_until"].astype(object).where(rows["reviewed_until"].notna(), None)
    rows["fit_share"] = rows["fit_share"].astype("float32")
    return rows


def _card(data: Dataset, model: SizeModel, held: np.ndarray) -> dict[str, Any]:
    sizes = data.products.set_index(["mall", "product_id"])["size_run"].map(len)
    last = sizes.loc[list(zip(data.samples["mall"], data.samples["product_id"], strict=True))].to_numpy() - 1
    return {
        "run_date": data.run_date.isoformat(),
        "samples": len(data.samples), "judging_samples": int(held.sum()),
        "products": len(data.products), "sampled_products": int((model.reviews > 0).sum()),
        "fit_shares": used_fit_shares(data.samples, last),
        "trees": model.booster.num_boosted_rounds() if model.booster is not None else 0,
        "calibration": {"scale": model.calibration.scale, "shift": model.calibration.shift},
        "threads": model.settings.threads,
        "made_with": {"python": platform.python_version(), "xgboost": xgb.__version__, "numpy": np.__version__},
    }  # fmt: skip


def _predict(model: SizeModel, rows: Samples) -> Judged:
    above = model.chances_above(rows.product, rows.height_cm, rows.weight_kg, rows.gender)
    return judge_rows(above, rows.product, rows.gender, rows.bought)


def _rival(lake: Lake, champion: tuple[str, date] | None, products: Products, rows: Samples,
           seen: Samples) -> tuple[Judged, np.ndarray, dict[str, tuple[float, float]]]:  # fmt: skip
    """The rival's predictions, which rows it knows, and the buyers' mean bodies in its day."""
    if champion is None:
        return _most_frequent(products, rows, seen), np.ones(len(rows), dtype=bool), {}
    model = registry.get_model(lake, champion[0], registry.JUDGING_MODEL)
    index = {
        key: at
        for at, key in enumerate(zip(model.products.mall, model.products.product_id, model.products.runs, strict=True))
    }
    theirs = np.array(
        [index.get(key, -1) for key in zip(products.mall, products.product_id, products.runs, strict=True)], dtype=int
    )
    product = theirs[rows.product]
    known = product >= 0
    predicted = _predict(model, replace(rows, product=np.maximum(product, 0)))
    return replace(predicted, product=rows.product), known, _body_means(model)


def _most_frequent(products: Products, rows: Samples, seen: Samples) -> Judged:
    sizes = int(products.thresholds.max(initial=0)) + 1
    counts = (
        np.bincount(seen.product * sizes + seen.bought, minlength=len(products) * sizes)
        .reshape(-1, sizes)
        .astype(float)
    )
    exists = np.arange(sizes)[None, :] <= products.thresholds[:, None]
    shares = (counts + 0.5 * exists) / (counts + 0.5 * exists).sum(axis=1, keepdims=True)
    size = shares.argmax(axis=1)[rows.product]
    return Judged(
        rows.product, rows.gender, rows.bought, size, shares[rows.product, size], shares[rows.product, rows.bought]
    )


def _table_evidence(lake: Lake, version: str, model: SizeModel) -> dict[str, int]:
    runs = {
        (m, p): run
        for m, p, run in zip(model.products.mall, model.products.product_id, model.products.runs, strict=True)
    }
    found, answered = 0, set()
    for table in tables(registry.get_tables(lake, version)):
        found += count_breaks(table, runs[table.key[0], table.key[1]])
        if table.answered.any():
            answered.add(table.key[:2])
    known = [key for key, reviews in zip(runs, model.reviews, strict=True) if reviews >= gate.WELL_KNOWN_SAMPLES]
    return {"breaks": found, "coverable": len(known), "covered": sum(key in answered for key in known)}


def _changed(lake: Lake, champion: tuple[str, date] | None, version: str, model: SizeModel) -> float | None:
    if champion is None or champion[0] == version:
        return None
    densities = {gender: density(model.body_moments[gender]) for gender in GENDERS}
    return changed_share(
        tables(registry.get_tables(lake, champion[0])), tables(registry.get_tables(lake, version)), densities
    )


def _body_means(model: SizeModel) -> dict[str, tuple[float, float]]:
    return {gender: (model.body_moments[gender][0], model.body_moments[gender][1]) for gender in GENDERS[:UNKNOWN]}


def _first_tables(lake: Lake, version: str, count: int = 3) -> Iterator[Table]:
    for part in registry.get_tables(lake, version):
        for _, table in zip(range(count), (t for t in tables([part]) if t.answered.any()), strict=False):
            yield table
        return


def _maps(grids: list[Table], products: Products) -> list[tuple[str, tuple[str, ...], np.ndarray]]:
    runs = dict(zip(zip(products.mall, products.product_id, strict=True), products.runs, strict=True))
    maps = []
    for table in grids:
        run = runs[table.key[0], table.key[1]]
        size = [run.index(label) if label is not None else -1 for label in table.label.reshape(-1)]
        maps.append((" / ".join(table.key), run, np.array(size).reshape(table.label.shape)))
    return maps
