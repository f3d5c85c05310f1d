"""The HTML that every page starts from: almost empty, filled by a small script. No <meta charset>, as on the real one.

Class names are generated at every start of the replica, so that nobody can rely on them: only a readable fragment
(`OptionRow__Container`) stays, as styled components leave it.
"""

from __future__ import annotations

import html
import json
import random
import re
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

_STATIC = Path(__file__).with_name("static")
_FILES = {"mall.css": "text/css", "view.js": "text/javascript", "ranking.js": "text/javascript"} | {
    "product.js": "text/javascript",
    "review.js": "text/javascript",
}
_CLASS = re.compile(r"\.([A-Z][A-Za-z]+__[A-Z][A-Za-z]+)")


class Shell:
    """Pages and static files of one start of the replica."""

    def __init__(self, seed: int | None = None) -> None:
        chance = random.Random(seed)  # None: the system's randomness, another one at every start
        self._build = f"{chance.getrandbits(64):016x}"
        style = (_STATIC / "mall.css").read_text(encoding="utf-8")
        self._classes = {name: _generated(name, chance) for name in sorted(set(_CLASS.findall(style)))}
        self._files = {name: (_STATIC / name).read_text(encoding="utf-8") for name in _FILES}
        self._files["mall.css"] = _CLASS.sub(lambda match: "." + self._classes[match[1]].split()[1], style)

    def page(
        self,
        name: str,
        title: str,
        state: dict[str, Any],
        origins: dict[str, str],
        meta: dict[str, Any] | None = None,
    ) -> Response:
        """The shell of one page. `meta` is the data that the server already knows (product pages only)."""
        page_props = state if meta is None else state | {"meta": {"data": meta}}
        data = {
            "props": {"pageProps": page_props},
            "page": f"/{name}",
            "buildId": self._build,
            "runtimeConfig": {"origins": origins, "classes": self._classes},
        }
        static = f"/_static/{self._build}"
        linked = "" if meta is None else _script("application/ld+json", _linked_data(meta, origins))
        body = (
            f'<!DOCTYPE html><html lang="ko"><head><title>{html.escape(title)}</title>'
            f'<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="{static}/mall.css">'
            f'<link rel="icon" href="data:,">{linked}</head><body><div id="__next"></div>'
            f"{_script('application/json', data, '__NEXT_DATA__')}"
            f'<script src="{static}/view.js"></script><script src="{static}/{name}.js"></script></body></html>'
        )
        return Response(
            body.encode(), headers={"content-type": "text/html; charset=utf-8", "cache-control": "no-store"}
        )

    def static_file(self, name: str) -> Response:
        """A script or the style sheet."""
        if name not in self._files:
            raise HTTPException(404, f"no file {name!r}")
        return Response(
            self._files[name].encode(),
            media_type=_FILES[name],
            headers={"cache-control": "max-age=31536000, immutable"},
        )


def _generated(name: str, chance: random.Random) -> str:
    letters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
    short = "".join(chance.choice(letters) for _ in range(6))
    return f"{name}-sc-{chance.getrandbits(24):06x}-{chance.randrange(20)} {short}"


def _script(kind: str, data: dict[str, Any], identity: str = "") -> str:
    # "<" escaped: a product's name may hold "</script>".
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    named = f' id="{identity}"' if identity else ""
    return f'<script{named} type="{kind}">{text}</script>'


def _linked_data(meta: dict[str, Any], origins: dict[str, str]) -> dict[str, Any]:
    price = (meta["goodsPrice"] or {}).get("finalPrice")
    return {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": meta["goodsNm"],
        "sku": str(meta["goodsNo"]),
        "image": origins["image"] + meta["thumbnailImageUrl"],
        "brand": {"@type": "Brand", "name": (meta["brandInfo"] or {}).get("brandName")},
        "offers": {"@type": "Offer", "priceCurrency": "KRW", "price": price},
    }
