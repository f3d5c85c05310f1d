"""What the daily DAG calls: train, judge, accept. Each may be run again for the same day and gives the same files."""

from __future__ import annotations

import json
import logging
import platform
import time
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import xgboost as xgb
from threadpoolctl import threadpool_limits

from include.lake import Lake
from ml import gate, registry, settings
from ml.case import encode, open_case
from ml.dataset import Dataset, read_dataset
from ml.drift import size_counts
from ml.errors import ModelRefused
from ml.fit_advice import advise_fit
from ml.fit_shares import used_fit_shares
from ml.judging import Cut, choose_cut, judging_rows
from ml.model import Settings, SizeModel
from ml.model_file import version_of, write_model
from ml.offsets import category_offsets
from ml.report import write_report
from ml.size_table import size_tables
from ml.training import fit_model

log = logging.getLogger(__name__)


def train(lake: Lake, run_date: date) -> str:
    """Train on the unloaded samples of a day, write model, card, products and size tables; gives the model_version."""
    began = time.monotonic()
    data = read_dataset(lake, run_date)
    products, samples = encode(data)
    chosen, cut = replace(Settings(), threads=settings.threads()), choose_cut(samples)
    held = judging_rows(samples, cut)
    with threadpool_limits(limits=1, user_api="blas"):  # many small products: threads would only wait for each other
        model = fit_model(samples, products, chosen)
        twin = fit_model(samples.take(~held), products, chosen) if held.any() else model
    body = write_model(model)
    version = version_of(body, run_date)
    registry.put_models(lake, version, body, write_model(twin))
    trained = time.monotonic()
    with threadpool_limits(limits=1, user_api="blas"):
        parts = size_tables(model, samples, chosen.threads)
        written = registry.put_tables(lake, version, (_ordered(part) for part in parts))
    registry.put_products(lake, version, _product_rows(data, model))
    card = _card(data, model, held, cut) | {
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
    case = open_case(lake, data, model_version)
    verdict = gate.decide(case.evidence)
    page = write_report(verdict, case.findings)
    report = registry.put_report(lake, model_version, page)
    metrics = {
        "model_version": model_version, "run_date": run_date.isoformat(), "verdict": verdict.verdict,
        "reasons": verdict.reasons, "champion_version": case.findings.champion_version,
        "judged_by": case.findings.judged_by, **verdict.figures,
        "checks": [asdict(check) for check in verdict.checks],
    }  # fmt: skip
    registry.put_json(lake, model_version, "metrics.json", metrics)
    log.info("%s is %s: %s; report %s", model_version, verdict.verdict, "; ".join(verdict.reasons), report)
    return metrics | {"report": report}


def accept(lake: Lake, run_date: date, model_version: str) -> None:
    """Let publish read this model for this day. Raises ModelRefused, whoever asks, where the gate refused it.

    `undecided` and `needs_person` are for the caller to let through or not (the parameter go_live).
    """
    metrics = registry.get_json(lake, model_version, "metrics.json")
    if metrics["verdict"] == gate.REFUSED:
        raise ModelRefused(f"the gate refused {model_version}: {'; '.join(metrics['reasons'])}")
    registry.accept(lake, run_date, model_version)


def _ordered(part: pd.DataFrame) -> pd.DataFrame:
    return part.sort_values(["mall", "product_id", "gender", "height_cm", "weight_from_kg"], kind="stable")


def _product_rows(data: Dataset, model: SizeModel) -> pd.DataFrame:
    rows = data.products[["mall", "product_id", "size_run"]].copy()
    rows["size_run"] = [json.dumps(list(run), ensure_ascii=False) for run in rows["size_run"]]
    seen = data.samples.groupby(["mall", "product_id"]).agg(
        reviews=("review_id", "size"), reviewed_until=("reviewed_on", "max")
    )
    rows = rows.merge(seen.reset_index(), on=["mall", "product_id"], how="left")
    rows = rows.merge(advise_fit(data.samples, category_offsets(model)), on=["mall", "product_id"], how="left")
    counts = size_counts(data.samples)
    stated = {
        key: dict(zip(some["label"], some["reviews"], strict=True))
        for key, some in counts.groupby(["mall", "product_id"])
    }
    keys = zip(rows["mall"], rows["product_id"], strict=True)
    rows["size_counts"] = [
        json.dumps({label: int(n) for label, n in stated.get(key, {}).items()}, ensure_ascii=False) for key in keys
    ]
    rows["reviews"] = rows["reviews"].fillna(0).astype("int32")
    rows["reviewed_until"] = rows["reviewed_until"].astype(object).where(rows["reviewed_until"].notna(), None)
    rows = rows.astype({"fit_share": "float32", "fit_offset": "float32"})
    rows["fit_answers"] = rows["fit_answers"].fillna(0).astype("int32")
    return rows


def _card(data: Dataset, model: SizeModel, held: np.ndarray, cut: Cut) -> dict[str, Any]:
    sizes = data.products.set_index(["mall", "product_id"])["size_run"].map(len)
    last = sizes.loc[list(zip(data.samples["mall"], data.samples["product_id"], strict=True))].to_numpy() - 1
    return {
        "run_date": data.run_date.isoformat(),
        "samples": len(data.samples), "judging_samples": int(held.sum()), "judging": cut.in_card(),
        "products": len(data.products), "sampled_products": int((model.reviews > 0).sum()),
        "fit_shares": used_fit_shares(data.samples, last),
        "trees": model.booster.num_boosted_rounds() if model.booster is not None else 0,
        "calibration": {"scale": model.calibration.scale, "shift": model.calibration.shift},
        "threads": model.settings.threads,
        "made_with": {"python": platform.python_version(), "xgboost": xgb.__version__, "numpy": np.__version__},
    }  # fmt: skip
