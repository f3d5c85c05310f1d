"""The part of a run that asks the malls: rankings, then batches of products; every capture is stored before it is read.

A checkpoint is written after the object that it speaks of, and names its run: a retry of the run goes on after the last
one, another run pays it no heed. Keys and counts leave these functions, pages stay in the lake.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import psycopg

from include import lake as lake_keys
from include.lake import KINDS, Lake, ObjectMissing
from include.scrapers import captures, history, parts
from include.scrapers.captures import Capture, Stored
from include.scrapers.pace import Pace
from include.scrapers.plan import Unit
from include.scrapers.records import RankingEntry, Source
from include.scrapers.robots import Gate
from include.scrapers.sites import Site, site
from include.scrapers.tab import AnyBrowser, Tab
from include.scrapers.until import Until
from include.settings import Mall

log = logging.getLogger(__name__)

# A browser starts in 2 s and a product takes half a second where no pace holds it back: with some twenty products the
# start is a sixth of a batch. A killed task loses two products at most: the one being stored and the one being read.
BATCH = 25


def open_tab(mall: Mall, connection: psycopg.Connection) -> Tab:
    """A tab of a real browser for one mall, with its gate and its pace."""
    from include.scrapers.browser import Browser  # the one module that imports selenium

    pace = Pace(connection, mall.pages_per_second)
    hosts = {urlsplit(origin).hostname or "" for origin in mall.origins.values()}

    def start() -> AnyBrowser:
        return Browser(mall.user_agent, hosts)

    return Tab(start, Gate(mall, take=pace.take), pace, mall.origins)


type OpenTab = Callable[[Mall], Tab]


def scrape_ranking(lake: Lake, open_one: OpenTab, unit: Unit, max_ranks: int) -> str:
    """Capture a category's rankings; gives the key of the checkpoint that names its products."""
    key = unit.state_key(f"{unit.part}-ranking")
    if _checkpoint(lake, key, unit.dag_run):
        return key
    mall, reader = site(unit.mall)
    codes = [code for code, category in mall.categories.items() if category == unit.category]
    with open_one(mall) as tab:
        found = [
            capture
            for code in codes
            for capture in tab.patiently(f"ranking {code}", partial(reader.visit_ranking, tab, mall, code, max_ranks))
        ]
    captures.store(lake, unit.mall, "ranking", unit.day, unit.part, found)
    stored = [Stored(capture, Source(capture.fetched_at, "", 0)) for capture in found]
    entries = reader.read_ranking(stored, mall, unit.category, unit.day)
    products = [entry.product_id for entry in entries if isinstance(entry, RankingEntry) and entry.rank <= max_ranks]
    lake.put_json(key, {"dag_run": unit.dag_run, "category": unit.category, "products": list(dict.fromkeys(products))})
    log.info("%s %s: %d products in %d list responses", unit.mall, unit.category, len(set(products)), len(found))
    return key


def plan_batches(lake: Lake, units: Sequence[Unit], max_reviews: int | None) -> list[str]:
    """Cut the ranked products of one mall into batches; gives the keys of the batches. A product is visited once.

    A batch says of each product whether its reviews are read, and which of them are known; both from earlier days.
    """
    ranked = (product for unit in units for product in _ranked(lake, unit))
    products = list(dict.fromkeys(ranked))
    first = units[0]
    newest_first = site(first.mall)[1].newest_first
    earlier = history.before(lake, first.mall, first.day)
    keys = []
    for number, some in enumerate(batched(products)):
        key = first.state_key(f"{first.run}-batch-{number:04d}")
        known = {product: earlier[product].newest for product in some if product in earlier and newest_first}
        batch = {
            "dag_run": first.dag_run,
            "mall": first.mall,
            "run_date": first.run_date,
            "max_reviews": max_reviews,
            "products": some,
            "not_due": [p for p in some if not history.is_due(earlier.get(p), first.day, newest_first)],
            "known": known,
        }
        lake.put_json(key, batch)
        keys.append(key)
    return keys


