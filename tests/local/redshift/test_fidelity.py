"""The gateway as redshift_connector sees it: types, errors, transactions, statements, what Redshift does otherwise."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import redshift_connector

from tests.local.redshift.conftest import Connect, refusal

pytestmark = pytest.mark.slow

VALUES = [
    ("SMALLINT", -32768),
    ("INTEGER", 2147483647),
    ("BIGINT", 9223372036854775807),
    ("DECIMAL(4, 1)", Decimal("172.5")),
    ("DECIMAL(38, 10)", Decimal("1234567890123456789012345678.0123456789")),
    ("REAL", 0.5),
    ("DOUBLE PRECISION", 0.1),
    ("BOOLEAN", True),
    ("VARCHAR(64)", "L 구매 'quoted' \"double\" back\\slash\nline"),
    ("VARCHAR(8)", ""),
    ("DATE", date(2026, 11, 22)),
    ("TIMESTAMP", datetime(2026, 11, 22, 5, 0, 0, 123456)),  # noqa: DTZ001 - the type has no zone
    ("TIMESTAMPTZ", datetime(2026, 11, 21, 20, 0, tzinfo=UTC)),
]


@pytest.mark.parametrize(("kind", "value"), VALUES, ids=[kind for kind, _ in VALUES])
def test_a_value_comes_back_as_it_went_in(session: redshift_connector.Connection, kind: str, value: object) -> None:
    cursor = session.cursor()
    cursor.execute(f"CREATE TABLE t (v {kind})")
    cursor.execute("INSERT INTO t VALUES (%s), (NULL)", (value,))
    cursor.execute("SELECT v FROM t ORDER BY v")
    assert [row[0] for row in cursor.fetchall()] == [value, None]


def test_super_comes_back_as_json_text(run) -> None:
    run("CREATE TABLE t (v SUPER)")
    run('INSERT INTO t SELECT JSON_PARSE(\'{"size": ["S", "M"]}\')')
    assert json.loads(run("SELECT v FROM t")[0][0]) == {"size": ["S", "M"]}


def test_it_says_that_it_is_redshift(session: redshift_connector.Connection, run) -> None:
    assert "Redshift 1.0" in run("SELECT version()")[0][0]
    assert run("SELECT version()")[0][0].startswith("PostgreSQL 8.0.2 ")
    assert run("SHOW server_version") == [["8.0.2"]]
    assert (b"server_version", b"8.0.2") in session.parameter_statuses


@pytest.mark.parametrize(
    ("sql", "sqlstate"),
    [
        ("SELECT * FROM absent", "42P01"),
        ("SELECT 1/0", "22012"),
        ("SELEC 1", "42601"),
        ("SELECT absent()", "42883"),
        ("SELECT 'x'::int", "22P02"),
        ("CREATE INDEX i ON t (a)", "0A000"),
    ],
)
def test_an_error_carries_its_sqlstate(run, sql: str, sqlstate: str) -> None:
    with pytest.raises(redshift_connector.ProgrammingError) as error:
        run(sql)
    assert refusal(error)["C"] == sqlstate


@pytest.mark.parametrize(
    "sql", ["SELECT * FROM absent", "SAVEPOINT s", "TRUNCATE absent", "COPY absent FROM 's3://a/b'"]
)
def test_an_error_ends_the_transaction_and_a_rollback_begins_anew(
    session: redshift_connector.Connection, run, sql: str
) -> None:
    run("CREATE TABLE t (a INT)")
    with pytest.raises(redshift_connector.ProgrammingError):
        run(sql)
    with pytest.raises(redshift_connector.ProgrammingError) as error:
        run("SELECT 1")
    assert refusal(error)["C"] == "25P02"
    session.rollback()
    assert run("SELECT 1") == [[1]]


def test_not_null_is_enforced_and_a_primary_key_is_not(session: redshift_connector.Connection, run) -> None:
    run("CREATE TABLE t (a INT PRIMARY KEY, b INT UNIQUE)")
    run("INSERT INTO t VALUES (1, 1), (1, 1)")
    assert run("SELECT count(*) FROM t") == [[2]]
    with pytest.raises(redshift_connector.ProgrammingError) as error:
        run("INSERT INTO t VALUES (NULL, 1)")
    assert refusal(error)["C"] == "23502"


def test_what_one_session_has_not_committed_another_does_not_see(connect: Connect) -> None:
    writer, reader = connect(), connect()
    reader.autocommit = True
    with writer.cursor() as cursor:
        cursor.execute("CREATE TABLE t (a INT)")
        writer.commit()
        cursor.execute("INSERT INTO t VALUES (1)")
    assert _count(reader) == 0
    writer.commit()
    assert _count(reader) == 1


def test_a_transaction_keeps_the_snapshot_it_began_with(connect: Connect) -> None:
    writer, reader = connect(), connect()
    writer.autocommit = True
    writer.cursor().execute("CREATE TABLE t (a INT)")
    assert _count(reader) == 0
    writer.cursor().execute("INSERT INTO t VALUES (1)")
    assert _count(reader) == 0
    reader.commit()
    assert _count(reader) == 1


def test_truncate_commits_what_came_before_it(connect: Connect) -> None:
    writer, reader = connect(), connect()
    cursor = writer.cursor()
    cursor.execute("CREATE TABLE t (a INT)")
    cursor.execute("CREATE TABLE other (a INT)")
    cursor.execute("INSERT INTO t VALUES (1)")
    cursor.execute("INSERT INTO other VALUES (1)")
    cursor.execute("TRUNCATE TABLE t")
    writer.rollback()
    assert _count(reader, "t") == 0
    assert _count(reader, "other") == 1


def test_a_prepared_statement_is_run_again_with_other_parameters(session: redshift_connector.Connection, run) -> None:
    run("CREATE TABLE t (mall VARCHAR(16), height DECIMAL(4, 1), day DATE)")
    cursor = session.cursor()
    rows = [("musinsa", Decimal("172.5"), date(2026, 11, 21)), ("29cm", None, None), ("zigzag", Decimal("160"), None)]
    cursor.executemany("INSERT INTO t VALUES (%s, %s, %s)", rows)
    for mall, height, day in rows:
        assert run("SELECT height, day FROM t WHERE mall = %s", (mall,)) == [[height, day]]
    assert cursor.rowcount == 3


def test_parameters_reach_a_statement_that_is_rewritten(run) -> None:
    sql = "SELECT NVL(%s::int, 7), DATEDIFF(day, %s::date, '2026-11-22'), LEN(%s)"
    assert run(sql, (None, date(2026, 11, 1), "한국어")) == [[7, 21, 3]]
    assert run(sql, (3, date(2026, 11, 22), "")) == [[3, 0, 0]]


@pytest.mark.parametrize("style", ["format", "qmark", "numeric", "named", "pyformat"])
def test_every_parameter_style_of_the_driver_works(session: redshift_connector.Connection, style: str) -> None:
    place, given = {
        "format": ("%s", ["x"]),
        "qmark": ("?", ["x"]),
        "numeric": (":1", ["x"]),
        "named": (":v", {"v": "x"}),
        "pyformat": ("%(v)s", {"v": "x"}),
    }[style]
    cursor = session.cursor()
    cursor.paramstyle = style
    cursor.execute(f"SELECT {place}::varchar", given)
    assert cursor.fetchone() == ["x"]


def test_a_backslash_escapes_as_in_redshift(run) -> None:
    assert run(r"SELECT 'a\\b', 'it\'s', REGEXP_REPLACE('95 (M)', '\\d+', '#')") == [["a\\b", "it's", "# (M)"]]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("NVL(NULL, 2)", 2),
        ("NVL2(NULL, 'there', 'absent')", "absent"),
        ("DECODE(2, 1, 'one', 2, 'two', 'many')", "two"),
        ("DECODE(NULL, NULL, 'none', 'some')", "none"),
        ("DATEDIFF(day, '2026-11-21 23:59', '2026-11-22 00:01')", 1),
        ("DATEDIFF(year, '2025-12-31', '2026-01-01')", 1),
        ("DATEDIFF('month', '2026-01-31', '2026-03-01')", 2),
        ("DATEDIFF(hour, '2026-11-21 22:59', '2026-11-22 00:01')", 2),
        ("DATEDIFF(second, '2026-11-22 00:00:00.9', '2026-11-22 00:00:01.1')", 1),
        ("DATEADD(month, 1, '2026-01-31')::date", date(2026, 2, 28)),
        ("DATEADD(day, -3, '2026-11-22'::date)::date", date(2026, 11, 19)),
        ("ADD_MONTHS('2026-02-28', 1)::date", date(2026, 3, 31)),
        ("LAST_DAY('2028-02-03')", date(2028, 2, 29)),
        ("CONVERT_TIMEZONE('Asia/Seoul', '2026-11-21 20:00')::date", date(2026, 11, 22)),
        ("DATE_PART(year, '2026-11-22'::date)::int", 2026),
        ("LEN('한글')", 2),
        ("CHARINDEX('b', 'abc')", 2),
        ("REGEXP_REPLACE('a1b2', '[0-9]', '')", "ab"),
        ("REGEXP_SUBSTR('none', '[0-9]+')", ""),
        ("'3.7'::decimal", Decimal("4")),
        ("SHA2('a', 256)", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
        ("JSON_EXTRACT_PATH_TEXT('{\"a\": {\"b\": \"c\"}}', 'a', 'b')", "c"),
        ("JSON_ARRAY_LENGTH('[1, 2]')", 2),
        ("IS_VALID_JSON('{')", False),
        ("GETDATE()::date = CURRENT_DATE", True),
        ("(SELECT LISTAGG(s, ',') WITHIN GROUP (ORDER BY s) FROM (SELECT 'b' AS s UNION ALL SELECT 'a') AS x)", "a,b"),
        ("(SELECT MEDIAN(v) FROM (SELECT 1 AS v UNION ALL SELECT 2) AS x)::float", 1.5),
    ],
)
def test_redshifts_functions_mean_what_they_mean_there(run, expression: str, value: object) -> None:
    assert run(f"SELECT {expression}") == [[value]]


def test_qualify_filters_by_a_window(run) -> None:
    run("CREATE TABLE t (a INT, b INT)")
    run("INSERT INTO t VALUES (1, 1), (1, 2), (2, 5)")
    sql = "SELECT a, b FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY a ORDER BY b DESC) = 1 ORDER BY a"
    assert run(sql) == [[1, 2], [2, 5]]


def test_merge_updates_and_inserts(run) -> None:
    _merge_tables(run)
    run("""MERGE INTO t USING s ON t.k = s.k
           WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT (k, v) VALUES (s.k, s.v)""")
    assert run("SELECT k, v FROM t ORDER BY k") == [[1, "old"], [2, "new"], [3, "new"]]


@pytest.mark.parametrize(
    "sql",
    [
        "MERGE INTO t x USING s ON x.k = s.k {update} {insert}",
        "MERGE INTO t USING s ON t.k = s.k WHEN MATCHED AND s.k > 0 THEN DELETE {insert}",
        "MERGE INTO t USING s ON t.k = s.k {update} {update} {insert}",
        "MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN DO NOTHING {insert}",
        "MERGE INTO t USING s ON t.k = s.k {update}",
        "MERGE INTO t USING s ON t.k = s.k {insert}",
        "MERGE INTO t USING (SELECT * FROM s) AS s ON t.k = s.k {update} {insert}",
        "MERGE INTO t USING s ON t.k = s.k REMOVE DUPLICATES",
    ],
)
def test_a_merge_that_redshift_refuses_changes_nothing(session: redshift_connector.Connection, run, sql: str) -> None:
    _merge_tables(run)
    session.commit()
    update, insert = "WHEN MATCHED THEN UPDATE SET v = s.v", "WHEN NOT MATCHED THEN INSERT VALUES (s.k, s.v)"
    with pytest.raises(redshift_connector.ProgrammingError) as error:
        run(sql.format(update=update, insert=insert))
    assert refusal(error)["C"] in ("42601", "0A000")
    session.rollback()
    assert run("SELECT k, v FROM t ORDER BY k") == [[1, "old"], [2, "old"]]


def test_a_merge_with_two_source_rows_for_one_target_row_is_refused(run) -> None:
    _merge_tables(run)
    run("INSERT INTO s VALUES (2, 'again')")
    with pytest.raises(redshift_connector.ProgrammingError) as error:
        run("""MERGE INTO t USING s ON t.k = s.k
               WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT VALUES (s.k, s.v)""")
    assert refusal(error)["M"] == "Found multiple matches to update the same tuple."


def _merge_tables(run) -> None:
    run("CREATE TABLE t (k INT, v VARCHAR(8))")
    run("CREATE TEMP TABLE s (k INT, v VARCHAR(8))")
    run("INSERT INTO t VALUES (1, 'old'), (2, 'old')")
    run("INSERT INTO s VALUES (2, 'new'), (3, 'new')")


def _count(session: redshift_connector.Connection, table: str = "t") -> int:
    cursor = session.cursor()
    cursor.execute(f"SELECT count(*) FROM {table}")
    return cursor.fetchone()[0]
