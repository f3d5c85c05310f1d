"""What Redshift's MERGE does not have, though PostgreSQL's has: each is refused, so that it is not missed on AWS."""

from __future__ import annotations

from local.redshift.errors import RedshiftError, syntax, unsupported
from local.redshift.lexer import Token


def check(parts: list[Token]) -> None:
    """Raise RedshiftError unless Redshift would take this MERGE.

    MERGE INTO target USING source [[AS] alias] ON condition
    WHEN MATCHED THEN UPDATE SET … | DELETE
    WHEN NOT MATCHED THEN INSERT [(…)] VALUES (…)
    """
    words = [part.upper for part in parts]
    if words[1:2] != ["INTO"]:
        raise syntax(parts[1].text if len(parts) > 1 else "MERGE")
    place = _after_name(parts, 2)
    if words[place : place + 1] != ["USING"]:
        raise syntax(_near(parts, place), "Redshift's MERGE takes no alias on the target: use the table's name.")
    source = place + 1
    if words[source : source + 1] == ["("]:
        raise unsupported("MERGE from a subquery", "Put the rows into a temporary table first.")
    _check_clauses(parts, words, _after_name(parts, source))


def _after_name(parts: list[Token], place: int) -> int:
    """The place after a possibly qualified name."""
    place += 1
    while place < len(parts) and parts[place].upper == ".":
        place += 2
    return place


def _check_clauses(parts: list[Token], words: list[str], place: int) -> None:
    if words[-2:] == ["REMOVE", "DUPLICATES"]:
        raise unsupported("MERGE … REMOVE DUPLICATES in this gateway", "Spell out both WHEN clauses.")
    found: list[str] = []
    for start in _clause_starts(words, place):
        matched = words[start + 1] == "MATCHED"
        kind = "WHEN MATCHED" if matched else "WHEN NOT MATCHED"
        then = start + (2 if matched else 3)
        if words[then : then + 1] != ["THEN"]:
            raise syntax(_near(parts, then), "Redshift's WHEN clauses take no further condition: filter the source.")
        action = words[then + 1] if then + 1 < len(words) else ""
        if action not in (("UPDATE", "DELETE") if matched else ("INSERT",)):
            raise syntax(_near(parts, then + 1), f"{kind} takes {'UPDATE or DELETE' if matched else 'INSERT'}.")
        if kind in found:
            raise RedshiftError("42601", f"MERGE takes one {kind} clause, not more")
        found.append(kind)
    for kind in ("WHEN MATCHED", "WHEN NOT MATCHED"):
        if kind not in found:
            raise RedshiftError("42601", f"syntax error: MERGE needs a {kind} clause", hint="Redshift needs both.")


def _clause_starts(words: list[str], place: int) -> list[int]:
    """Where WHEN [NOT] MATCHED begins, outside of parentheses and of CASE."""
    starts = []
    depth = 0
    for i in range(place, len(words)):
        depth += (words[i] == "(") - (words[i] == ")")
        rest = words[i + 1 : i + 3]
        if depth == 0 and words[i] == "WHEN" and (rest[:1] == ["MATCHED"] or rest == ["NOT", "MATCHED"]):
            starts.append(i)
    return starts


def _near(parts: list[Token], place: int) -> str:
    return parts[place].text if place < len(parts) else "end of input"
