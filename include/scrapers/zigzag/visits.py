"""How Zigzag's pages are visited: what to open, what to wait for, when a list is at its end.

The page does the asking; these functions scroll it and take what it receives. All answers come from few addresses: each
is told by what its request asked for, and the pages of a list are chained by the marks that the mall hands out. They
decide nothing about the content.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from include.scrapers.captures import Capture
from include.scrapers.errors import EmptyRanking, PageBroken, PageChanged
from include.scrapers.tab import Tab
from include.scrapers.until import Until
from include.scrapers.zigzag import graphql, pages, reviews, urls
from include.settings import Mall


def visit_ranking(tab: Tab, mall: Mall, code: str, max_ranks: int) -> list[Capture]:
    """The ranking's list responses, from the first place to at least `max_ranks` or the end."""
    tab.open(urls.ranking_page(mall.origins, code), urls.RANKING_READS)
    captures: list[Capture] = []
    places, mark = 0, None
    while True:
        capture, found = _receive(tab, "ranking", nudge=bool(captures))
        if found.subject and found.subject != code:
            raise PageChanged(f"asked for the ranking {code} and was given {found.subject}", capture.url)
        progress = _sound(capture, pages.ranking_progress)
        if progress.begins != mark or (not captures and not found.subject):
            continue  # not the next page of this list
        captures.append(capture)
        places += progress.places
        mark = progress.goes_on
        if progress.is_skeleton:
            tab.more("api")  # the list itself, which the page asks for by now
            continue
        if not places:
            raise EmptyRanking(f"the ranking {code} of {mall.name} is empty", capture.url)
        if places >= max_ranks or not progress.places or mark is None:
            return captures
        tab.more("api")


def visit_product(tab: Tab, mall: Mall, product_id: str) -> list[Capture]:
    """The product's document and the answers about options and measures; the document alone where it is gone."""
    tab.open(urls.product_page(mall.origins, product_id), urls.PRODUCT_READS)
    found: dict[str, Capture] = {}
    while {"document", "options", "details"} - found.keys():
        capture, what = _receive(tab, "product")
        if what.subject != product_id:
            continue
        if what.part == "document" and capture.status in (404, 410):
            return [capture]
        if what.part == "document":
            _sound(capture, pages.next_data)
        else:
            _sound(capture, partial(graphql.data, name=what.operation))
        found[what.part] = capture
    return [found[part] for part in ("document", "options", "details")]


def visit_reviews(tab: Tab, mall: Mall, product_id: str, until: Until) -> list[Capture]:
    """The product's review lists in order: whole lists, up to `until` or the last one."""
    tab.open(urls.review_page(mall.origins, product_id), urls.REVIEW_READS)
    captures: list[Capture] = []
    seen, mark = 0, ""
    while True:
        capture, found = _receive(tab, "reviews", nudge=bool(captures))
        if found.subject != product_id:
            continue
        progress = _sound(capture, reviews.review_progress)
        if progress.begins != mark:
            continue  # a page that is here already
        captures.append(capture)
        seen += len(progress.review_ids)
        if progress.goes_on is None or until.is_reached(progress.review_ids, seen):
            return captures
        mark = progress.goes_on
        tab.more("api")


def _receive(tab: Tab, kind: str, nudge: bool = False) -> tuple[Capture, urls.Listed]:
    """The next answer of a kind, and what it is."""

    def is_of_kind(url: str) -> bool:
        found = urls.listed(url)
        return found is not None and found.kind == kind

    capture = tab.receive(kind, is_of_kind, nudge=nudge)
    found = urls.listed(capture.url, capture.request_body)
    if found is None:  # its address alone has just said otherwise
        raise PageChanged("an answer that is none of ours", capture.url)
    return capture, found


def _sound[T](capture: Capture, read: Callable[[Capture], T]) -> T:
    """What an answer says. An error inside an answer may pass: it is worth another try, unlike in a stored page."""
    try:
        return read(capture)
    except PageChanged as error:
        raise PageBroken(str(error)) from error
