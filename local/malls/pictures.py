"""Placeholder pictures: a plain silhouette in a colour of its own for each product, drawn when asked for."""

from __future__ import annotations

import html
import re
import zlib

_SHAPES = {
    "tops": "M150 110l50-30q50 30 100 0l50 30 60 90-55 35-25-35v220H170V200l-25 35-55-35z",
    "outer": "M150 100l55-25q45 25 90 0l55 25 50 260-55 12-25-150v210H180V222l-25 150-55-12zM250 100v332",
    "bottoms": "M165 80h170l35 360h-85l-35-250-35 250h-85z",
    "other": "M150 150h200v200H150zM190 150q60-90 120 0",
}
_PLAUSIBLE_ID = re.compile(r"[0-9A-Za-z_-]{1,40}")


def draw(path: str) -> str:
    """The picture at a path such as /images/goods_img/tops/123.svg (without the suffix). Any path has one."""
    kind, _, name = path.rpartition("/")
    kind = kind.rpartition("/")[2]
    shape = _SHAPES.get(kind, _SHAPES["other"])
    seed = zlib.crc32(path.encode())
    hue, light = seed % 360, 34 + seed // 360 % 34
    label = html.escape(name) if _PLAUSIBLE_ID.fullmatch(name) else ""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 500 500" width="500" height="500">'
        f'<rect width="500" height="500" fill="hsl({hue} 18% 94%)"/>'
        f'<path d="{shape}" fill="hsl({hue} 28% {light}%)" stroke="hsl({hue} 30% {light - 14}%)" stroke-width="5" '
        'stroke-linejoin="round"/>'
        f'<text x="250" y="478" font-family="sans-serif" font-size="20" fill="#999" text-anchor="middle">'
        f"{label}</text></svg>"
    )
