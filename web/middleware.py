"""What is true of every answer: bounded, logged without anything personal, decent when the database is away."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from web.database import DatabaseAway
from web.rate import Buckets
from web.states import state_page

log = logging.getLogger(__name__)

type Next = Callable[[HttpRequest], HttpResponseBase]

_UNLIMITED = ("/healthz", "/readyz")


class Journal:
    """One log line a request: the path without its query, the status, the time it took."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = self.get_response(request)
        took = round((time.perf_counter() - began) * 1000, 1)
        line = {"method": request.method, "path": request.path, "status": response.status_code, "milliseconds": took}
        log.info("request", extra=line)
        return response


class RateLimit:
    """429 for an address that asks too much; OTTO_WEB_REQUESTS_A_MINUTE, 0 for no limit."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        limit = settings.REQUESTS_A_MINUTE
        self.buckets = Buckets(limit, at_once=max(20, limit // 4)) if limit else None

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if self.buckets is None or request.path in _UNLIMITED:
            return self.get_response(request)
        wait = self.buckets.take(_address(request))
        if wait == 0:
            return self.get_response(request)
        return state_page(request, "busy", retry_after=math.ceil(wait))


class DecentAnswers:
    """Turns DatabaseAway into a 503 and keeps pages out of shared caches."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page that says so, with a time to come back."""
        if not isinstance(exception, DatabaseAway):
            return None
        log.warning("the serving database is away: %s", exception)
        if request.path.endswith(".json") or request.path == "/readyz":
            body = {"release": None, "error": "database away"}
            return JsonResponse(body, status=503, headers={"Retry-After": "5"})
        return state_page(request, "away", retry_after=5)


def _address(request: HttpRequest) -> str:
    """The caller's address; behind our own proxy the last one that it has added."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_PROXY else ""
    return forwarded.rsplit(",", 1)[-1].strip() or request.META.get("REMOTE_ADDR", "")
