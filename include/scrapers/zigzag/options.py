"""What Zigzag states about a product's sizes: the axis of sizes, what is sold out, the measures. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from include.rules.option_words import axis_kind
from include.rules.size_option import SizeRefused, read_size_option
from include.rules.size_run import size_run
from include.scrapers.fields import Unreadable, clean, dig, legible

_SIZE_NAME = re.compile(r"(?:사이즈|size)\s*$", re.IGNORECASE)
_SIZE_HEADER = re.compile(r"사이즈|size", re.IGNORECASE)
_STATUSES = {"ON_SALE": True, "SOLD_OUT": False, "SUSPENDED": False}
_CM_PER_INCH = 2.54


def is_size_axis(name: Any) -> bool:
    """Whether an axis is named as one of sizes (`사이즈`, `SIZE`, `상의 사이즈`)."""
    text = clean(name) or ""
    return axis_kind(text) == "size" or bool(_SIZE_NAME.search(text))


def bought_option(pairs: Iterable[Mapping[str, Any]]) -> str | None:
    """One text of the (axis, value) pairs of a bought option, in the form `[색상]블랙 [사이즈]M`.

    Without an axis of sizes the names say nothing about where a size may stand, and the values stand alone: `블랙/M`.
    """
    named = [(clean(pair.get("name")) or "", value) for pair in pairs if (value := clean(pair.get("value")))]
    if not any(is_size_axis(name) for name, _ in named):
        return "/".join(value for _, value in named) or None
    return " ".join(f"[{_axis_name(name)}]{value}" for name, value in named)


def _axis_name(name: str) -> str:
    """The mall's own name where the rules know it, else a plain one of the same kind."""
    if axis_kind(name):
        return name
    return "사이즈" if is_size_axis(name) else "옵션"


def size_axis(axes: Sequence[Mapping[str, Any]]) -> tuple[str, list[str]] | None:
    """Name and values of the axis of sizes: the one that is named so, else the one whose values are sizes."""
    ordered = sorted(axes, key=lambda axis: axis.get("order") or 0)
    read = [(clean(axis.get("name")) or "", _values(axis)) for axis in ordered]
    for name, values in read:
        if values and is_size_axis(name):
            return name, values
    for name, values in read:
        run = size_run(values)
        if run and len(run.labels) > len(run.left_out):
            return name, values
    return None


def _values(axis: Mapping[str, Any]) -> list[str]:
    stated = [dig(value, "value") for value in axis.get("value_list") or []]
    return [text for value in stated if (text := legible("product_option_list", value))]


def sold_out(
    axis: tuple[str, list[str]] | None, items: Sequence[Mapping[str, Any]], is_purchasable: bool, ruler: str | None
) -> str | None:
    """JSON list of the labels of which no item is on sale; None where the mall did not say."""
    if axis is None:
        return None
    name, values = axis
    if not is_purchasable:
        return json.dumps(_labels(values, ruler), ensure_ascii=False)
    states = [_STATUSES.get(str(item.get("sales_status"))) for item in items]
    if not items or None in states:
        return None
    left: dict[str, bool] = {}
    for item, on_sale in zip(items, states, strict=True):
        shown = bool(on_sale) and item.get("display_status") != "HIDDEN"
        for attribute in item.get("item_attribute_list") or []:
            value = clean(dig(attribute, "value"))
            if value in values and clean(dig(attribute, "name")) == name:
                left[value] = left.get(value, False) or shown
    return json.dumps(_labels([value for value in values if left.get(value) is False], ruler), ensure_ascii=False)


def _labels(values: Iterable[str], ruler: str | None) -> list[str]:
    return list(dict.fromkeys(label for value in values if (label := _label(value, ruler))))


def _label(value: str, ruler: str | None) -> str | None:
    try:
        return read_size_option(value, ruler).label
    except SizeRefused:
        return None


def size_chart(tables: Sequence[Mapping[str, Any]], ruler: str | None) -> str | None:
    """JSON of the measures in cm by label, from the first table that names sizes; None where there is none.

    A table is a list of rows, the first of them the header. A cell that is no number (`-`, `60~62`) is no measure.
    """
    for table in tables:
        cells = table.get("value_list")
        if not cells:
            continue
        if not isinstance(cells, list) or not all(isinstance(row, list) for row in cells):
            raise Unreadable("value_list", "unreadable_size_chart", "the size table is no list of rows", cells)
        if chart := _chart(cells, table.get("description"), ruler):
            return json.dumps(chart, ensure_ascii=False)
    return None


def _chart(cells: list[list[Any]], description: Any, ruler: str | None) -> list[dict[str, Any]]:
    header = [clean(cell) or "" for cell in cells[0]]
    place = next((index for index, name in enumerate(header) if _SIZE_HEADER.search(name)), None)
    if place is None:
        return []
    factor = _CM_PER_INCH if re.search(r"inch|인치", str(description), re.IGNORECASE) else 1
    chart = []
    for row in cells[1:]:
        label = _label(clean(row[place]) or "", ruler) if place < len(row) else None
        measures = {name: _centimetres(cell, factor) for name, cell in zip(header, row, strict=False) if name}
        found = {name: value for name, value in measures.items() if value is not None and name != header[place]}
        if label and found:
            chart.append({"label": label, "parts": found})
    return chart


def _centimetres(cell: Any, factor: float) -> float | None:
    match = re.fullmatch(r"\s*(\d{1,3}(?:\.\d{1,2})?)\s*(?:cm)?\s*", str(cell), re.IGNORECASE)
    return round(float(match[1]) * factor, 2) if match else None
