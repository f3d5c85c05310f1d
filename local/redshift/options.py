"""COPY and UNLOAD as the client wrote them, read into commands; what Redshift refuses is refused here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from local.redshift.dialect import closing
from local.redshift.errors import RedshiftError, syntax, unsupported
from local.redshift.lexer import Token, name, quoted, unquoted

_ROLE = re.compile(r"aws_iam_role=(arn:[\w-]+:iam::\d{12}:role/[^;,\s]+|default)", re.IGNORECASE)
_ARN = re.compile(r"arn:[\w-]+:iam::\d{12}:role/\S+|default", re.IGNORECASE)
_PARQUET_COPY = {"MANIFEST", "STATUPDATE", "ACCEPTINVCHARS"}


@dataclass
class Location:
    """s3://bucket/key."""

    bucket: str
    key: str

    @classmethod
    def of(cls, url: str) -> Location:
        """From its spelling. Raises RedshiftError."""
        match = re.fullmatch(r"s3://([^/]+)/?(.*)", url, re.DOTALL)
        if match is None:
            raise RedshiftError("42601", f"{url!r} is not an S3 address; this gateway reads and writes s3://bucket/key")
        return cls(match.group(1), match.group(2))

    @property
    def url(self) -> str:
        """Its spelling."""
        return f"s3://{self.bucket}/{self.key}"


@dataclass
class Copy:
    """COPY table FROM 's3://…' with its options."""

    table: str  # as SQL
    table_name: str  # as a person says it
    columns: list[str]
    source: Location
    form: str  # PARQUET, CSV, JSON
    options: dict[str, str | None] = field(default_factory=dict)

    def number(self, option: str, default: int = 0) -> int:
        """The number of an option."""
        value = self.options.get(option)
        return default if value is None else int(value)


@dataclass
class Unload:
    """UNLOAD ('query') TO 's3://…' with its options."""

    query: str
    target: Location
    form: str  # PARQUET, CSV
    options: dict[str, str | None] = field(default_factory=dict)


class _Reader:
    """Goes over the tokens once."""

    def __init__(self, parts: list[Token], place: int) -> None:
        self.parts, self.place = parts, place

    def more(self) -> bool:
        return self.place < len(self.parts)

    def peek(self) -> str:
        return self.parts[self.place].upper if self.more() else ""

    def take(self) -> Token:
        if not self.more():
            raise syntax("end of input")
        self.place += 1
        return self.parts[self.place - 1]

    def accept(self, *words: str) -> str | None:
        return self.take().upper if self.peek() in words else None

    def text(self) -> str:
        self.accept("AS")
        token = self.take()
        if token.kind != "string":
            raise syntax(token.text)
        return unquoted(token)

    def number(self) -> str:
        self.accept("AS")
        token = self.take()
        if token.kind != "number" or not token.text.isdigit():
            raise syntax(token.text)
        return token.text


def parse_copy(parts: list[Token]) -> Copy:
    """COPY's command. Raises RedshiftError."""
    read = _Reader(parts, 1)
    names = [read.take()]
    while read.accept("."):
        names.append(read.take())
    columns: list[str] = []
    if read.peek() == "(":
        end = closing(parts, read.place)
        columns = [name(token) for token in parts[read.place + 1 : end] if token.text != ","]
        read.place = end + 1
    if read.peek() != "FROM":
        raise unsupported("COPY … TO" if read.peek() == "TO" else "this COPY", "Redshift writes to S3 by UNLOAD.")
    read.take()
    if read.peek() in ("STDIN", "PROGRAM"):
        raise unsupported(f"COPY FROM {read.peek()}", "Redshift loads from S3.")
    source = Location.of(read.text())
    if not all(token.kind in ("word", "quoted", "temp") for token in names):
        raise syntax(names[0].text)
    form, options = _options(read, _COPY_OPTIONS)
    command = Copy(
        ".".join(quoted(name(token)) for token in names), name(names[-1]), columns, source, form or "", options
    )
    _check_copy(command)
    return command


def _check_copy(command: Copy) -> None:
    if not command.form:
        raise unsupported(
            "COPY of delimited text without FORMAT CSV in this gateway", "Name FORMAT PARQUET, CSV or JSON."
        )
    if command.form == "PARQUET":
        for option in sorted(set(command.options) - _PARQUET_COPY):
            raise RedshiftError("0A000", f"{option} argument is not supported for PARQUET based COPY")
    if command.form == "JSON":
        for option in sorted({"IGNOREHEADER", "DELIMITER", "QUOTE"} & set(command.options)):
            raise RedshiftError("42601", f"{option} is not compatible with JSON")
        if command.options.get("JSON") not in ("auto", None):
            raise unsupported("COPY FROM JSON other than 'auto' in this gateway")
    for option in ("DELIMITER", "QUOTE"):
        if option in command.options and len((command.options[option] or "").encode()) != 1:
            raise RedshiftError("22023", f"{option} must be one ASCII character")


