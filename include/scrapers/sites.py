"""The malls that can be read: for each, how its pages are visited and how its captures are read.

A fourth mall is one entry here, its folder beside `musinsa/`, a replica and a folder of saved pages (docs/malls.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from include import settings
from include.scrapers.captures import Capture, Stored
from include.scrapers.errors import InvalidScope
from include.scrapers.musinsa import pages, reviews, visits
from include.scrapers.records import Product, RankingEntry, Refusal, ReviewPages
from include.scrapers.tab import Tab
from include.settings import Mall


@dataclass(frozen=True, slots=True)
class Site:
    """One mall's visits (with a browser) and readers (pure)."""

    visit_ranking: Callable[[Tab, Mall, str, int], list[Capture]]
    visit_product: Callable[[Tab, Mall, str], list[Capture]]
    visit_reviews: Callable[[Tab, Mall, str, int | None], list[Capture]]
    read_ranking: Callable[[Iterable[Stored], Mall, str, date], list[RankingEntry | Refusal]]
    read_product: Callable[[Iterable[Stored], Mall, str, date], Product | Refusal]
    read_reviews: Callable[[Iterable[Stored], Mall, str, date, Mapping[str, Iterable[str]]], ReviewPages]


SITES = {
    "musinsa": Site(
        visits.visit_ranking,
        visits.visit_product,
        visits.visit_reviews,
        pages.read_ranking,
        pages.read_product,
        reviews.read_reviews,
    )
}


def site(name: str) -> tuple[Mall, Site]:
    """A mall's settings and its site. Raises InvalidScope that lists the known names."""
    known = settings.malls()
    if name not in known or name not in SITES:
        names = ", ".join(sorted(set(known) & set(SITES)))
        raise InvalidScope(f"unknown mall {name!r}; the malls that can be scraped are: {names}")
    return known[name], SITES[name]
