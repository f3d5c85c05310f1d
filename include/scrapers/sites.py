"""The malls that can be read: for each, how its pages are visited and how its captures are read.

A further mall is one entry here, its name in include.settings.MALLS, its folder beside `musinsa/`, a replica and a
folder of saved pages (docs/malls.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from include import settings
from include.scrapers.captures import Capture, Stored
from include.scrapers.cm29 import pages as cm29_pages
from include.scrapers.cm29 import reviews as cm29_reviews
from include.scrapers.cm29 import shape as cm29_shape
from include.scrapers.cm29 import visits as cm29_visits
from include.scrapers.errors import InvalidScope
from include.scrapers.musinsa import pages as musinsa_pages
from include.scrapers.musinsa import reviews as musinsa_reviews
from include.scrapers.musinsa import shape as musinsa_shape
from include.scrapers.musinsa import visits as musinsa_visits
from include.scrapers.records import Product, RankingEntry, Refusal, ReviewPages
from include.scrapers.tab import Tab
from include.scrapers.until import Until
from include.scrapers.zigzag import pages as zigzag_pages
from include.scrapers.zigzag import reviews as zigzag_reviews
from include.scrapers.zigzag import shape as zigzag_shape
from include.scrapers.zigzag import visits as zigzag_visits
from include.settings import Mall


@dataclass(frozen=True, slots=True)
class Site:
    """One mall's visits (with a browser), its readers (pure), and what it offers."""

    # (tab, mall, the mall's ranking code, places wanted) -> captures of kind ranking, at least so many places or all
    visit_ranking: Callable[[Tab, Mall, str, int], list[Capture]]
    # (tab, mall, product_id) -> captures of kind product, the document first; that alone (404, 410) where it is gone
    visit_product: Callable[[Tab, Mall, str], list[Capture]]
    # (tab, mall, product_id, until) -> captures of kind reviews, in the order of the list
    visit_reviews: Callable[[Tab, Mall, str, Until], list[Capture]]
    # (captures, mall, Otto's category, run_date) -> places, advertisements left out
    read_ranking: Callable[[Iterable[Stored], Mall, str, date], list[RankingEntry | Refusal]]
    # (captures, mall, product_id, run_date)
    read_product: Callable[[Iterable[Stored], Mall, str, date], Product | Refusal]
    # (captures, mall, product_id, run_date, what the product's page said where it could be read: its options tell
    # rulers apart, and its category may imply for whom it is)
    read_reviews: Callable[[Iterable[Stored], Mall, str, date, Product | None], ReviewPages]
    # Whether visit_reviews gets the newest reviews first: then it is told which ones are known, and stops there.
    # Elsewhere all lists of a product are read, at most every OTTO_REVIEW_DAYS days.
    newest_first: bool = False
    # For the canary: what the readers rely on, by part of a page, and how a capture becomes such a part and its JSON.
    shape: Mapping[str, Mapping[str, tuple[type, ...]]] = field(default_factory=dict)
    read_json: Callable[[Capture], tuple[str, Any] | None] = lambda capture: None


SITES = {
    "musinsa": Site(
        musinsa_visits.visit_ranking,
        musinsa_visits.visit_product,
        musinsa_visits.visit_reviews,
        musinsa_pages.read_ranking,
        musinsa_pages.read_product,
        musinsa_reviews.read_reviews,
        shape=musinsa_shape.SHAPE,
        read_json=musinsa_shape.read_json,
    ),
    "29cm": Site(
        cm29_visits.visit_ranking,
        cm29_visits.visit_product,
        cm29_visits.visit_reviews,
        cm29_pages.read_ranking,
        cm29_pages.read_product,
        cm29_reviews.read_reviews,
        newest_first=True,
        shape=cm29_shape.SHAPE,
        read_json=cm29_shape.read_json,
    ),
    "zigzag": Site(
        zigzag_visits.visit_ranking,
        zigzag_visits.visit_product,
        zigzag_visits.visit_reviews,
        zigzag_pages.read_ranking,
        zigzag_pages.read_product,
        zigzag_reviews.read_reviews,
        shape=zigzag_shape.SHAPE,
        read_json=zigzag_shape.read_json,
    ),
}


def site(name: str) -> tuple[Mall, Site]:
    """A mall's settings and its site. Raises InvalidScope that lists the known names."""
    known = settings.malls()
    if name not in known or name not in SITES:
        names = ", ".join(sorted(set(known) & set(SITES)))
        raise InvalidScope(f"unknown mall {name!r}; the malls that can be scraped are: {names}")
    return known[name], SITES[name]
