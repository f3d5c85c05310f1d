"""CREATE TABLE and ALTER TABLE: what Redshift declares and PostgreSQL lacks is taken out, keys are not enforced.

Worked on the tokens, attribute by attribute: an attribute that is not known is refused, never skipped.
"""

from __future__ import annotations

from local.redshift.dialect import closing, rewrite
from local.redshift.errors import RedshiftError, syntax, unsupported
from local.redshift.lexer import Token, name, patched, tokens

Changes = list[tuple[int, int, str]]

_TYPES = {
    "DECIMAL": "numeric(18, 0)",
    "NUMERIC": "numeric(18, 0)",
    "VARCHAR": "varchar(256)",
    "NVARCHAR": "varchar(256)",
    "TEXT": "varchar(256)",
    "BPCHAR": "char(256)",
    "NCHAR": "char(1)",
    "SUPER": "jsonb",
    "VARBYTE": "bytea",
    "VARBINARY": "bytea",
}
_SIZED = {"NVARCHAR": "varchar", "NCHAR": "char", "BPCHAR": "char", "VARBYTE": "bytea", "VARBINARY": "bytea"}
_REFUSED_TYPES = {"GEOMETRY", "GEOGRAPHY", "HLLSKETCH"}
_NOT_REDSHIFT_TYPES = {"SERIAL", "BIGSERIAL", "SMALLSERIAL", "JSON", "JSONB", "UUID", "BYTEA", "INET", "XML", "MONEY"}
_PLAIN_CONSTRAINTS = {"NOT", "NULL", "DEFAULT"}


def create_table(sql: str, parts: list[Token]) -> str:
    """CREATE TABLE as PostgreSQL takes it."""
    words = [part.upper for part in parts]
    place = words.index("TABLE") + 1
    if words[place : place + 3] == ["IF", "NOT", "EXISTS"]:
        place += 3
    changes: Changes = []
    if parts[place].kind == "temp":  # #name is Redshift's short form of a temporary table
        table = words.index("TABLE")
        if not {"TEMP", "TEMPORARY"} & set(words[:table]):
            changes.append((parts[table].start, parts[table].start, "TEMPORARY "))
    place = _after_name(words, place)
    if words[place : place + 1] == ["("]:
        end = closing(parts, place)
        _columns(sql, parts, place, end, changes)
        place = end + 1
    _table_attributes(parts, words, place, changes)
    return rewrite(patched(sql, changes))


def _after_name(words: list[str], place: int) -> int:
    place += 1
    while words[place : place + 1] == ["."]:
        place += 2
    return place


def _columns(sql: str, parts: list[Token], opening: int, end: int, changes: Changes) -> None:
    """Each column or table constraint between the parentheses."""
    items: list[tuple[int, int]] = []
    first, depth = opening + 1, 0
    for place in range(opening + 1, end + 1):
        word = parts[place].upper
        depth += (word == "(") - (word == ")" and place != end)
        if place == end or (word == "," and depth == 0):
            items.append((first, place))
            first = place + 1
    kept: list[tuple[int, int]] = []
    for start, stop in items:
        if start == stop:
            raise syntax(parts[stop].text)
        if _is_key(parts, start, stop):
            # with the comma before it; the first kept item decides which comma that is
            before = parts[start - 1] if kept else None
            after = parts[stop] if not kept and stop != end else None
            changes.append(((before or parts[start]).start, after.end if after else parts[stop - 1].end, ""))
            continue
        kept.append((start, stop))
        _column(sql, parts, start, stop, changes)


def _is_key(parts: list[Token], start: int, stop: int) -> bool:
    """Whether the item is a key of the table: declared in Redshift, and not enforced."""
    first, second = parts[start].upper, parts[start + 1].upper if start + 1 < stop else ""
    if first == "CONSTRAINT" and start + 3 < stop:
        first, second = parts[start + 2].upper, parts[start + 3].upper
    if first in ("CHECK", "EXCLUDE"):
        raise unsupported(f"{first} constraint")
    return (first, second) in (("PRIMARY", "KEY"), ("FOREIGN", "KEY")) or (first == "UNIQUE" and second == "(")


