"""Checks: each is a SELECT that returns offending rows, headed `-- fail:` or `-- warn:` in a table folder's checks.sql.

No row is good. A failed check stops the load with the count and the first keys; a warning is reported and the load goes
on. The keys are ids and days, never anything a buyer wrote.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from include import sql_files
from include.retries import Lasting

log = logging.getLogger(__name__)

SHOWN_KEYS = 5

_HEAD = re.compile(r"^-- (fail|warn): (.+)$", re.MULTILINE)


class ChecksFailed(Lasting, RuntimeError):
    """Data broke a rule that must hold; the message lists each check, its count and the first offending keys."""


@dataclass(frozen=True)
class Check:
    """One rule about one table."""

    table: str
    stops: bool
    rule: str
    query: str


@dataclass(frozen=True)
class Finding:
    """A rule that did not hold."""

    check: Check
    count: int
    keys: tuple[str, ...]

    def __str__(self) -> str:
        more = ", ..." if self.count > len(self.keys) else ""
        return f"{self.check.table}: {self.check.rule}: {self.count} rows, such as {', '.join(self.keys)}{more}"


def of_table(table: str) -> list[Check]:
    """The checks of one table, such as core.review. Raises ValueError where a statement has no head."""
    checks = []
    for statement in sql_files.statements(sql_files.path(table, "checks")):
        heads = _HEAD.findall(statement)
        if len(heads) != 1:
            raise ValueError(f"{table}: each check needs one line '-- fail: ...' or '-- warn: ...': {statement[:80]!r}")
        level, rule = heads[0]
        checks.append(Check(table, level == "fail", rule, statement))
    return checks


def run(cursor: Any, tables: Iterable[str], parameters: Mapping[str, Any]) -> list[str]:
    """Run the checks of the tables, all of them, then judge: give the warnings or raise ChecksFailed."""
    findings = [
        finding for table in tables for check in of_table(table) if (finding := _find(cursor, check, parameters))
    ]
    failures = [str(finding) for finding in findings if finding.check.stops]
    warnings = [str(finding) for finding in findings if not finding.check.stops]
    for warning in warnings:
        log.warning("check: %s", warning)
    if failures:
        raise ChecksFailed("; ".join(failures))
    return warnings


def _find(cursor: Any, check: Check, parameters: Mapping[str, Any]) -> Finding | None:
    query = f"SELECT offender.*, COUNT(*) OVER () AS offenders FROM (\n{check.query}\n) AS offender LIMIT {SHOWN_KEYS}"  # noqa: S608
    cursor.execute(query, dict(parameters))
    rows = cursor.fetchall()
    if not rows:
        return None
    return Finding(check, rows[0][-1], tuple("/".join(str(value) for value in row[:-1]) for row in rows))
