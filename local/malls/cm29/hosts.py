"""The hosts of the replica and what each answers; URLs and parameters as the real mall has them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from local.malls import pictures
from local.malls.cm29 import entries, product, reviews, robots
from local.malls.cm29.addresses import ADDRESSES
from local.malls.cm29.shell import Shell
from local.malls.cm29.throttle import Throttle
from local.malls.faults import Faults
from local.malls.goods import Product, Stock


def origins(request: Request) -> dict[str, str]:
    """Role -> the replica's host with the port under which this request reached it."""
    return {role: ADDRESSES.origin(role, request.url.port) for role in ADDRESSES.roles}


def hosts(stock: Stock, faults: Faults) -> dict[str, Starlette]:
    """One application for each host name."""
    mall = _Mall(stock, faults, Shell())
    routes = {
        "www": [
            Route("/robots.txt", _robots),
            Route("/home/best", lambda request: RedirectResponse("/", 307)),
            Route("/best-products", mall.best_page),
            Route("/store/category/list", mall.list_page),
            Route("/products/{number}", mall.product_page),
            Route("/_static/{build}/{name}", mall.static_file),
        ],
        "product": [Route("/catalog/{number}", _moved)],
        "display_bff_api": [
            Route("/api/v1/plp/best/items", mall.best_json, methods=["POST"]),
            Route("/api/v1/listing/items", mall.list_json, methods=["POST"]),
        ],
        "bff_api": [Route("/api/v5/product-detail/{number}", mall.detail_json)],
        "review_api": [
            Route("/api/v4/reviews", mall.review_json),
            Route("/api/v4/reviews/count", mall.review_count),
            Route("/api/v4/reviews/photo", mall.review_photos),
        ],
        "img": [Route("/{path:path}.svg", _picture)],
    }
    return {ADDRESSES.host(role): Starlette(routes=found) for role, found in routes.items()}


class _Mall:
    """The endpoints over one stock."""

    def __init__(self, stock: Stock, faults: Faults, shell: Shell) -> None:
        self._stock, self._faults, self._shell = stock, faults, shell
        self._throttle = Throttle()

    async def best_page(self, request: Request) -> Response:
        return self._shell.page("best", "베스트", dict(request.query_params), origins(request))

    async def list_page(self, request: Request) -> Response:
        return self._shell.page("list", "카테고리", dict(request.query_params), origins(request))

    async def product_page(self, request: Request) -> Response:
        found = self._product(request.path_params["number"])
        where = origins(request)
        payload = {"itemDetail": product.rendered(self._stock, found)}
        return self._shell.page("product", found.name, payload, where, product.linked(self._stock, found, where))

    async def static_file(self, request: Request) -> Response:
        return self._shell.static_file(request.path_params["name"])

    async def best_json(self, request: Request) -> Response:
        return await self._entries(request, entries.best)

    async def list_json(self, request: Request) -> Response:
        return await self._entries(request, entries.listing)

    async def _entries(self, request: Request, answer: Callable[..., dict[str, Any]]) -> Response:
        try:
            asked = entries.read_request(await request.body())
            found = answer(self._stock, asked, origins(request))
        except entries.RequestRefused as error:
            return _json(_failure(str(error)), error.status)
        code = entries.category(asked)
        return _success({**found, "list": []} if code and self._faults.ranking_is_empty(code) else found)

    async def detail_json(self, request: Request) -> Response:
        if not (request.headers.get("origin") or request.headers.get("referer")) or not self._throttle.admits():
            return PlainTextResponse("Forbidden\n", 403)
        found = self._stock.products.get(request.path_params["number"])
        if found is None:
            return _json(_failure("상품을 찾을 수 없습니다."))
        return _success(product.detail(self._stock, found))

    async def review_json(self, request: Request) -> Response:
        found, query = self._product(request.query_params.get("itemId", "")), request.query_params
        page, size, sort = query.get("page", "0"), query.get("size", "20"), query.get("sort", "")
        if sort not in ("", reviews.BEST):
            return _json(_failure(f"sort: {sort!r} is not known"), 400)
        if not (page.isdigit() and size.isdigit() and 1 <= int(size) <= reviews.PAGE_LIMIT):
            return _json(_failure(f"page from 0, size from 1 to {reviews.PAGE_LIMIT}"), 400)
        silent = self._faults.has_no_reviews(found.product_id)
        written = () if silent else self._stock.reviews_of(found.product_id)
        return _success(reviews.answer(found, reviews.in_order(written, sort), int(page), int(size)))

    async def review_count(self, request: Request) -> Response:
        found = self._product(request.query_params.get("itemId", ""))
        return _success({"count": len(self._stock.reviews_of(found.product_id))})

    async def review_photos(self, request: Request) -> Response:
        found = self._product(request.query_params.get("itemId", ""))
        return _success({"results": reviews.photos(self._stock, found, 6)})

    def _product(self, number: str) -> Product:
        found = self._stock.products.get(number)
        if found is None:
            raise HTTPException(404, f"no product {number!r}")
        return found


async def _robots(request: Request) -> Response:
    return Response(robots.WWW, media_type="text/plain")


async def _moved(request: Request) -> Response:
    return RedirectResponse(f"{origins(request)['www']}/products/{request.path_params['number']}", 307)


async def _picture(request: Request) -> Response:
    svg = pictures.draw(f"/{request.path_params['path']}")
    return Response(svg, media_type="image/svg+xml", headers={"cache-control": "max-age=86400"})


def _success(data: Any) -> Response:
    return _json({"result": "SUCCESS", "data": data, "message": None, "errorCode": None})


def _failure(message: str) -> dict[str, Any]:
    return {"result": "FAIL", "data": None, "message": message, "errorCode": "INVALID"}


def _json(body: dict[str, Any], status: int = 200) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), status, media_type="application/json")