def batched(products: Sequence[str]) -> list[Sequence[str]]:
    """Products in as few batches as hold them, all of about one size, so that workers end together."""
    count = -(-len(products) // BATCH)
    ends = [round(len(products) * number / count) for number in range(count + 1)] if count else [0]
    return [products[start:end] for start, end in itertools.pairwise(ends)]


def scrape_products(lake: Lake, open_one: OpenTab, batch_key: str) -> dict[str, int]:
    """Capture the products of one batch and their reviews; gives counts. Products with a checkpoint are left out."""
    batch = lake.get_json(batch_key)
    unit = Unit(batch["mall"], "", batch["run_date"], batch["dag_run"])
    mall, reader = site(unit.mall)
    done = {key for key, _ in lake.list(lake_keys.state_folder(unit.mall, unit.day) + f"{unit.run}-product-")}
    left = [product for product in batch["products"] if _product_key(unit, product) not in done]
    counts = {"products": len(batch["products"]), "resumed": len(batch["products"]) - len(left), "captures": 0}
    if not left:
        return counts
    # what one product gave is stored while the next one is read
    with open_one(mall) as tab, ThreadPoolExecutor(1) as store:
        storing: Future[int] | None = None
        for product in left:
            until = Until(batch["max_reviews"], frozenset(batch["known"].get(product, ())))
            visited = _visit(tab, mall, reader, product, None if product in batch["not_due"] else until)
            counts["captures"] += storing.result() if storing else 0
            storing = store.submit(_store, lake, unit, visited)
        counts["captures"] += storing.result() if storing else 0
    log.info("%s: %s", batch_key.rsplit("/", 1)[-1], counts)
    return counts


@dataclass(frozen=True, slots=True)
class _Visited:
    """What was captured of one product, and how far its reviews were read: not_due, gone, part or whole."""

    product_id: str
    pages: list[Capture]
    lists: list[Capture]
    reviews: str


def _visit(tab: Tab, mall: Mall, reader: Site, product: str, until: Until | None) -> _Visited:
    """Capture one product, and its reviews where they are due (`until` given)."""
    pages = tab.patiently(f"product {product}", lambda: reader.visit_product(tab, mall, product))
    lists: list[Capture] = []
    read = "not_due" if until is None else "gone" if pages[0].status in (404, 410) else "whole"
    if until is not None and read == "whole":
        lists = tab.patiently(f"reviews {product}", lambda: reader.visit_reviews(tab, mall, product, until))
        read = "part" if until.max_reviews is not None else "whole"
    return _Visited(product, pages, lists, read)


def _store(lake: Lake, unit: Unit, visited: _Visited) -> int:
    """Write what was captured of one product, its checkpoint last; gives the number of captures."""
    product = visited.product_id
    captures.store(lake, unit.mall, "product", unit.day, product_part(unit, product), visited.pages)
    if visited.reviews != "not_due":
        captures.store(lake, unit.mall, "reviews", unit.day, product_part(unit, product), visited.lists)
    count = len(visited.pages) + len(visited.lists)
    checkpoint = {"dag_run": unit.dag_run, "product_id": product, "captures": count, "reviews": visited.reviews}
    lake.put_json(_product_key(unit, product), checkpoint)
    return count


def keep_raw(lake: Lake, units: Iterable[Unit]) -> dict[str, int]:
    """Make this run's raw pages the ones that count, so that the day can be replayed; gives counts by kind."""
    counts = dict.fromkeys(KINDS, 0)
    for unit in units:
        read = {product: lake.get_json(_product_key(unit, product))["reviews"] for product in _ranked(lake, unit)}
        names = {
            "ranking": [unit.part],
            "product": [product_part(unit, product) for product in read],
            "reviews": [product_part(unit, product) for product, how in read.items() if how != "not_due"],
        }
        for kind in KINDS:
            parts.replace(lake, parts.raw(unit.mall, kind, unit.day), {unit.category: names[kind]})
            counts[kind] += len(names[kind])
        whole = [product_part(unit, product) for product, how in read.items() if how == "whole"]
        parts.replace(lake, parts.whole(unit.mall, unit.day), {unit.category: whole})
    return counts


def product_part(unit: Unit, product: str) -> str:
    """The part that holds one product's raw pages."""
    return f"{unit.run}-{product}"


def _product_key(unit: Unit, product: str) -> str:
    return unit.state_key(f"{unit.run}-product-{product}")


def _ranked(lake: Lake, unit: Unit) -> list[str]:
    return lake.get_json(unit.state_key(f"{unit.part}-ranking"))["products"]


def _checkpoint(lake: Lake, key: str, dag_run: str) -> dict[str, Any] | None:
    """A checkpoint of this very run; None where there is none."""
    try:
        record = lake.get_json(key)
    except ObjectMissing:
        return None
    return record if record.get("dag_run") == dag_run else None
