"""Errors as application/problem+json (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.shapes import Problem
from web.database import DatabaseAway

MEDIA_TYPE = "application/problem+json"


class NoRelease(RuntimeError):
    """Nothing has been published yet."""


def problem(status: int, title: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> Response:
    """One problem document."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail} | more
    return Response(json.dumps(body, ensure_ascii=False), status, dict(headers or {}), MEDIA_TYPE)


def documented(description: str) -> dict[str, Any]:
    """One kind of problem as the documentation names it."""
    return {"description": description, "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}}


def install(app: FastAPI) -> None:
    """Answer every failure with a problem document."""

    @app.exception_handler(RequestValidationError)
    def _(request: Request, error: RequestValidationError) -> Response:
        # where and why, never the value: it may be somebody's body
        faults = [{"where": _path(each["loc"]), "reason": each["msg"]} for each in error.errors()]
        return problem(422, "Unprocessable request", "The request does not have the documented shape.", faults=faults)

    @app.exception_handler(HTTPException)
    def _(request: Request, error: HTTPException) -> Response:
        return problem(error.status_code, _title(error.status_code), str(error.detail), error.headers)

    @app.exception_handler(DatabaseAway)
    def _(request: Request, error: DatabaseAway) -> Response:
        away = "The serving database does not answer; try again in a moment."
        return problem(503, "Service unavailable", away, {"Retry-After": "5"})

    @app.exception_handler(NoRelease)
    def _(request: Request, error: NoRelease) -> Response:
        return problem(503, "No release yet", "No size tables have been published yet.", {"Retry-After": "60"})


def _path(location: Sequence[Any]) -> str:
    return "/".join(str(part) for part in location)


def _title(status: int) -> str:
    return {404: "Not found", 405: "Method not allowed", 413: "Request too large"}.get(status, "Error")
