"""The entry for gunicorn: `gunicorn web.wsgi`. Production unless DJANGO_SETTINGS_MODULE says otherwise."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application
from django.template import engines

from web.prompt import PromptForms

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "web.settings.production")

application = PromptForms(get_wsgi_application())

# Compiled before the first visitor comes, who would wait a second for it.
for _name in engines["jinja2"].env.list_templates(extensions=["html"]):
    engines["jinja2"].env.get_template(_name)
