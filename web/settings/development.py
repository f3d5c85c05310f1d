"""One machine, loopback, plain http."""

from __future__ import annotations

import os

from web.settings.base import *  # noqa: F403

DEBUG = os.environ.get("OTTO_WEB_DEBUG") == "1"
# loopback only: whoever could forge a cookie here could as well type another body into the form
SECRET_KEY = os.environ.get("OTTO_WEB_SECRET") or "for loopback only, production refuses to start without its own"  # noqa: S105
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", ".localhost", "testserver"]
