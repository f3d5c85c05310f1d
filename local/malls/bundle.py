"""The scripts and the style of a replica's pages, as one start of it serves them.

Class names are generated at every start, so that nobody can rely on them: styled components leave a readable fragment
(`OptionRow__Container`), emotion leaves none (`css-1jo7xgn eimmef70`). A mall's static folder holds mall.css, view.js
(what its pages share; static/page.js is served behind it) and one script a page.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

_SHARED = Path(__file__).with_name("static") / "page.js"
_TYPES = {".css": "text/css", ".js": "text/javascript"}
_CLASS = re.compile(r"\.([A-Z][A-Za-z]+__[A-Z][A-Za-z]+)")


class Bundle:
    """The static files of one start."""

    def __init__(
        self, folder: Path, seed: int | None = None, named: Callable[[str, random.Random], str] | None = None
    ) -> None:
        chance = random.Random(seed)  # None: the system's randomness, another one at every start
        self.build = f"{chance.getrandbits(64):016x}"
        self._files = {
            path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.suffix in _TYPES
        }
        style = self._files["mall.css"]
        self.classes = {name: (named or styled)(name, chance) for name in sorted(set(_CLASS.findall(style)))}
        self._files["mall.css"] = _CLASS.sub(lambda match: "." + self.classes[match[1]].split()[1], style)
        self._files["view.js"] += "\n" + _SHARED.read_text(encoding="utf-8")

    def link(self, name: str) -> str:
        """The address of a file."""
        return f"/_static/{self.build}/{name}"

    def file(self, name: str) -> Response:
        """A script or the style sheet."""
        if name not in self._files:
            raise HTTPException(404, f"no file {name!r}")
        return Response(
            self._files[name].encode(),
            media_type=_TYPES[Path(name).suffix],
            headers={"cache-control": "max-age=31536000, immutable"},
        )


def script(kind: str, data: Any, identity: str = "") -> str:
    """JSON inside a document. "<" is escaped: a product's name may hold "</script>"."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    named = f' id="{identity}"' if identity else ""
    return f'<script{named} type="{kind}">{text}</script>'


def page(html: str) -> Response:
    """A document. The header says UTF-8; no <meta charset>, as on the real malls."""
    return Response(html.encode(), headers={"content-type": "text/html; charset=utf-8", "cache-control": "no-store"})


def styled(name: str, chance: random.Random) -> str:
    """Class names as styled components make them."""
    letters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
    short = "".join(chance.choice(letters) for _ in range(6))
    return f"{name}-sc-{chance.getrandbits(24):06x}-{chance.randrange(20)} {short}"


def emotion(name: str, chance: random.Random) -> str:
    """Class names as emotion makes them: nothing of the name is left."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    hashed, target = ("".join(chance.choice(letters) for _ in range(length)) for length in (7, 6))
    return f"css-{hashed} e{target}{chance.randrange(20)}"
