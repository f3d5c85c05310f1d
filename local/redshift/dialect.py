"""Rewrites one Redshift query to PostgreSQL; pure. What needs no rewriting is left letter for letter as it was.

Function calls are patched in the text (sqlglot's own renderings of DATEDIFF, LISTAGG and others mean something else
in PostgreSQL); sqlglot reads and rebuilds only what changes the shape of a query: QUALIFY and TOP.
"""

from __future__ import annotations

import inspect
from functools import lru_cache

from local.redshift import functions
from local.redshift.errors import RedshiftError, syntax, unsupported
from local.redshift.lexer import Token, patched, quoted, tokens

SYSTEM_SCHEMA = "redshift_catalog"
SYSTEM_VIEWS = {"SYS_LOAD_ERROR_DETAIL", "STL_LOAD_ERRORS"}

# Types whose bare name means something else in Redshift.
_TYPES = {
    "DECIMAL": "numeric(18, 0)",
    "NUMERIC": "numeric(18, 0)",
    "VARCHAR": "varchar(256)",
    "NVARCHAR": "varchar(256)",
    "SUPER": "jsonb",
    "VARBYTE": "bytea",
}
_RENAMED_TYPES = {"NVARCHAR": "varchar", "NCHAR": "char", "VARBYTE": "bytea"}
_SHAPES = {"QUALIFY", "TOP"}
_INTERESTING = (
    set(functions.CALLS)
    | set(functions.WORDS)
    | SYSTEM_VIEWS
    | set(_TYPES)
    | _SHAPES
    | {"LISTAGG", "APPROXIMATE", "NCHAR"}
)


def rewrite(sql: str, parts: list[Token] | None = None) -> str:
    """The statement as PostgreSQL understands it. Raises RedshiftError for what has no counterpart."""
    parts = tokens(sql) if parts is None else parts
    if not any(part.kind == "temp" or part.upper in _INTERESTING for part in parts):
        return sql
    sql = _calls(sql, parts)
    if any(_is_shape(parts, place) for place in range(len(parts))):
        return _reshaped(sql)
    return sql


def mentions_system_view(parts: list[Token]) -> bool:
    """Whether the load-error views are read."""
    return any(part.upper in SYSTEM_VIEWS for part in parts)


def closing(parts: list[Token], opening: int) -> int:
    """The place of the parenthesis that closes the one at `opening`."""
    depth = 0
    for place in range(opening, len(parts)):
        if parts[place].upper == "(":
            depth += 1
        elif parts[place].upper == ")":
            depth -= 1
            if depth == 0:
                return place
    raise RedshiftError("42601", "syntax error: a parenthesis is not closed")


def _is_shape(parts: list[Token], place: int) -> bool:
    word = parts[place].upper
    if word == "QUALIFY":
        return place > 0 and parts[place - 1].upper not in (".", "AS")
    before = parts[place - 1].upper if place else ""
    return word == "TOP" and before in ("SELECT", "DISTINCT", "ALL") and _kind(parts, place + 1) in ("number", "param")


def _kind(parts: list[Token], place: int) -> str:
    return parts[place].kind if place < len(parts) else ""


def _calls(sql: str, parts: list[Token]) -> str:
    """The text with function calls, casts, #temp names and system views patched."""
    changes: list[tuple[int, int, str]] = []
    place = 0
    while place < len(parts):
        place = _patch(sql, parts, place, changes)
    return patched(sql, changes)


def _patch(sql: str, parts: list[Token], place: int, changes: list[tuple[int, int, str]]) -> int:
    """Patch what begins at `place`; gives the place to go on at."""
    part = parts[place]
    before = parts[place - 1].upper if place else ""
    after = parts[place + 1].upper if place + 1 < len(parts) else ""
    word = part.upper
    if part.kind == "temp":
        changes.append((part.start, part.end, quoted(part.text.lower())))
    elif word in SYSTEM_VIEWS and after != "(":
        start = parts[place - 2].start if before == "." else part.start
        changes.append((start, part.end, f"{SYSTEM_SCHEMA}.{word.lower()}"))
    elif word in _TYPES and before in ("::", "AS") and after not in ("(", "["):
        changes.append((part.start, part.end, _TYPES[word]))
    elif word in _RENAMED_TYPES and before in ("::", "AS"):
        changes.append((part.start, part.end, _RENAMED_TYPES[word]))
    elif word in functions.WORDS and before != "." and after not in ("(", "."):
        changes.append((part.start, part.end, functions.WORDS[word]))
    elif word == "APPROXIMATE" and after in ("COUNT", "PERCENTILE_DISC"):
        if after != "COUNT":
            raise unsupported("APPROXIMATE PERCENTILE_DISC")
        changes.append((part.start, parts[place + 1].start, ""))
    elif word == "LISTAGG" and after == "(":
        return _listagg(sql, parts, place, changes)
    elif word in functions.CALLS and after == "(" and (before != "." or parts[place - 2].upper == "PG_CATALOG"):
        return _call(sql, parts, place, changes)
    return place + 1


