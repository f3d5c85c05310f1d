"""What the gateway does with each statement of a text: pass it on (rewritten or not), run it itself, or refuse it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from local.redshift import ddl, functions, merge, options
from local.redshift.dialect import mentions_system_view, rewrite
from local.redshift.errors import RedshiftError, syntax, unsupported
from local.redshift.lexer import Token, quoted, statements
from local.redshift.link import SERVER_VERSION


@dataclass(frozen=True)
class Plan:
    """kind is pass (text goes to PostgreSQL), copy, unload or truncate (the gateway runs it). An error refuses it."""

    kind: str
    text: str
    command: Any = None
    error: RedshiftError | None = None
    system_views: bool = False


_LONGEST_REMEMBERED = 20_000


def plan_all(sql: str) -> list[Plan]:
    """The plans of a text's statements. A text that PostgreSQL can take as it is comes back as one plan, untouched."""
    return _remembered(sql) if len(sql) <= _LONGEST_REMEMBERED else _plan_all(sql)


def _plan_all(sql: str) -> list[Plan]:
    found = statements(sql)
    plans = [_plan(text, parts) for text, parts in found]
    changed = any(plan.text != text or plan.kind != "pass" for plan, (text, _) in zip(plans, found, strict=True))
    if changed or any(plan.error or plan.system_views for plan in plans):
        return plans
    return [Plan("pass", sql)]


_remembered = lru_cache(maxsize=512)(_plan_all)


def _plan(sql: str, parts: list[Token]) -> Plan:
    verb = parts[0].upper or ("(" if parts[0].text == "(" else "")
    try:
        treat = _VERBS.get(verb)
        if treat is None:
            raise syntax(parts[0].text, f"This gateway knows no statement that begins with {parts[0].text!r}.")
        plan = treat(sql, parts)
    except RedshiftError as error:
        return Plan("pass", sql, error=error)
    if mentions_system_view(parts):
        plan = Plan(plan.kind, plan.text, plan.command, system_views=True)
    return plan


def _untouched(sql: str, parts: list[Token]) -> Plan:
    return Plan("pass", sql)


def _query(sql: str, parts: list[Token]) -> Plan:
    _refuse_postgres_only(parts)
    return Plan("pass", rewrite(sql, parts))


def _refuse_postgres_only(parts: list[Token]) -> None:
    """What PostgreSQL would do and Redshift would not: better known here than on AWS."""
    words = [part.upper for part in parts]
    for first, second in zip(words, words[1:], strict=False):
        if (first, second) == ("ON", "CONFLICT"):
            raise syntax("CONFLICT", "Redshift has no ON CONFLICT: stage the rows and MERGE.")
        if (first, second) == ("DISTINCT", "ON"):
            raise unsupported("SELECT DISTINCT ON", "Use ROW_NUMBER() and a filter.")
        if (first, second) == ("FILTER", "("):
            raise syntax("FILTER", "Redshift has no FILTER: use SUM(CASE WHEN … THEN 1 ELSE 0 END).")
        if second == "(" and first in functions.POSTGRES_ONLY:
            raise RedshiftError(
                "42883", f"Redshift has no function {first.lower()}", hint=f"It has {functions.POSTGRES_ONLY[first]}."
            )
    if words[0] in ("INSERT", "UPDATE", "DELETE") and "RETURNING" in words:
        raise syntax("RETURNING", "Redshift has no RETURNING.")


def _delete(sql: str, parts: list[Token]) -> Plan:
    _refuse_postgres_only(parts)
    sql = rewrite(sql, parts)
    if len(parts) > 1 and parts[1].upper != "FROM":  # Redshift lets FROM be left out
        sql = f"DELETE FROM{sql[len('DELETE') :]}"
    return Plan("pass", sql)


def _merge(sql: str, parts: list[Token]) -> Plan:
    merge.check(parts)
    return Plan("pass", rewrite(sql, parts))


_CREATED: dict[str, Callable[[str, list[Token]], str]] = {
    "TABLE": ddl.create_table,
    "VIEW": ddl.create_view,
    "SCHEMA": lambda sql, parts: sql,
    "DATABASE": lambda sql, parts: sql,
    "USER": lambda sql, parts: sql,
    "ROLE": lambda sql, parts: sql,
    "GROUP": lambda sql, parts: sql,
    "FUNCTION": lambda sql, parts: sql,
    "PROCEDURE": lambda sql, parts: sql,
}


def _definition(sql: str, parts: list[Token]) -> Plan:
    verb, target = parts[0].upper, ddl.drop_target(parts)
    if target not in _CREATED:
        raise unsupported(f'SQL command "{verb} {target}"')
    if verb == "CREATE":
        return Plan("pass", _CREATED[target](sql, parts))
    if verb == "ALTER" and target == "TABLE":
        return Plan("pass", ddl.alter_table(sql, parts))
    return Plan("pass", rewrite(sql, parts))


def _truncate(sql: str, parts: list[Token]) -> Plan:
    names = parts[2:] if parts[1:2] and parts[1].upper == "TABLE" else parts[1:]
    if not names or any(part.text == "," or part.upper in ("RESTART", "CASCADE") for part in names):
        raise syntax(names[-1].text if names else "TRUNCATE", "TRUNCATE takes one table.")
    return Plan("truncate", rewrite(sql, parts))


