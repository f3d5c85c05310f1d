"""The hosts of the replica and what each answers; addresses and parameters as the real mall has them."""

from __future__ import annotations

import json
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from local.malls import pictures
from local.malls.faults import Faults
from local.malls.goods import Product, Stock
from local.malls.zigzag import marks, robots
from local.malls.zigzag import product as goods
from local.malls.zigzag.addresses import ADDRESSES
from local.malls.zigzag.graphql import Api
from local.malls.zigzag.shell import Shell


def hosts(stock: Stock, faults: Faults) -> dict[str, Starlette]:
    """One application for each host name."""
    mall = _Mall(stock, Shell(), Api(stock, faults, marks.draw()))
    routes = {
        "www": [
            Route("/robots.txt", _robots),
            Route("/categories/{number}", mall.list_page),
            Route("/catalog/products/{number}", mall.product_page),
            Route("/review/list/{number}", mall.review_page),
        ],
        "static": [Route("/_static/{build}/{name}", mall.static_file)],
        "api": [
            Route("/api/2/graphql/batch/{operation}", mall.batch, methods=["POST"]),
            Route("/api/2/graphql/{operation}", mall.single, methods=["POST"]),
        ],
        "image": [Route("/{path:path}.svg", mall.picture)],
    }
    return {ADDRESSES.host(role): Starlette(routes=routes[role]) for role in ADDRESSES.roles}


class _Mall:
    """The endpoints over one stock."""

    def __init__(self, stock: Stock, shell: Shell, api: Api) -> None:
        self._stock, self._shell, self._api = stock, shell, api

    async def list_page(self, request: Request) -> Response:
        query = request.query_params
        state = {
            "category_id": query.get("middle_category_id", ""),
            "sort": query.get("sort", "200"),
            "title": query.get("title", "의류"),
        }
        return self._shell.page("categories", "지그재그 카테고리", state, _origins(request))

    async def product_page(self, request: Request) -> Response:
        product = self._product(request)
        state = {
            "product": goods.embedded(product, _origins(request)["image"]),
            "tab": request.query_params.get("tab", "detail"),
            "has_size_tab": goods.has_size_tab(product),
        }
        return self._shell.page("product", product.name, state, _origins(request))

    async def review_page(self, request: Request) -> Response:
        product = self._product(request)
        state = {"product_id": product.product_id, "name": product.name}
        return self._shell.page("review", f"{product.name} 리뷰", state, _origins(request))

    async def static_file(self, request: Request) -> Response:
        return self._shell.static_file(request.path_params["name"])

    async def single(self, request: Request) -> Response:
        asked = await _json_of(request)
        return _json(self._api.answer(request.path_params["operation"], asked, _origins(request)["image"]))

    async def batch(self, request: Request) -> Response:
        asked, operation = await _json_of(request), request.path_params["operation"]
        if not isinstance(asked, list) or not asked:
            raise HTTPException(400, "a batch is an array of operations")
        image = _origins(request)["image"]
        return _json([self._api.answer(operation, one, image) for one in asked])

    async def picture(self, request: Request) -> Response:
        svg = pictures.draw(f"/{request.path_params['path']}")
        return Response(svg, media_type="image/svg+xml", headers={"cache-control": "max-age=86400"})

    def _product(self, request: Request) -> Product:
        found = self._stock.products.get(request.path_params["number"])
        if found is None:
            raise HTTPException(404, "no such product")
        return found


def _origins(request: Request) -> dict[str, str]:
    """The replica's hosts with the port under which this request reached it."""
    return {role: ADDRESSES.origin(role, request.url.port) for role in ADDRESSES.roles}


async def _robots(request: Request) -> Response:
    return PlainTextResponse(robots.WWW)


async def _json_of(request: Request) -> Any:
    try:
        return json.loads(await request.body())
    except ValueError as error:
        raise HTTPException(400, "the body is no JSON") from error


def _json(body: Any) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), media_type="application/json")
