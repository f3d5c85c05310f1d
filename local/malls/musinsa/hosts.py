"""The hosts of the replica and what each answers; URLs and parameters as the real mall has them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from local.malls import pictures
from local.malls.faults import Faults
from local.malls.goods import Product, Review, Stock
from local.malls.musinsa import product as goods
from local.malls.musinsa import ranking, reviews, robots
from local.malls.musinsa.addresses import DOMAIN, ROLES
from local.malls.musinsa.shell import Shell

# A page code that the mall does not know is silently replaced by this section and category.
_NEW_SECTION, _ALL_CODE = "200", "000"


def origins(request: Request) -> dict[str, str]:
    """The replica's hosts with the port under which this request reached it."""
    port = f":{request.url.port}" if request.url.port else ""
    return {role: f"http://{role}.{DOMAIN}{port}" for role in ROLES}


def hosts(stock: Stock, faults: Faults) -> dict[str, Starlette]:
    """One application for each host name."""
    mall = _Mall(stock, faults, Shell())
    routes = {
        "www": [
            Route("/robots.txt", _text(robots.WWW)),
            Route("/main/musinsa/ranking", mall.ranking_page),
            Route("/products/{number}", mall.product_page),
            Route("/app/goods/{number}", _moved),
            Route("/goods/{number}", _moved),
            Route("/review/goods/{number}", mall.review_page),
            Route("/_static/{build}/{name}", mall.static_file),
        ],
        "api": [
            Route("/api2/hm/web/v5/pans/ranking", mall.ranking_frame),
            Route("/api2/hm/web/v5/pans/ranking/sections/{section}", mall.ranking_json),
        ],
        "client": [
            Route("/api/home/web/v5/pans/ranking", mall.ranking_frame),
            Route("/api/home/web/v5/pans/ranking/sections/{section}", mall.ranking_json),
        ],
        "goods": [
            Route("/api2/review/v1/view/list", mall.review_list),
            Route("/api2/review/v1/view/list/count", mall.review_count),
            Route("/api2/review/v1/goods/{number}/reviews/summary", mall.review_summary),
            Route("/api2/review/v2/view/similar-list", mall.similar_list),
        ],
        "goods-detail": [
            Route("/robots.txt", _text(robots.GOODS_DETAIL)),
            Route("/api2/goods/{number}", mall.product_json),
            Route("/api2/goods/{number}/options", mall.options),
            Route("/api2/goods/{number}/options/v2/prioritized-inventories", mall.inventories, methods=["POST"]),
            Route("/api2/goods/{number}/actual-size", mall.actual_size),
        ],
        "image": [Route("/{path:path}.svg", mall.picture)],
    }
    return {f"{role}.{DOMAIN}": Starlette(routes=routes[role]) for role in ROLES}


