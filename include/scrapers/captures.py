"""A capture: one document or one list response as the browser saw it. It is stored before it is parsed.

Captures of one part are the lines of one compressed object, so that key and line name a capture for good: a parser that
was wrong is mended and run again over the same lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

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
    request_body: str | None = None  # what a POST asked for; several malls put all their questions to one address


@dataclass(frozen=True, slots=True)
class Capture:
    """What the browser received for one address."""

    kind: str  # ranking, product, reviews
    url: str
    status: int
    fetched_at: datetime  # timezone-aware, UTC
    body: str
    request_body: str | None = None  # of a POST


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
                "request_body": capture.request_body,
            }
            for capture in captures
        ),
    )
    return key


def read(lake: Lake, mall: str, kind: str, run_date: date, part: str) -> list[Stored]:
    """The captures of one part, in their order. Raises ObjectMissing."""
    key = raw_key(mall, kind, run_date, part)
    return [
        Stored(_capture(row), Source(datetime.fromisoformat(row["fetched_at"]), key, line))
        for line, row in enumerate(lake.get_lines(key), start=1)
    ]


def _capture(row: Mapping[str, Any]) -> Capture:
    return Capture(
        kind=row["kind"],
        url=row["url"],
        status=row["status"],
        fetched_at=datetime.fromisoformat(row["fetched_at"]),
        body=row["body"],
        request_body=row.get("request_body"),  # older parts have none
    )
