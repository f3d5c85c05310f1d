"""29CM lists the newest reviews first: a later day reads down to what is known, in a real browser."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from include.lake import Lake
from include.scrapers import plan
from tests.include.scrapers.conftest import replica_mall, run_all

pytestmark = pytest.mark.slow


def test_a_later_day_asks_for_one_list_a_product_down_to_what_is_known(
    lake: Lake, connection: psycopg.Connection, tmp_path: Path
) -> None:
    day = plan.today_in_seoul()
    amounts = ("--products", "10", "--reviews-per-product", "50", "--seed", "5")
    with replica_mall(tmp_path, "--malls", "29cm", *amounts):
        first = run_all(lake, connection, day, categories=("dress",), mall="29cm")
        later = run_all(lake, connection, day + timedelta(days=1), "later", ("dress",), mall="29cm")
    dresses = first["product"]["staged"]
    assert first["review"]["pages"] > dresses > 0, "some have more than one list"
    assert later["review"]["pages"] == later["product"]["staged"] == dresses
