"""The site of the benchmark: the web layer and one view more, with the same middleware."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from web.settings.development import *  # noqa: F403

ROOT_URLCONF = "bench.web_settings"
WSGI_APPLICATION = "bench.web_settings.application"


def rows(request: HttpRequest) -> HttpResponse:
    """The page's own query, its rows joined into one string."""
    from include import settings
    from web import database, queries, views, visitor

    body = visitor.read(request).chosen
    lookup = body.lookup() if body else None
    assert lookup is not None
    wanted = queries.Wanted(order=settings.CATEGORIES, malls=tuple(views.malls()), limit=views.PAGE_SIZE + 1)
    found = database.read(queries.ranking_rows, wanted, lookup)
    assert len(found) == wanted.limit
    return HttpResponse("\n".join(map(str, found)))


urlpatterns = [path("rows", rows), path("", include("web.urls"))]


def application(environ, start_response):  # noqa: ANN001, ANN201
    """Made at the first request: these settings cannot need themselves while they are read."""
    global _application
    if _application is None:
        _application = get_wsgi_application()
    return _application(environ, start_response)


_application = None
