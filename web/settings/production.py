"""Behind TLS. Refuses to start without its own secret and host names."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured

from web.settings.base import *  # noqa: F403

SECRET_KEY = os.environ.get("OTTO_WEB_SECRET", "")
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("OTTO_WEB_SECRET must hold at least 32 random characters")
ALLOWED_HOSTS = [host.strip() for host in os.environ.get("OTTO_WEB_HOSTS", "").split(",") if host.strip()]
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("OTTO_WEB_HOSTS must name the hosts of this site, separated by commas")

# The load balancer ends TLS and says so; health checks come to the process itself over http.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
BEHIND_PROXY = True
REQUESTS_A_MINUTE = int(os.environ.get("OTTO_WEB_REQUESTS_A_MINUTE", "240"))
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True
