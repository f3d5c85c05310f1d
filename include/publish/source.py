"""What a release of one day is made of, read from the lake: the accepted model's tables, products and the ranking."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg.types.json import Jsonb

from include import lake as keys
from include.lake import Lake, ObjectMissing
from include.publish import bands as size_bands
from include.publish import links
from include.publish.bands import Bands
from include.publish.text import plain, plain_json
from include.retries import Lasting
from include.settings import Mall

_PRODUCT_COLUMNS = [
    "mall",
    "product_id",
    "name",
    "brand",
    "category",
    "gender",
    "price_krw",
    "image_url",
    "product_url",
]
_PRODUCT_COLUMNS += ["size_run", "size_chart", "sold_out", "reviews", "reviewed_until"]
_RANK_COLUMNS = ["mall", "category", "rank", "product_id", "run_date"]


class NoAcceptedModel(Lasting):
    """No size model was accepted for the day, so there is nothing to publish."""


class IncompleteSource(Lasting):
    """The lake lacks a part of the release; the message names it."""


@dataclass(frozen=True)
class Source:
    """All rows of one release, before it has a number."""

    run_date: date
    model_version: str
    products: list[tuple[Any, ...]]  # columns of otto.release_product after release_id
    ranks: list[tuple[Any, ...]]  # columns of otto.release_rank after release_id
    bands: Bands
    size_runs: dict[tuple[str, str], list[str]]
    ranks_without_product: int
    links_left_out: int


def accepted_model(lake: Lake, run_date: date) -> str:
    """The model version accepted for a day. Raises NoAcceptedModel."""
    try:
        return str(lake.get_json(keys.accepted_key(run_date))["model_version"])
    except ObjectMissing as error:
        raise NoAcceptedModel(f"no size model was accepted for {run_date}; train_size_model accepts one") from error


def read(lake: Lake, run_date: date, malls: Mapping[str, Mall]) -> Source:
    """The release of a day. Raises NoAcceptedModel, IncompleteSource, UnreadableTables."""
    model_version = accepted_model(lake, run_date)
    folder = keys.model_folder(model_version)
    stored = _rows(lake, keys.unload_folder("product", run_date), _PRODUCT_COLUMNS)
    if not stored:
        raise IncompleteSource(f"{lake.uri(keys.unload_folder('product', run_date))} has no products")
    learned = {_key(row): row for row in _model_products(lake, folder)}
    products = [_product(row, learned.get(_key(row), {}), malls) for row in stored]
    known = {(row[0], row[1]) for row in products}
    ranks = [_rank(row) for row in _rows(lake, keys.unload_folder("product_rank", run_date), _RANK_COLUMNS)]
    return Source(
        run_date=run_date,
        model_version=model_version,
        products=products,
        ranks=[row for row in ranks if (row[0], row[3]) in known],
        bands=size_bands.from_tables(lake.get_table(key) for key in _parquet(lake, f"{folder}tables/")),
        size_runs={(row[0], row[1]): row[9] or [] for row in products},
        ranks_without_product=sum((row[0], row[3]) not in known for row in ranks),
        links_left_out=sum(
            bool(row["product_url"]) + bool(row["image_url"]) - bool(product[8]) - bool(product[7])
            for row, product in zip(stored, products, strict=True)
        ),
    )


def _product(row: Mapping[str, Any], learned: Mapping[str, Any], malls: Mapping[str, Mall]) -> tuple[Any, ...]:
    mall = malls.get(row["mall"])
    size_run = _labels(learned.get("size_run")) or _labels(row["size_run"])
    reviews = learned.get("reviews")
    return (
        row["mall"],
        row["product_id"],
        _clean(row["name"]) or row["product_id"],
        _clean(row["brand"]),
        row["category"],
        row["gender"],
        row["price_krw"],
        links.image(row["image_url"], mall),
        links.page(row["product_url"], mall),
        size_run,
        learned.get("fit_advice"),
        learned.get("fit_share"),
        (row["reviews"] or 0) if reviews is None else reviews,
        learned.get("reviewed_until") or row["reviewed_until"],
        _chart(row["size_chart"]),
        _labels(row["sold_out"]),
    )


def _rank(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["mall"], row["category"], row["rank"], row["product_id"], row["run_date"]


def _model_products(lake: Lake, folder: str) -> list[dict[str, Any]]:
    try:
        return lake.get_table(f"{folder}products.parquet").to_pylist()
    except ObjectMissing as error:
        raise IncompleteSource(f"the model has no {error}") from error


def _rows(lake: Lake, folder: str, columns: list[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for key in _parquet(lake, folder):
        table = lake.get_table(key)
        missing = [name for name in columns if name not in table.column_names]
        if missing:
            raise IncompleteSource(
                f"{lake.uri(key)} lacks the columns {', '.join(missing)}; load_warehouse unloads them"
            )
        rows += table.select(columns).to_pylist()
    return rows


def _parquet(lake: Lake, prefix: str) -> Iterable[str]:
    # an UNLOAD folder may also hold its manifest
    return [key for key, _ in lake.list(prefix) if key.endswith(".parquet")]


def _key(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["mall"], row["product_id"]


def _clean(text: str | None) -> str | None:
    return plain(text) or None if text else None


def _labels(text: str | list[str] | None) -> list[str] | None:
    """A list of size labels from its JSON text; None stays None."""
    if text is None:
        return None
    return [plain(str(label)) for label in (json.loads(text) if isinstance(text, str) else text)]


def _chart(text: str | None) -> Jsonb | None:
    # jsonb takes no NaN, which Python's reader lets through
    return Jsonb(plain_json(json.loads(text, parse_constant=lambda _: None))) if text else None