def _column(sql: str, parts: list[Token], start: int, stop: int, changes: Changes) -> None:
    if parts[start].upper == "LIKE":
        return
    if start + 1 == stop:
        return  # a bare name, in CREATE TABLE … (a, b) AS
    place = _type(parts, start + 1, stop, changes)
    while place < stop:
        place = _attribute(sql, parts, place, stop, changes)


def _type(parts: list[Token], place: int, stop: int, changes: Changes) -> int:
    """The column's type; gives the place after it."""
    word = parts[place].upper
    sized = place + 1 < stop and parts[place + 1].upper == "("
    end = closing(parts, place + 1) + 1 if sized else place + 1
    if word in _REFUSED_TYPES:
        raise unsupported(f"the type {word} in this gateway")
    if word in _NOT_REDSHIFT_TYPES:
        raise unsupported(f'column type "{word.lower()}"', "Redshift does not have it.")
    if sized and parts[place + 2].upper == "MAX":
        size = "" if word in ("VARBYTE", "VARBINARY") else "(65535)"
        changes.append((parts[place].start, parts[end - 1].end, _SIZED.get(word, parts[place].text) + size))
    elif sized and word in ("VARBYTE", "VARBINARY"):
        changes.append((parts[place].start, parts[end - 1].end, "bytea"))
    elif sized and word in _SIZED:
        changes.append((parts[place].start, parts[place].end, _SIZED[word]))
    elif not sized and word in _TYPES:
        changes.append((parts[place].start, parts[place].end, _TYPES[word]))
    while end < stop and parts[end].upper in ("PRECISION", "VARYING", "WITH", "WITHOUT", "TIME", "ZONE"):
        end += 1
        if parts[end - 1].upper == "VARYING" and end < stop and parts[end].upper == "(":
            end = closing(parts, end) + 1
    return end


def _attribute(sql: str, parts: list[Token], place: int, stop: int, changes: Changes) -> int:
    """One attribute or constraint of a column; gives the place after it."""
    words = [part.upper for part in parts[place : place + 5]] + [""] * 5
    start = parts[place].start

    def drop(count: int) -> int:
        changes.append((start, parts[place + count - 1].end, ""))
        return place + count

    match words[0]:
        case "ENCODE":
            return drop(2)
        case "DISTKEY" | "SORTKEY" | "UNIQUE":
            return drop(1)
        case "PRIMARY" if words[1] == "KEY":
            # a primary key does not let NULL in, in Redshift neither
            changes.append((start, parts[place + 1].end, "NOT NULL"))
            return place + 2
        case "COLLATE" if words[1] == "CASE_SENSITIVE":
            return drop(2)
        case "REFERENCES":
            end = place + 1 + _name_length(parts, place + 1)
            if end < stop and parts[end].upper == "(":
                end = closing(parts, end) + 1
            return drop(end - place)
        case "IDENTITY" if words[1] == "(":
            return _identity(sql, parts, place, place + 1, "ALWAYS", changes)
        case "GENERATED" if words[1:5] == ["BY", "DEFAULT", "AS", "IDENTITY"]:
            return _identity(sql, parts, place, place + 5, "BY DEFAULT", changes)
        case "NOT" if words[1] == "NULL":
            return place + 2
        case "NULL":
            return place + 1
        case "DEFAULT":
            return _default_end(parts, place + 1, stop)
    raise unsupported(f'the column attribute "{parts[place].text}"')


def _name_length(parts: list[Token], place: int) -> int:
    return 3 if place + 1 < len(parts) and parts[place + 1].upper == "." else 1


def _identity(sql: str, parts: list[Token], start: int, opening: int, when: str, changes: Changes) -> int:
    end = closing(parts, opening)
    numbers = sql[parts[opening].end : parts[end].start].split(",")
    if len(numbers) != 2:
        raise syntax(parts[opening].text, "IDENTITY takes (seed, step).")
    seed, step = (number.strip() for number in numbers)
    bound = "MAXVALUE" if step.startswith("-") else "MINVALUE"
    options = f"START WITH {seed} INCREMENT BY {step} {bound} {seed}"
    changes.append((parts[start].start, parts[end].end, f"GENERATED {when} AS IDENTITY ({options})"))
    return end + 1


