"""A capture: one document or one list response as the browser saw it. It is stored before it is parsed.

Captures of one part are the lines of one compressed object, so that key and line name a capture for good: a parser that
was wrong is mended and run again over the same lines.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from include import lake as lake_keys
from include.lake import Lake
from include.scrapers.records import Source


@dataclass(frozen=True, slots=True)
class Response:
    """A document or data response that the browser has seen; status 0 and `error` where it broke off."""

    url: str
    status: int
    headers: dict[str, str]
    is_document: bool
    received_at: datetime
    request_id: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """What the browser received for one address."""

    kind: str  # ranking, product, reviews
    url: str
    status: int
    fetched_at: datetime  # timezone-aware, UTC
    body: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A capture with its place in the lake."""

    capture: Capture
    source: Source


def raw_key(mall: str, kind: str, run_date: date, part: str) -> str:
    """Key of one part of raw pages."""
    return f"{lake_keys.raw_folder(mall, kind, run_date)}{part}.jsonl.gz"


def store(lake: Lake, mall: str, kind: str, run_date: date, part: str, captures: Iterable[Capture]) -> str:
    """Write the captures of one kind as one part; gives its key."""
    key = raw_key(mall, kind, run_date, part)
    lake.put_lines(
        key,
        (
            {
                "kind": capture.kind,
                "url": capture.url,
                "status": capture.status,
                "fetched_at": capture.fetched_at.astimezone(UTC).isoformat(),
                "body": capture.body,
            }
            for capture in captures
        ),
    )
    return key


def read(lake: Lake, mall: str, kind: str, run_date: date, part: str) -> list[Stored]:
    """The captures of one part, in their order. Raises ObjectMissing."""
    key = raw_key(mall, kind, run_date, part)
    return [
        Stored(
            Capture(row["kind"], row["url"], row["status"], datetime.fromisoformat(row["fetched_at"]), row["body"]),
            Source(datetime.fromisoformat(row["fetched_at"]), key, line),
        )
        for line, row in enumerate(lake.get_lines(key), start=1)
    ]
