"""Raw review rows of a CSV, as a scraper sees them, cleaned by the project's rules into samples and products.

The daily way does the same in the warehouse (include/sql/mart); here it serves files: the benchmark and the accuracy
runs. Every row that is left out keeps a reason.
"""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from include.rules.body import BodyRefused, read_gender, read_height, read_weight
from include.rules.fit import FitRefused, read_fit
from include.rules.size_option import SizeOption, SizeRefused, read_size_option
from include.rules.size_run import majority_ruler, number_ruler
from ml.errors import BadValues, MissingColumns
from ml.fit_shares import learn_fit_shares, move_targets
from ml.repeats import Line, find_repeats

REQUIRED = ("product_id", "gender", "height", "weight", "size_option", "fit", "reviewed_on")
OPTIONAL = ("category", "brand")
MALL = "file"

# The numbers of mart.sample (include/sql/mart/candidate/load.sql).
_MASS_INDEX = (12.0, 60.0)
_RARE_REVIEWS, _RARE_SHARE = 3, 0.01
_HALF_LIFE_DAYS, _WEIGHT_FLOOR = 730.0, 0.25
_UNKNOWN_FIT_WEIGHT, _FIT_ASKED_SHARE = 0.7, 0.01


@dataclass(frozen=True)
class Cleaned:
    """Samples and products in the shape of the unload, and why the other rows were left out."""

    samples: pd.DataFrame
    products: pd.DataFrame
    left_out: dict[str, int]


def read_csv(path: Path) -> pd.DataFrame:
    """A CSV (.gz or plain) as text columns, absent optional ones empty. Raises MissingColumns or BadValues."""
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except FileNotFoundError as error:
        raise BadValues(f"{path} does not exist") from error
    except (ValueError, OSError, EOFError, zlib.error) as error:  # no UTF-8, no CSV, or a gzip that was cut off
        raise BadValues(f"{path} cannot be read as a UTF-8 CSV: {error}") from error
    absent = [column for column in REQUIRED if column not in frame.columns]
    if absent:
        raise MissingColumns(f"{path} lacks {', '.join(absent)}; it has {', '.join(frame.columns)}")
    twice = [column for column in (*REQUIRED, *OPTIONAL) if f"{column}.1" in frame.columns]  # as pandas renames it
    if twice:
        raise BadValues(f"{path} has the column {', '.join(twice)} twice: which one is meant?")
    for column in OPTIONAL:
        if column not in frame.columns:
            frame[column] = ""
    return frame[[*REQUIRED, *OPTIONAL]].apply(lambda column: column.str.strip())


def read_bodies(raw: pd.DataFrame) -> pd.DataFrame:
    """height_cm, weight_kg (NaN where unreadable) and gender (None where unknown) of each row."""
    return pd.DataFrame(
        {
            "height_cm": [_measure("height", text) for text in raw["height"]],
            "weight_kg": [_measure("weight", text) for text in raw["weight"]],
            "gender": pd.Series([_gender(text) for text in raw["gender"]], dtype=object),
        },
        index=raw.index,
    )


def clean(raw: pd.DataFrame) -> Cleaned:
    """Raw rows to samples and the products that they make. Raises nothing: what cannot be used is counted."""
    bodies = read_bodies(raw)
    rulers = product_rulers(raw)
    options = [read_option(o, rulers[p]) for o, p in zip(raw["size_option"], raw["product_id"], strict=True)]
    mass_index = bodies["weight_kg"] * 1e4 / bodies["height_cm"] ** 2
    reasons = np.array(find_repeats(_lines(raw, bodies, options)), dtype=object)
    # a row has one reason: the last of these that holds
    reasons[[size is None for size in options]] = "no_size"
    reasons[~mass_index.between(*_MASS_INDEX).to_numpy()] = "implausible_body"
    reasons[bodies[["height_cm", "weight_kg"]].isna().any(axis=1).to_numpy()] = "no_body"
    reasons[(raw["product_id"] == "").to_numpy()] = "no_product"
    frame = raw.assign(**bodies, option=pd.Series(options, index=raw.index, dtype=object),
                       reason=pd.Series(reasons, index=raw.index, dtype=object))  # fmt: skip
    products = _products(frame[frame["reason"].isna()])
    frame = _placed(frame, products)
    left_out = Counter(str(reason) for reason in frame["reason"] if isinstance(reason, str))
    return Cleaned(_samples(frame[frame["reason"].isna()]), products, dict(sorted(left_out.items())))


def _lines(raw: pd.DataFrame, bodies: pd.DataFrame, options: list[SizeOption | None]) -> list[Line]:
    numbers = bodies[["height_cm", "weight_kg"]].astype(object).where(bodies[["height_cm", "weight_kg"]].notna(), None)
    return [
        Line(product_id, height, weight, gender, None if size is None else size.label, option, as_day(day))
        for product_id, height, weight, gender, size, option, day in zip(
            raw["product_id"], numbers["height_cm"], numbers["weight_kg"], bodies["gender"], options,
            raw["size_option"], raw["reviewed_on"], strict=True,
        )
    ]  # fmt: skip


