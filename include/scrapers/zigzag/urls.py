"""Addresses of Zigzag: the pages that are opened, and what the responses that those pages load are. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from include.scrapers.fields import dig
from include.scrapers.zigzag import graphql

_GRAPHQL = "/api/2/graphql"


@dataclass(frozen=True, slots=True)
class Listed:
    """What one response is: its kind, what it holds and for which ranking or product."""

    kind: str  # ranking, product, reviews
    part: str  # entries; document, options, details; list
    subject: str  # the mall's category code, or the product id; "" for a further page of a ranking, which names none
    operation: str = ""  # of a GraphQL answer


def ranking_page(origins: Mapping[str, str], code: str) -> str:
    """The list of one category in the mall's own order, which stands for its ranking."""
    query = {"title": "의류", "category_id": "-1", "middle_category_id": code, "sort": "201"}
    return f"{origins['www']}/categories/-1?{urlencode(query)}"


def product_page(origins: Mapping[str, str], product_id: str) -> str:
    """The page of one product."""
    return f"{origins['www']}/catalog/products/{quote(product_id, safe='')}"


def review_page(origins: Mapping[str, str], product_id: str) -> str:
    """The reviews of one product, in the mall's order of usefulness: it offers none by day (docs/malls.md)."""
    return f"{origins['www']}/review/list/{quote(product_id, safe='')}"


# What opening each page makes the browser ask for before the first scroll: (origin's role, path, answers).
RANKING_READS = (("api", f"{_GRAPHQL}/batch/GetCnvPage", 1),)
PRODUCT_READS = (
    ("api", f"{_GRAPHQL}/GetCatalogProductDetailPageOption", 1),
    ("api", f"{_GRAPHQL}/GetPdpIntegratedData", 1),
)
REVIEW_READS = (("api", f"{_GRAPHQL}/batch/GetReviewSearchList", 1),)

_DOCUMENT = re.compile(r"/(?:app/)?catalog/products/(?P<id>[^/]+)")
_OPERATIONS = {
    "GetCnvPage": ("ranking", "entries"),
    "GetCnvPageAction": ("ranking", "entries"),
    "GetCatalogProductDetailPageOption": ("product", "options"),
    "GetPdpIntegratedData": ("product", "details"),
    "GetReviewSearchList": ("reviews", "list"),
    "GetNormalReviewFeedList": ("reviews", "list"),
}


def listed(url: str, request_body: str | None = None) -> Listed | None:
    """What the response of an address is; None for what Otto does not read. The body of the request names the rest."""
    path = urlsplit(url).path
    if match := _DOCUMENT.fullmatch(path):
        return Listed("product", "document", match["id"])
    name = graphql.operation(path)
    if name is None or name not in _OPERATIONS:
        return None
    kind, part = _OPERATIONS[name]
    asked = graphql.variables(name, request_body)
    return Listed(kind, part, _category(asked) if kind == "ranking" else _product(asked), name)


def _product(asked: Mapping[str, Any]) -> str:
    number = asked.get("catalog_product_id") or asked.get("product_id") or dig(asked, "input", "product_id")
    return str(number or "")


def _category(asked: Mapping[str, Any]) -> str:
    """The category of a first page, or of a list that is fetched anew; a further page names none."""
    for parameter in dig(asked, "input", "render_param_list") or []:
        if code := dig(parameter, "option", "category_id"):
            return str(code)
    for action in asked.get("input_list") or []:
        for parameter in dig(action, "option", "server_option", "renderParams") or []:
            for chosen in dig(parameter, "search_query_state", "filter_list") or []:
                if dig(chosen, "filter_type") == "CATEGORY" and chosen.get("value_list"):
                    return str(dig(chosen["value_list"][0], "value") or "")
    return ""
