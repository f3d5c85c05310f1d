"""The pages that must keep up with the code: every table, column, reason, and error that a task can end with."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SQL = ROOT / "include" / "sql"
DICTIONARY = (ROOT / "docs" / "data_dictionary.md").read_text(encoding="utf-8")
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")


def columns(ddl: str) -> dict[str, list[str]]:
    """Tables and views of a DDL text with their columns."""
    found: dict[str, list[str]] = {}
    for table, body in re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?([\w.]+) \((.*?)\n\s*\)", ddl, re.DOTALL):
        names = [line.split()[0].strip('"') for line in body.split("\n") if line.strip()]
        found[table] = [name for name in names if name not in ("PRIMARY", "CHECK", "FOREIGN", "UNIQUE", "CONSTRAINT")]
    for view, body in re.findall(r"CREATE VIEW ([\w.]+) AS\nSELECT\n(.*?)\nFROM", ddl, re.DOTALL):
        found[view] = [re.split(r"[ .]", line.strip().rstrip(","))[-1] for line in body.split("\n")]
    return found


def all_tables() -> dict[str, list[str]]:
    files = [*SQL.glob("*/*/ddl.sql"), *(SQL / "serving" / "ddl").glob("*.sql"), ROOT / "include" / "serving.py"]
    found: dict[str, list[str]] = {}
    for file in sorted(files):
        text = file.read_text(encoding="utf-8")
        found |= columns(text)
        for table, body in re.findall(r"ALTER TABLE ([\w.]+)\n(.*?);", text, re.DOTALL):
            found[table] += re.findall(r"ADD COLUMN (\w+)", body)
    return found


def explained() -> dict[str, list[str]]:
    sections = re.split(r"^### `([\w.]+)`$", DICTIONARY, flags=re.MULTILINE)[1:]
    return {
        table: re.findall(r"^\| `(\w+)` \|", text.split("\nReasons of", 1)[0], re.MULTILINE)
        for table, text in zip(sections[::2], sections[1::2], strict=True)
    }


def test_every_table_and_view_is_explained_and_no_other() -> None:
    assert len(all_tables()) >= 18
    assert set(explained()) == set(all_tables())


@pytest.mark.parametrize("table", sorted(all_tables()))
def test_every_column_is_explained_in_its_order(table: str) -> None:
    assert explained()[table] == all_tables()[table]


def test_every_reason_of_exclusion_is_explained() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (SQL / "mart" / "candidate").glob("*.sql"))
    reasons = set(re.findall(r"(?:THEN|ELSE) '(\w+)'", text))
    assert len(reasons) == 9
    assert {reason for reason in reasons if f"| `{reason}` |" not in DICTIONARY} == set()


def lasting_errors() -> set[str]:
    """The named exceptions that end a task at once."""
    return {
        node.name
        for path in (ROOT / "include").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and any(isinstance(b, ast.Name) and b.id == "Lasting" for b in node.bases)
    }


def test_the_runbook_says_what_to_do_about_every_error_that_no_try_can_mend() -> None:
    assert len(lasting_errors()) >= 10
    assert {name for name in lasting_errors() if f"`{name}`" not in RUNBOOK} == set()


def test_links_between_pages_lead_somewhere() -> None:
    for page in sorted((ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), (page.name, target)
