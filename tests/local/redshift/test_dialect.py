"""Rewriting by table: Redshift on the left, PostgreSQL on the right."""

from __future__ import annotations

import pytest

from local.redshift.dialect import rewrite
from local.redshift.errors import RedshiftError
from local.redshift.plan import plan_all

UNTOUCHED = [
    "SELECT  a ,b FROM t -- as it is\n WHERE x = 'GETDATE()' AND y = $1",
    "select date_trunc('day', ts), count(*) from t group by 1 order by 2 desc limit 3",
    'INSERT INTO t ("nvl") VALUES ($1)',
    "SELECT t.sysdate FROM t",
    "SELECT coalesce(a, 0)::bigint, b::varchar(10), c::numeric(4, 1) FROM t",
]

REWRITTEN = [
    ("SELECT NVL(a, 0) FROM t", "SELECT coalesce(a, 0) FROM t"),
    ("SELECT nvl(nvl(a, b), len(c)) FROM t", "SELECT coalesce(coalesce(a, b), length(c)) FROM t"),
    ("SELECT SYSDATE", "SELECT localtimestamp"),
    ("SELECT a::decimal, b::super FROM t", "SELECT a::numeric(18, 0), b::jsonb FROM t"),
    ("SELECT CAST(a AS VARCHAR) FROM t", "SELECT CAST(a AS varchar(256)) FROM t"),
    (
        "SELECT LISTAGG(x, ',') WITHIN GROUP (ORDER BY y) FROM t",
        "SELECT string_agg((x)::text, ',' ORDER BY y) FROM t",
    ),
    ("SELECT LISTAGG(DISTINCT x) FROM t", "SELECT string_agg(DISTINCT x, '') FROM t"),
    ("SELECT MEDIAN(x) FROM t", "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FROM t"),
    ("SELECT APPROXIMATE COUNT(DISTINCT x) FROM t", "SELECT COUNT(DISTINCT x) FROM t"),
    ("SELECT TOP 3 a FROM t", "SELECT a FROM t LIMIT 3"),
    ("SELECT * FROM #stage", 'SELECT * FROM "#stage"'),
    ("SELECT * FROM sys_load_error_detail", "SELECT * FROM redshift_catalog.sys_load_error_detail"),
    ("SELECT * FROM pg_catalog.stl_load_errors e", "SELECT * FROM redshift_catalog.stl_load_errors e"),
]


@pytest.mark.parametrize("sql", UNTOUCHED)
def test_what_both_understand_is_left_letter_for_letter(sql: str) -> None:
    assert rewrite(sql) == sql


@pytest.mark.parametrize(("redshift", "postgres"), REWRITTEN)
def test_redshift_is_rewritten(redshift: str, postgres: str) -> None:
    assert rewrite(redshift) == postgres


def test_qualify_becomes_a_filter_around_the_query_and_the_limit_stays_outside() -> None:
    sql = "SELECT a, b FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY a ORDER BY b) = 1 ORDER BY b LIMIT 2"
    rewritten = rewrite(sql)
    assert rewritten.endswith("WHERE redshift_qualify ORDER BY b LIMIT 2")
    assert "QUALIFY" not in rewritten.replace("redshift_qualify", "").upper().replace("REDSHIFT_QUALIFIED", "")


@pytest.mark.parametrize(
    ("sql", "sqlstate", "words"),
    [
        ("SELECT * FROM t QUALIFY ROW_NUMBER() OVER (ORDER BY a) = 1", "0A000", "Name the columns"),
        ("SELECT DATEDIFF(week, a, b) FROM t", "0A000", "DATEDIFF by week"),
        ("SELECT DATEDIFF(fortnight, a, b) FROM t", "22023", "fortnight"),
        ("SELECT NVL2(a, b) FROM t", "42883", "nvl2 does not take 2 arguments"),
        ("SELECT NVL(a FROM t", "42601", "not closed"),
    ],
)
def test_what_has_no_counterpart_is_refused_with_a_sentence(sql: str, sqlstate: str, words: str) -> None:
    with pytest.raises(RedshiftError) as refused:
        rewrite(sql)
    assert refused.value.sqlstate == sqlstate
    assert words in f"{refused.value.message} {refused.value.hint}"


@pytest.mark.parametrize(
    ("sql", "sqlstate", "word"),
    [
        ("CREATE INDEX i ON t (a)", "0A000", "CREATE INDEX"),
        ("SAVEPOINT s", "0A000", "SAVEPOINT"),
        ("INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING", "42601", "CONFLICT"),
        ("INSERT INTO t VALUES (1) RETURNING a", "42601", "RETURNING"),
        ("SELECT DISTINCT ON (a) a, b FROM t", "0A000", "DISTINCT ON"),
        ("SELECT count(*) FILTER (WHERE a > 1) FROM t", "42601", "FILTER"),
        ("SELECT string_agg(a, ',') FROM t", "42883", "string_agg"),
        ("COPY t FROM STDIN", "0A000", "STDIN"),
        ("COPY t TO STDOUT", "0A000", "COPY"),
        ("FROBNICATE t", "42601", "FROBNICATE"),
        ("SHOW TABLES FROM SCHEMA x", "0A000", "SHOW TABLES"),
        ("ALTER TABLE a APPEND FROM b", "0A000", "APPEND"),
    ],
)
def test_what_redshift_or_the_gateway_lacks_is_refused(sql: str, sqlstate: str, word: str) -> None:
    (plan,) = plan_all(sql)
    assert plan.error is not None
    assert plan.error.sqlstate == sqlstate
    assert word in plan.error.message


def test_a_text_without_redshift_in_it_comes_back_as_one_untouched_plan() -> None:
    sql = "BEGIN;  SELECT 1 ;\n-- the end\nCOMMIT;"
    assert [(plan.kind, plan.text) for plan in plan_all(sql)] == [("pass", sql)]


def test_statements_are_told_apart_by_what_runs_them() -> None:
    role = "IAM_ROLE 'arn:aws:iam::123456789012:role/otto'"
    sql = f"BEGIN; DELETE FROM t; COPY t FROM 's3://bucket/a;b' {role} PARQUET; TRUNCATE t; COMMIT"
    assert [plan.kind for plan in plan_all(sql)] == ["pass", "pass", "copy", "truncate", "pass"]


def test_settings_that_change_no_result_are_kept_under_a_name_of_their_own() -> None:
    (plan,) = plan_all("SET query_group TO 'loads'")
    assert plan.text == "SET redshift.query_group TO 'loads'"
