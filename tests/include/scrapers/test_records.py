"""The records, the staged Parquet and the staging tables say the same columns in the same order."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from include.scrapers.records import SCHEMAS, Product, RankingEntry, Review, column_names, to_table

TYPES = {"product_rank": RankingEntry, "product": Product, "review": Review}
STAGING = Path(__file__).parents[3] / "include" / "sql" / "staging"


@pytest.mark.parametrize("entity", TYPES)
def test_record_parquet_and_table_have_the_same_columns_in_the_same_order(entity: str) -> None:
    ddl = (STAGING / entity / "ddl.sql").read_text(encoding="utf-8")
    columns = re.findall(r"^    (\w+) [A-Z]", ddl, re.MULTILINE)
    assert columns
    assert column_names(TYPES[entity]) == SCHEMAS[entity].names == columns


def test_a_record_becomes_a_row_with_its_types() -> None:
    moment = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
    review = Review(
        *("musinsa", date(2026, 11, 20), "1", "10", "female", False, Decimal("165.5"), None, "M", "M", None),
        *("letter", 4.0, "large", True, 5, date(2026, 6, 24), moment, "raw/x.jsonl.gz", 2),
    )
    (row,) = to_table("review", [review]).to_pylist()
    assert row["height_cm"] == Decimal("165.5")
    assert row["weight_kg"] is None
    assert row["captured_at"] == moment
    assert row["reviewed_on"] == date(2026, 6, 24)
