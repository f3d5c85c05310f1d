"""How Musinsa's pages are visited: what to open, what to wait for, when a list is at its end.

The page does the asking; these functions scroll it and take what it receives. They decide nothing about the content.
"""

from __future__ import annotations

from include.scrapers.captures import Capture
from include.scrapers.errors import EmptyRanking, PageChanged
from include.scrapers.musinsa import pages, reviews, urls
from include.scrapers.tab import Tab
from include.scrapers.until import Until
from include.settings import Mall

# Behind a last list of so few rows the page sees its end and asks for the empty list by itself.
_SHORT = 5


def visit_ranking(tab: Tab, mall: Mall, code: str, max_ranks: int) -> list[Capture]:
    """The ranking's list responses, from the first place to at least `max_ranks` or the end."""
    tab.open(urls.ranking_page(mall.origins, code), urls.RANKING_READS)
    captures: list[Capture] = []
    products = 0
    while True:
        capture = tab.receive("ranking", lambda url: _is(url, "ranking", "entries"), nudge=bool(captures))
        found = urls.listed(capture.url)
        if found is None or found.subject != code:
            raise PageChanged(
                f"asked for the ranking {code} and was given another one; is the code known?", capture.url
            )
        captures.append(capture)
        progress = pages.ranking_progress(capture)
        products += progress.products
        if not products:
            raise EmptyRanking(f"the ranking {code} of {mall.name} is empty", capture.url)
        if progress.last_rank >= max_ranks or not progress.products or not progress.has_next:
            return captures
        tab.more("client")


def visit_product(tab: Tab, mall: Mall, product_id: str) -> list[Capture]:
    """The product's document and the answers about options, stock and measures; the document alone where it is gone."""
    tab.open(urls.product_page(mall.origins, product_id), urls.PRODUCT_READS)
    found: dict[str, Capture] = {}
    missing = {"document", "options", "actual_size"}
    while missing:
        capture = tab.receive("product", lambda url: _of(url, "product", product_id))
        part = urls.listed(capture.url)
        if part is None:
            continue
        found[part.part] = capture
        if part.part == "document" and capture.status in (404, 410):
            return [capture]
        if part.part == "options" and pages.has_options(capture) and "inventories" not in found:
            missing.add("inventories")
        missing -= {part.part}
    return [found[part] for part in ("document", "options", "inventories", "actual_size") if part in found]


def visit_reviews(tab: Tab, mall: Mall, product_id: str, until: Until) -> list[Capture]:
    """The product's siblings and its review lists in order: whole lists, up to `until` or the empty one."""
    tab.open(urls.review_page(mall.origins, product_id), urls.REVIEW_READS)
    similar: Capture | None = None
    lists: dict[int, Capture] = {}
    seen, at_end = 0, False
    while not at_end or similar is None:
        capture = tab.receive("reviews", lambda url: _of(url, "reviews", product_id), nudge=bool(lists) and not at_end)
        if _is(capture.url, "reviews", "similar"):
            similar = capture
            continue
        number = urls.list_page(capture.url)
        if number in lists:
            continue
        lists[number] = capture
        ids = reviews.review_ids(capture)
        seen += len(ids)
        at_end = not ids or until.is_reached(ids, seen)
        if not at_end:
            left = (reviews.review_total(capture) or 0) - seen
            tab.more("goods", lists=2 if 0 < left <= _SHORT else 1)
    return [similar, *(lists[number] for number in sorted(lists))]


def _is(url: str, kind: str, part: str) -> bool:
    found = urls.listed(url)
    return found is not None and (found.kind, found.part) == (kind, part)


def _of(url: str, kind: str, product_id: str) -> bool:
    found = urls.listed(url)
    return found is not None and (found.kind, found.subject) == (kind, product_id)
