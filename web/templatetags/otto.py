"""How templates speak: `{% say "key" n=3 %}`, `{{ value|word:language }}`, and the addresses of static files."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from web import words

register = template.Library()


@register.simple_tag(takes_context=True)
def say(context: dict[str, Any], key: str, **values: object) -> SafeString:
    """A sentence in the visitor's language, its values escaped."""
    safe = {name: conditional_escape(value) for name, value in values.items()}
    return mark_safe(words.say(context["request"].LANGUAGE_CODE, key, **safe))  # noqa: S308 (our own sentences)


@register.simple_tag(takes_context=True)
def word(context: dict[str, Any], key: str) -> str:
    """The visitor's word for a value of the data."""
    return words.word(context["request"].LANGUAGE_CODE, key or "")


@register.simple_tag
@cache
def asset(name: str) -> str:
    """A static file's address with its content's mark, so that a new version is fetched at once."""
    found = finders.find(name)
    if found is None:
        raise FileNotFoundError(f"static file {name}")
    with open(found, "rb") as file:  # noqa: PTH123 (finders give text)
        return f"{static(name)}?v={hashlib.sha256(file.read()).hexdigest()[:10]}"