def _arguments(sql: str, parts: list[Token], opening: int, end: int) -> list[str]:
    """The texts between the commas of a call, each rewritten itself."""
    texts = []
    depth = 0
    first = opening + 1
    for place in range(opening + 1, end + 1):
        word = parts[place].upper
        depth += (word == "(") - (word == ")" and place != end)
        if place == end or (word == "," and depth == 0):
            if first < place:
                piece = sql[parts[first].start : parts[place - 1].end]
                texts.append(_calls(piece, tokens(piece)))
            first = place + 1
    return texts


def _call(sql: str, parts: list[Token], place: int, changes: list[tuple[int, int, str]]) -> int:
    end = closing(parts, place + 1)
    name = parts[place].upper
    function = functions.CALLS[name]
    arguments = _arguments(sql, parts, place + 1, end)
    try:
        inspect.signature(function).bind(*arguments)
    except TypeError as error:
        raise RedshiftError("42883", f"function {name.lower()} does not take {len(arguments)} arguments") from error
    start = parts[place - 2].start if place and parts[place - 1].upper == "." else parts[place].start
    changes.append((start, parts[end].end, function(*arguments)))
    return end + 1


def _listagg(sql: str, parts: list[Token], place: int, changes: list[tuple[int, int, str]]) -> int:
    """LISTAGG(x, d) WITHIN GROUP (ORDER BY y) is string_agg(x, d ORDER BY y)."""
    end = closing(parts, place + 1)
    distinct = parts[place + 2].upper == "DISTINCT"
    opening = place + 2 if distinct else place + 1
    arguments = _arguments(sql, parts, opening, end)
    if not 1 <= len(arguments) <= 2:
        raise syntax("LISTAGG")
    value = f"DISTINCT {arguments[0]}" if distinct else f"({arguments[0]})::text"
    order = ""
    if [part.upper for part in parts[end + 1 : end + 4]] == ["WITHIN", "GROUP", "("]:
        last = closing(parts, end + 3)
        piece = sql[parts[end + 4].start : parts[last - 1].end]
        order = " " + _calls(piece, tokens(piece))
        end = last
    separator = arguments[1] if len(arguments) > 1 else "''"
    changes.append((parts[place].start, parts[end].end, f"string_agg({value}, {separator}{order})"))
    return end + 1


@lru_cache(maxsize=256)
def _reshaped(sql: str) -> str:
    import sqlglot  # 0.2 s: only for those who need it
    from sqlglot import exp

    try:
        tree = sqlglot.parse_one(sql, read="redshift")
    except sqlglot.ParseError as error:
        first = error.errors[0] if error.errors else {}
        near = f"{first.get('highlight') or first.get('description') or error}"
        raise syntax(near) from error
    for select in list(tree.find_all(exp.Select)):
        if select.args.get("qualify"):
            outer = _without_qualify(select)
            if select is tree:
                tree = outer
            else:
                select.replace(outer)
    return tree.sql(dialect="postgres")


def _without_qualify(select):  # type: ignore[no-untyped-def]
    """SELECT … QUALIFY c as a filter around the query; ORDER BY and LIMIT move outside."""
    from sqlglot import exp

    if select.is_star:
        raise unsupported("QUALIFY below SELECT * in this gateway", "Name the columns.")
    inner = select.copy()
    condition = inner.args["qualify"].pop().this
    names = [column.output_name for column in inner.selects]
    aliases = {column.alias: column.this for column in inner.selects if isinstance(column, exp.Alias)}
    condition = condition.transform(
        lambda node: aliases[node.name].copy() if isinstance(node, exp.Column) and node.name in aliases else node
    )
    outer = exp.select(*(exp.column(name, quoted=True) for name in names))
    for clause in ("order", "limit", "offset", "with_", "with"):
        if value := inner.args.get(clause):
            outer.set(clause, value.pop())
    if not all(names) or not _ordered_by_output(outer, names):
        raise unsupported("QUALIFY with unnamed columns, or ordered by what is not selected, in this gateway")
    inner.select(exp.alias_(exp.paren(condition), "redshift_qualify"), copy=False)
    return outer.from_(inner.subquery("redshift_qualified")).where(exp.column("redshift_qualify"))


def _ordered_by_output(outer, names: list[str]) -> bool:  # type: ignore[no-untyped-def]
    from sqlglot import exp

    order = outer.args.get("order")
    for ordered in order.expressions if order else ():
        key = ordered.this
        if isinstance(key, exp.Column) and key.name in names:
            key.set("table", None)
        elif not (isinstance(key, exp.Literal) and key.is_int):
            return False
    return True