def parse_unload(parts: list[Token]) -> Unload:
    """UNLOAD's command. Raises RedshiftError."""
    read = _Reader(parts, 1)
    if not read.accept("("):
        raise syntax(parts[1].text if len(parts) > 1 else "UNLOAD")
    query = read.text()
    if not read.accept(")") or not read.accept("TO"):
        raise syntax(parts[read.place].text if read.more() else "end of input")
    target = Location.of(read.text())
    form, options = _options(read, _UNLOAD_OPTIONS)
    if not form:
        raise unsupported("UNLOAD as delimited text in this gateway", "Name FORMAT PARQUET or CSV.")
    if form == "PARQUET":
        for option in sorted({"HEADER", "GZIP", "DELIMITER"} & set(options)):
            raise RedshiftError("0A000", f"{option} is not supported for UNLOAD to PARQUET")
    return Unload(query, target, form, options)


def refuse_outer_limit(parts: list[Token]) -> None:
    """Redshift takes LIMIT in an UNLOAD only inside a nested query."""
    depth = 0
    for part in parts:
        depth += (part.upper == "(") - (part.upper == ")")
        if depth == 0 and part.upper in ("LIMIT", "TOP"):
            raise unsupported("Limit clause in the outermost SELECT of UNLOAD", "Nest it: SELECT * FROM (… LIMIT n).")


_FLAG, _TEXT, _NUMBER, _SWITCH = "flag", "text", "number", "switch"
_COPY_OPTIONS = {
    "MANIFEST": _FLAG, "GZIP": _FLAG, "EMPTYASNULL": _FLAG, "BLANKSASNULL": _FLAG, "TRUNCATECOLUMNS": _FLAG,
    "REGION": _TEXT, "QUOTE": _TEXT, "DELIMITER": _TEXT, "TIMEFORMAT": _TEXT, "DATEFORMAT": _TEXT, "NULL": _TEXT,
    "MAXERROR": _NUMBER, "IGNOREHEADER": _NUMBER, "STATUPDATE": _SWITCH, "COMPUPDATE": _SWITCH,
}  # fmt: skip
_UNLOAD_OPTIONS = {
    "MANIFEST": _FLAG, "ALLOWOVERWRITE": _FLAG, "HEADER": _FLAG, "GZIP": _FLAG, "DELIMITER": _TEXT, "REGION": _TEXT,
    "PARALLEL": _SWITCH,
}  # fmt: skip


def _options(read: _Reader, known: dict[str, str]) -> tuple[str | None, dict[str, str | None]]:
    """Format and options, in any order; the authorisation must be a role and must be there."""
    form: str | None = None
    options: dict[str, str | None] = {}
    authorised = False
    while read.more():
        token = read.take()
        word = token.upper
        if word in ("IAM_ROLE", "CREDENTIALS"):
            _authorise(word, read)
            authorised = True
        elif word in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "WITH"):
            raise _keys_refused()
        elif word in ("FORMAT", "PARQUET", "CSV", "JSON", "ORC", "AVRO", "SHAPEFILE"):
            form = _format(word, read, options)
        elif word in known:
            if word in options:
                raise RedshiftError("42601", f"conflicting or redundant options: {word} stands twice")
            options[word] = _value(known[word], word, read)
        else:
            raise unsupported(f'the option "{token.text}" in this gateway')
    if not authorised:
        raise RedshiftError("42601", "CREDENTIALS argument is required", hint="Use IAM_ROLE 'arn:aws:iam::…:role/…'.")
    return form, options


def _format(word: str, read: _Reader, options: dict[str, str | None]) -> str:
    if word == "FORMAT":
        read.accept("AS")
        word = read.take().upper
    if word not in ("PARQUET", "CSV", "JSON"):
        raise unsupported(f"FORMAT {word} in this gateway")
    if word == "JSON" and (read.peek() == "AS" or (read.more() and read.parts[read.place].kind == "string")):
        options["JSON"] = read.text()
    return word


def _value(kind: str, word: str, read: _Reader) -> str | None:
    if kind == _NUMBER:
        return read.number()
    if kind == _TEXT:
        value = read.text()
        if word in ("TIMEFORMAT", "DATEFORMAT") and value != "auto":
            raise unsupported(f"{word} other than 'auto' in this gateway")
        return value
    if kind == _SWITCH:
        return read.accept("ON", "OFF", "TRUE", "FALSE", "PRESET")
    return None


def _authorise(word: str, read: _Reader) -> None:
    if word == "IAM_ROLE":
        if read.accept("DEFAULT"):
            return
        if not _ARN.fullmatch(read.text()):
            raise RedshiftError("42601", "IAM_ROLE takes a role's ARN or default")
        return
    read.accept("WITH")
    text = read.text()
    if "aws_access_key_id" in text.lower() or "aws_secret_access_key" in text.lower():
        raise _keys_refused()
    if not _ROLE.fullmatch(text.strip().rstrip(";")):
        raise RedshiftError("42601", "CREDENTIALS takes 'aws_iam_role=arn:…' here")


def _keys_refused() -> RedshiftError:
    return RedshiftError(
        "42501",
        "access keys in the text of a statement are refused: statements are logged",
        hint="Name a role: IAM_ROLE 'arn:aws:iam::…:role/…'.",
    )
