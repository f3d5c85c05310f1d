"""Scraped text as it may be shown: nothing that controls, hides, or turns the direction of writing.

Markup is left as it is: whoever shows a text escapes it. What is taken out here would otherwise act on text around it
(a right-to-left override in a product's name turns the price behind it), look like nothing, or be refused by PostgreSQL
(NUL, half of a surrogate pair), which would fail the whole release for one mall's page.
"""

from __future__ import annotations

import re
from typing import Any

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# soft hyphen, direction marks, embeddings, overrides and isolates, zero-width characters but the joiners (they make
# one emoji of several), annotations, halves of pairs, tags
_UNSEEN = re.compile(
    r"[\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    r"\U000e0000-\U000e007f]+"
)


def plain(text: str) -> str:
    """The text to show: a control character or line break is a space, what cannot be seen is gone."""
    return _UNSEEN.sub("", _BREAKS.sub(" ", text)).strip()


def plain_json(value: Any) -> Any:
    """The same for every text of a JSON value, keys too."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, list):
        return [plain_json(each) for each in value]
    if isinstance(value, dict):
        return {plain(str(key)): plain_json(each) for key, each in value.items()}
    return value
