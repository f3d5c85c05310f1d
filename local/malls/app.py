"""One server for all replica malls: it looks at the Host header and hands the request to that host's application.

`SITES` is the seam for another mall: a module that gives its host names and an application for each.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.malls.faults import FaultRefused, Faults
from local.malls.goods import Stock
from local.malls.musinsa import hosts as musinsa

SITES: tuple[Callable[[Stock, Faults], Mapping[str, ASGIApp]], ...] = (musinsa.hosts,)
_LOOPBACK = ("127.0.0.1", "::1")


class Malls:
    """The ASGI application. `delay` in seconds holds back every answer but those about its own state."""

    def __init__(self, stock: Stock, delay: float = 0.0) -> None:
        self._stock, self._delay, self._faults = stock, delay, Faults()
        self._sites: dict[str, ASGIApp] = {}
        for site in SITES:
            self._sites.update(site(stock, self._faults))
        self._requests: Counter[str] = Counter()
        self._answers: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        host, path = (request.url.hostname or "").lower(), scope["path"]
        if path == "/health":
            await PlainTextResponse("ok")(scope, receive, send)
        elif path.startswith("/__control/"):
            await (await self._control(request))(scope, receive, send)
        elif (site := self._sites.get(host)) is None:
            known = ", ".join(sorted(self._sites))
            await PlainTextResponse(f"no mall at {host!r}; known are {known}\n", 404)(scope, receive, send)
        else:
            await self._serve(site, request, host.split(".")[0], send)

    async def _serve(self, site: ASGIApp, request: Request, role: str, send: Send) -> None:
        """One request to a mall: counted, held back, refused where a fault says so, readable across origins."""

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._answers[str(message["status"])] += 1
                message = {**message, "headers": [*message["headers"], *_cross_origin(request, role)]}
            await send(message)

        self._requests[role] += 1
        if self._delay:
            await asyncio.sleep(self._delay)
        fault = self._faults.take_status(role, request.url.path) if request.method != "OPTIONS" else None
        if fault is not None:
            headers = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
            await PlainTextResponse("잠시 후 다시 시도해 주세요\n", fault.status, headers)(
                request.scope, request.receive, counted
            )
        elif request.method == "OPTIONS":
            await Response(status_code=204)(request.scope, request.receive, counted)
        else:
            await site(request.scope, request.receive, counted)

    async def _control(self, request: Request) -> Response:
        if request.client is None or request.client.host not in _LOOPBACK:
            return PlainTextResponse("the control endpoint answers this machine only\n", 403)
        if request.url.path == "/__control/counts" and request.method == "GET":
            return JSONResponse(self._counts())
        if request.url.path != "/__control/faults" or request.method not in ("GET", "POST", "DELETE"):
            return PlainTextResponse("known: GET /__control/counts, GET POST DELETE /__control/faults\n", 404)
        if request.method == "DELETE":
            self._faults.clear()
        if request.method == "POST":
            try:
                wishes = json.loads(await request.body())
                for wish in wishes if isinstance(wishes, list) else [wishes]:
                    self._faults.add(wish)
            except ValueError as error:  # FaultRefused and unreadable JSON
                name = type(error).__name__ if isinstance(error, FaultRefused) else "not JSON"
                return PlainTextResponse(f"{name}: {error}\n", 400)
        return JSONResponse(self._faults.listing())

    def _counts(self) -> dict[str, Any]:
        products = self._stock.products.values()
        return {
            "products": len(self._stock.products),
            "listed": sum(product.listed for product in products),
            "reviews": self._stock.review_count(),
            "rankings": {code: len(ids) for code, ids in self._stock.rankings.items()},
            "requests": dict(self._requests),
            "answers": dict(self._answers),
        }


def _cross_origin(request: Request, role: str) -> list[tuple[bytes, bytes]]:
    """The page is on www, its JSON on other hosts: a browser asks for leave to read them."""
    origin = request.headers.get("origin")
    if role == "www" or origin is None:
        return []
    granted = {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET, POST, OPTIONS",
        "access-control-allow-headers": request.headers.get("access-control-request-headers", "content-type"),
        "access-control-expose-headers": "retry-after",
        "access-control-max-age": "600",
        "vary": "origin",
    }
    return [(name.encode(), value.encode("latin-1")) for name, value in granted.items()]


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
