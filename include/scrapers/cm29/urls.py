"""Addresses of 29CM: the pages that are opened, the lists that are asked for, and what each response is. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlencode, urlsplit

REVIEWS_A_LIST = 100  # the most that the mall gives at once
# The mall states no gender of a product or a buyer; its large categories are divided by it.
_GENDERS = {"268": "women", "269": "women", "270": "women", "272": "men"}


@dataclass(frozen=True, slots=True)
class Listed:
    """What one response is: its kind, what it holds and for which ranking or product."""

    kind: str  # ranking, product, reviews
    part: str  # items; document, detail; list
    subject: str  # the product id; empty for a ranking, whose request names its category (ranking_code)


def ranking_page(origins: Mapping[str, str], code: str) -> str:
    """The day's ranking of one category code: a large category (268100100) or a middle one (268103100)."""
    query = {"period": "DAILY", "ranking": "POPULARITY"}
    if gender := implied_gender(code):
        query["gender"] = {"women": "F", "men": "M"}[gender]
    query["categoryLargeCode"] = large_code(code)
    if code != large_code(code):
        query["categoryMediumCode"] = code
    return f"{origins['www']}/best-products?{urlencode(query)}"


def product_page(origins: Mapping[str, str], product_id: str) -> str:
    """The page of one product."""
    return f"{origins['www']}/products/{quote(product_id, safe='')}"


def review_list(origins: Mapping[str, str], product_id: str, page: int) -> str:
    """One list of a product's reviews, counted from 0. No `sort`: the newest first (docs/malls.md)."""
    query = urlencode({"itemId": product_id, "page": page, "size": REVIEWS_A_LIST})
    return f"{origins['review_api']}/api/v4/reviews?{query}"


def large_code(code: str) -> str:
    """The large category of a category code: its first three digits tell it."""
    return f"{code[:3]}100100"


def implied_gender(code: str) -> str | None:
    """women or men where the large category of a code says so."""
    return _GENDERS.get(code[:3])


# What opening each page makes the browser ask for before anything else: (origin's role, path, answers). Leave is asked
# for each, and each takes its time from the pace of its host.
RANKING_READS = (("display_bff_api", "/api/v1/plp/best/items", 1),)
PRODUCT_READS = (("bff_api", "/api/v5/product-detail/", 1), ("review_api", "/api/v4/reviews", 2))

_PATHS = (
    ("ranking", "items", re.compile(r"/api/v1/plp/best/items")),
    ("product", "document", re.compile(r"/(?:products|catalog)/(?P<id>[^/]+)")),
    ("product", "detail", re.compile(r"/api/v5/product-detail/(?P<id>[^/]+)")),
    ("reviews", "list", re.compile(r"/api/v4/reviews")),
)


def listed(url: str) -> Listed | None:
    """What the response of an address is; None for what Otto does not read."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    for kind, part, pattern in _PATHS:
        match = pattern.fullmatch(parts.path)
        if match is None:
            continue
        return Listed(kind, part, match.groupdict().get("id") or _first(query, "itemId"))
    return None


def ranking_code(request_body: str | None) -> str | None:
    """The deepest category code that a ranking's request names; None where it names none."""
    try:
        facets = json.loads(request_body or "")["facets"]["categoryFacetInputs"][0]
        code = facets.get("smallId") or facets.get("middleId") or facets.get("largeId")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return None
    return str(code) if code else None


def _first(query: Mapping[str, list[str]], name: str) -> str:
    return query.get(name, [""])[0]
