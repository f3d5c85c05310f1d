"""What a faithful scraper makes of the generated 29CM, and what was staged, in the same words."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from include.lake import Lake, manifest_key, quarantine_folder
from local.malls.catalogue import Catalogue
from local.malls.cm29.codes import MIDDLE, RANKED

_LISTS = ("size_options", "size_run", "sold_out")


def staged(lake: Lake, entity: str, day: date) -> list[dict[str, Any]]:
    """The rows of a day's manifest, with lists read."""
    rows = []
    for entry in lake.get_json(manifest_key(entity, day))["entries"]:
        rows += lake.get_table(entry["url"].removeprefix(lake.uri(""))).to_pylist()
    return [{name: _read(name, value) for name, value in row.items()} for row in rows]


def refused(lake: Lake, entity: str, day: date) -> dict[str, str]:
    """The refused rows of a day: review or product id -> reason code."""
    keys = [key for key, _ in lake.list(quarantine_folder(entity, "29cm", day)) if key.endswith(".jsonl.gz")]
    rows = [row for key in keys for row in lake.get_lines(key)]
    return {row["review_id"] or row["product_id"]: row["reason_code"] for row in rows}


def places(catalogue: Catalogue) -> set[tuple[str, str, int, str]]:
    """(Otto's category, the mall's, rank, product) of every place."""
    return {
        (MIDDLE[code][0], code, rank, product)
        for code in RANKED
        for rank, product in enumerate(catalogue.stock.rankings[code], start=1)
    }


def _read(name: str, value: Any) -> Any:
    return json.loads(value) if name in _LISTS and value is not None else value
