"""Redshift's functions that PostgreSQL lacks or understands otherwise, each as the PostgreSQL text that means the same.

The arguments come as texts, already rewritten. What is not here and not in PostgreSQL fails with PostgreSQL's own
"function does not exist": never a guess.
"""

from __future__ import annotations

from collections.abc import Callable

from local.redshift.errors import RedshiftError, syntax, unsupported

VERSION = (
    "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), "
    "Redshift 1.0.0 (a gateway to PostgreSQL for development)"
)

_PARTS = {
    "year": "year", "years": "year", "y": "year", "yr": "year", "yrs": "year",
    "quarter": "quarter", "quarters": "quarter", "qtr": "quarter", "qtrs": "quarter",
    "month": "month", "months": "month", "mon": "month", "mons": "month",
    "week": "week", "weeks": "week", "w": "week",
    "day": "day", "days": "day", "d": "day",
    "hour": "hour", "hours": "hour", "h": "hour", "hr": "hour", "hrs": "hour",
    "minute": "minute", "minutes": "minute", "m": "minute", "min": "minute", "mins": "minute",
    "second": "second", "seconds": "second", "s": "second", "sec": "second", "secs": "second",
    "millisecond": "millisecond", "milliseconds": "millisecond", "ms": "millisecond", "msec": "millisecond",
    "microsecond": "microsecond", "microseconds": "microsecond", "us": "microsecond", "usec": "microsecond",
}  # fmt: skip
_SECONDS = {"hour": "3600", "minute": "60", "second": "1", "millisecond": "0.001", "microsecond": "0.000001"}


def _part(text: str) -> str:
    word = text.strip().strip("'").lower()
    if word not in _PARTS:
        raise RedshiftError("22023", f'"{word}" is not a date part that this gateway knows')
    return _PARTS[word]


def _stamp(text: str) -> str:
    return f"({text})::timestamp"


def datediff(part: str, start: str, end: str) -> str:
    """Redshift counts the boundaries that are crossed, not the time that has passed."""
    unit, a, b = _part(part), _stamp(start), _stamp(end)
    if unit == "day":
        return f"(({b})::date - ({a})::date)::bigint"
    if unit == "year":
        return f"(extract(year from {b}) - extract(year from {a}))::bigint"
    if unit in ("month", "quarter"):
        count = {"month": 12, "quarter": 4}[unit]
        years = f"(extract(year from {b}) - extract(year from {a})) * {count}"
        return f"({years} + extract({unit} from {b}) - extract({unit} from {a}))::bigint"
    if unit == "week":
        raise unsupported("DATEDIFF by week", "Count days and divide.")
    span = f"extract(epoch from date_trunc('{unit}', {b}) - date_trunc('{unit}', {a}))"
    return f"round({span} / {_SECONDS[unit]})::bigint"


def dateadd(part: str, count: str, start: str) -> str:
    """A date gives a timestamp, as in Redshift; a timestamp with a zone keeps it."""
    unit = _part(part)
    interval = "'3 months'" if unit == "quarter" else f"'1 {unit}'"
    base = f"({start})::timestamp" if start.strip().startswith("'") else f"({start})"
    return f"({base} + ({count}) * interval {interval})"


def last_day(day: str) -> str:
    """The last day of the month."""
    return f"(date_trunc('month', {_stamp(day)}) + interval '1 month - 1 day')::date"


def add_months(day: str, count: str) -> str:
    """The last day of a month stays the last day."""
    moved = f"({_stamp(day)} + ({count}) * interval '1 month')"
    clock = f"({_stamp(day)} - date_trunc('day', {_stamp(day)}))"
    end = f"(date_trunc('month', {moved}) + interval '1 month - 1 day' + {clock})"
    return f"(CASE WHEN ({_stamp(day)})::date = {last_day(day)} THEN {end} ELSE {moved} END)"


def convert_timezone(*arguments: str) -> str:
    """With two arguments the source is UTC."""
    if len(arguments) not in (2, 3):
        raise syntax("CONVERT_TIMEZONE")
    source = arguments[0] if len(arguments) == 3 else "'UTC'"
    return f"({_stamp(arguments[-1])} AT TIME ZONE ({source}) AT TIME ZONE ({arguments[-2]}))"


def nvl2(value: str, there: str, absent: str) -> str:
    """There or absent."""
    return f"(CASE WHEN ({value}) IS NOT NULL THEN ({there}) ELSE ({absent}) END)"


