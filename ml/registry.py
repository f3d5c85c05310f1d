"""The size models in the lake: their files, and which of them is accepted for which day."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa

from include.lake import Lake, ObjectMissing, accepted_key, model_folder
from ml.errors import ModelMissing
from ml.model import SizeModel
from ml.model_file import read_model

MODEL, JUDGING_MODEL = "model.json", "judging.json"
_TEXT = ("mall", "product_id", "gender", "state", "size_label", "runner_up")
TABLE_SCHEMA = pa.schema(
    [
        ("mall", pa.string()), ("product_id", pa.string()), ("gender", pa.string()),
        ("height_cm", pa.int16()), ("weight_from_kg", pa.int16()), ("weight_to_kg", pa.int16()),
        ("state", pa.string()), ("size_label", pa.string()),
        ("probability", pa.float32()), ("runner_up", pa.string()), ("runner_up_probability", pa.float32()),
        ("reviews", pa.int32()),
    ]
)  # fmt: skip
PRODUCT_SCHEMA = pa.schema(
    [
        ("mall", pa.string()), ("product_id", pa.string()), ("size_run", pa.string()), ("fit_advice", pa.string()),
        ("fit_share", pa.float32()), ("reviews", pa.int32()), ("reviewed_until", pa.date32()),
        ("size_counts", pa.string()), ("fit_answers", pa.int32()), ("fit_offset", pa.float32()),
    ]
)  # fmt: skip


def put_models(lake: Lake, version: str, model: bytes, judging: bytes) -> None:
    """The published model, and its twin that did not see the reviews that judge it."""
    folder = model_folder(version)
    lake.put(folder + JUDGING_MODEL, judging, "application/json")
    lake.put(folder + MODEL, model, "application/json")


def get_model(lake: Lake, version: str, name: str = MODEL) -> SizeModel:
    """A stored model. Raises ModelMissing or ModelBroken."""
    try:
        return read_model(lake.get(model_folder(version) + name))
    except ObjectMissing as error:
        raise ModelMissing(f"the model {version} is not whole: {error}; train the day again") from error


def put_tables(lake: Lake, version: str, parts: Iterable[pd.DataFrame]) -> dict[str, int]:
    """Size tables part by part; parts of an earlier, longer writing are removed. Gives parts and rows."""
    folder = model_folder(version) + "tables/"
    written: set[str] = set()
    rows = 0
    for number, frame in enumerate(parts):
        key = f"{folder}{number:04d}.parquet"
        lake.put_table(key, pa.Table.from_pandas(frame, schema=TABLE_SCHEMA, preserve_index=False))
        written.add(key)
        rows += len(frame)
    lake.delete([key for key, _ in lake.list(folder) if key not in written])
    return {"parts": len(written), "rows": rows}


def get_tables(lake: Lake, version: str) -> Iterator[pd.DataFrame]:
    """The parts of a model's size tables, in order. Raises ModelMissing."""
    keys = [key for key, _ in lake.list(model_folder(version) + "tables/") if key.endswith(".parquet")]
    if not keys:
        raise ModelMissing(f"the model {version} has no size tables: train the day again")
    for key in keys:
        yield lake.get_table(key).to_pandas()


def put_products(lake: Lake, version: str, frame: pd.DataFrame) -> None:
    """What the model says of each product."""
    table = pa.Table.from_pandas(frame, schema=PRODUCT_SCHEMA, preserve_index=False)
    lake.put_table(model_folder(version) + "products.parquet", table)


def get_size_counts(lake: Lake, version: str) -> pd.DataFrame:
    """Samples of a model by mall, product_id and label. Raises ModelMissing."""
    try:
        rows = lake.get_table(model_folder(version) + "products.parquet").to_pylist()
    except ObjectMissing as error:
        raise ModelMissing(f"the model {version} has no products: {error}") from error
    found = [
        (row["mall"], row["product_id"], label, count)
        for row in rows
        for label, count in json.loads(row.get("size_counts") or "{}").items()
    ]
    return pd.DataFrame(found, columns=["mall", "product_id", "label", "reviews"])


def put_json(lake: Lake, version: str, name: str, value: Any) -> None:
    """card.json or metrics.json."""
    lake.put_json(model_folder(version) + name, value)


def get_json(lake: Lake, version: str, name: str) -> Any:
    """card.json or metrics.json. Raises ModelMissing."""
    try:
        return lake.get_json(model_folder(version) + name)
    except ObjectMissing as error:
        raise ModelMissing(f"the model {version} has no {name}: {error}") from error


def put_report(lake: Lake, version: str, html: str) -> str:
    """The report for people; gives its URI."""
    key = model_folder(version) + "report.html"
    lake.put(key, html.encode(), "text/html; charset=utf-8")
    return lake.uri(key)


def newest_accepted(lake: Lake) -> tuple[str, date] | None:
    """(model_version, run_date) of the newest accepted run_date; None before the first."""
    try:
        stored = lake.get_json(accepted_key())
    except ObjectMissing:
        return None
    return stored["model_version"], date.fromisoformat(stored["run_date"])


def champion_of(lake: Lake, run_date: date) -> tuple[str, date] | None:
    """(model_version, run_date) of the accepted model of the newest day before run_date; None before the first.

    Not that of run_date itself, so that a day judged again has the rival that it had.
    """
    prefix, _, suffix = accepted_key(run_date).partition(run_date.isoformat())
    days = [key.removeprefix(prefix).removesuffix(suffix) for key, _ in lake.list(prefix)]
    before = max((date.fromisoformat(day) for day in days if day < run_date.isoformat()), default=None)
    return None if before is None else (str(lake.get_json(accepted_key(before))["model_version"]), before)


def accept(lake: Lake, run_date: date, version: str) -> None:
    """Let publish read this model for this day; the newest-day file is never replaced by an older day."""
    lake.put_json(accepted_key(run_date), {"model_version": version})
    newest = newest_accepted(lake)
    if newest is None or newest[1] <= run_date:
        lake.put_json(accepted_key(), {"model_version": version, "run_date": run_date.isoformat()})
