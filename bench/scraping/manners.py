"""The pace, one page a second a host, seen from the malls: how much of it is used, and whether it is ever exceeded."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from bench.row import Row, judged
from bench.scraping.stage import (
    Place,
    another_bucket,
    batch,
    rank,
    ranked,
    replica,
    scrape_batches,
    workers,
)
from include.scrapers.sites import SITES

GOAL_SHARE, GOAL_IN_TEN = 0.95, 10
_A_SECOND = 1.0
_REVIEWS = 100  # a product, on average: the host of the reviews is the busy one
_WORKERS = 2  # a mall


def measure_manners(place: Place, folder: Path, products: int) -> list[Row]:
    """All malls side by side, two workers each, `products` products a mall."""
    place = another_bucket(place)
    with replica(folder, products=products, reviews_per_product=_REVIEWS, seed=7) as malls:
        units = {mall: rank(place, mall) for mall in SITES}
        halves = {}
        for mall in SITES:
            found = ranked(place, units[mall])[:products]
            halves[mall] = [batch(place, units[mall], found[half::_WORKERS]) for half in range(_WORKERS)]
        malls.keep_to(_A_SECOND)
        malls.forget()
        with ThreadPoolExecutor(len(SITES)) as threads:
            list(threads.map(partial(_scrape_mall, place), halves.values()))
        moments = _moments(malls.arrivals())
    rows = [_share(moments[mall]) for mall in SITES]
    most, worst = max((_most_in_ten(found), host) for hosts in moments.values() for host, found in hosts.items())
    name = f"pace on, 1 page/s a host, {_WORKERS} workers a mall: most pages in any ten seconds ({worst})"
    return [*rows, judged(name, most, "pages", GOAL_IN_TEN, "less")]


def _scrape_mall(place: Place, keys: list[str]) -> None:
    with workers(_WORKERS) as pool:
        scrape_batches(pool, place, keys)


def _moments(arrivals: list[list[Any]]) -> dict[str, dict[str, list[float]]]:
    """When the pages of each mall's hosts were asked for; scripts, pictures, robots.txt and preflights are no pages."""
    moments: defaultdict[str, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for at, mall, host, method, address in sorted(arrivals):
        other = address.startswith(("/_static/", "/robots.txt")) or address.endswith((".svg", ".js", ".css"))
        if method != "OPTIONS" and not other:
            moments[mall][host].append(at)
    return {mall: dict(hosts) for mall, hosts in moments.items()}


def _share(hosts: dict[str, list[float]]) -> Row:
    """How much of the allowed rate a mall's busiest host was asked at, from its first page to its last."""
    busiest, found = max(hosts.items(), key=lambda one: len(one[1]))
    rate = (len(found) - 1) / (found[-1] - found[0])
    name = f"pace on, 1 page/s a host, malls side by side: {busiest}, {len(found)} pages"
    return judged(name, rate, "pages/s", GOAL_SHARE, "more", reference=_A_SECOND)


def _most_in_ten(moments: list[float]) -> int:
    """The most pages in any ten seconds."""
    most, first = 0, 0
    for last, at in enumerate(moments):
        while at - moments[first] >= 10:
            first += 1
        most = max(most, last - first + 1)
    return most
