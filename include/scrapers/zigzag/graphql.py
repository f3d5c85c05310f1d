"""Zigzag's GraphQL: what a request asked for, and the data or the complaint that its answer holds. Pure.

The operation is the last part of the address, the variables are in the request's body; a batch is an array of both. An
error comes with HTTP 200 and must never pass as an empty list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from include.scrapers.captures import Capture
from include.scrapers.errors import PageChanged
from include.scrapers.fields import clean

_OPERATION = re.compile(r"/api/2/graphql/(?:batch/)?(?P<name>[A-Za-z]+)")
_MESSAGE_LENGTH = 200


def operation(path: str) -> str | None:
    """The operation that an address names; None where it is no GraphQL address."""
    match = _OPERATION.fullmatch(path)
    return match["name"] if match else None


def variables(name: str, request_body: str | None) -> dict[str, Any]:
    """The variables that a request sent with one operation; empty where it sent none that can be read."""
    position, asked = _asked(name, request_body)
    found = asked[position].get("variables") if asked else None
    return found if isinstance(found, dict) else {}


def data(capture: Capture, name: str) -> dict[str, Any]:
    """The `data` of one operation's answer. Raises PageChanged that carries the mall's own message."""
    try:
        answer = json.loads(capture.body)
    except json.JSONDecodeError as error:
        raise PageChanged(f"the answer (status {capture.status}) is no JSON: {error}", capture.url) from error
    if isinstance(answer, list):
        position, _ = _asked(name, capture.request_body)
        answer = answer[position] if position < len(answer) else None
    if not isinstance(answer, dict):
        raise PageChanged(f"the answer (status {capture.status}) is no GraphQL answer", capture.url)
    if answer.get("errors"):
        raise PageChanged(f"GraphQL error: {_message(answer['errors'])}", capture.url)
    found = answer.get("data")
    if not isinstance(found, dict):
        raise PageChanged(f"the answer (status {capture.status}) holds no data", capture.url)
    return found


def need(values: Any, key: str, where: str) -> Any:
    """A field that the page always asks for; it may be null. Raises PageChanged where it is not there at all."""
    if not isinstance(values, Mapping) or key not in values:
        raise PageChanged(f"the answer has no field {key}", where)
    return values[key]


def rows(values: Any, key: str, where: str) -> list[dict[str, Any]]:
    """A list of objects that the page always asks for; empty where it is null. Raises PageChanged."""
    found = need(values, key, where)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise PageChanged(f"{key} is no list of objects", where)
    return found


def _asked(name: str, request_body: str | None) -> tuple[int, list[dict[str, Any]]]:
    """Where an operation stands in its batch, and the batch."""
    try:
        asked = json.loads(request_body or "null")
    except json.JSONDecodeError:
        return 0, []
    batch = [one for one in (asked if isinstance(asked, list) else [asked]) if isinstance(one, dict)]
    names = [one.get("operationName") for one in batch]
    return (names.index(name) if name in names else 0), batch


def _message(errors: Any) -> str:
    first = errors[0] if isinstance(errors, list) else errors
    text = first.get("message") if isinstance(first, dict) else first
    return (clean(text) or "without a message")[:_MESSAGE_LENGTH]
