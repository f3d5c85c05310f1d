"""One known page a mall: has it still the shape that the reader relies on?

A renamed optional field reads as "not stated" and breaks nothing; the bands notice it once enough is known to be usual.
The canary needs no history: it opens one product that was ranked lately and looks for every path that the mall's reader
relies on, as written down beside the reader.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from include import lake as lake_keys
from include.lake import Lake
from include.retries import Lasting
from include.scrapers import parts
from include.scrapers.captures import Capture
from include.scrapers.sites import site
from include.scrapers.tab import Tab
from include.scrapers.until import Until
from include.settings import Mall

log = logging.getLogger(__name__)

_LOOK_BACK = 30

# part of a page -> path such as data.list[].goods.goodsNo -> the types that it may have beside null
type Shape = Mapping[str, Mapping[str, tuple[type, ...]]]


class ShapeChanged(Lasting, RuntimeError):
    """A known page lacks what its reader relies on; the message names the paths."""


def known_product(lake: Lake, mall: str, today: date) -> str | None:
    """The first product of the newest ranking that counts; None where the mall was not read lately."""
    for back in range(_LOOK_BACK):
        day = today - timedelta(days=back)
        for names in parts.read(lake, parts.staged(mall, "product_rank", day)).values():
            for name in names:
                table = lake.get_table(f"{lake_keys.staged_folder('product_rank', mall, day)}{name}.parquet")
                rows = sorted(table.to_pylist(), key=lambda row: row["rank"])
                return str(rows[0]["product_id"])
    return None


def check(open_one: Callable[[Mall], Tab], name: str, product_id: str) -> int:
    """Open one product and the first list of its reviews; gives the number of paths found. Raises ShapeChanged."""
    mall, reader = site(name)
    code = next(iter(mall.categories))
    with open_one(mall) as tab:
        found = tab.patiently("canary ranking", lambda: reader.visit_ranking(tab, mall, code, 1))
        found += tab.patiently("canary product", lambda: reader.visit_product(tab, mall, product_id))
        found += tab.patiently("canary reviews", lambda: reader.visit_reviews(tab, mall, product_id, Until(1)))
    missing = list(missing_of(found, reader.shape, reader.read_json))
    if missing:
        raise ShapeChanged(
            f"{name} has changed its pages: product {product_id} lacks {', '.join(missing)}. Mend the reader, then "
            f"replay the days since; nothing was stopped by this"
        )
    log.info("%s: product %s has the shape that its reader knows", name, product_id)
    return sum(len(paths) for paths in reader.shape.values())


def missing_of(
    captures: Iterable[Capture], shape: Shape, read_json: Callable[[Capture], tuple[str, Any] | None]
) -> Iterator[str]:
    """The recorded parts and paths that captures lack. What lies below an empty list or a null cannot be seen."""
    seen: dict[str, list[Any]] = {}
    for capture in captures:
        if found := read_json(capture):
            seen.setdefault(found[0], []).append(found[1])
    for part, paths in shape.items():
        for path, types in paths.items():
            values = [value for top in seen.get(part, ()) for value in _values([top], path.split("."))]
            wrong = {type(value).__name__ for value in values if not isinstance(value, (*types, type(None), _Unseen))}
            if wrong:
                yield f"{part} {path} (now {', '.join(sorted(wrong))})"
            elif part in seen and not values:
                yield f"{part} {path}"


class _Unseen:
    """Stands for what an empty list or a null hides."""


def _values(tops: list[Any], steps: list[str]) -> list[Any]:
    """Every value at a path; an _Unseen where it cannot be looked for, nothing where a key is absent."""
    for step in steps:
        name, is_list = step.removesuffix("[]"), step.endswith("[]")
        below: list[Any] = []
        for value in tops:
            if value is None or isinstance(value, _Unseen):
                below.append(_Unseen())
            elif not name:
                below.append(value)
            elif isinstance(value, dict) and name in value:
                below.append(value[name])
        tops = below if not is_list else [item for value in below for item in _items(value)]
    return tops


def _items(value: Any) -> list[Any]:
    return (value or [_Unseen()]) if isinstance(value, list) else [] if not isinstance(value, _Unseen) else [value]
