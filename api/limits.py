"""Requests are small: what is larger than the limit is refused before it is read into memory."""

from __future__ import annotations

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem

MOST_BYTES = 64 * 1024  # two hundred products are some 12 kB
_TOO_LARGE = f"A request may have {MOST_BYTES} bytes at most."


class BoundedRequests:
    """Refuses bodies over MOST_BYTES, announced or streamed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > MOST_BYTES:
            await problem(413, "Request too large", _TOO_LARGE)(scope, receive, send)
            return
        read = 0

        async def bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MOST_BYTES:
                # raised inside the framework's reading of the body, which lets this kind through
                raise HTTPException(413, _TOO_LARGE)
            return message

        await self.app(scope, bounded, send)
