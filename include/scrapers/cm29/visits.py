"""How 29CM's pages are visited: what to open, what to wait for, when a list is at its end.

Ranking and product are what their pages load. The reviews are asked for from the open product page, newest first and a
hundred at a time: the list that the page loads by itself comes by helpfulness, twenty at a time, and can only be read
whole. They decide nothing about the content.
"""

from __future__ import annotations

from include.scrapers.captures import Capture
from include.scrapers.cm29 import pages, reviews, urls
from include.scrapers.errors import EmptyRanking, PageChanged
from include.scrapers.tab import Tab
from include.scrapers.until import Until
from include.settings import Mall


def visit_ranking(tab: Tab, mall: Mall, code: str, max_ranks: int) -> list[Capture]:
    """The ranking's list responses, from the first place to at least `max_ranks` or the end."""
    tab.open(urls.ranking_page(mall.origins, code), urls.RANKING_READS)
    captures: list[Capture] = []
    seen: set[str] = set()
    while True:
        capture = tab.receive("ranking", lambda url: _is(url, "ranking", ""), nudge=bool(captures))
        if (given := pages.ranking_code(capture)) != code:
            raise PageChanged(f"asked for the ranking {code}, and the page asked for {given}", capture.url)
        captures.append(capture)
        progress = pages.ranking_progress(capture)
        seen.update(progress.product_ids)
        if not seen:
            raise EmptyRanking(f"the ranking {code} of {mall.name} is empty", capture.url)
        if len(seen) >= max_ranks or not progress.product_ids or not progress.has_next:
            return captures
        tab.more("display_bff_api")


def visit_product(tab: Tab, mall: Mall, product_id: str) -> list[Capture]:
    """The product's document and the answer about options and stock, unless the document states them itself."""
    tab.open(urls.product_page(mall.origins, product_id), urls.PRODUCT_READS)
    found: dict[str, Capture] = {}
    while not found.keys() >= {"document", "detail"}:
        capture = tab.receive("product", lambda url: _is(url, "product", product_id))
        part = urls.listed(capture.url)
        if part is None:
            continue
        found[part.part] = capture
        if part.part == "document" and (capture.status in (404, 410) or pages.is_complete(capture, product_id)):
            break
    return [found[part] for part in ("document", "detail") if part in found]


def visit_reviews(tab: Tab, mall: Mall, product_id: str, until: Until) -> list[Capture]:
    """The product's review lists, the newest first: whole lists, up to `until`, to one that is not full where all that
    the mall counts were seen, or to the empty one.
    """
    if tab.address != urls.product_page(mall.origins, product_id):
        tab.open(urls.product_page(mall.origins, product_id), urls.PRODUCT_READS)
    captures: list[Capture] = []
    seen = 0
    while True:
        url = urls.review_list(mall.origins, product_id, len(captures))
        tab.ask(url)
        capture = tab.receive("reviews", url.__eq__)
        captures.append(capture)
        ids = reviews.review_ids(capture)
        seen += len(ids)
        is_last = len(ids) < urls.REVIEWS_A_LIST and seen >= (reviews.review_total(capture) or seen + 1)
        if not ids or is_last or until.is_reached(ids, seen):
            return captures


def _is(url: str, kind: str, subject: str) -> bool:
    found = urls.listed(url)
    return found is not None and (found.kind, found.subject) == (kind, subject)
