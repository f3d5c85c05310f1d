"""The visitor's bodies in the request's signed cookie."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from web import bodies
from web.bodies import Bodies

_COOKIE = "otto_bodies"
_SALT = "otto.bodies"
_YEAR = 365 * 24 * 3600


def read(request: HttpRequest) -> Bodies:
    """The bodies of the cookie; none where it is absent or was tampered with."""
    return bodies.from_text(request.get_signed_cookie(_COOKIE, default=None, salt=_SALT))


def write(response: HttpResponse, remembered: Bodies) -> None:
    """Remember the bodies, or forget them all."""
    if not remembered.bodies:
        response.delete_cookie(_COOKIE, samesite="Lax")
        return
    response.set_signed_cookie(
        _COOKIE,
        remembered.as_text(),
        salt=_SALT,
        max_age=_YEAR,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
