"""Pages a minute with the pace off: Otto against the first generation and a bare loop, and two workers against one.

The mall's own log of arrivals counts the pages, by one rule for all: requests whose address is of a form that Otto
opened or whose answer it read. The runs take turns, since the machine is shared.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench.row import Row, judged
from bench.scraping import bare_loop, first_generation
from bench.scraping.bare_loop import Recorder, Step
from bench.scraping.stage import (
    Place,
    Replica,
    another_bucket,
    batch,
    rank,
    ranked,
    replica,
    scrape_batch,
    scrape_batches,
    workers,
)
from include import serving, settings
from include.scrapers import scrape
from include.scrapers.pace import Pace
from include.scrapers.plan import Unit
from include.scrapers.robots import Gate
from include.scrapers.sites import SITES
from include.scrapers.tab import Tab

GOAL_FIRST_GENERATION, GOAL_BARE, GOAL_WORKERS = 10.0, 0.6, 1.6
_OLD_MALL = "musinsa"  # the one that the first generation's scraper reads
_LATE_MS = 300
_REVIEWS = 50  # a product, on average


@dataclass(frozen=True)
class _Recorded:
    """What a scrape of some products did, and the forms of the addresses that count as pages."""

    steps: list[Step]
    forms: frozenset[str]


def measure_speed(place: Place, folder: Path, products: int, old_products: int, turns: int) -> list[Row]:
    """Each mall against a bare loop, and one mall against the first generation."""
    with replica(folder, products=products, reviews_per_product=_REVIEWS, seed=5) as malls:
        return [
            row
            for mall in SITES
            for row in _one_mall(another_bucket(place), malls, mall, products, old_products, turns)
        ]


def _one_mall(place: Place, malls: Replica, mall: str, count: int, old_count: int, turns: int) -> list[Row]:
    units = rank(place, mall)
    products = ranked(place, units)[:count]
    recorded = _record(place, batch(place, units, products))
    otto, bare = [], []
    for _ in range(turns):
        otto.append(_otto(place, malls, units, products, recorded.forms))
        malls.forget()
        seconds = bare_loop.run(recorded.steps, settings.mall(mall).user_agent)
        bare.append(60 * _pages(malls, recorded.forms) / seconds)
    name = f"{mall}, pace off, {len(products)} products with {_REVIEWS} reviews each: Otto"
    rows = [judged(f"{name} vs a bare loop", max(otto), "pages/min", GOAL_BARE, "more", reference=max(bare))]
    if mall == _OLD_MALL:
        malls.forget()
        seconds = first_generation.scrape(settings.mall(mall).origins, products[:old_count])
        old = 60 * _pages(malls, recorded.forms) / seconds
        name = f"{name} vs the first generation (measured on {old_count})"
        rows.append(judged(name, max(otto), "pages/min", GOAL_FIRST_GENERATION, "more", reference=old))
    return rows


def _otto(
    place: Place, malls: Replica, units: Sequence[Unit], products: Sequence[str], forms: Collection[str]
) -> float:
    """Pages a minute of one worker that scrapes batch after batch, browser starts included."""
    keys = [batch(place, units, some) for some in scrape.batched(products)]
    malls.forget()
    done = [scrape_batch(place, key) for key in keys]
    return 60 * _pages(malls, forms) / (done[-1].ended - done[0].began)


def measure_workers(place: Place, folder: Path, products: int) -> list[Row]:
    """One and two workers on malls that answer everything after 300 ms."""
    place = another_bucket(place)
    with replica(folder, products=products, reviews_per_product=_REVIEWS, seed=6, delay_ms=_LATE_MS):
        units = {mall: rank(place, mall) for mall in SITES}
        found = {mall: ranked(place, units[mall])[:products] for mall in SITES}
        rates = {}
        for count in (1, 2):
            keys = [batch(place, units[mall], some) for mall in SITES for some in scrape.batched(found[mall])]
            with workers(count) as pool:
                done = scrape_batches(pool, place, keys)
            rates[count] = 60 * done.captures / (done.ended - done.began)
    each = products * len(SITES) // len(keys)
    name = f"answers after {_LATE_MS} ms, {len(keys)} batches of {each} products: two workers vs one"
    return [judged(name, rates[2], "pages/min", GOAL_WORKERS, "more", reference=rates[1])]


def _record(place: Place, key: str) -> _Recorded:
    """Scrape a batch once, untimed, and write down what was done."""
    steps: list[Step] = []
    with serving.connect_to(place.dsn) as connection:

        def open_one(mall: settings.Mall) -> Tab:
            pace = Pace(connection, mall.pages_per_second)
            hosts = {urlsplit(origin).hostname or "" for origin in mall.origins.values()}
            gate = Gate(mall, take=pace.take)
            return Tab(lambda: Recorder(mall.user_agent, hosts, steps), gate, pace, mall.origins)

        scrape.scrape_products(place.lake(), open_one, key)
    return _Recorded(steps, frozenset(_form(step.url) for step in steps))


def _pages(malls: Replica, forms: Collection[str]) -> int:
    return sum(
        _form(f"http://{host}{address}") in forms
        for _, _, host, method, address in malls.arrivals()
        if method != "OPTIONS"
    )


def _form(url: str) -> str:
    """Host and path of an address, with its numbers left out."""
    parts = urlsplit(url)
    return f"{parts.hostname}{re.sub('[0-9]{3,}', '#', parts.path)}"
