"""The HTML of every page, as a server of this kind streams it: little markup, and a payload in pushed rows.

Each row is `number:JSON`, and the rows come in chunks that break anywhere. A reader must look for the fields that it
knows, for the numbers and the order of the rows mean nothing.
"""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

from starlette.responses import Response

from local.malls.bundle import Bundle, page, script

_STATIC = Path(__file__).with_name("static")
_CHUNK = 700


class Shell:
    """Pages and static files of one start of the replica."""

    def __init__(self, seed: int | None = None) -> None:
        self._bundle = Bundle(_STATIC, seed)
        self.static_file = self._bundle.file

    def page(
        self,
        name: str,
        title: str,
        state: dict[str, Any],
        origins: dict[str, str],
        linked: dict[str, Any] | None = None,
    ) -> Response:
        """One page: its state in the payload, and JSON-LD where there is some."""
        rows = (
            '1:"$Sreact.fragment"',
            f'2:I[4707,["{self._bundle.build}"],""]',
            f"5:{_text([['$', '$L2', None, {'origins': origins, 'classes': self._bundle.classes}]])}",
            f"7:{_text(['$', 'main', None, {'page': name, 'state': state, 'children': '$undefined'}])}",
        )
        stream = "\n".join(rows) + "\n"
        pushes = "".join(_push(stream[start : start + _CHUNK]) for start in range(0, len(stream), _CHUNK))
        link = self._bundle.link
        return page(
            f'<!DOCTYPE html><html lang="ko"><head><title>{html.escape(title)}</title>'
            f'<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="{link("mall.css")}">'
            f'<link rel="icon" href="data:,">{script("application/ld+json", linked) if linked else ""}</head>'
            f'<body><div id="root"></div><script>(self.__next_f=self.__next_f||[]).push([0])</script>{pushes}'
            f'<script src="{link("view.js")}"></script><script src="{link(f"{name}.js")}"></script></body></html>'
        )


def _push(chunk: str) -> str:
    text = json.dumps(chunk, ensure_ascii=False).replace("<", "\\u003c")  # a product's name may hold "</script>"
    return f"<script>self.__next_f.push([1,{text}])</script>"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
