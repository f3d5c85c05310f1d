"""Addresses of Musinsa: the pages that are opened, and what the responses that those pages load are. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit


@dataclass(frozen=True, slots=True)
class Listed:
    """What one response is: its kind, what it holds and for which ranking or product."""

    kind: str  # ranking, product, reviews
    part: str  # entries; document, options, inventories, actual_size; similar, list
    subject: str  # the mall's category code, or the product id


def ranking_page(origins: Mapping[str, str], code: str) -> str:
    """The ranking page of one six-digit category code."""
    return f"{origins['www']}/main/musinsa/ranking?storeCode=musinsa&sectionId=199&categoryCode={quote(code)}&gf=A"


def product_page(origins: Mapping[str, str], product_id: str) -> str:
    """The page of one product."""
    return f"{origins['www']}/products/{quote(product_id, safe='')}"


def review_page(origins: Mapping[str, str], product_id: str) -> str:
    """The reviews of one product, the most helpful first: the mall offers no order by day (docs/malls.md)."""
    return f"{origins['www']}/review/goods/{quote(product_id, safe='')}?sort=up_cnt_desc"


# What opening each page makes the browser ask for before the first scroll: (origin's role, path, answers). Leave is
# asked for each, and each takes its time from the pace of its host.
RANKING_READS = (("client", "/api/home/web/v5/pans/ranking/sections/199", 2),)
PRODUCT_READS = (("goods_detail", "/api2/goods/", 3),)
REVIEW_READS = (("goods", "/api2/review/v2/view/similar-list", 1), ("goods", "/api2/review/v1/view/list", 1))

_PATHS = (
    ("ranking", "entries", re.compile(r"/(?:api/home|api2/hm)/web/v5/pans/ranking/sections/\d+")),
    ("product", "document", re.compile(r"/(?:app/goods|goods|products)/(?P<id>[^/]+)")),
    ("product", "inventories", re.compile(r"/api2/goods/(?P<id>[^/]+)/options/v2/prioritized-inventories")),
    ("product", "options", re.compile(r"/api2/goods/(?P<id>[^/]+)/options")),
    ("product", "actual_size", re.compile(r"/api2/goods/(?P<id>[^/]+)/actual-size")),
    ("reviews", "similar", re.compile(r"/api2/review/v2/view/similar-list")),
    ("reviews", "list", re.compile(r"/api2/review/v1/view/list")),
)


def listed(url: str) -> Listed | None:
    """What the response of an address is; None for what Otto does not read."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    for kind, part, pattern in _PATHS:
        match = pattern.fullmatch(parts.path)
        if match is None:
            continue
        if kind == "ranking":
            return Listed(kind, part, six_digits(query.get("categoryCode", [""])[0]))
        subject = match.groupdict().get("id") or query.get("goodsNo", [""])[0]
        return Listed(kind, part, subject)
    return None


def six_digits(code: str) -> str:
    """A category code as the pages write it: the JSON's `003` is the page's `003000`."""
    return f"{code}000" if len(code) == 3 else code


def list_page(url: str) -> int:
    """The page number that a list response was asked for with."""
    return int(parse_qs(urlsplit(url).query).get("page", ["0"])[0])
