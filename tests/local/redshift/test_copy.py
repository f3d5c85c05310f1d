"""COPY through redshift_connector: what is loaded, what is refused and how that is told, in which transaction."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import psutil
import pyarrow as pa
import pytest
import redshift_connector

from include.lake import Lake
from tests.local.redshift.conftest import ROLE, Connect, put_manifest, put_parquet, refusal

pytestmark = pytest.mark.slow

Run = Callable[..., list[Any]]
TABLE = """CREATE TABLE t (
    id VARCHAR(12) NOT NULL, height DECIMAL(4, 1), rating SMALLINT, order_ DOUBLE PRECISION, slight BOOLEAN,
    day DATE, at TIMESTAMPTZ, line INTEGER, views BIGINT)"""
NOON = datetime(2026, 11, 22, 3, 0, 0, 5, tzinfo=UTC)


def rows(ids: list[str | None], line: int = 1) -> pa.Table:
    n = len(ids)
    return pa.table(
        {
            "id": pa.array(ids, pa.string()),
            "height": pa.array([Decimal("172.5")] * n, pa.decimal128(4, 1)),
            "rating": pa.array([5] * n, pa.int16()),
            "order_": pa.array([0.1] * n, pa.float64()),
            "slight": pa.array([True] * n, pa.bool_()),
            "day": pa.array([date(2026, 11, 22)] * n, pa.date32()),
            "at": pa.array([NOON] * n, pa.timestamp("us", "UTC")),
            "line": pa.array(range(line, line + n), pa.int32()),
            "views": pa.array([None] * n, pa.int64()),
        }
    )


def copy(lake: Lake, key: str, options: str = "PARQUET MANIFEST") -> str:
    return f"COPY t FROM '{lake.uri(key)}' {ROLE} FORMAT AS {options}"


def test_parquet_named_by_a_manifest_is_loaded_with_every_type(run: Run, lake: Lake) -> None:
    run(TABLE)
    sizes = {
        "a.parquet": put_parquet(lake, "a.parquet", rows(["가", 'say "x", y'])),
        "b.parquet": put_parquet(lake, "b.parquet", rows(["", "new\nline"]), row_group_size=1),
    }
    put_manifest(lake, "m.json", dict(sizes))
    run(copy(lake, "m.json"))
    loaded = run("SELECT * FROM t ORDER BY id")
    assert [row[0] for row in loaded] == ["", "new\nline", 'say "x", y', "가"]
    assert loaded[0][1:] == [Decimal("172.5"), 5, 0.1, True, date(2026, 11, 22), NOON, 1, None]


def test_no_text_is_taken_for_a_sign_of_the_form_it_travels_in(run: Run, lake: Lake) -> None:
    texts = ["\\N", "\\.", "a\tb", "a\r\nb", "a\\tb", "\\", '"', '""', "", " ", "a,b", "NULL", None]
    run("CREATE TABLE t (a INT, text VARCHAR(20))")
    numbers = pa.array(range(len(texts)), pa.int32())
    for kind in (pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())):
        put_parquet(lake, "p/1.parquet", pa.table({"a": numbers, "text": pa.array(texts, pa.string()).cast(kind)}))
        run("DELETE FROM t")
        run(copy(lake, "p/", "PARQUET"))
        assert [row[0] for row in run("SELECT text FROM t ORDER BY a")] == texts


def test_parquet_is_loaded_by_position_not_by_name(run: Run, lake: Lake) -> None:
    run("CREATE TABLE t (a INT, b INT)")
    put_parquet(lake, "p/1.parquet", pa.table({"b": pa.array([1], pa.int32()), "a": pa.array([2], pa.int32())}))
    run(copy(lake, "p/", "PARQUET"))
    assert run("SELECT a, b FROM t") == [[1, 2]]


def test_hidden_objects_below_a_prefix_are_passed_over(run: Run, lake: Lake) -> None:
    run("CREATE TABLE t (a INT)")
    put_parquet(lake, "p/1.parquet", pa.table({"a": pa.array([1], pa.int32())}))
    lake.put("p/_parts.json", b"{}")
    run(copy(lake, "p/", "PARQUET"))
    assert run("SELECT a FROM t") == [[1]]


@pytest.mark.parametrize("options", ["REGION 'us-east-1'", "MAXERROR 2", "GZIP", "IGNOREHEADER 1"])
def test_what_redshift_refuses_with_parquet_is_refused(run: Run, lake: Lake, options: str) -> None:
    run("CREATE TABLE t (a INT)")
    with pytest.raises(redshift_connector.ProgrammingError) as error:
        run(copy(lake, "m.json", f"PARQUET MANIFEST {options}"))
    assert refusal(error)["C"] == "0A000"


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        ({"a.parquet": None}, "content_length"),
        ({"a.parquet": 7}, "the manifest says 7"),
        ({"gone.parquet": 7}, "NoSuchKey"),
        ({}, "names no file"),
    ],
)
def test_a_manifest_that_does_not_hold_is_refused(run: Run, lake: Lake, manifest: dict, words: str) -> None:
    run(TABLE)
    put_parquet(lake, "a.parquet", rows(["x"]))
    put_manifest(lake, "m.json", manifest)
    with pytest.raises(redshift_connector.ProgrammingError) as error:
        run(copy(lake, "m.json"))
    assert words in refusal(error)["M"]


def test_an_absent_file_that_is_not_mandatory_is_passed_over(run: Run, lake: Lake) -> None:
    run(TABLE)
    size = put_parquet(lake, "a.parquet", rows(["x"]))
    put_manifest(lake, "m.json", {"a.parquet": size, "gone.parquet": 9}, mandatory=False)
    run(copy(lake, "m.json"))
    assert run("SELECT count(*) FROM t") == [[1]]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (pa.table({"a": pa.array([1], pa.int32())}), "has 1 columns, and 2 are to be loaded"),
        (pa.table({"a": pa.array([1], pa.int64()), "b": pa.array(["x"])}), "Column type: INTEGER"),
        (pa.table({"a": pa.array([1], pa.int32()), "b": pa.array([1], pa.int32())}), "CHARACTER VARYING(4)"),
    ],
)
def test_parquet_of_another_shape_is_refused(run: Run, lake: Lake, table: pa.Table, words: str) -> None:
    run("CREATE TABLE t (a INT, b VARCHAR(4))")
    put_parquet(lake, "p/1.parquet", table)
    with pytest.raises(redshift_connector.ProgrammingError) as error:
        run(copy(lake, "p/", "PARQUET"))
    assert words in refusal(error)["M"]


def test_a_failed_copy_leaves_no_row_and_shows_file_line_column_and_reason(
    session: redshift_connector.Connection, run: Run, lake: Lake
) -> None:
    run(TABLE)
    session.commit()
    put_parquet(lake, "p/1.parquet", rows(["a"] * 5000))
    put_parquet(lake, "p/2.parquet", rows(["b"] * 4999 + ["한글한글한"]))  # fifteen bytes: Redshift counts bytes
    with pytest.raises(redshift_connector.ProgrammingError) as error:
        run(copy(lake, "p/", "PARQUET"))
    where = f"{lake.uri('p/2.parquet')}, line 5000, column id: String length exceeds DDL length"
    assert refusal(error)["C"] == "XX000"
    assert where in refusal(error)["M"]
    session.rollback()
    assert run("SELECT count(*) FROM t") == [[0]]
    detail = "SELECT file_name, line_number, column_name, error_code, error_message FROM sys_load_error_detail"
    assert run(detail) == [[lake.uri("p/2.parquet"), 5000, "id", 1204, "String length exceeds DDL length (12 bytes)"]]
    assert run("SELECT raw_field_value FROM stl_load_errors") == [["한글한글한"]]


def test_a_missing_value_is_refused_where_the_column_is_not_null(run: Run, lake: Lake) -> None:
    run(TABLE)
    put_parquet(lake, "p/1.parquet", rows(["a", None]))
    with pytest.raises(redshift_connector.ProgrammingError, match="line 2, column id: Missing data for not-null field"):
        run(copy(lake, "p/", "PARQUET"))


def test_a_row_that_only_the_database_can_judge_is_found_among_values_with_newlines(run: Run, lake: Lake) -> None:
    run("CREATE TABLE t (name VARCHAR(64), n INT)")
    text = "".join(f'"one\ntwo {i}",{i}\n' for i in range(300)) + '"three\n",x\n'
    lake.put("c/1.csv", text.encode())
    with pytest.raises(redshift_connector.ProgrammingError, match=r"c/1.csv, line 301, column n: .*integer: \"x\""):
        run(copy(lake, "c/", "CSV"))


def test_csv_knows_headers_quotes_gzip_and_what_is_null(run: Run, lake: Lake) -> None:
    run("CREATE TABLE t (a VARCHAR(16), n INT, d DATE)")
    text = 'name;n;d\n"say ""x""; y";1;2026-11-22\n;;\n\\N;2;\n'
    lake.put("c/1.csv.gz", gzip.compress(text.encode()))
    run(copy(lake, "c/", "CSV GZIP IGNOREHEADER 1 DELIMITER ';' REGION 'us-east-1'"))
    expected = [['say "x"; y', 1, date(2026, 11, 22)], ["", None, None], [None, 2, None]]
    assert sorted(run("SELECT * FROM t"), key=str) == sorted(expected, key=str)


def test_maxerror_passes_over_so_many_rows_and_no_more(
    session: redshift_connector.Connection, run: Run, lake: Lake
) -> None:
    run("CREATE TABLE t (a VARCHAR(2), n INT)")
    session.commit()
    lake.put("c/1.csv", b"ok,1\ntoo long,2\nfew\nno,x\nok,2\n")
    with pytest.raises(redshift_connector.ProgrammingError):
        run(copy(lake, "c/", "CSV MAXERROR 3"))
    session.rollback()
    run(copy(lake, "c/", "CSV MAXERROR 4"))
    session.commit()
    assert run("SELECT * FROM t ORDER BY n") == [["ok", 1], ["ok", 2]]
    lines = "SELECT line_number, err_code FROM stl_load_errors WHERE query = (SELECT max(query) FROM stl_load_errors)"
    assert sorted(run(lines)) == [[2, 1204], [3, 1201], [4, 1207]]


def test_json_is_matched_by_name(run: Run, lake: Lake) -> None:
    run("CREATE TABLE t (a VARCHAR(16), n DECIMAL(20, 18), b BOOLEAN, s SUPER)")
    text = (
        '{"n": 0.123456789012345678, "a": "x", "b": true, "s": {"k": [1, 2.5]}}\n{"a": null,\n "other": 1} {"a": "한"}'
    )
    lake.put("j/1.json", text.encode())
    run(copy(lake, "j/", "JSON 'auto'"))
    loaded = run("SELECT a, n, b, s FROM t ORDER BY n, a")
    assert loaded[0] == ["x", Decimal("0.123456789012345678"), True, '{"k": [1, 2.5]}']
    assert loaded[1:] == [["한", None, None, None], [None, None, None, None]]


def test_json_that_is_broken_names_its_line(run: Run, lake: Lake) -> None:
    run("CREATE TABLE t (a INT)")
    lake.put("j/1.json", b'{"a": 1}\n{"a": 2}\n{"a": \n')
    with pytest.raises(redshift_connector.ProgrammingError, match="line 3: Invalid JSON"):
        run(copy(lake, "j/", "JSON 'auto'"))


def test_copy_and_delete_are_one_transaction_for_others(connect: Connect, lake: Lake) -> None:
    writer, reader = connect(), connect()
    reader.autocommit = True
    cursor = writer.cursor()
    cursor.execute("CREATE TABLE t (a INT)")
    cursor.execute("INSERT INTO t VALUES (0)")
    writer.commit()
    put_parquet(lake, "p/1.parquet", pa.table({"a": pa.array([1, 2], pa.int32())}))
    cursor.execute("DELETE FROM t")
    cursor.execute(copy(lake, "p/", "PARQUET"))
    seen = reader.cursor()
    seen.execute("SELECT a FROM t")
    assert seen.fetchall() == ([0],)
    writer.rollback()
    seen.execute("SELECT a FROM t")
    assert seen.fetchall() == ([0],)


def test_a_column_list_an_identity_and_a_temporary_table_are_loaded(run: Run, lake: Lake) -> None:
    run("CREATE TABLE #t (k INT IDENTITY(1, 1), a INT, b INT DEFAULT 7)")
    put_parquet(lake, "p/1.parquet", pa.table({"x": pa.array([5], pa.int32())}))
    run(f"COPY #t (a) FROM '{lake.uri('p/')}' {ROLE} PARQUET")
    assert run("SELECT * FROM #t") == [[1, 5, 7]]


@pytest.mark.parametrize(("option", "known"), [("", True), (" STATUPDATE ON", True), (" STATUPDATE OFF", False)])
def test_the_planner_knows_what_a_copy_brought_to_a_table_it_saw_empty(
    run: Run, lake: Lake, option: str, known: bool
) -> None:
    run("CREATE TABLE t (a INT)")
    run("ANALYZE t")
    put_parquet(lake, "p/1.parquet", pa.table({"a": pa.array(range(5000), pa.int32())}))
    run(copy(lake, "p/", f"PARQUET{option}"))
    (found,) = run("SELECT reltuples FROM pg_class WHERE relname = 't'")
    assert found[0] == (5000 if known else 0)


def test_a_table_that_is_not_there_is_named(run: Run, lake: Lake) -> None:
    with pytest.raises(redshift_connector.ProgrammingError) as error:
        run(copy(lake, "p/", "PARQUET"))
    assert refusal(error)["C"] == "42P01"
    assert refusal(error)["M"] == "Cannot COPY into nonexistent table t"


def test_other_sessions_are_served_during_a_copy_of_a_million_rows_and_memory_stays_bounded(
    connect: Connect, run: Run, lake: Lake, gateway: int
) -> None:
    run("CREATE TABLE t (id BIGINT, text VARCHAR(64), at TIMESTAMPTZ, n DOUBLE PRECISION)")
    ids = pa.array(range(1_000_000), pa.int64())
    table = pa.table(
        {
            "id": ids,
            "text": pa.array([f"[{i}]LIGHT GRAY/M" for i in range(1000)]).take(
                pa.array([i % 1000 for i in range(1_000_000)])
            ),
            "at": ids.cast(pa.timestamp("us", "UTC")),
            "n": ids.cast(pa.float64()),
        }
    )
    put_parquet(lake, "p/1.parquet", table)
    server = _gateway_process(gateway)
    before = server.memory_info().rss
    other = connect(timeout=20)
    loading = threading.Thread(target=run, args=(copy(lake, "p/", "PARQUET"),))
    loading.start()
    peak, waits = before, []
    while loading.is_alive():
        began = time.monotonic()
        other.cursor().execute("SELECT 1")
        waits.append(time.monotonic() - began)
        peak = max(peak, server.memory_info().rss)
        time.sleep(0.02)
    assert run("SELECT count(*), sum(id) FROM t") == [[1_000_000, 499999500000]]
    assert peak - before <= 200 << 20
    assert max(waits) < 2


def _gateway_process(port: int) -> psutil.Process:
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if "local.redshift" in command and str(port) in command:
            return process
    raise LookupError(f"no gateway on {port}")
