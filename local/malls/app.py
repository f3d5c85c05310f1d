"""One server for all replica malls: it looks at the Host header and hands the request to that host's application."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.malls import spoil
from local.malls.faults import FaultRefused, Faults
from local.malls.goods import Stock
from local.malls.sites import SITES

_LOOPBACK = ("127.0.0.1", "::1")
_ARRIVALS_KEPT = 200_000  # the latest; some 40 MB at most


@dataclass(frozen=True)
class _Host:
    """One host name of one mall."""

    mall: str
    name: str  # what counts and faults call it
    app: ASGIApp


@dataclass
class _Traffic:
    """What one mall was asked and has answered."""

    requests: Counter[str] = field(default_factory=Counter)  # by the host's name
    answers: Counter[str] = field(default_factory=Counter)  # by status


class Malls:
    """The ASGI application over the stock of each mall by its name. `delay` in seconds holds back every answer but
    those about its own state.
    """

    def __init__(self, stocks: Mapping[str, Stock], delay: float = 0.0) -> None:
        self._stocks, self._delay, self._faults = stocks, delay, Faults()
        self._hosts: dict[str, _Host] = {}
        for mall, stock in stocks.items():
            names = SITES[mall].addresses.names()
            for host, app in SITES[mall].hosts(stock, self._faults).items():
                self._hosts[host] = _Host(mall, names[host], app)
        self._traffic = {mall: _Traffic() for mall in stocks}
        self._arrivals: deque[tuple[float, str, str, str, str]] = deque(maxlen=_ARRIVALS_KEPT)

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
        elif (found := self._hosts.get(host)) is None:
            known = ", ".join(sorted(self._hosts))
            await PlainTextResponse(f"no mall at {host!r}; known are {known}\n", 404)(scope, receive, send)
        else:
            await self._serve(found, request, send)

    async def _serve(self, host: _Host, request: Request, send: Send) -> None:
        """One request to a mall: counted, held back, refused where a fault says so, readable across origins."""
        traffic = self._traffic[host.mall]

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                traffic.answers[str(message["status"])] += 1
                message = {**message, "headers": [*message["headers"], *_cross_origin(request)]}
            await send(message)

        traffic.requests[host.name] += 1
        url = request.url
        address = f"{url.path}?{url.query}" if url.query else url.path
        self._arrivals.append((time.time(), host.mall, url.hostname or "", request.method, address))
        if self._delay:
            await asyncio.sleep(self._delay)
        asked = request.method != "OPTIONS"
        fault = self._faults.take_status(host.mall, host.name, request.url.path) if asked else None
        if fault is not None:
            headers = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
            await PlainTextResponse("잠시 후 다시 시도해 주세요\n", fault.status, headers)(
                request.scope, request.receive, counted
            )
        elif not asked:
            await Response(status_code=204)(request.scope, request.receive, counted)
        else:
            await self._answer(host, request, counted, send)

    async def _answer(self, host: _Host, request: Request, counted: Send, send: Send) -> None:
        """The mall's own answer, or what a fault makes of it."""
        path = request.url.path
        answer = spoil.answer_of(SITES[host.mall].answers, host.name, path)
        fault = self._faults.take_spoil(host.mall, host.name, path, answer.kind if answer else None)
        if fault is None:
            await host.app(request.scope, request.receive, counted)
            return
        try:
            await spoil.serve(host.app, request, counted, fault, answer)
        except spoil.ConnectionCut:
            transport = getattr(getattr(send, "__self__", None), "transport", None)  # uvicorn's; none without a server
            if transport is None:
                raise
            transport.abort()

    async def _control(self, request: Request) -> Response:
        if request.client is None or request.client.host not in _LOOPBACK:
            return PlainTextResponse("the control endpoint answers this machine only\n", 403)
        if request.url.path == "/__control/counts" and request.method == "GET":
            return JSONResponse(self._counts())
        if request.url.path == "/__control/arrivals" and request.method in ("GET", "DELETE"):
            if request.method == "DELETE":
                self._arrivals.clear()
            return JSONResponse(list(self._arrivals))
        if request.url.path != "/__control/faults" or request.method not in ("GET", "POST", "DELETE"):
            known = "GET /__control/counts, GET DELETE /__control/arrivals, GET POST DELETE /__control/faults"
            return PlainTextResponse(f"known: {known}\n", 404)
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
        """What is served and what was asked so far: in all, and for each mall under `malls`."""
        malls = {mall: self._counts_of(mall) for mall in self._stocks}
        total: dict[str, Any] = {
            name: sum(counts[name] for counts in malls.values()) for name in ("products", "listed", "reviews")
        }
        for name in ("rankings", "requests", "answers"):
            total[name] = dict(sum((Counter(counts[name]) for counts in malls.values()), Counter()))
        return {**total, "malls": malls}

    def _counts_of(self, mall: str) -> dict[str, Any]:
        stock, traffic = self._stocks[mall], self._traffic[mall]
        return {
            "products": len(stock.products),
            "listed": sum(product.listed for product in stock.products.values()),
            "reviews": stock.review_count(),
            "rankings": {code: len(ids) for code, ids in stock.rankings.items()},
            "requests": dict(traffic.requests),
            "answers": dict(traffic.answers),
        }


def _cross_origin(request: Request) -> list[tuple[bytes, bytes]]:
    """A page is on one host, its JSON on others: a browser asks for leave to read them."""
    origin = request.headers.get("origin")
    if origin is None or origin == f"{request.url.scheme}://{request.url.netloc}":
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
