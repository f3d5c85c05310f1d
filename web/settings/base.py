"""What development and production share. No database of Django's own: `web.database` reads the published views."""

from __future__ import annotations

import os
from pathlib import Path

from django.utils.csp import CSP

from include import settings as otto
from include.publish import links

BASE = Path(__file__).resolve().parents[1]

SECRET_KEY = os.environ.get("OTTO_WEB_SECRET", "")
DEBUG = False
ALLOWED_HOSTS: list[str] = []
ROOT_URLCONF = "web.urls"
WSGI_APPLICATION = "web.wsgi.application"
APPEND_SLASH = False

INSTALLED_APPS = ["django.contrib.staticfiles", "django_htmx", "web"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "web.middleware.Journal",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "web.middleware.DecentAnswers",
    "django.middleware.locale.LocaleMiddleware",
    "web.middleware.RateLimit",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE / "templates"],
        "OPTIONS": {"environment": "web.jinja.environment"},
    }
]
DATABASES: dict[str, dict[str, object]] = {}

LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", "한국어"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "otto_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
TIME_ZONE = otto.SEOUL
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE / "static"]
# The files are few and lie in the code: they are served from where they are, found once at the start.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600

CSRF_COOKIE_NAME = "otto_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "web.views.expired"
SESSION_COOKIE_SECURE = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024  # the form is some hundred bytes
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20

REQUESTS_A_MINUTE = int(os.environ.get("OTTO_WEB_REQUESTS_A_MINUTE", "0"))  # for each address; 0: no limit
BEHIND_PROXY = False  # whether X-Forwarded-For is our own proxy's word

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "img-src": [CSP.SELF, *links.image_sources(otto.malls())],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "web.logs.JsonLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django.server": {"level": "WARNING"}},
}