def decode(value: str, *rest: str) -> str:
    """Redshift's DECODE takes two NULLs for equal. With two arguments it is PostgreSQL's, of encodings."""
    if len(rest) < 2:
        return f"decode({', '.join((value, *rest))})"
    pairs = zip(rest[::2], rest[1::2], strict=False)
    cases = " ".join(f"WHEN ({value}) IS NOT DISTINCT FROM ({search}) THEN ({result})" for search, result in pairs)
    default = f" ELSE ({rest[-1]})" if len(rest) % 2 else ""
    return f"(CASE {cases}{default} END)"


def regexp_replace(subject: str, pattern: str, new: str = "''", start: str = "1", flags: str = "''") -> str:
    """Redshift replaces every occurrence, PostgreSQL the first."""
    return f"regexp_replace({subject}, {pattern}, {new}, {start}, 0, {flags})"


def regexp_substr(subject: str, *rest: str) -> str:
    """Redshift gives an empty string where nothing matches."""
    found = f"regexp_substr({', '.join((subject, *rest))})"
    return f"(CASE WHEN ({subject}) IS NOT NULL THEN coalesce({found}, '') END)"


def sha2(value: str, bits: str) -> str:
    """The hash in hexadecimal digits; the number of bits must be a literal."""
    length = "256" if bits.strip() == "0" else bits.strip()
    if length not in ("224", "256", "384", "512"):
        raise RedshiftError("22023", f"SHA2 takes 0, 224, 256, 384 or 512 bits, not {bits}")
    return f"encode(sha{length}(convert_to({value}, 'UTF8')), 'hex')"


def date_part(part: str, value: str) -> str:
    """The part may stand without quotes."""
    word = part.strip()
    return f"date_part({word if word.startswith(chr(39)) else chr(39) + word + chr(39)}, {value})"


def _renamed(name: str) -> Callable[..., str]:
    return lambda *arguments: f"{name}({', '.join(arguments)})"


CALLS: dict[str, Callable[..., str]] = {
    "NVL": _renamed("coalesce"),
    "NVL2": nvl2,
    "DECODE": decode,
    "GETDATE": lambda: "date_trunc('second', statement_timestamp()::timestamp)",
    "DATEDIFF": datediff,
    "DATEADD": dateadd,
    "DATE_PART": date_part,
    "LAST_DAY": last_day,
    "ADD_MONTHS": add_months,
    "CONVERT_TIMEZONE": convert_timezone,
    "LEN": _renamed("length"),
    "CHARINDEX": lambda part, whole: f"strpos({whole}, {part})",
    "REGEXP_REPLACE": regexp_replace,
    "REGEXP_SUBSTR": regexp_substr,
    "SHA2": sha2,
    "JSON_PARSE": lambda text: f"({text})::jsonb",
    "JSON_SERIALIZE": lambda value: f"({value})::text",
    "IS_VALID_JSON": lambda text: f"pg_input_is_valid({text}, 'json')",
    "JSON_EXTRACT_PATH_TEXT": lambda text, *path: f"json_extract_path_text(({text})::json, {', '.join(path)})",
    "JSON_ARRAY_LENGTH": lambda text: f"json_array_length(({text})::json)",
    "JSON_EXTRACT_ARRAY_ELEMENT_TEXT": lambda text, place: f"(({text})::json ->> ({place}))",
    "MEDIAN": lambda value: f"percentile_cont(0.5) WITHIN GROUP (ORDER BY {value})",
    "VERSION": lambda: f"'{VERSION}'::text",
}

# PostgreSQL's, and not Redshift's: what works here must work there.
POSTGRES_ONLY = {
    "STRING_AGG": "LISTAGG", "ARRAY_AGG": "LISTAGG", "UNNEST": "a SUPER column in FROM", "JSON_AGG": "LISTAGG",
    "JSONB_AGG": "LISTAGG", "JSON_BUILD_OBJECT": "OBJECT", "JSONB_BUILD_OBJECT": "OBJECT",
    "REGEXP_MATCH": "REGEXP_SUBSTR",
    "REGEXP_MATCHES": "REGEXP_SUBSTR", "MAKE_DATE": "TO_DATE", "DATE_BIN": "DATE_TRUNC", "NUM_NULLS": "NVL2",
}  # fmt: skip

# Written without parentheses.
WORDS = {"SYSDATE": "localtimestamp"}
