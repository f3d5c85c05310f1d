"""What a page asked for and received since it was opened, as the browser's events tell it."""

from __future__ import annotations

import queue
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from include.scrapers.captures import Response

REDIRECTS = (301, 302, 303, 307, 308)  # a hop; where it leads to comes under the same number


@dataclass
class Traffic:
    """Written by the events' threads, read by the caller's."""

    asked: set[str] = field(default_factory=set)  # numbers of requests for data
    ended: set[str] = field(default_factory=set)
    responses: queue.SimpleQueue[Response] = field(default_factory=queue.SimpleQueue)
    bodies: dict[str, Future[str]] = field(default_factory=dict)  # by the request's number

    def is_loading(self) -> bool:
        """Whether data is still on the way, or here and not yet taken."""
        return not self.responses.empty() or bool(self.asked - self.ended)

    def end(
        self, request: dict[str, Any], url: str, status: int, headers: dict[str, str], error: str | None = None
    ) -> None:
        """A request was answered, or broke off with an error."""
        number = request["request"]
        asked = request.get("goog:postData")  # Chromium's own name; the standard has no field for it yet
        self.ended.add(number)
        self.responses.put(
            Response(url, status, headers, is_document(request), datetime.now(UTC), number, error, asked)
        )


def is_document(request: dict[str, Any]) -> bool:
    """Whether a request is for a page."""
    return request.get("destination") == "document"


def is_data(request: dict[str, Any]) -> bool:
    """Whether it is for data, asked for by a script; a preflight asks for none."""
    return request.get("goog:resourceType", "Fetch") in ("Fetch", "XHR") and request.get("method") != "OPTIONS"
