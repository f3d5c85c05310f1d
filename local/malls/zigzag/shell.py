"""The HTML that every page starts from: almost empty, filled by a small script. Nothing readable in the class names."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from starlette.responses import Response

from local.malls.bundle import Bundle, emotion, page, script

_STATIC = Path(__file__).with_name("static")


class Shell:
    """Pages and static files of one start of the replica."""

    def __init__(self, seed: int | None = None) -> None:
        self._bundle = Bundle(_STATIC, seed, named=emotion)
        self.static_file = self._bundle.file

    def page(self, name: str, title: str, state: dict[str, Any], origins: dict[str, str]) -> Response:
        """The shell of one page; `state` is what the server already knows."""
        data = {
            "props": {"pageProps": state},
            "page": f"/{name}",
            "buildId": self._bundle.build,
            "runtimeConfig": {"origins": origins, "classes": self._bundle.classes},
        }

        def link(name: str) -> str:
            return origins["static"] + self._bundle.link(name)

        return page(
            f'<!DOCTYPE html><html lang="ko"><head><title>{html.escape(title)}</title>'
            f'<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="{link("mall.css")}">'
            f'<link rel="icon" href="data:,"></head><body><div id="__next"></div>'
            f"{script('application/json', data, '__NEXT_DATA__')}"
            f'<script src="{link("view.js")}"></script><script src="{link(f"{name}.js")}"></script></body></html>'
        )
