"""The API: `uvicorn api.app:app`. Answers are built from rows by hand; the shapes document them.

Every answer is of one release and says which; its ETag is the release, so that an unchanged release costs a reader
nothing but the question.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import FastAPI, HTTPException, Query, Request, Response

from api import problems
from api.journal import Journal
from api.limits import BoundedRequests
from api.problems import NoRelease
from api.shapes import Category, Key, LiveRelease, OneProduct, ProductList, Question, Sizes
from web import database, queries
from web.bodies import Body
from web.queries import Product, Release

app = FastAPI(
    title="Otto sizes",
    version="1",
    summary="Which size of a garment fits a body, from what buyers wrote.",
    docs_url=None,  # the documentation pages of the framework load scripts from elsewhere
    redoc_url=None,
    openapi_url="/v1/openapi.json",
)
app.add_middleware(BoundedRequests)
app.add_middleware(Journal)
problems.install(app)

type Documented = dict[int | str, dict[str, Any]]

_AWAY: Documented = {503: problems.documented("no release yet, or the database is away")}
_SHAPE: Documented = {422: problems.documented("not the documented shape")}
_FRESH: Documented = {304: {"description": "the release named in If-None-Match is still live"}}
_UNKNOWN: Documented = {404: problems.documented("the live release has no such product")}
_UNREADABLE: Documented = {400: problems.documented("the body is no text in UTF-8")}
_LARGE: Documented = {413: problems.documented("larger than 64 kB")}


@app.get("/healthz", include_in_schema=False)
def healthz() -> Response:
    """This process answers."""
    return Response("ok\n", media_type="text/plain")


@app.get("/readyz", include_in_schema=False)
def readyz() -> Response:
    """The database answers too; 503 where it does not."""
    found = database.read(queries.live_release)
    return Response("ready\n" if found else "ready, no release yet\n", media_type="text/plain")


@app.get("/v1/release", responses=_AWAY | _FRESH, response_model=LiveRelease)
def release(request: Request) -> Response:
    """The live release."""
    live = _live(database.read(queries.live_release))
    # gone back to, a release is live from another moment on
    return _answer(request, f"{live.release_id}-{live.live_from:%Y%m%d%H%M%S}", live._asdict())


@app.get("/v1/products", responses=_AWAY | _SHAPE | _FRESH, response_model=ProductList)
def products(
    request: Request,
    mall: Annotated[Key | None, Query(description="only this mall's")] = None,
    category: Annotated[Category | None, Query(description="only this category")] = None,
    after: Annotated[str, Query(description="mall/product_id of the last product seen", max_length=130)] = "/",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """All products of the live release, page by page, in the order of their key."""
    last_mall, _, last_id = after.replace("\x00", "").partition("/")
    found = database.read(queries.products, after=(last_mall, last_id), mall=mall, category=category, limit=limit)
    if found is None:
        raise NoRelease
    live, rows = found
    following = None
    if len(rows) == limit:
        asked = {"mall": mall, "category": category, "limit": limit, "after": f"{rows[-1].mall}/{rows[-1].product_id}"}
        following = "/v1/products?" + urlencode({key: value for key, value in asked.items() if value is not None})
    listed = [_product(row) for row in rows]
    return _answer(request, live.release_id, {"release_id": live.release_id, "products": listed, "next": following})


@app.get("/v1/products/{mall}/{product_id}", responses=_AWAY | _UNKNOWN | _SHAPE | _FRESH, response_model=OneProduct)
def product(request: Request, mall: Key, product_id: Key) -> Response:
    """One product of the live release."""
    page = database.read(queries.product_page, mall=mall, product_id=product_id, gender="none", lookup=None)
    if page is None:
        raise NoRelease
    if page.product is None:
        raise HTTPException(404, "The live release has no such product.")
    body = {
        "release_id": page.release.release_id,
        "product": _product(page.product),
        "size_chart": page.size_chart,
        "ranks": [{"category": category, "rank": rank} for category, rank in page.ranks],
    }
    return _answer(request, page.release.release_id, body)


@app.post("/v1/sizes", responses=_AWAY | _UNREADABLE | _SHAPE | _LARGE, response_model=Sizes)
def sizes(question: Question) -> Response:
    """The size of each product for one body. An unknown product is an answer of its own, no error for the rest."""
    lookup = Body(question.height_cm, question.weight_kg, question.gender).lookup()
    rows = database.read(
        queries.sizes,
        malls=[asked.mall for asked in question.products],
        product_ids=[asked.product_id for asked in question.products],
        lookup=lookup,
    )
    if not rows:
        raise NoRelease
    answers = [
        _size(asked.mall, asked.product_id, row, lookup is None)
        for asked, row in zip(question.products, rows, strict=True)
    ]
    return Response(_json({"release_id": rows[0][0], "sizes": answers}), media_type="application/json")


def _size(mall: str, product_id: str, row: tuple[Any, ...], outside: bool) -> dict[str, Any]:
    release_id, known, gender, state, size, probability, runner_up, second, reviews = row
    if not known:
        state = "unknown_product"
    elif outside:
        state = "outside_grid"
    return {
        "mall": mall,
        "product_id": product_id,
        "state": state or "no_evidence",
        "size": size,
        "probability": probability,
        "runner_up": runner_up,
        "runner_up_probability": second,
        "reviews": reviews,
        "table_gender": gender,
        "release_id": release_id,
    }


def _live(live: Release | None) -> Release:
    if live is None:
        raise NoRelease
    return live


def _product(row: Product) -> dict[str, Any]:
    return row._asdict()


def _answer(request: Request, release: int | str, body: dict[str, Any]) -> Response:
    """The body with the release as its ETag, or 304 where the reader has it already."""
    tag = f'W/"release-{release}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    known = {each.strip() for each in request.headers.get("if-none-match", "").split(",")}
    if tag in known or tag.removeprefix("W/") in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(_json(body), headers=headers, media_type="application/json")


def _json(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in an answer")
