"""The HTML that every page starts from: almost empty, filled by a small script. No <meta charset>, as on the mall."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from starlette.responses import Response

from local.malls.bundle import Bundle, page, script

_STATIC = Path(__file__).with_name("static")


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
        meta: dict[str, Any] | None = None,
    ) -> Response:
        """The shell of one page. `meta` is the data that the server already knows (product pages only)."""
        page_props = state if meta is None else state | {"meta": {"data": meta}}
        data = {
            "props": {"pageProps": page_props},
            "page": f"/{name}",
            "buildId": self._bundle.build,
            "runtimeConfig": {"origins": origins, "classes": self._bundle.classes},
        }
        linked = "" if meta is None else script("application/ld+json", _linked_data(meta, origins))
        link = self._bundle.link
        return page(
            f'<!DOCTYPE html><html lang="ko"><head><title>{html.escape(title)}</title>'
            f'<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="{link("mall.css")}">'
            f'<link rel="icon" href="data:,">{linked}</head><body><div id="__next"></div>'
            f"{script('application/json', data, '__NEXT_DATA__')}"
            f'<script src="{link("view.js")}"></script><script src="{link(f"{name}.js")}"></script></body></html>'
        )


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
