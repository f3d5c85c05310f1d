"""Words, strings and punctuation of an SQL text, with their places: enough to split it, to see what it is, to patch it.

Hand-made because most statements need no rewriting: reading them with a parser would cost a millisecond each and would
lose the original text, whose error positions the client may want.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
    (?P<blank>\s+|--[^\n]*)
  | (?P<comment>/\*)
  | (?P<string>[eE]?'(?:[^'\\]|\\.|'')*')
  | (?P<dollar>\$(?:[^\W\d]\w*)?\$)
  | (?P<quoted>"(?:[^"]|"")*")
  | (?P<param>\$\d+)
  | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
  | (?P<temp>\#[^\W\d]\w*)
  | (?P<word>[^\W\d][\w$]*)
  | (?P<op>::|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")


class Token(NamedTuple):
    """One piece of SQL: kind is string, quoted, param, number, temp (#name), word or op."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def upper(self) -> str:
        """The keyword, if this is a word; punctuation as it is; nothing for strings and quoted names."""
        return self.text.upper() if self.kind in ("word", "op") else ""


def tokens(sql: str) -> list[Token]:
    """All tokens; blanks and comments are left out."""
    found = []
    place = 0
    while place < len(sql):
        match = _TOKEN.match(sql, place)
        assert match is not None  # the last alternative takes any character
        kind, end = match.lastgroup or "op", match.end()
        if kind == "comment":
            end = _comment_end(sql, end)
        elif kind == "dollar":
            kind = "string"
            closing = sql.find(match.group(), end)
            end = len(sql) if closing < 0 else closing + len(match.group())
        if kind not in ("blank", "comment"):
            found.append(Token(kind, sql[place:end], place, end))
        place = end
    return found


def _comment_end(sql: str, place: int) -> int:
    depth = 1
    while depth:
        edge = _COMMENT_EDGE.search(sql, place)
        if edge is None:
            return len(sql)
        depth += 1 if edge.group() == "/*" else -1
        place = edge.end()
    return place


def statements(sql: str) -> list[tuple[str, list[Token]]]:
    """The statements of a text, each with its tokens (places count from the statement's own start)."""
    found = []
    part: list[Token] = []
    for token in [*tokens(sql), Token("op", ";", len(sql), len(sql))]:
        if token.text != ";" or token.kind != "op":
            part.append(token)
        elif part:
            start, end = part[0].start, part[-1].end
            found.append((sql[start:end], [Token(t.kind, t.text, t.start - start, t.end - start) for t in part]))
            part = []
    return found


def patched(sql: str, changes: list[tuple[int, int, str]]) -> str:
    """The text with pieces (start, end, new) replaced; pieces do not overlap."""
    for start, end, new in sorted(changes, reverse=True):
        sql = sql[:start] + new + sql[end:]
    return sql


def unquoted(token: Token) -> str:
    """The value of a string token. A backslash escapes in every string, as in Redshift."""
    if token.text.startswith("$"):
        tag = token.text.index("$", 1) + 1
        return token.text[tag:-tag]
    return re.sub(r"\\(.)|''", _unescaped, token.text[token.text.index("'") + 1 : -1], flags=re.DOTALL)


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def _unescaped(match: re.Match[str]) -> str:
    letter = match.group(1)
    return "'" if letter is None else _ESCAPES.get(letter, letter)


def name(token: Token) -> str:
    """The identifier that a word, quoted name or #temp token stands for. Redshift folds to lower case."""
    if token.kind == "quoted":
        return token.text[1:-1].replace('""', '"')
    return token.text.lower()


def quoted(identifier: str) -> str:
    """An identifier in quotes."""
    return '"' + identifier.replace('"', '""') + '"'