class _Mall:
    """The endpoints over one stock."""

    def __init__(self, stock: Stock, faults: Faults, shell: Shell) -> None:
        self._stock, self._faults, self._shell = stock, faults, shell
        self._low_first: dict[str, Sequence[Review]] = {}

    async def ranking_page(self, request: Request) -> Response:
        asked = request.query_params.get("categoryCode", "")
        section = request.query_params.get("sectionId", "199")
        if len(asked) == 6 and ranking.known_code(self._stock, asked):
            code = asked[:3] if asked.endswith("000") else asked
        else:
            section, code = _NEW_SECTION, _ALL_CODE
        gender = request.query_params.get("gf", "A")
        state = {"sectionId": section, "categoryCode": code, "gf": gender}
        return self._shell.page("ranking", "무신사 랭킹", state, origins(request))

    async def product_page(self, request: Request) -> Response:
        product = self._product(request.path_params["number"])
        data = goods.description(self._stock, product)
        state = {"goodsNo": product.product_id}
        return self._shell.page("product", product.name, state, origins(request), meta=data)

    async def review_page(self, request: Request) -> Response:
        product = self._product(request.path_params["number"])
        sort = request.query_params.get("sort", reviews.USEFUL)
        state = {"goodsNo": product.product_id, "sort": sort}
        return self._shell.page("review", f"{product.name} 후기", state, origins(request))

    async def static_file(self, request: Request) -> Response:
        return self._shell.static_file(request.path_params["name"])

    async def ranking_frame(self, request: Request) -> Response:
        return _json(ranking.container(self._stock, request.query_params.get("categoryCode", "")))

    async def ranking_json(self, request: Request) -> Response:
        query = {"page": "1", "startRank": "1", "offset": "0", "categoryCode": _ALL_CODE, **request.query_params}
        code = ranking.known_code(self._stock, query["categoryCode"]) or "000000"
        if not (query["page"].isdigit() and query["offset"].isdigit()):
            raise HTTPException(400, "page and offset are numbers")
        ids = [] if self._faults.ranking_is_empty(code) else self._stock.rankings[code]
        base = f"{origins(request)[_role(request)]}{request.url.path}"
        return _json(ranking.answer(self._stock, ids, query, base, origins(request)))

    async def review_list(self, request: Request) -> Response:
        query = request.query_params
        page, size = query.get("page", "0"), query.get("pageSize", "10")
        if not (page.isdigit() and size.isdigit() and 1 <= int(size) <= reviews.PAGE_LIMIT):
            return _json(_failure(f"pageSize must be at most {reviews.PAGE_LIMIT}"), 400)
        product = self._product(query.get("goodsNo", ""))
        ordered = self._reviews(product, query.get("sort", reviews.USEFUL))
        return _json(reviews.answer(self._stock, ordered, int(page), int(size)))

    async def review_count(self, request: Request) -> Response:
        product = self._product(request.query_params.get("goodsNo", ""))
        return _success({"count": len(self._reviews(product, reviews.USEFUL))})

    async def review_summary(self, request: Request) -> Response:
        product = self._product(request.path_params["number"])
        return _success(reviews.summary(self._reviews(product, reviews.USEFUL)))

    async def similar_list(self, request: Request) -> Response:
        product = self._product(request.query_params.get("goodsNo", ""))
        return _success(reviews.similar(self._stock, product, origins(request)))

    async def product_json(self, request: Request) -> Response:
        return _success(goods.description(self._stock, self._product(request.path_params["number"])))

    async def options(self, request: Request) -> Response:
        return _success(goods.options(self._product(request.path_params["number"])))

    async def inventories(self, request: Request) -> Response:
        product = self._product(request.path_params["number"])
        try:
            asked = {int(number) for number in (await request.json())["optionValueNos"]}
        except (ValueError, TypeError, KeyError):
            return _json(_failure("optionValueNos must be a list of numbers"), 400)
        return _success(goods.inventories(product, asked))

    async def actual_size(self, request: Request) -> Response:
        return _success(goods.actual_size(self._product(request.path_params["number"])))

    async def picture(self, request: Request) -> Response:
        svg = pictures.draw(f"/{request.path_params['path']}")
        return Response(svg, media_type="image/svg+xml", headers={"cache-control": "max-age=86400"})

    def _product(self, number: str) -> Product:
        product = self._stock.products.get(number)
        if product is None:
            raise HTTPException(404, f"no product {number!r}")
        return product

    def _reviews(self, product: Product, sort: str) -> Sequence[Review]:
        if self._faults.has_no_reviews(product.product_id):
            return ()
        useful = self._stock.reviews_of(product.product_id)
        if sort != reviews.LOW_RATING:
            return useful
        return self._low_first.setdefault(product.group, reviews.in_order(useful, sort))


def _role(request: Request) -> str:
    return (request.url.hostname or "").removesuffix(f".{DOMAIN}")


async def _moved(request: Request) -> Response:
    return RedirectResponse(f"/products/{request.path_params['number']}", 308)


def _text(body: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return Response(body, media_type="text/plain")

    return endpoint


def _success(data: Any) -> Response:
    return _json({"data": data, "meta": {"result": "SUCCESS"}})


def _failure(message: str) -> dict[str, Any]:
    return {"data": None, "meta": {"result": "FAIL", "message": message}}


def _json(body: dict[str, Any], status: int = 200) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), status, media_type="application/json")
