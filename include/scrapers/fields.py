"""Reading single fields of a captured JSON, the same for every mall: dig, clean, number, and the refusal of a row."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from datetime import date
from typing import Any

from include.scrapers.records import Refusal, Source

_VALUE_LIMIT = 200
_WESTERN = re.compile(r"[^\x00-\x7f\u1100-\u11ff\u3000-\uffff]{3,}")  # a syllable is three bytes
_PRODUCT_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_\-]{0,63}")


class Unreadable(ValueError):
    """A field that is there and cannot be read."""

    def __init__(self, field: str, code: str, message: str, value: Any) -> None:
        super().__init__(message)
        self.field = field
        self.code = code
        self.value = value


def dig(value: Any, *path: str) -> Any:
    """The value at a path of keys; None where any step is absent."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def clean(value: Any) -> str | None:
    """A text without control characters (a database takes no NUL) and outer blanks; None where nothing is left."""
    if value is None:
        return None
    text = "".join(" " if unicodedata.category(c) == "Cc" else c for c in str(value)).strip()
    return text or None


def legible(field: str, value: Any) -> str | None:
    """A text as clean() gives it; one that was decoded wrongly on its way may not be used. Raises Unreadable."""
    raw = "" if value is None else str(value)  # clean() would hide control characters that give a wrong decoding away
    if "\ufffd" in raw or any(_is_twice_encoded(run) for run in _WESTERN.findall(raw)):
        raise Unreadable(field, "mojibake", "the text was decoded wrongly", value)
    return clean(value)


def _is_twice_encoded(run: str) -> bool:
    """Whether a run of foreign letters is Korean whose UTF-8 was taken for a Western encoding."""
    for encoding in ("latin-1", "cp1252"):
        with contextlib.suppress(UnicodeError):
            return any("가" <= character <= "힣" for character in run.encode(encoding).decode("utf-8"))
    return False


def number(field: str, value: Any, low: int, high: int) -> int | None:
    """A whole number within bounds; None where absent. Raises Unreadable."""
    if value is None or value == "":
        return None
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,10}(?:\.0)?", text) or not low <= int(float(text)) <= high:
        raise Unreadable(field, f"unreadable_{field.lower()}", f"no whole number from {low} to {high}", value)
    return int(float(text))


def product_id_of(value: Any) -> str:
    """A product id, as text. It becomes part of keys and addresses, so its form is held. Raises Unreadable."""
    text = str(value) if value is not None else ""
    if not _PRODUCT_ID.fullmatch(text):
        raise Unreadable("product_id", "unreadable_product_id", "no product id of a known form", value)
    return text


def refusal(
    entity: str,
    mall: str,
    run_date: date,
    error: Unreadable,
    source: Source,
    product_id: str | None,
    review_id: str | None = None,
) -> Refusal:
    """A row for quarantine: ids, reason, place and the offending field, nothing else of the row."""
    return Refusal(
        entity=entity,
        mall=mall,
        run_date=run_date,
        reason_code=error.code,
        reason=str(error),
        product_id=product_id,
        review_id=review_id,
        field=error.field,
        value=None if error.value is None else (clean(error.value) or "")[:_VALUE_LIMIT],
        capture_key=source.capture_key,
        capture_line=source.capture_line,
    )
