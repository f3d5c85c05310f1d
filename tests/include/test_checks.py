"""The reading of checks.sql, and the SQL files themselves, without a database."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from include import checks, sql_files

TABLES = (*sql_files.STAGING, *sql_files.CORE, *sql_files.MART)
FILES = sorted(path for folder in ("staging", "core", "mart") for path in (sql_files.ROOT / folder).rglob("*.sql"))


class Cursor:
    """Answers each check in turn."""

    def __init__(self, *answers: list[tuple]) -> None:
        self.answers = iter(answers)
        self.parameters: list[dict[str, Any]] = []

    def execute(self, query: str, parameters: dict[str, Any]) -> None:
        self.parameters.append(parameters)

    def fetchall(self) -> list[tuple]:
        return next(self.answers)


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_ddl_and_checks_that_stop(table: str) -> None:
    assert f"CREATE TABLE IF NOT EXISTS {table} (" in sql_files.path(table, "ddl").read_text()
    found = checks.of_table(table)
    assert any(check.stops for check in found)
    assert len({check.rule for check in found}) == len(found)


@pytest.mark.parametrize("table", [*sql_files.CORE, *sql_files.MART])
def test_every_table_that_is_kept_checks_its_key(table: str) -> None:
    rules = " ".join(check.rule for check in checks.of_table(table) if check.stops)
    assert "is not unique" in rules or table == "mart.excluded"  # its key is in the check that adds up


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(sql_files.ROOT)))
def test_every_file_says_its_grain_and_binds_its_values(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.stem in ("ddl", "load", "unload"):
        assert re.match(r"-- grain: .*\n", text)
    rendered = set(re.findall(r"\{(\w+)\}", text))
    assert rendered <= ({"target", "role_arn"} if path.stem == "unload" else set())
    bound = set(re.findall(r"(?<![:\w]):([a-z_]+)", re.sub(r"--[^\n]*|'[^']*'", "", text)))
    assert bound <= {"run_date", "run_dates", "before"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(sql_files.ROOT)))
def test_every_statement_is_redshift_as_a_parser_knows_it(path: Path) -> None:
    import sqlglot

    found = sql_files.statements(path)
    assert found
    for statement in found:
        if statement.lstrip().startswith(("UNLOAD", "ANALYZE")) or "\nANALYZE" in f"\n{statement}":
            continue
        plain = re.sub(r"\)\s*(DISTSTYLE ALL)?\s*(DISTKEY \(\w+\))?\s*(SORTKEY \([\w, ]+\))?$", ")", statement)
        assert len(sqlglot.parse(plain + " ", read="redshift")) == 1


def test_a_failure_lists_every_rule_with_count_and_first_keys() -> None:
    answers: list[list[tuple]] = [[] for _ in checks.of_table("core.product")]
    answers[0] = [("musinsa", str(n), 17) for n in range(5)]
    answers[2] = [("29cm", "8", 1)]
    with pytest.raises(checks.ChecksFailed) as failure:
        checks.run(Cursor(*answers), ["core.product"], {"run_date": None})
    assert str(failure.value) == (
        "core.product: the key mall, product_id is not unique: 17 rows, such as musinsa/0, musinsa/1, musinsa/2, "
        "musinsa/3, musinsa/4, ...; core.product: a product was last seen before it was first seen: "
        "1 rows, such as 29cm/8"
    )


def test_a_warning_is_given_back_and_stops_nothing() -> None:
    table = "mart.excluded"
    answers: list[list[tuple]] = [[("musinsa", 2, 3, 1)] if not check.stops else [] for check in checks.of_table(table)]
    (warning,) = checks.run(Cursor(*answers), [table], {"run_date": None})
    assert warning.endswith("in more than a tenth of its reviews: 1 rows, such as musinsa/2/3")


def test_a_check_without_a_head_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "core" / "x").mkdir(parents=True)
    (tmp_path / "core" / "x" / "checks.sql").write_text("-- no head\nSELECT 1;\n")
    monkeypatch.setattr(sql_files, "ROOT", tmp_path)
    with pytest.raises(ValueError, match="each check needs one line"):
        checks.of_table("core.x")


def test_comments_and_semicolons_inside_lines_do_not_end_a_statement(tmp_path: Path) -> None:
    file = tmp_path / "load.sql"
    file.write_text("-- a; b\nSELECT ';' AS x, -- c;d\n 1;\n\n-- only words\n\nSELECT 2;\n-- the end\n")
    assert sql_files.statements(file) == ["-- a; b\nSELECT ';' AS x, -- c;d\n 1", "-- only words\n\nSELECT 2"]
