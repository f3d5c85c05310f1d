"""UNLOAD through redshift_connector, read back with pyarrow."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import redshift_connector

from include.lake import Lake
from tests.local.redshift.conftest import ROLE, refusal

pytestmark = pytest.mark.slow

Run = Callable[..., list[Any]]


def test_parquet_holds_the_querys_names_types_and_rows(run: Run, lake: Lake) -> None:
    run("""CREATE TABLE t (
        id VARCHAR(64), h DECIMAL(4, 1), n INT, r REAL, b BOOLEAN, d DATE, at TIMESTAMPTZ, ts TIMESTAMP)""")
    run("""INSERT INTO t VALUES (
        'say "x",\n한', 172.5, 1, 0.5, true, '2026-11-22', '2026-11-22 05:00+09', '2026-11-22 05:00')""")
    run("INSERT INTO t (id) VALUES ('')")
    query = "SELECT *, ''it''''s'' AS word FROM t WHERE id <> ''no''"
    run(f"UNLOAD ('{query}') TO '{lake.uri('u/')}' {ROLE} FORMAT PARQUET")
    found = lake.get_table("u/0000_part_00.parquet")
    assert [str(field.type) for field in found.schema] == [
        "string", "decimal128(4, 1)", "int32", "float", "bool", "date32[day]", "timestamp[us, tz=UTC]", "timestamp[us]",
        "string",
    ]  # fmt: skip
    first, second = sorted(found.to_pylist(), key=lambda row: row["id"], reverse=True)
    assert first == {
        "id": 'say "x",\n한', "h": Decimal("172.5"), "n": 1, "r": 0.5, "b": True, "d": date(2026, 11, 22),
        "at": datetime(2026, 11, 21, 20, 0, tzinfo=UTC), "ts": datetime(2026, 11, 22, 5, 0), "word": "it's",  # noqa: DTZ001
    }  # fmt: skip
    assert second["id"] == ""
    assert second["h"] is None


def test_unload_sees_its_own_transaction_and_its_manifest_can_be_loaded_again(run: Run, lake: Lake) -> None:
    run("CREATE TABLE t (a INT, b VARCHAR(8))")
    run("INSERT INTO t VALUES (1, 'x'), (2, NULL)")
    run(f"UNLOAD ('SELECT a, b FROM t') TO '{lake.uri('u/')}' {ROLE} PARQUET MANIFEST")
    run(f"COPY t FROM '{lake.uri('u/manifest')}' {ROLE} PARQUET MANIFEST")
    assert run("SELECT count(*), count(b) FROM t") == [[4, 2]]


def test_a_prefix_that_is_not_empty_is_refused_unless_it_may_be_overwritten(
    session: redshift_connector.Connection, run: Run, lake: Lake
) -> None:
    unload = f"UNLOAD ('SELECT {{}} AS a') TO '{lake.uri('u/')}' {ROLE} PARQUET"
    run(unload.format(1))
    with pytest.raises(redshift_connector.ProgrammingError, match="not empty"):
        run(unload.format(2))
    session.rollback()
    run(unload.format(3) + " ALLOWOVERWRITE")
    assert lake.get_table("u/0000_part_00.parquet").to_pylist() == [{"a": 3}]


def test_csv_has_a_header_is_packed_and_one_file_where_that_is_asked_for(run: Run, lake: Lake) -> None:
    options = "CSV HEADER GZIP PARALLEL OFF"
    run(f"UNLOAD ('SELECT 1 AS a, ''x,y'' AS b, NULL AS c') TO '{lake.uri('u/')}' {ROLE} {options}")
    assert [key for key, _ in lake.list("u/")] == ["u/000.gz"]
    assert gzip.decompress(lake.get("u/000.gz")) == b'a,b,c\n1,"x,y",\n'


def test_an_empty_result_is_an_object_with_a_schema(run: Run, lake: Lake) -> None:
    run(f"UNLOAD ('SELECT 1 AS a, ''x''::varchar AS b WHERE false') TO '{lake.uri('u/')}' {ROLE} PARQUET")
    found = lake.get_table("u/0000_part_00.parquet")
    assert (found.num_rows, found.schema.names) == (0, ["a", "b"])


@pytest.mark.parametrize(
    ("query", "sqlstate"),
    [
        ("SELECT absent FROM nowhere", "42P01"),
        ("SELECT 1 AS a, 2 AS a", "42701"),
        ("SELECT 1 AS a LIMIT 1", "0A000"),
        ("DELETE FROM t", "42601"),
        ("SELECT 1/0 AS a", "22012"),
        ("SELECT ARRAY[1] AS a", "0A000"),
    ],
)
def test_a_query_that_cannot_be_unloaded_writes_nothing(run: Run, lake: Lake, query: str, sqlstate: str) -> None:
    with pytest.raises(redshift_connector.ProgrammingError) as error:
        run(f"UNLOAD ('{query}') TO '{lake.uri('u/')}' {ROLE} PARQUET")
    assert refusal(error)["C"] == sqlstate
    assert list(lake.list("u/")) == []


def test_a_large_result_goes_through_in_pieces(run: Run, lake: Lake) -> None:
    query = "SELECT n, repeat(''x'', 200) AS text FROM generate_series(1, 200000) AS n"
    run(f"UNLOAD ('{query}') TO '{lake.uri('u/')}' {ROLE} PARQUET")
    found = lake.get_table("u/0000_part_00.parquet")
    assert found.num_rows == 200_000
    assert sum(found["n"].to_pylist()) == 200_000 * 200_001 // 2
