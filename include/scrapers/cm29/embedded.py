"""What a product page of 29CM carries in its HTML: the payload of the server's rendering, and JSON-LD. Pure.

The payload is found by the fields that it holds, not by its place: the page is a stream of rows, one JSON value a row
among others, whose order and numbers change with every build of the mall. JSON-LD says less and is written for search
engines, so it changes least: it fills what the payload does not say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from include.scrapers.fields import dig

_PUSHED = re.compile(r'self\.__next_f\.push\(\[1,\s*("(?:[^"\\]|\\.)*")\]\)')
_ROW = re.compile(r"^[0-9a-f]+:(?=[\[{])")
_LINKED = re.compile(r'<script[^>]*type="application/ld\+json"[^>]*>(.*?)</script>', re.DOTALL)


def product_payload(html: str, product_id: str) -> dict[str, Any]:
    """The richest object of the payload that names this product; empty where there is none."""
    found = [value for row in _rows(html) for value in _objects(row) if str(value.get("itemNo")) == product_id]
    return max(found, key=len, default={})


def linked_product(html: str) -> dict[str, Any]:
    """What JSON-LD says of the product, in the payload's words; empty where it says nothing."""
    for text in _LINKED.findall(html):
        try:
            value = json.loads(text)
        except json.JSONDecodeError:
            continue
        if dig(value, "@type") == "Product":
            image = value.get("image")
            stated = {
                "itemNo": value.get("sku"),
                "itemName": value.get("name"),
                "frontBrand": {"brandNameKor": name} if (name := dig(value, "brand", "name")) else None,
                "internalDisplayPrice": dig(value, "offers", "price"),
                "itemImages": [{"imageUrl": image}] if isinstance(image, str) else None,
            }
            return {name: one for name, one in stated.items() if one is not None}
    return {}


def _rows(html: str) -> Iterator[Any]:
    """The JSON rows of the stream; a row of another kind (text, a reference) is passed over."""
    pushed = (json.loads(chunk) for chunk in _PUSHED.findall(html))
    for line in "".join(pushed).split("\n"):
        if _ROW.match(line):
            try:
                yield json.loads(line.partition(":")[2])
            except json.JSONDecodeError:
                continue


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object within a JSON value. Without recursion: the page decides how deep it is."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
