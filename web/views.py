"""The pages: what was asked, one question to the database, one template. No business rule lives here."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST, require_safe

from include import settings
from web import cards, database, queries, size_map, tabs, visitor
from web.bodies import GENDERS, GRID_HEIGHT_CM, GRID_WEIGHT_KG, WISHES, AbsurdBody, Bodies, from_form
from web.queries import Listed, Release, Wanted
from web.statements import SORTS
from web.states import state_page

PAGE_SIZE = 40
STALE_DAYS = 2

malls = cache(settings.malls)  # the settings of one process do not change


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The form and one ranking."""
    return _home(request, visitor.read(request))


@require_POST
def save_body(request: HttpRequest) -> HttpResponse:
    """Remember what the form says; the answer is a redirect, so that a reload sends nothing again."""
    remembered = visitor.read(request)
    another = "another" in request.POST
    liked = remembered.chosen.wish if remembered.chosen and not another else "regular"
    try:
        body = from_form(request.POST, liked)
    except AbsurdBody as absurd:
        return _home(request, remembered, absurd)
    return _back(request, remembered.with_body(body, another))


@require_POST
def choose_wish(request: HttpRequest) -> HttpResponse:
    """How the chosen body likes its clothes: tight, regular or loose."""
    return _back(request, visitor.read(request).wishing(request.POST.get("wish", "")))


@require_POST
def choose_body(request: HttpRequest) -> HttpResponse:
    """Show the sizes of another remembered body."""
    return _back(request, visitor.read(request).choose(_place(request)))


@require_POST
def forget_body(request: HttpRequest) -> HttpResponse:
    """Forget one body."""
    return _back(request, visitor.read(request).without(_place(request)))


@require_safe
def product(request: HttpRequest, mall: str, product_id: str) -> HttpResponse:
    """One product with its size map."""
    remembered = visitor.read(request)
    body = remembered.chosen
    page = database.read(
        queries.product_page,
        mall=mall,
        product_id=product_id,
        gender=body.gender if body else "unknown",
        lookup=body.lookup() if body else None,
    )
    if page is None:
        return state_page(request, "no_release", retry_after=60)
    if page.product is None:
        return state_page(request, "unknown_product")
    language = request.LANGUAGE_CODE
    weights = range(GRID_WEIGHT_KG[0] + 5, GRID_WEIGHT_KG[1] + 1, 10)
    heights = range(GRID_HEIGHT_CM[1] - 5, GRID_HEIGHT_CM[0] - 1, -5)
    values = {
        "page": page,
        "card": cards.card(Listed(None, page.product, page.band), body, malls(), language),
        "map": size_map.draw(page.cells, page.product.size_run or (), body),
        "map_table": size_map.table(page.cells, heights, weights),
        "map_weights": weights,
        "here": cards.body_line(body, language) if body else "",
        "chart": _chart(page.size_chart),
        "sold_out": page.product.sold_out or (),
        "fit_share": round((page.product.fit_share or 0) * 100),
        "same_brand": cards.same_brand(page.same_brand),
    }
    return render(request, "otto/product.html", _frame(request, page.release, remembered) | values)


@require_safe
def status(request: HttpRequest) -> JsonResponse:
    """The live release as JSON."""
    release = database.read(queries.live_release)
    if release is None:
        return JsonResponse({"release": None, "stale": False})
    return JsonResponse({"release": {"state": "live"} | release._asdict(), "stale": _stale(release)})


@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_GET
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers too."""
    release = database.read(queries.live_release)
    return HttpResponse("ready\n" if release else "ready, no release yet\n", content_type="text/plain")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No such address."""
    return state_page(request, "not_found")


def error(request: HttpRequest) -> HttpResponse:
    """A fault of ours."""
    return state_page(request, "error")


def expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is missing or old."""
    return state_page(request, "expired")


def _home(request: HttpRequest, remembered: Bodies, absurd: AbsurdBody | None = None) -> HttpResponse:
    body = remembered.chosen
    number = _page_number(request.GET.get("page"))
    wanted = _wanted(request, number)
    found = database.read(queries.ranking, wanted, body.lookup() if body else None)
    if found is None:
        return state_page(request, "no_release", retry_after=60)
    values = {
        "found": found,
        "cards": [cards.card(item, body, malls(), request.LANGUAGE_CODE) for item in found.items[:PAGE_SIZE]],
        "wanted": wanted,
        "sorts": SORTS,
        "faults": absurd.faults if absurd else (),
        "entered": {name: request.POST.get(name, "") for name in ("height", "weight")} if absurd else None,
        "mall_tabs": tabs.malls(found, wanted, request.GET),
        "category_tabs": tabs.categories(found, wanted, request.GET, settings.CATEGORIES),
        "before": tabs.address(request.GET, page=number - 1) if number > 1 else "",
        "after": tabs.address(request.GET, page=number + 1) if len(found.items) > PAGE_SIZE else "",
        "toggled": tabs.address(request.GET, answered=None if wanted.answered_only else "1", page=None),
        "searched_not": tabs.address(request.GET, q=None, page=None),
        "narrowed": [(key, request.GET[key]) for key in ("mall", "category", "q", "answered") if key in request.GET],
        "mixed": bool(wanted.search) and len({item.product.mall for item in found.items}) > 1,
    }
    frame = _frame(request, found.release, remembered)
    return render(request, "otto/home.html", frame | values, status=400 if absurd else 200)


def _wanted(request: HttpRequest, number: int) -> Wanted:
    sort = request.GET.get("sort", "rank")
    return Wanted(
        mall=request.GET.get("mall") or None,
        category=request.GET.get("category") or None,
        order=settings.CATEGORIES,
        malls=tuple(malls()),
        search="".join(sign for sign in request.GET.get("q", "")[:60] if sign.isprintable()).strip(),
        sort=sort if sort in SORTS else "rank",
        answered_only="answered" in request.GET,
        limit=PAGE_SIZE + 1,  # one more tells whether there is a next page
        offset=(number - 1) * PAGE_SIZE,
    )


def _frame(request: HttpRequest, release: Release, remembered: Bodies) -> dict[str, object]:
    return {
        "release": release,
        "stale": _stale(release),
        "body": remembered.chosen,
        "people": cards.people(remembered, request.LANGUAGE_CODE),
        "on_grid": remembered.chosen is not None and remembered.chosen.lookup() is not None,
        "entered": None,
        "faults": (),
        "genders": GENDERS,
        "wishes": WISHES,
        "chosen_gender": request.POST.get("gender") or (remembered.chosen.gender if remembered.chosen else "unknown"),
    }


def _stale(release: Release) -> bool:
    return (datetime.now(ZoneInfo(settings.SEOUL)).date() - release.run_date).days > STALE_DAYS


def _back(request: HttpRequest, remembered: Bodies) -> HttpResponse:
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = "/"
    response = HttpResponseRedirect(target)
    response.status_code = 303
    visitor.write(response, remembered)
    return response


def _place(request: HttpRequest) -> int:
    text = request.POST.get("at", "")
    return int(text) if text.isdecimal() and len(text) < 3 else -1


def _page_number(text: str | None) -> int:
    return min(max(int(text), 1), 1000) if text and text.isdecimal() and len(text) < 6 else 1


def _chart(chart: list[dict] | None) -> dict[str, list] | None:
    """A size chart as head and lines; parts in the order in which the mall first names them."""
    if not chart:
        return None
    parts = list(dict.fromkeys(part for line in chart for part in line.get("parts", {})))
    lines = [(line.get("label", ""), [line.get("parts", {}).get(part, "") for part in parts]) for line in chart]
    return {"parts": parts, "lines": lines}
