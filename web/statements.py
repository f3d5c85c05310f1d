"""The SQL that the web page and the API send: constants only, every value bound.

Each page is one statement, so that everything it shows is of one release: the views show the live release only, and a
statement sees one snapshot. The live release comes first in every statement and the rest hangs on it by outer joins, so
that no row at all means that nothing has been published yet.
"""
# ruff: noqa: S608 (the statements are put together from constants of this module only)

from __future__ import annotations

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
_SHELVES = """
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
)
"""
_SHELF_LIST = """
(
    SELECT array_agg(
        mall || '/' || category
        ORDER BY array_position(%(malls)s::TEXT[], mall), mall, array_position(%(order)s::TEXT[], category)
    )
    FROM shelf
)
"""

# What a list may be sorted by. `place` is the rank in a ranking and nothing in a search.
_SORTS = {
    "rank": "place",
    # a share counts for little while few people stand behind it
    "sure": "band.probability * band.reviews / (band.reviews + 3.0) DESC NULLS LAST, place",
    "evidence": "band.reviews DESC NULLS LAST, place",
    "cheap": "product.price_krw NULLS LAST, place",
    "dear": "product.price_krw DESC NULLS LAST, place",
}
SORTS = tuple(_SORTS)

_IN_RANKING = """
    FROM otto.product_rank AS ranked
    JOIN otto.product AS product
        ON product.mall = ranked.mall AND product.product_id = ranked.product_id
    CROSS JOIN LATERAL (SELECT ranked.rank AS place) AS placed
    LEFT JOIN LATERAL ({band}) AS band ON TRUE
    WHERE ranked.mall = chosen.mall AND ranked.category = chosen.category
"""
# Found by name or brand among all products, the ranked ones first.
_IN_SEARCH = """
    FROM otto.product AS product
    LEFT JOIN LATERAL (
        SELECT min(ranked.rank) AS place
        FROM otto.product_rank AS ranked
        WHERE ranked.mall = product.mall AND ranked.category = product.category
            AND ranked.product_id = product.product_id
    ) AS placed ON TRUE
    LEFT JOIN LATERAL ({band}) AS band ON TRUE
    WHERE (product.name ILIKE %(pattern)s OR product.brand ILIKE %(pattern)s)
        AND (%(mall)s::TEXT IS NULL OR product.mall = %(mall)s)
        AND (%(category)s::TEXT IS NULL OR product.category = %(category)s)
"""


def _list(source: str, answered_only: bool, sort: str) -> str:
    only = "AND band.state = 'answered'" if answered_only else ""
    return f"""
WITH RECURSIVE {_RELEASE}, {_SHELVES},
chosen AS MATERIALIZED (
    SELECT mall, category
    FROM shelf
    WHERE mall = coalesce(%(mall)s, mall) AND category = coalesce(%(category)s, category)
    ORDER BY array_position(%(malls)s::TEXT[], mall), mall, array_position(%(order)s::TEXT[], category)
    LIMIT 1
)
SELECT release.*, {_SHELF_LIST}, chosen.mall, chosen.category, item.*
FROM release
LEFT JOIN chosen ON TRUE
LEFT JOIN LATERAL (
    SELECT placed.place, {_PRODUCT}, band.*
    {source.format(band=_BAND)} {only}
    ORDER BY {_SORTS[sort]}, product.mall, product.product_id
    LIMIT %(limit)s OFFSET %(offset)s
) AS item ON TRUE
"""


# (The one row of `release` and `chosen` is joined to the list by a nested loop, which keeps the list's order.)
# A statement for each way of asking: the planner then sees each for what it is.
RANKING = {(sort, only): _list(_IN_RANKING, only, sort) for sort in SORTS for only in (False, True)}
SEARCH = {(sort, only): _list(_IN_SEARCH, only, sort) for sort in SORTS for only in (False, True)}

LIVE_RELEASE = f"WITH {_RELEASE} SELECT * FROM release"

PRODUCT_PAGE = f"""
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
),
band AS MATERIALIZED (
    SELECT answer.* FROM product CROSS JOIN LATERAL ({_BAND}) AS answer
),
same_brand AS (
    SELECT product.mall || '/' || product.product_id AS key, product.name, band.size_label
    FROM product AS this
    -- the best known of them only: a large brand has hundreds of garments
    CROSS JOIN LATERAL (
        SELECT other.mall, other.product_id, other.name
        FROM otto.product AS other
        WHERE other.mall = this.mall AND other.brand = this.brand
            AND other.category IS NOT DISTINCT FROM this.category AND other.product_id <> this.product_id
            AND NOT EXISTS (SELECT FROM band AS own WHERE own.state = 'answered')
        ORDER BY other.reviews DESC, other.product_id
        LIMIT 20
    ) AS product
    CROSS JOIN LATERAL ({_BAND}) AS band
    WHERE band.state = 'answered'
    ORDER BY band.reviews DESC
    LIMIT 3
)
SELECT
    release.*,
    {_PRODUCT},
    product.size_chart,
    band.*,
    shown.gender,
    cells.*,
    (
        SELECT array_agg(category || '/' || rank ORDER BY rank)
        FROM otto.product_rank
        WHERE mall = product.mall AND product_id = product.product_id
    ),
    (SELECT array_agg(ARRAY[key, name, size_label]) FROM same_brand)
FROM release
LEFT JOIN product ON TRUE
LEFT JOIN shown ON TRUE
LEFT JOIN band ON TRUE
-- an array a column: some thousand rows of one product travel and are read faster so
LEFT JOIN LATERAL (
    SELECT array_agg(height_cm), array_agg(weight_from_kg), array_agg(weight_to_kg), array_agg(size_label)
    FROM otto.size_table
    WHERE mall = product.mall AND product_id = product.product_id AND gender = shown.gender
) AS cells ON TRUE
"""

SIZES = f"""
WITH {_RELEASE}
SELECT release.release_id, product.product_id IS NOT NULL, band.*
FROM release
CROSS JOIN unnest(%(malls)s::TEXT[], %(product_ids)s::TEXT[]) WITH ORDINALITY AS asked (mall, product_id, place)
LEFT JOIN otto.product AS product
    ON product.mall = asked.mall AND product.product_id = asked.product_id
LEFT JOIN LATERAL ({_BAND}) AS band ON TRUE
ORDER BY asked.place
"""

# A page of all products in the order of their key; the last key seen is where the next page begins.
PRODUCTS = f"""
WITH {_RELEASE}
SELECT release.*, item.*
FROM release
LEFT JOIN LATERAL (
    SELECT {_PRODUCT}
    FROM otto.product AS product
    WHERE (product.mall, product.product_id) > (%(after_mall)s, %(after_product_id)s)
        AND (%(mall)s::TEXT IS NULL OR product.mall = %(mall)s)
        AND (%(category)s::TEXT IS NULL OR product.category = %(category)s)
    ORDER BY product.mall, product.product_id
    LIMIT %(limit)s
) AS item ON TRUE
"""
