"""One log line a request, as of the page: method, path without its query, status, time; never who asked or what."""

from __future__ import annotations

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)


class Journal:
    """Writes the line when the answer has been sent, or when a fault of ours kept it from being sent."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            took = round((time.perf_counter() - began) * 1000, 1)
            line = {"method": scope["method"], "path": scope["path"], "status": status, "milliseconds": took}
            log.info("request", extra=line)
