"""The SQL of the warehouse: one folder a table, one file a purpose (ddl, load, checks, unload).

A file holds statements that end with a semicolon at the end of a line. Values are bound by name (`:run_date`); nothing
is rendered into the text, except where Redshift takes no parameter (UNLOAD), and there only settings and days are.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).with_name("sql")

STAGING = ("staging.product_rank", "staging.product", "staging.review")
CORE = ("core.product", "core.product_rank", "core.review")
MART = ("mart.size_run", "mart.fit_share", "mart.sample", "mart.excluded")

_END = re.compile(r";[ \t]*$", re.MULTILINE)
_COMMENT = re.compile(r"--[^\n]*")


def path(table: str, purpose: str) -> Path:
    """The file of one table and purpose, such as ("core.review", "load")."""
    schema, name = table.split(".")
    return ROOT / schema / name / f"{purpose}.sql"


def statements(file: Path) -> list[str]:
    """The statements of one file, in order, without their semicolons, each with the comments that stand above it."""
    parts = (part.strip() for part in _END.split(file.read_text(encoding="utf-8")))
    return [part for part in parts if _COMMENT.sub("", part).strip()]
