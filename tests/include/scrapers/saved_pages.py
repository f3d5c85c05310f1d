"""Folders of saved pages (with invented data), and what a mall's readers make of them.

`meta.json` names what reads the pages and each file's address, status and, for a POST, request body; for reviews it may
say what is known of the product. `expected.json` lists the records in order, with the fields that the case is about; a
refusal is written as its reason code under `refused`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from include.scrapers.captures import Capture, Stored
from include.scrapers.records import Product, Refusal, Source
from include.scrapers.sites import SITES
from include.settings import Mall

PAGES = Path(__file__).parents[2] / "pages"
DAY = date(2026, 11, 20)
MOMENT = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)


def stored(capture: Capture, line: int = 1) -> Stored:
    """A capture with its place in the lake."""
    return Stored(capture, Source(MOMENT, "raw/key.jsonl.gz", line))


def saved_page(case: Path) -> tuple[dict[str, Any], list[Stored]]:
    """A case's meta data and its captures."""
    meta = json.loads((case / "meta.json").read_text(encoding="utf-8"))
    found = []
    for line, page in enumerate(meta["pages"], start=1):
        body = (case / page["file"]).read_text(encoding="utf-8")
        asked = json.dumps(page["request_body"]) if "request_body" in page else None
        found.append(stored(Capture(meta["reads"], page["url"], page["status"], MOMENT, body, asked), line))
    return meta, found


def read(meta: dict[str, Any], captures: list[Stored], mall: Mall) -> list[Any]:
    """All that a case's reader makes of its captures."""
    site = SITES[mall.name]
    if meta["reads"] == "ranking":
        return list(site.read_ranking(captures, mall, meta["category"], DAY))
    if meta["reads"] == "product":
        return [site.read_product(captures, mall, meta["product_id"], DAY)]
    known = _product(meta) if "product" in meta else None
    found = site.read_reviews(captures, mall, meta["product_id"], DAY, known)
    return [*found.reviews, *found.siblings]


def plain(record: Any) -> dict[str, Any]:
    """A record as the JSON of expected.json writes it."""
    written = {name: value if _is_plain(value) else str(value) for name, value in asdict(record).items()}
    return written | {"refused": record.reason_code} if isinstance(record, Refusal) else written


def _product(meta: dict[str, Any]) -> Product:
    """A product of which only what the case says is known."""
    known = dict.fromkeys((field.name for field in fields(Product)), None) | {"product_id": meta["product_id"]}
    return Product(**known | meta["product"])  # type: ignore[arg-type]


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float))
