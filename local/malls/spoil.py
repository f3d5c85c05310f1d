"""Answers that are spoiled on order: slow, cut off, reset, a captcha, mojibake, and JSON of another shape.

What is of the transport needs no mall. What is of the shape needs to know where an answer keeps its rows, which each
mall says with its `ListAnswer`s.
"""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Send

from local.malls.faults import SpoilFault
from local.malls.site import ListAnswer, Way

_CAPTCHA = "<html><body><h1>자동 등록 방지</h1><div class='g-recaptcha'>로봇이 아닙니다</div></body></html>"
_FOREIGN = "999999999"


class ConnectionCut(Exception):
    """Ends an answer in its midst: the server closes the connection."""


async def serve(app: ASGIApp, request: Request, send: Send, fault: SpoilFault, answer: ListAnswer | None) -> None:
    """Let the mall answer, spoiled."""
    if fault.kind == "captcha":
        await HTMLResponse(_CAPTCHA)(request.scope, request.receive, send)
        return
    if fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
    if fault.kind == "reset":
        raise ConnectionCut
    start, body = await _answered(app, request)
    if fault.kind == "truncated":
        await send(start)
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        raise ConnectionCut
    spoiled = _spoiled(body, fault, answer)
    headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
    headers.append((b"content-length", str(len(spoiled)).encode()))
    await send({**start, "headers": headers})
    await send({"type": "http.response.body", "body": spoiled})


async def _answered(app: ASGIApp, request: Request) -> tuple[dict[str, Any], bytes]:
    start: dict[str, Any] = {}
    body = bytearray()

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            body.extend(message.get("body", b""))

    await app(request.scope, request.receive, keep)
    return start, bytes(body)


def _spoiled(body: bytes, fault: SpoilFault, answer: ListAnswer | None) -> bytes:
    if fault.kind == "mojibake":
        return body.decode().encode("cp949", errors="replace")
    if fault.kind == "renamed_field":
        return body.replace(f'"{fault.field}":'.encode(), f'"{fault.to}":'.encode())
    if fault.kind == "graphql_errors":
        return _failed(json.loads(body))
    if answer is None or fault.kind not in _SHAPES:
        return body
    value = json.loads(body)
    _SHAPES[fault.kind](value, answer)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _failed(value: Any) -> bytes:
    """GraphQL's way to fail: status 200, a message and no data; for a batch one a question."""
    error = {"errors": [{"message": "일시적인 오류가 발생했습니다."}], "data": None}
    return json.dumps([error] * len(value) if isinstance(value, list) else error, ensure_ascii=False).encode()


def _vanish(value: Any, answer: ListAnswer) -> None:
    holder = _at(value, answer.rows[:-1])
    if isinstance(holder, dict):
        holder.pop(answer.rows[-1], None)


def _empty(value: Any, answer: ListAnswer) -> None:
    del _rows(value, answer)[:]


def _duplicate(value: Any, answer: ListAnswer) -> None:
    rows = _rows(value, answer)
    rows.extend(copy.deepcopy(rows[:1]))


def _foreign(value: Any, answer: ListAnswer) -> None:
    for row in _rows(value, answer)[:1]:
        holder = _at(row, (answer.product or ())[:-1])
        if answer.product and isinstance(holder, dict):
            holder[answer.product[-1]] = type(holder[answer.product[-1]])(_FOREIGN)


def _blind(value: Any, answer: ListAnswer) -> None:
    for row in _rows(value, answer)[:1]:
        _merge(row, answer.blinded or {})


def _merge(row: dict[str, Any], said: Mapping[str, Any]) -> None:
    for name, value in said.items():
        if isinstance(value, Mapping) and isinstance(row.get(name), dict):
            _merge(row[name], value)
        else:
            row[name] = value


_SHAPES: dict[str, Callable[[Any, ListAnswer], None]] = {
    "vanished_list": _vanish,
    "empty_list": _empty,
    "duplicate_reviews": _duplicate,
    "foreign_product": _foreign,
    "blind_reviews": _blind,
}


def _rows(value: Any, answer: ListAnswer) -> list[Any]:
    found = _at(value, answer.rows)
    return found if isinstance(found, list) else []


def _at(value: Any, way: Way) -> Any:
    for step in way:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def answer_of(answers: Sequence[ListAnswer], host: str, path: str) -> ListAnswer | None:
    """What a mall says of the answer at a host's path; None where it says nothing."""
    return next((answer for answer in answers if answer.host == host and path.startswith(answer.path)), None)
