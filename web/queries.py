"""The questions that the web page and the API ask of the published views. No framework.

Each page is one statement, so that everything it shows is of one release: the views show the live release only, and a
statement sees one snapshot. The live release comes first in every statement and the rest hangs on it by outer joins, so
that no row at all means that nothing has been published yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import psycopg


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


_RELEASE = """
release AS MATERIALIZED (
    SELECT release_id, run_date, model_version, products, rows, live_from
    FROM otto.release_status
    WHERE state = 'live'
)
"""

_PRODUCT = """
    product.mall, product.product_id, product.name, product.brand, product.category, product.gender,
    product.price_krw, product.image_url, product.product_url, product.size_run, product.fit_advice,
    product.fit_share, product.reviews, product.reviewed_until, product.sold_out
"""

# The visitor's own table where the product has one, else that of all genders.
_BAND = """
    SELECT gender, state, size_label, probability, runner_up, runner_up_probability, reviews
    FROM otto.size_table
    WHERE mall = product.mall
        AND product_id = product.product_id
        AND gender IN (%(gender)s, 'unknown')
        AND height_cm = %(height_cm)s
        AND weight_from_kg <= %(weight_kg)s
        AND weight_to_kg >= %(weight_kg)s
    ORDER BY gender = %(gender)s DESC
    LIMIT 1
"""

# Rankings are found by hopping over the key from one to the next: a few index probes however many products there are.
_RANKING = f"""
WITH RECURSIVE {_RELEASE},
shelf AS (
    (SELECT mall, category FROM otto.product_rank ORDER BY mall, category LIMIT 1)
    UNION ALL
    SELECT following.mall, following.category
    FROM shelf
    CROSS JOIN LATERAL (
        SELECT ranked.mall, ranked.category
        FROM otto.product_rank AS ranked
        WHERE (ranked.mall, ranked.category) > (shelf.mall, shelf.category)
        ORDER BY ranked.mall, ranked.category
        LIMIT 1
    ) AS following
),
chosen AS MATERIALIZED (
    SELECT mall, category
    FROM shelf
    WHERE mall = coalesce(%(mall)s, mall) AND category = coalesce(%(category)s, category)
    ORDER BY array_position(%(order)s::TEXT[], category), mall
    LIMIT 1
)
SELECT
    release.*,
    (SELECT array_agg(mall || '/' || category ORDER BY mall, array_position(%(order)s::TEXT[], category)) FROM shelf),
    chosen.mall,
    chosen.category,
    item.*
FROM release
LEFT JOIN chosen ON TRUE
LEFT JOIN LATERAL (
    SELECT ranked.rank, {_PRODUCT}, band.*
    FROM otto.product_rank AS ranked
    JOIN otto.product AS product
        ON product.mall = ranked.mall AND product.product_id = ranked.product_id
    LEFT JOIN LATERAL ({_BAND}) AS band ON TRUE
    WHERE ranked.mall = chosen.mall AND ranked.category = chosen.category
        AND (NOT %(answered)s OR band.state = 'answered')
    ORDER BY ranked.rank
    LIMIT %(limit)s OFFSET %(offset)s
) AS item ON TRUE
ORDER BY item.rank
"""  # noqa: S608 (constants of this module only)

_PRODUCT_PAGE = f"""
WITH {_RELEASE},
product AS MATERIALIZED (
    SELECT * FROM otto.product WHERE mall = %(mall)s AND product_id = %(product_id)s
),
shown AS MATERIALIZED (
    SELECT size_table.gender
    FROM product
    CROSS JOIN LATERAL (
        SELECT gender
        FROM otto.size_table
        WHERE mall = product.mall AND product_id = product.product_id AND gender IN (%(gender)s, 'unknown')
        ORDER BY gender = %(gender)s DESC
        LIMIT 1
    ) AS size_table
)
SELECT
    release.*,
    {_PRODUCT},
    product.size_chart,
    band.*,
    shown.gender,
    (
        SELECT array_agg(ARRAY[height_cm::TEXT, weight_from_kg::TEXT, weight_to_kg::TEXT, size_label])
        FROM otto.size_table
        WHERE mall = product.mall AND product_id = product.product_id AND gender = shown.gender
    ),
    (
        SELECT array_agg(category || '/' || rank ORDER BY rank)
        FROM otto.product_rank
        WHERE mall = product.mall AND product_id = product.product_id
    )
FROM release
LEFT JOIN product ON TRUE
LEFT JOIN shown ON TRUE
LEFT JOIN LATERAL ({_BAND}) AS band ON TRUE
"""  # noqa: S608 (constants of this module only)

_R, _P, _B = len(Release._fields), len(Product._fields), len(Band._fields)


def live_release(connection: psycopg.Connection) -> Release | None:
    """The live release, None before the first."""
    row = connection.execute(f"WITH {_RELEASE} SELECT * FROM release".encode()).fetchone()  # noqa: S608
    return Release(*row) if row else None


def ranking(
    connection: psycopg.Connection,
    *,
    lookup: Lookup | None,
    mall: str | None,
    category: str | None,
    order: Sequence[str],
    answered_only: bool = False,
    limit: int,
    offset: int = 0,
) -> Ranking | None:
    """A page of the ranking asked for (None, None: the first in `order`); None before the first release."""
    values = {"mall": mall, "category": category, "order": list(order), "limit": limit, "offset": offset}
    answered = answered_only and lookup is not None
    rows = connection.execute(_RANKING.encode(), values | _body(lookup) | {"answered": answered}).fetchall()
    if not rows:
        return None
    first = rows[0]
    return Ranking(
        release=Release(*first[:_R]),
        shelves=[Shelf(*text.split("/", 1)) for text in first[_R] or ()],
        shelf=Shelf(first[_R + 1], first[_R + 2]) if first[_R + 1] else None,
        items=[_listed(row[_R + 3 :]) for row in rows if row[_R + 3] is not None],
    )


def product_page(
    connection: psycopg.Connection, *, mall: str, product_id: str, gender: str, lookup: Lookup | None
) -> ProductPage | None:
    """One product with the whole table of a gender; None before the first release."""
    values = {"mall": mall, "product_id": product_id} | _body(lookup) | {"gender": gender}
    row = connection.execute(_PRODUCT_PAGE.encode(), values).fetchone()
    if row is None:
        return None
    chart, shown, cells, ranks = row[_R + _P], *row[-3:]
    return ProductPage(
        release=Release(*row[:_R]),
        product=Product(*row[_R : _R + _P]) if row[_R] is not None else None,
        size_chart=chart,
        band=_band(row[_R + _P + 1 : _R + _P + 1 + _B]),
        gender=shown,
        cells=[(int(height), int(low), int(high), size) for height, low, high, size in cells or ()],
        ranks=[(category, int(rank)) for category, rank in (text.rsplit("/", 1) for text in ranks or ())],
    )


def _listed(row: Sequence[Any]) -> Listed:
    return Listed(row[0], Product(*row[1 : 1 + _P]), _band(row[1 + _P : 1 + _P + _B]))


def _band(row: Sequence[Any]) -> Band | None:
    return Band(*row) if row[0] is not None else None


def _body(lookup: Lookup | None) -> dict[str, Any]:
    if lookup is None:
        return {"gender": None, "height_cm": None, "weight_kg": None}
    return lookup._asdict()