def product_rulers(raw: pd.DataFrame) -> dict[str, str | None]:
    """What each product's options prove of bare numbers."""
    return {str(name): number_ruler(some.unique()) for name, some in raw.groupby("product_id")["size_option"]}


@lru_cache(maxsize=65536)
def read_option(option: str, ruler: str | None) -> SizeOption | None:
    """The size of an option; None where it names none."""
    try:
        return read_size_option(option, ruler)
    except SizeRefused:
        return None


def _products(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a product: its run from the labels of its majority ruler, rare ones left out."""
    rows = []
    for name, some in frame.groupby("product_id", sort=True):
        ruler = majority_ruler(option.ruler for option in some["option"])
        on_ruler = [option for option in some["option"] if option.ruler == ruler]
        counts = Counter(option.label for option in on_ruler)
        orders = {option.label: option.order for option in on_ruler}
        kept = {label for label, n in counts.items() if n >= _RARE_REVIEWS or n >= _RARE_SHARE * len(on_ruler)}
        rows.append(
            {
                "mall": MALL, "product_id": name, "brand": _most_common(some["brand"]),
                "category": _most_common(some["category"]), "size_ruler": ruler,
                "size_run": tuple(sorted(kept, key=lambda label: (orders[label], label))),
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=["mall", "product_id", "brand", "category", "size_ruler", "size_run"])


def place_in_run(option: SizeOption | None, run: tuple[str, ...]) -> int | None:
    """The index of an option in a run, by its label, else by its alias; None where the run has neither."""
    for label in (option.label, option.alias) if option is not None else ():
        if label in run:
            return run.index(label)
    return None


def _placed(frame: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    runs = dict(
        zip(products["product_id"], zip(products["size_run"], products["size_ruler"], strict=True), strict=True)
    )
    index, reasons = [], []
    for name, option, reason in zip(frame["product_id"], frame["option"], frame["reason"], strict=True):
        run, ruler = runs.get(name, ((), ""))
        at = place_in_run(option, run) if not isinstance(reason, str) else None
        index.append(-1 if at is None else at)
        lost = (
            None if at is not None else ("other_ruler" if option is not None and option.ruler != ruler else "rare_size")
        )
        reasons.append(reason if isinstance(reason, str) else lost)
    return frame.assign(size_index=index, reason=pd.Series(reasons, index=frame.index, dtype=object),
                        last=[len(runs.get(name, ((), ""))[0]) - 1 for name in frame["product_id"]])  # fmt: skip


def _samples(frame: pd.DataFrame) -> pd.DataFrame:
    fits = [_fit(text) for text in frame["fit"]]
    asked = np.mean([fit is not None for fit in fits]) >= _FIT_ASKED_SHARE if fits else False
    days = [as_day(text) for text in frame["reviewed_on"]]
    samples = pd.DataFrame(
        {
            "mall": MALL, "product_id": frame["product_id"], "review_id": [f"row {at}" for at in frame.index],
            "gender": frame["gender"], "height_cm": frame["height_cm"], "weight_kg": frame["weight_kg"],
            "size_index": frame["size_index"], "fit": pd.Series([fit[0] if fit else None for fit in fits],
                                                                index=frame.index, dtype=object),
            "fit_slight": [bool(fit and fit[1]) for fit in fits],
            "weight": _recency(days) * [_UNKNOWN_FIT_WEIGHT if asked and fit is None else 1.0 for fit in fits],
            "reviewed_on": days,
        }
    )  # fmt: skip
    target, _ = move_targets(samples, learn_fit_shares(samples), frame["last"].to_numpy(float))
    return samples.assign(target=target)


def _recency(days: list[date | None]) -> np.ndarray:
    newest = max((day for day in days if day is not None), default=None)
    if newest is None:
        return np.ones(len(days))
    ages = [0 if day is None else (newest - day).days for day in days]
    return np.maximum(_WEIGHT_FLOOR, 0.5 ** (np.array(ages) / _HALF_LIFE_DAYS))


@lru_cache(maxsize=4096)
def _measure(what: str, text: str) -> float:
    try:
        value = read_height(text) if what == "height" else read_weight(text)
    except BodyRefused:
        return float("nan")
    return float("nan") if value is None else float(value)


@lru_cache(maxsize=256)
def _gender(text: str) -> str | None:
    try:
        return read_gender(text)
    except BodyRefused:
        return None


@lru_cache(maxsize=1024)
def _fit(text: str) -> tuple[str, bool] | None:
    try:
        fit = read_fit(text)
    except FitRefused:
        return None
    return None if fit is None else (fit.fit, fit.slight)


def _most_common(texts: pd.Series) -> str:
    counts = Counter(text for text in texts if text)
    return max(counts, key=lambda text: (counts[text], text)) if counts else ""


def as_day(text: str) -> date | None:
    """A day from YYYY-MM-DD, YYYY.MM.DD or a timestamp that begins so; None where there is none."""
    try:
        return date.fromisoformat(text[:10].replace(".", "-").replace("/", "-"))
    except ValueError:
        return None
