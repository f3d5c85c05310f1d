"""The typed rows that leave a page: exactly the columns of the staging tables, in their order.

No nested types (Redshift's COPY takes none): a list or a chart travels as JSON text. A field that the page does not
state is None; a field that it states and that cannot be read is no record at all but a `Refusal`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record was read: the capture's object and its line, counted from 1."""

    captured_at: datetime  # timezone-aware, UTC
    capture_key: str
    capture_line: int


@dataclass(frozen=True, slots=True)
class RankingEntry:
    """One place of one ranking. Key: mall, category, run_date, rank."""

    mall: str
    run_date: date
    category: str
    mall_category: str
    rank: int
    product_id: str
    captured_at: datetime
    capture_key: str
    capture_line: int


@dataclass(frozen=True, slots=True)
class Product:
    """One product page. Key: mall, product_id."""

    mall: str
    run_date: date
    product_id: str
    category: str | None  # None where the page does not state it
    mall_category: str | None
    name: str
    brand: str | None
    gender: str | None  # men, women, unisex
    gender_implied: bool  # from the category, not from the page
    price_krw: int | None
    image_url: str | None
    product_url: str
    size_options: str | None  # JSON list of the raw option texts
    size_run: str | None  # JSON list of size labels, small to large
    size_ruler: str | None
    size_chart: str | None  # JSON [{"label", "parts": {"part": cm}}]
    sold_out: str | None  # JSON list of size labels; None where unknown
    listed: bool  # False for a colour sibling that no ranking listed
    captured_at: datetime
    capture_key: str
    capture_line: int


@dataclass(frozen=True, slots=True)
class Review:
    """One buyer's report. Key: mall, review_id."""

    mall: str
    run_date: date
    review_id: str
    product_id: str
    gender: str | None  # male, female
    gender_implied: bool
    height_cm: Decimal | None  # one decimal
    weight_kg: Decimal | None  # one decimal
    size_option: str | None  # raw text
    size_label: str | None
    size_alias: str | None
    size_ruler: str | None  # letter, korean, chest, inch, shoe, brand, free
    size_order: float | None  # place on its ruler, small to large
    fit: str | None  # small, true, large
    fit_slight: bool  # the buyer said "slightly"
    rating: int | None  # 1..5
    reviewed_on: date | None  # day in Seoul
    captured_at: datetime
    capture_key: str
    capture_line: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that could not be understood; it goes to quarantine. Holds ids and the offending field, nothing else."""

    entity: str  # product_rank, product, review
    mall: str
    run_date: date
    reason_code: str
    reason: str
    product_id: str | None
    review_id: str | None
    field: str | None  # name of the offending field
    value: str | None  # its raw text, cut to 200 characters
    capture_key: str
    capture_line: int


@dataclass(frozen=True, slots=True)
class ReviewPages:
    """What the review captures of one asked product say."""

    reviews: list[Review | Refusal]
    siblings: list[Product]  # colour siblings that a review names; listed=False
    stated: int | None = None  # how many reviews the mall says the list has; None where it does not say


type Record = RankingEntry | Product | Review

_TEXT, _DAY, _MOMENT = pa.string(), pa.date32(), pa.timestamp("us", tz="UTC")
_CAPTURE = [("captured_at", _MOMENT), ("capture_key", _TEXT), ("capture_line", pa.int32())]

# Arrow schema of each entity's staged Parquet; a test holds it against the dataclass and the staging DDL.
SCHEMAS: dict[str, pa.Schema] = {
    "product_rank": pa.schema(
        [
            ("mall", _TEXT),
            ("run_date", _DAY),
            ("category", _TEXT),
            ("mall_category", _TEXT),
            ("rank", pa.int32()),
            ("product_id", _TEXT),
            *_CAPTURE,
        ]
    ),
    "product": pa.schema(
        [
            ("mall", _TEXT),
            ("run_date", _DAY),
            ("product_id", _TEXT),
            ("category", _TEXT),
            ("mall_category", _TEXT),
            ("name", _TEXT),
            ("brand", _TEXT),
            ("gender", _TEXT),
            ("gender_implied", pa.bool_()),
            ("price_krw", pa.int32()),
            ("image_url", _TEXT),
            ("product_url", _TEXT),
            ("size_options", _TEXT),
            ("size_run", _TEXT),
            ("size_ruler", _TEXT),
            ("size_chart", _TEXT),
            ("sold_out", _TEXT),
            ("listed", pa.bool_()),
            *_CAPTURE,
        ]
    ),
    "review": pa.schema(
        [
            ("mall", _TEXT),
            ("run_date", _DAY),
            ("review_id", _TEXT),
            ("product_id", _TEXT),
            ("gender", _TEXT),
            ("gender_implied", pa.bool_()),
            ("height_cm", pa.decimal128(4, 1)),
            ("weight_kg", pa.decimal128(4, 1)),
            ("size_option", _TEXT),
            ("size_label", _TEXT),
            ("size_alias", _TEXT),
            ("size_ruler", _TEXT),
            ("size_order", pa.float64()),
            ("fit", _TEXT),
            ("fit_slight", pa.bool_()),
            ("rating", pa.int16()),
            ("reviewed_on", _DAY),
            *_CAPTURE,
        ]
    ),
}

ENTITY_OF: dict[type, str] = {RankingEntry: "product_rank", Product: "product", Review: "review"}


def to_table(entity: str, records: Iterable[Record]) -> pa.Table:
    """Records of one entity as an Arrow table in the staging table's columns and order."""
    names = SCHEMAS[entity].names
    rows = [asdict(record) for record in records]
    return pa.Table.from_pydict({name: [row[name] for row in rows] for name in names}, schema=SCHEMAS[entity])


def optional_fields(record_type: type) -> list[str]:
    """The fields that a page may leave out, in order: a renamed one would read as not stated."""
    return [field.name for field in fields(record_type) if str(field.type).endswith("| None")]


def column_names(record_type: type) -> list[str]:
    """The fields of a record type, in order."""
    return [field.name for field in fields(record_type)]
