"""The questions that the web page and the API ask of the published views: a connection in, typed rows out.

No framework, so that both share it. The statements are in `web.statements`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import psycopg

from web import statements


class Release(NamedTuple):
    """The live release."""

    release_id: int
    run_date: date
    model_version: str
    products: int
    rows: int
    live_from: datetime


class Product(NamedTuple):
    """One product of the live release."""

    mall: str
    product_id: str
    name: str
    brand: str | None
    category: str | None
    gender: str | None
    price_krw: int | None
    image_url: str | None
    product_url: str | None
    size_run: list[str] | None
    fit_advice: str | None
    fit_share: float | None
    reviews: int
    reviewed_until: date | None
    sold_out: list[str] | None


class Band(NamedTuple):
    """The answer for one body and product."""

    gender: str  # whose table answered: the visitor's own, or unknown
    state: str
    size_label: str | None
    probability: float | None
    runner_up: str | None
    runner_up_probability: float | None
    reviews: int


class Listed(NamedTuple):
    """One place of a list."""

    rank: int | None
    product: Product
    band: Band | None


class Lookup(NamedTuple):
    """A body as the tables are asked: whole cm and kg on the grid."""

    gender: str
    height_cm: int
    weight_kg: int


class Shelf(NamedTuple):
    """One ranking of the release."""

    mall: str
    category: str


@dataclass(frozen=True)
class Wanted:
    """Which list is asked for."""

    mall: str | None = None
    category: str | None = None  # None: the first of `order`
    order: Sequence[str] = ()  # of categories
    malls: Sequence[str] = ()  # in the order in which they are offered
    search: str = ""  # in names and brands of all products, of `mall` and `category` if given; empty: the ranking
    sort: str = "rank"  # one of statements.SORTS
    answered_only: bool = False
    limit: int = 40
    offset: int = 0


class Ranking(NamedTuple):
    """A page of one ranking."""

    release: Release
    shelves: list[Shelf]
    shelf: Shelf | None
    items: list[Listed]


class ProductPage(NamedTuple):
    """Everything of one product; `product` is None where the release does not have it."""

    release: Release
    product: Product | None
    size_chart: list[dict[str, Any]] | None
    band: Band | None
    gender: str | None  # whose table the cells are of
    cells: list[tuple[int, int, int, str | None]]  # height, weight from, weight to, size (None: no evidence)
    ranks: list[tuple[str, int]]  # category, rank
    same_brand: list[SameBrand]  # where this product has no answer


class SameBrand(NamedTuple):
    """What the same body is advised in another garment of the brand."""

    mall: str
    product_id: str
    name: str
    size_label: str


_R, _P, _B = len(Release._fields), len(Product._fields), len(Band._fields)


def live_release(connection: psycopg.Connection) -> Release | None:
    """The live release, None before the first."""
    row = connection.execute(statements.LIVE_RELEASE.encode()).fetchone()
    return Release(*row) if row else None


def ranking(connection: psycopg.Connection, wanted: Wanted, lookup: Lookup | None) -> Ranking | None:
    """A page of the list asked for; None before the first release."""
    rows = ranking_rows(connection, wanted, lookup)
    if not rows:
        return None
    first = rows[0]
    return Ranking(
        release=Release(*first[:_R]),
        shelves=[Shelf(*text.split("/", 1)) for text in first[_R] or ()],
        shelf=Shelf(first[_R + 1], first[_R + 2]) if first[_R + 1] else None,
        items=[_listed(row[_R + 3 :]) for row in rows if row[_R + 4] is not None],
    )


def ranking_rows(connection: psycopg.Connection, wanted: Wanted, lookup: Lookup | None) -> list[tuple[Any, ...]]:
    """The same as the database gives it: one wide row a product."""
    kind = statements.SEARCH if wanted.search else statements.RANKING
    statement = kind[wanted.sort, wanted.answered_only and lookup is not None]
    values = {
        "mall": wanted.mall,
        "category": wanted.category,
        "order": list(wanted.order),
        "malls": list(wanted.malls),
        "limit": wanted.limit,
        "offset": wanted.offset,
    }
    if wanted.search:
        values["pattern"] = f"%{_plain(wanted.search)}%"
    return connection.execute(statement.encode(), values | _body(lookup)).fetchall()


def product_page(
    connection: psycopg.Connection, *, mall: str, product_id: str, gender: str, lookup: Lookup | None
) -> ProductPage | None:
    """One product with the whole table of a gender; None before the first release."""
    values = {"mall": mall, "product_id": product_id} | _body(lookup) | {"gender": gender}
    row = connection.execute(statements.PRODUCT_PAGE.encode(), values).fetchone()
    if row is None:
        return None
    chart, shown, heights, lows, highs, labels, ranks, brand = row[_R + _P], *row[-7:]
    return ProductPage(
        release=Release(*row[:_R]),
        product=Product(*row[_R : _R + _P]) if row[_R] is not None else None,
        size_chart=chart,
        band=_band(row[_R + _P + 1 : _R + _P + 1 + _B]),
        gender=shown,
        cells=list(zip(heights, lows, highs, labels, strict=True)) if heights else [],
        ranks=[(category, int(rank)) for category, rank in (text.rsplit("/", 1) for text in ranks or ())],
        same_brand=[SameBrand(*key.split("/", 1), name, size) for key, name, size in brand or ()],
    )


def sizes(
    connection: psycopg.Connection, *, malls: Sequence[str], product_ids: Sequence[str], lookup: Lookup | None
) -> list[tuple[Any, ...]]:
    """One row a product asked for, in their order: release_id, whether it is known, then the band; none: no release."""
    values = {"malls": list(malls), "product_ids": list(product_ids)} | _body(lookup)
    return connection.execute(statements.SIZES.encode(), values).fetchall()


def products(
    connection: psycopg.Connection, *, after: tuple[str, str], mall: str | None, category: str | None, limit: int
) -> tuple[Release, list[Product]] | None:
    """A page of all products after a key; None before the first release."""
    values = {"after_mall": after[0], "after_product_id": after[1], "mall": mall, "category": category, "limit": limit}
    rows = connection.execute(statements.PRODUCTS.encode(), values).fetchall()
    if not rows:
        return None
    return Release(*rows[0][:_R]), [Product(*row[_R:]) for row in rows if row[_R] is not None]


def _listed(row: Sequence[Any]) -> Listed:
    return Listed(row[0], Product(*row[1 : 1 + _P]), _band(row[1 + _P : 1 + _P + _B]))


def _band(row: Sequence[Any]) -> Band | None:
    return Band(*row) if row[0] is not None else None


def _plain(text: str) -> str:
    """A text in which LIKE finds nothing but itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _body(lookup: Lookup | None) -> dict[str, Any]:
    if lookup is None:
        return {"gender": None, "height_cm": None, "weight_kg": None}
    return lookup._asdict()
