"""What is true of every answer: a database that is away is a page and not a crash; nothing personal is cached."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from web.database import DatabaseAway

log = logging.getLogger(__name__)


class DecentAnswers:
    """Turns DatabaseAway into a 503 and keeps pages out of shared caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
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
            response: HttpResponse = JsonResponse({"release": None, "error": "database away"}, status=503)
        else:
            response = render(request, "otto/state.html", {"state": "away"}, status=503)
        response["Retry-After"] = "5"
        return response