def _copy(sql: str, parts: list[Token]) -> Plan:
    return Plan("copy", sql, options.parse_copy(parts))


def _unload(sql: str, parts: list[Token]) -> Plan:
    command = options.parse_unload(parts)
    inner = statements(command.query)
    if len(inner) != 1 or inner[0][1][0].upper not in ("SELECT", "WITH"):
        raise syntax("UNLOAD", "UNLOAD takes one SELECT in quotes.")
    options.refuse_outer_limit(inner[0][1])
    _refuse_postgres_only(inner[0][1])
    return Plan("unload", rewrite(*inner[0]), command)


# Settings of Redshift that change no result: kept under a name that PostgreSQL takes, so that SHOW finds them.
_SETTINGS = {
    "QUERY_GROUP", "ENABLE_RESULT_CACHE_FOR_SESSION", "WLM_QUERY_SLOT_COUNT", "ANALYZE_THRESHOLD_PERCENT",
    "AUTO_ANALYZE", "MV_ENABLE_AQMV_FOR_SESSION", "STATEMENT_TIMEOUT_QUEUE",
}  # fmt: skip
_REFUSED_SETTINGS = {
    "ENABLE_CASE_SENSITIVE_IDENTIFIER", "DESCRIBE_FIELD_NAME_IN_UPPERCASE", "DOWNCASE_DELIMITED_IDENTIFIER",
    "STANDARD_CONFORMING_STRINGS",
}  # fmt: skip


def _setting(sql: str, parts: list[Token]) -> Plan:
    place = 2 if len(parts) > 2 and parts[1].upper in ("SESSION", "LOCAL") else 1
    if place >= len(parts):
        raise syntax("end of input")
    word = parts[place].upper
    if word in _REFUSED_SETTINGS:
        raise unsupported(f"changing {word.lower()} in this gateway")
    if word in _SETTINGS:
        start, end = parts[place].start, parts[place].end
        return Plan("pass", f"{sql[:start]}redshift.{word.lower()}{sql[end:]}")
    if parts[0].upper == "SHOW":
        if len(parts) != 2:
            raise unsupported(f'SQL command "{sql}" in this gateway')
        if word == "SERVER_VERSION":
            return Plan("pass", f"SELECT '{SERVER_VERSION}'::text AS server_version")
    return Plan("pass", sql)


def _vacuum(sql: str, parts: list[Token]) -> Plan:
    """Sorting has no meaning here; the space is given back."""
    words = [part.upper for part in parts]
    place = 1
    while words[place : place + 1] and words[place] in ("FULL", "SORT", "DELETE", "ONLY", "REINDEX", "RECLUSTER"):
        place += 1
    end = words.index("TO") if "TO" in words else len(words)
    named = "".join(
        quoted(p.text.lower()) if p.kind == "temp" else p.text for p in parts[place:end] if p.text != "BOOST"
    )
    return Plan("pass", f"VACUUM {named}".strip())


def _analyze(sql: str, parts: list[Token]) -> Plan:
    words = [part.upper for part in parts]
    if "COMPRESSION" in words:
        raise unsupported("ANALYZE COMPRESSION in this gateway")
    for clause in (["PREDICATE", "COLUMNS"], ["ALL", "COLUMNS"]):
        if words[-2:] == clause:
            return Plan("pass", rewrite(sql[: parts[-2].start]))
    return Plan("pass", rewrite(sql, parts))


def _explain(sql: str, parts: list[Token]) -> Plan:
    return Plan("pass", rewrite(sql, parts))


def _not_in_redshift(sql: str, parts: list[Token]) -> Plan:
    raise unsupported(f'SQL command "{parts[0].upper}"')


def _rollback(sql: str, parts: list[Token]) -> Plan:
    if any(part.upper == "TO" for part in parts):
        raise unsupported('SQL command "ROLLBACK TO SAVEPOINT"')
    return Plan("pass", sql)


_VERBS: dict[str, Callable[[str, list[Token]], Plan]] = {
    **dict.fromkeys(("SELECT", "WITH", "INSERT", "UPDATE", "VALUES", "("), _query),
    **dict.fromkeys(("PREPARE", "EXPLAIN", "DECLARE"), _explain),
    **dict.fromkeys(("CREATE", "ALTER", "DROP"), _definition),
    **dict.fromkeys(("SET", "RESET", "SHOW"), _setting),
    **dict.fromkeys(
        ("BEGIN", "START", "COMMIT", "END", "ABORT", "EXECUTE", "DEALLOCATE", "FETCH", "CLOSE", "LOCK", "GRANT",
         "REVOKE", "COMMENT", "CALL", "REFRESH", "DISCARD"),
        _untouched,
    ),
    **dict.fromkeys(
        ("SAVEPOINT", "RELEASE", "LISTEN", "NOTIFY", "UNLISTEN", "DO", "REINDEX", "CLUSTER"), _not_in_redshift
    ),
    "ROLLBACK": _rollback,
    "DELETE": _delete,
    "MERGE": _merge,
    "TRUNCATE": _truncate,
    "COPY": _copy,
    "UNLOAD": _unload,
    "VACUUM": _vacuum,
    "ANALYZE": _analyze,
}  # fmt: skip