def _default_end(parts: list[Token], place: int, stop: int) -> int:
    """DEFAULT's expression goes to the next attribute."""
    place += 1
    attributes = _PLAIN_CONSTRAINTS | {"ENCODE", "DISTKEY", "SORTKEY", "PRIMARY", "UNIQUE", "REFERENCES", "COLLATE"}
    depth = 0
    while place < stop and (depth or parts[place].upper not in attributes):
        depth += (parts[place].upper == "(") - (parts[place].upper == ")")
        place += 1
    return place


def _table_attributes(parts: list[Token], words: list[str], place: int, changes: Changes) -> None:
    """What follows the columns, up to the query of CREATE TABLE AS."""
    while place < len(parts):
        start = place
        match words[place]:
            case "AS":
                return
            case "BACKUP" if words[place + 1 : place + 2] in (["YES"], ["NO"]):
                place += 2
            case "DISTSTYLE" if words[place + 1 : place + 2][0] in ("EVEN", "KEY", "ALL", "AUTO"):
                place += 2
            case "DISTKEY" if words[place + 1 : place + 2] == ["("]:
                place = closing(parts, place + 1) + 1
            case "COMPOUND" | "INTERLEAVED" if words[place + 1 : place + 2] == ["SORTKEY"]:
                place = closing(parts, place + 2) + 1
            case "SORTKEY" if words[place + 1 : place + 2] == ["AUTO"]:
                place += 2
            case "SORTKEY" if words[place + 1 : place + 2] == ["("]:
                place = closing(parts, place + 1) + 1
            case "ENCODE" if words[place + 1 : place + 2] == ["AUTO"]:
                place += 2
            case _:
                raise syntax(parts[place].text)
        changes.append((parts[start].start, parts[place - 1].end, ""))


def alter_table(sql: str, parts: list[Token]) -> str:
    """ALTER TABLE: columns may be added with Redshift's attributes; keys and storage are refused by name."""
    words = [part.upper for part in parts]
    if "APPEND" in words:
        raise unsupported("ALTER TABLE … APPEND in this gateway")
    if any(word in words for word in ("DISTSTYLE", "DISTKEY", "SORTKEY")):
        raise unsupported("changing the distribution or sort key in this gateway", "It has no meaning here.")
    if "ADD" in words:
        place = words.index("ADD") + 1
        if words[place] == "COLUMN":
            place += 1
        if words[place] in ("PRIMARY", "UNIQUE", "FOREIGN", "CONSTRAINT", "CHECK"):
            raise unsupported("adding a constraint in this gateway", "Redshift would not enforce it either.")
        changes: Changes = []
        _column(sql, parts, place, len(parts), changes)
        return rewrite(patched(sql, changes))
    if "ENCODE" in words:
        raise unsupported("changing an encoding in this gateway", "It has no meaning here.")
    return rewrite(sql)


def drop_target(parts: list[Token]) -> str:
    """The kind of thing that CREATE, ALTER or DROP is about, with OR REPLACE, TEMP and the like left out."""
    skipped = {"OR", "REPLACE", "TEMP", "TEMPORARY", "LOCAL", "MATERIALIZED", "UNIQUE"}
    for part in parts[1:]:
        if part.upper not in skipped:
            return part.upper or name(part)
    raise RedshiftError("42601", "syntax error at end of input")


def create_view(sql: str, parts: list[Token]) -> str:
    """CREATE VIEW; a late-binding view has no counterpart."""
    words = [part.upper for part in parts]
    if words[-4:] == ["WITH", "NO", "SCHEMA", "BINDING"]:
        raise unsupported("a late-binding view (WITH NO SCHEMA BINDING) in this gateway")
    return rewrite(sql, tokens(sql))
