"""Every question of the pages and the API finds its rows by an index: no table of bands is ever gone through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from web import statements
from web.statements import SORTS

pytestmark = pytest.mark.slow

VALUES = {
    "mall": "musinsa", "category": "tops", "product_id": "1000000", "order": ["tops"], "malls": ["musinsa"],
    "product_ids": ["1000000"], "limit": 41, "offset": 0, "pattern": "%x%", "gender": "male", "height_cm": 172,
    "weight_kg": 68,
}  # fmt: skip
STATEMENTS = {
    **{f"ranking by {sort}": statements.RANKING[sort, False] for sort in SORTS},
    "ranking, answered only": statements.RANKING["rank", True],
    "search": statements.SEARCH["rank", False],
    "product page": statements.PRODUCT_PAGE,
    "sizes": statements.SIZES,
}


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


@pytest.mark.parametrize("name", STATEMENTS)
def test_bands_are_found_by_their_key(name: str, site_dsn: str) -> None:
    with psycopg.connect(site_dsn) as connection:
        # the invented release is so small that going through it would be cheaper
        connection.execute("SET enable_seqscan = off")
        row = connection.execute(f"EXPLAIN (FORMAT JSON) {STATEMENTS[name]}".encode(), VALUES).fetchone()
    assert row is not None
    scans = [node for node in _nodes(row[0][0]["Plan"]) if "Relation Name" in node]
    bands = [node for node in scans if node["Relation Name"].startswith("size_band")]
    assert bands
    for node in bands:
        assert "product_id" in node.get("Index Cond", node.get("Recheck Cond", "")), node
