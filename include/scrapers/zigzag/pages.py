"""Zigzag's ranking and product captures -> records. Pure: what a page says comes out, or a named refusal.

The list of a category in the mall's own order stands for its ranking: a place is the position among the cards that are
no advertisements. A field that is null is None; a field that the answer no longer has raises PageChanged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from include.rules.size_run import number_ruler, size_run
from include.scrapers.captures import Capture, Stored
from include.scrapers.errors import PageChanged
from include.scrapers.fields import Unreadable, clean, dig, legible, number, product_id_of, refusal
from include.scrapers.records import Product, RankingEntry, Refusal
from include.scrapers.zigzag import graphql, options, urls
from include.settings import Mall

_NEXT_DATA = re.compile(r'<script id="__NEXT_DATA__"[^>]*>(.*?)</script>', re.DOTALL)
_FIRST_PURCHASE = "첫구매"  # the price beside this badge is for a buyer's first order only
# The words of the mall's own category path, deepest first; its numbers are tried before.
_CATEGORIES = {
    "상의": "tops", "니트/카디건": "tops", "팬츠": "bottoms", "바지": "bottoms", "아우터": "outer", "원피스": "dress",
    "스커트": "skirt", "신발": "shoes", "슈즈": "shoes", "가방": "bag", "주얼리": "accessory", "패션소품": "accessory",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one answer of a ranking goes. `begins` and `goes_on` are the mall's own marks, which chain the pages."""

    places: int
    begins: Any  # None on a first page
    goes_on: Any  # None on the last page
    is_skeleton: bool  # only the frame; the list itself is still to come


def ranking_progress(capture: Capture) -> Progress:
    """What a visit needs to know to go on. Raises PageChanged."""
    modules = _modules(capture)
    actions = [action for module in modules for action in dig(module, "meta", "action_list") or []]
    kinds = {str(action.get("type")): dig(action, "option", "server_option") for action in actions}
    places = sum(1 for _ in _cards(modules))
    return Progress(places, _begins(capture), kinds.get("PAGINATION"), not places and "MODULE_REFETCH" in kinds)


def read_ranking(stored: Iterable[Stored], mall: Mall, category: str, run_date: date) -> list[RankingEntry | Refusal]:
    """The places of a category's rankings, advertisements left out. A page that names its category begins a ranking."""
    rows: list[RankingEntry | Refusal] = []
    code, rank = "", 0
    for page in stored:
        found = urls.listed(page.capture.url, page.capture.request_body)
        if found and found.subject and found.subject != code:
            code, rank = found.subject, 0
        if not code:
            raise PageChanged("the ranking's first request names no category", page.capture.url)
        for card in _cards(_modules(page.capture)):
            rank += 1
            try:
                product_id = product_id_of(graphql.need(card, "product_id", page.capture.url))
            except Unreadable as error:
                rows.append(refusal("product_rank", mall.name, run_date, error, page.source, None))
                continue
            source = page.source
            rows.append(
                RankingEntry(
                    mall.name, run_date, category, code, rank, product_id,
                    source.captured_at, source.capture_key, source.capture_line,
                )
            )  # fmt: skip
    return rows


def _begins(capture: Capture) -> Any:
    asked = graphql.variables("GetCnvPageAction", capture.request_body)
    for action in asked.get("input_list") or []:
        if dig(action, "type") == "PAGINATION":
            return dig(action, "option", "server_option")
    return None


def _modules(capture: Capture) -> list[dict[str, Any]]:
    name = graphql.operation(urlsplit(capture.url).path) or ""
    result = graphql.need(graphql.data(capture, name), "result", capture.url)
    if name == "GetCnvPage":
        return graphql.rows(result, "module_spec_list", capture.url)
    updates = graphql.rows(result, "module_spec_update_list", capture.url)
    return [module for update in updates for module in graphql.rows(update, "module_spec_list", capture.url)]


