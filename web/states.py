"""The pages that say that there is nothing to show: not found, away, too early, too much."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

STATUS = {
    "no_release": 503,
    "away": 503,
    "not_found": 404,
    "unknown_product": 404,
    "expired": 403,
    "busy": 429,
    "error": 500,
}


def state_page(request: HttpRequest, state: str, retry_after: int | None = None) -> HttpResponse:
    """The page of one state, with its status."""
    values = {"state": state, "release": None, "stale": False}
    response = render(request, "otto/state.html", values, status=STATUS[state])
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response
