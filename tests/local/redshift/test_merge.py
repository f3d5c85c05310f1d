"""Which MERGE Redshift takes."""

from __future__ import annotations

import pytest

from local.redshift.plan import plan_all

UPDATE = "WHEN MATCHED THEN UPDATE SET a = s.a"
INSERT = "WHEN NOT MATCHED THEN INSERT (k, a) VALUES (s.k, s.a)"
HEAD = "MERGE INTO t USING s ON t.k = s.k"


@pytest.mark.parametrize(
    "sql",
    [
        f"{HEAD} {UPDATE} {INSERT}",
        f"{HEAD} WHEN MATCHED THEN DELETE {INSERT}",
        f"MERGE INTO core.t USING staging.s AS s ON core.t.k = s.k {INSERT} {UPDATE}",
        f"{HEAD} WHEN MATCHED THEN UPDATE SET a = CASE WHEN s.a > 1 THEN s.a ELSE t.a END {INSERT}",
    ],
)
def test_a_merge_of_redshift_passes_untouched(sql: str) -> None:
    (plan,) = plan_all(sql)
    assert plan.error is None
    assert plan.text == sql


@pytest.mark.parametrize(
    ("sql", "sqlstate", "words"),
    [
        (f"MERGE INTO t x USING s ON x.k = s.k {UPDATE} {INSERT}", "42601", "alias on the target"),
        (f"MERGE INTO t AS x USING s ON x.k = s.k {UPDATE} {INSERT}", "42601", "alias on the target"),
        (f"{HEAD} WHEN MATCHED AND s.a > 1 THEN DELETE {INSERT}", "42601", "no further condition"),
        (f"{HEAD} {UPDATE} WHEN NOT MATCHED AND s.a > 1 THEN INSERT VALUES (s.k, s.a)", "42601", "no further"),
        (f"{HEAD} {UPDATE} {UPDATE} {INSERT}", "42601", "one WHEN MATCHED"),
        (f"{HEAD} {UPDATE} {INSERT} {INSERT}", "42601", "one WHEN NOT MATCHED"),
        (f"{HEAD} WHEN MATCHED THEN DO NOTHING {INSERT}", "42601", "UPDATE or DELETE"),
        (f"{HEAD} {UPDATE} WHEN NOT MATCHED THEN DO NOTHING", "42601", "takes INSERT"),
        (f"{HEAD} {UPDATE}", "42601", "needs a WHEN NOT MATCHED"),
        (f"{HEAD} {INSERT}", "42601", "needs a WHEN MATCHED"),
        (f"{HEAD} {UPDATE} WHEN NOT MATCHED BY SOURCE THEN DELETE", "42601", "no further condition"),
        (f"{HEAD} REMOVE DUPLICATES", "0A000", "REMOVE DUPLICATES"),
        (f"MERGE INTO t USING (SELECT 1 AS k) AS s ON t.k = s.k {UPDATE} {INSERT}", "0A000", "subquery"),
    ],
)
def test_a_merge_that_redshift_refuses_is_refused(sql: str, sqlstate: str, words: str) -> None:
    (plan,) = plan_all(sql)
    assert plan.error is not None
    assert plan.error.sqlstate == sqlstate
    assert words in f"{plan.error.message} {plan.error.hint}"