def _cards(modules: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The product cards of the list itself: carousels inside the page hold others, and an advertisement has a key."""
    for module in modules:
        block = dig(module, "body", "product_card")
        card = dig(block, "product_card")
        if isinstance(card, dict) and not card.get("aid") and not dig(block, "ubl", "server_log", "ad_key"):
            yield card


def next_data(capture: Capture) -> dict[str, Any]:
    """The product that the server has put into the document. Raises PageChanged."""
    match = _NEXT_DATA.search(capture.body)
    try:
        state = dig(json.loads(match[1]), "props", "pageProps", "product") if match else None
    except json.JSONDecodeError as error:
        raise PageChanged(f"the product's embedded data is no JSON: {error}", capture.url) from error
    if not isinstance(state, dict):
        raise PageChanged("the product page holds no __NEXT_DATA__ with props.pageProps.product", capture.url)
    return state


def read_product(stored: Iterable[Stored], mall: Mall, product_id: str, run_date: date) -> Product | Refusal:
    """One product from its document and the answers that its page loads. Raises PageChanged."""
    parts = {found.part: page for page in stored if (found := urls.listed(page.capture.url, page.capture.request_body))}
    if "document" not in parts:
        raise PageChanged(f"the product {product_id} has no document", product_id)
    document = parts["document"]
    try:
        if document.capture.status in (404, 410):
            raise Unreadable("page", "product_gone", f"the page answered {document.capture.status}", None)
        state = next_data(document.capture)
        missing = {"options", "details"} - parts.keys()
        if missing:
            raise PageChanged(f"the product {product_id} lacks its {', '.join(sorted(missing))}", product_id)
        return _product(document, state, parts, mall, product_id, run_date)
    except Unreadable as error:
        return refusal("product", mall.name, run_date, error, document.source, product_id)


def _product(
    document: Stored,
    state: Mapping[str, Any],
    parts: Mapping[str, Stored],
    mall: Mall,
    product_id: str,
    run_date: date,
) -> Product:
    answer, where = parts["options"].capture, parts["options"].capture.url
    info = graphql.need(graphql.data(answer, "GetCatalogProductDetailPageOption"), "pdp_option_info", where)
    product = graphql.need(info, "catalog_product", where)
    if product is None:
        raise Unreadable("catalog_product", "product_gone", "the mall names no such product", None)
    for shown in (state.get("id"), graphql.need(product, "id", where)):
        if str(shown) != product_id:
            raise Unreadable("id", "foreign_product", "the page shows another product", shown)
    name = legible("name", graphql.need(product, "name", where))
    if not name:
        raise Unreadable("name", "missing_name", "the product has no name", None)
    axis = options.size_axis(graphql.rows(product, "product_option_list", where))
    texts = axis[1] if axis else []
    run, ruler = size_run(texts), number_ruler(texts)
    items = graphql.rows(product, "matched_item_list", where) + (product.get("zigzin_item_list") or [])
    category, code = _category(graphql.rows(product, "managed_category_list", where), mall)
    return Product(
        mall=mall.name,
        run_date=run_date,
        product_id=product_id,
        category=category,
        mall_category=code,
        name=name,
        brand=legible("shop_name", graphql.need(product, "shop_name", where)),
        gender="women",  # the mall sells to women and says so nowhere
        gender_implied=True,
        price_krw=_price(graphql.need(product, "product_price", where)),
        image_url=_image(graphql.rows(product, "product_image_list", where), mall),
        product_url=urls.product_page(mall.origins, product_id),
        size_options=json.dumps(texts, ensure_ascii=False) if texts else None,
        size_run=json.dumps(run.labels, ensure_ascii=False) if run else None,
        size_ruler=run.ruler if run else None,
        size_chart=options.size_chart(_size_tables(parts["details"].capture), ruler),
        sold_out=options.sold_out(axis, items, _is_purchasable(state), ruler),
        listed=True,
        captured_at=document.source.captured_at,
        capture_key=document.source.capture_key,
        capture_line=document.source.capture_line,
    )


def _is_purchasable(state: Mapping[str, Any]) -> bool:
    """The product's own state overrules its items: a seller may suspend a product whose items are on sale."""
    return state.get("is_purchasable") is not False and state.get("sales_status") not in ("SOLD_OUT", "SUSPENDED")


def _category(path: list[dict[str, Any]], mall: Mall) -> tuple[str | None, str | None]:
    """Otto's category and the mall's own code, from the deepest step that is known."""
    steps = sorted(path, key=lambda step: step.get("depth") or 0, reverse=True)
    if not steps:
        return None, None
    code = clean(steps[0].get("category_id") or steps[0].get("key"))
    for step in steps:
        if (own := str(step.get("category_id"))) in mall.categories:
            return mall.categories[own], code
    for step in steps:
        if (word := str(step.get("value")).strip()) in _CATEGORIES:
            return _CATEGORIES[word], code
    return "other", code


def _price(price: Any) -> int | None:
    """The price that anybody pays. Beside a first-order badge that is `final_price`, not the lower one it announces."""
    display = dig(price, "display_final_price")
    shown = dig(display, "final_price", "price")
    badge = str(dig(display, "final_price_additional", "badge", "text") or "")
    if _FIRST_PURCHASE not in badge:
        discounted = dig(price, "final_discount_info", "discount_price")
        shown = shown if discounted is None else discounted
    return number("price", shown, 0, 2_000_000_000)


def _image(images: list[dict[str, Any]], mall: Mall) -> str | None:
    chosen = sorted(images, key=lambda image: image.get("image_type") != "MAIN")
    path = clean(chosen[0].get("pdp_thumbnail_url") or chosen[0].get("url")) if chosen else None
    if path is None or path.startswith(("http://", "https://")):
        return path
    return f"https:{path}" if path.startswith("//") else f"{mall.origins['image']}/{path.lstrip('/')}"


def _size_tables(capture: Capture) -> list[dict[str, Any]]:
    info = graphql.need(graphql.data(capture, "GetPdpIntegratedData"), "pdp_size_info", capture.url)
    return [] if info is None else graphql.rows(info, "item_list", capture.url)
