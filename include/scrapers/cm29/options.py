"""A product's options at 29CM -> option texts and the sizes that are sold out. Pure.

`optionItems` is a tree: `layout` names its levels (`["COLOR", "SIZE"]`, one level only, any names in either language),
and each leaf has its own stock. The level of sizes is the one that is named so; where none is, the one whose texts are
sizes. A level that names two things (`COLOR:SIZE`) is written as the mall's reviews write it: `[COLOR:SIZE]IVORY:S`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from include.rules.option_words import axis_kind
from include.rules.size_option import SizeRefused, read_size_option
from include.rules.size_run import number_ruler, size_run
from include.scrapers.fields import Unreadable, dig, legible

_IN_STOCK, _SOLD_OUT = "ON_STOCK", "SOLD_OUT"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One combination that can be bought."""

    titles: tuple[str, ...]  # one text a level
    in_stock: bool | None  # None: the mall does not say


@dataclass(frozen=True, slots=True)
class Options:
    """What the options say of the sizes."""

    texts: tuple[str, ...]  # the distinct option texts of the sizes, in the page's order
    sold_out: tuple[str, ...] | None  # labels of which nothing is left; None where the mall does not say


def read_options(detail: Mapping[str, Any]) -> Options:
    """The options of a product. Raises Unreadable where there are options of an unknown form."""
    names = [str(name) for name in dig(detail, "optionItems", "layout") or []]
    leaves = list(_leaves(dig(detail, "optionItems", "list")))
    if not leaves:
        if detail.get("useOption") is True:
            raise Unreadable("optionItems", "missing_options", "the product has options but states none", None)
        return Options((), None)
    level = _size_level(names, leaves)
    if level is None:
        return Options((), None)
    prefix = f"[{names[level]}]" if level < len(names) and ":" in names[level] else ""
    texts = [prefix + leaf.titles[level] for leaf in leaves]
    is_gone = detail.get("frontItemStockStatus") == _SOLD_OUT
    return Options(tuple(dict.fromkeys(texts)), _sold_out(texts, leaves, is_gone))


def _leaves(level: Any, above: tuple[str, ...] = ()) -> Iterator[Leaf]:
    for entry in level if isinstance(level, list) else []:
        title = legible("optionItems", dig(entry, "title"))
        if title is None:
            raise Unreadable("optionItems", "unreadable_options", "an option has no title", None)
        if len(above) > 4:
            raise Unreadable(
                "optionItems", "unreadable_options", "the options are deeper than any that is known", title
            )
        below = entry.get("list")
        if below:
            yield from _leaves(below, (*above, title))
        else:
            status = entry.get("frontOptionStockStatus")
            yield Leaf((*above, title), {_IN_STOCK: True, _SOLD_OUT: False}.get(status))


def _size_level(names: list[str], leaves: list[Leaf]) -> int | None:
    depth = min(len(leaf.titles) for leaf in leaves)
    for level, name in enumerate(names[:depth]):
        if "size" in [axis_kind(part) for part in name.split(":")]:
            return level
    for level in range(depth):
        run = size_run(leaf.titles[level] for leaf in leaves)
        if run and len(run.labels) > len(run.left_out):
            return level
    return None


def _sold_out(texts: list[str], leaves: list[Leaf], is_gone: bool) -> tuple[str, ...] | None:
    if not is_gone and any(leaf.in_stock is None for leaf in leaves):
        return None
    ruler = number_ruler(texts)
    left: dict[str, bool] = {}
    for text, leaf in zip(texts, leaves, strict=True):
        try:
            label = read_size_option(text, ruler).label
        except SizeRefused:
            continue
        left[label] = left.get(label, False) or (not is_gone and leaf.in_stock is True)
    return tuple(label for label, some in left.items() if not some)
