"""The malls and categories to choose from above a list, with the address of each. No framework.

In a ranking a mall and one of its categories are always chosen; a search goes through everything until it is narrowed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from web.queries import Ranking, Shelf, Wanted

# What an address of the list may carry; nothing about the visitor.
KEPT = ("mall", "category", "q", "sort", "answered", "page")


class Tab(NamedTuple):
    """One choice; an empty word is "all"."""

    word: str
    address: str
    current: bool


def address(asked: Mapping[str, str], **changes: object) -> str:
    """The address of the list asked for, with changes; None leaves a part out."""
    kept = {key: asked[key] for key in KEPT if key in asked}
    parts = {key: value for key, value in (kept | changes).items() if value is not None and (key, value) != ("page", 1)}
    return "?" + urlencode(parts) if parts else "/"


def malls(found: Ranking, wanted: Wanted, asked: Mapping[str, str]) -> list[Tab]:
    """The malls; none where there is but one."""
    names = _distinct(shelf.mall for shelf in found.shelves)
    if len(names) < 2:
        return []
    if wanted.search:
        return _narrowing("mall", names, wanted.mall, asked)
    chosen = found.shelf or Shelf("", "")
    return [
        Tab(
            name,
            # the same category where the other mall has it
            address(asked, mall=name, category=_same(found.shelves, name, chosen.category), page=None),
            name == chosen.mall,
        )
        for name in names
    ]


def categories(found: Ranking, wanted: Wanted, asked: Mapping[str, str], order: Sequence[str]) -> list[Tab]:
    """The categories of the chosen mall; in a search those of every mall."""
    mall = wanted.mall if wanted.search else found.shelf.mall if found.shelf else None
    present = {shelf.category for shelf in found.shelves if mall in (None, shelf.mall)}
    names = sorted(present, key=lambda name: order.index(name) if name in order else len(order))
    if wanted.search:
        return _narrowing("category", names, wanted.category, asked)
    return [
        Tab(name, address(asked, mall=mall, category=name, page=None), (mall, name) == found.shelf) for name in names
    ]


def _narrowing(part: str, names: Sequence[str], chosen: str | None, asked: Mapping[str, str]) -> list[Tab]:
    everything = Tab("", address(asked, **{part: None, "page": None}), chosen is None)
    return [everything, *(Tab(name, address(asked, **{part: name, "page": None}), name == chosen) for name in names)]


def _same(shelves: Sequence[Shelf], mall: str, category: str) -> str | None:
    return category if Shelf(mall, category) in shelves else None


def _distinct(names) -> list[str]:  # noqa: ANN001
    return list(dict.fromkeys(names))
