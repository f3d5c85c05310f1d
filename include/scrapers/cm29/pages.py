"""29CM's ranking and product captures -> records. Pure: what a page says comes out, or a named refusal.

A field that is absent is None; a field that is there and cannot be read is a Refusal; a page without its envelope
raises PageChanged. Options, reviews and what the HTML carries have modules of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from include.rules.size_run import size_run
from include.scrapers.captures import Capture, Stored
from include.scrapers.cm29 import urls
from include.scrapers.cm29.embedded import linked_product, product_payload
from include.scrapers.cm29.options import read_options
from include.scrapers.errors import PageChanged
from include.scrapers.fields import Unreadable, clean, dig, legible, number, product_id_of, refusal
from include.scrapers.records import Product, RankingEntry, Refusal
from include.settings import Mall


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one list response of a ranking goes."""

    product_ids: tuple[str, ...]  # without advertisements
    has_next: bool


def ranking_progress(capture: Capture) -> Progress:
    """What a visit needs to know to go on. Raises PageChanged."""
    rows = [row for row in _rows(capture) if not _is_advertisement(row)]
    has_next = dig(_data(capture), "pagination", "hasNext")
    return Progress(tuple(str(row.get("itemId")) for row in rows), has_next is True)


def read_ranking(stored: Iterable[Stored], mall: Mall, category: str, run_date: date) -> list[RankingEntry | Refusal]:
    """The places of the rankings of one category.

    The mall states no rank: it is the place in the list, not counting advertisements, nor a product that a later list
    repeats because the ranking moved between two requests.
    """
    rows: list[RankingEntry | Refusal] = []
    places: dict[str, dict[str, int]] = {}
    for page in stored:
        if (found := urls.listed(page.capture.url)) and found.part == "items":
            code = ranking_code(page.capture)
            rows += _places(page, places.setdefault(code, {}), code, mall, category, run_date)
    return rows


def ranking_code(capture: Capture) -> str:
    """The category code of a ranking's list: its address names none, its request does. Raises PageChanged."""
    code = urls.ranking_code(capture.request_body)
    if code is None:
        raise PageChanged("the ranking was asked for without a category", capture.url)
    return code


def _places(
    page: Stored, places: dict[str, int], code: str, mall: Mall, category: str, run_date: date
) -> Iterator[RankingEntry | Refusal]:
    source = page.source
    for row in _rows(page.capture):
        if _is_advertisement(row):
            continue
        try:
            product_id = product_id_of(row.get("itemId"))
        except Unreadable as error:
            places[f"unreadable {len(places)}"] = 0  # it takes its place all the same
            yield refusal("product_rank", mall.name, run_date, error, source, None)
            continue
        rank = places.setdefault(product_id, len(places) + 1)
        yield RankingEntry(
            mall.name, run_date, category, code, rank, product_id,
            source.captured_at, source.capture_key, source.capture_line,
        )  # fmt: skip


def is_complete(document: Capture, product_id: str) -> bool:
    """Whether a product's document states the options itself, so that no answer need be waited for."""
    return "optionItems" in product_payload(document.body, product_id)


def read_product(stored: Iterable[Stored], mall: Mall, product_id: str, run_date: date) -> Product | Refusal:
    """One product from its document and the answer that its page loads. Raises PageChanged."""
    parts = {found.part: page for page in stored if (found := urls.listed(page.capture.url))}
    if "document" not in parts:
        raise PageChanged(f"the product {product_id} has no document", product_id)
    document = parts["document"]
    try:
        if document.capture.status in (404, 410):
            raise Unreadable("page", "product_gone", f"the page answered {document.capture.status}", None)
        return _product(_stated(parts, product_id), document, mall, product_id, run_date)
    except Unreadable as error:
        return refusal("product", mall.name, run_date, error, document.source, product_id)


def _stated(parts: Mapping[str, Stored], product_id: str) -> dict[str, Any]:
    """All that is said of the product: the answer before the payload, the payload before JSON-LD."""
    html = parts["document"].capture.body
    stated = linked_product(html) | product_payload(html, product_id)
    if answer := parts.get("detail"):
        detail = _answer(answer.capture)
        if dig(detail, "result") == "FAIL":
            raise Unreadable("result", "product_gone", "the mall answers that there is no such product", None)
        stated |= {name: value for name, value in _data(answer.capture).items() if value is not None}
    if not stated:
        raise PageChanged("the product page holds neither a payload nor JSON-LD", parts["document"].capture.url)
    return stated


def _product(stated: Mapping[str, Any], document: Stored, mall: Mall, product_id: str, run_date: date) -> Product:
    shown = stated.get("itemNo")
    if shown is None or str(shown) != product_id:
        raise Unreadable("itemNo", "foreign_product", "the page shows another product", shown)
    name = legible("itemName", stated.get("itemName"))
    if not name:
        raise Unreadable("itemName", "missing_name", "the product has no name", None)
    options = read_options(stated)
    run = size_run(options.texts)
    codes = _categories(stated)
    gender = product_gender(codes)
    return Product(
        mall=mall.name,
        run_date=run_date,
        product_id=product_id,
        category=next((mall.categories[code] for code in codes if code in mall.categories), "other") if codes else None,
        mall_category=codes[0] if codes else None,  # the deepest of its first place
        name=name,
        brand=legible("brandNameKor", dig(stated, "frontBrand", "brandNameKor")),
        gender=gender,
        gender_implied=gender is not None,
        price_krw=_price(stated),
        image_url=_image(stated, mall),
        product_url=urls.product_page(mall.origins, product_id),
        size_options=_listed(options.texts),
        size_run=_listed(run.labels) if run else None,
        size_ruler=run.ruler if run else None,
        size_chart=None,  # the mall has a free text or a picture, no table
        sold_out=None if options.sold_out is None else json.dumps(options.sold_out, ensure_ascii=False),
        listed=True,
        captured_at=document.source.captured_at,
        capture_key=document.source.capture_key,
        capture_line=document.source.capture_line,
    )


def product_gender(codes: Iterable[str]) -> str | None:
    """For whom a product is, as far as its categories imply it: women, men, or unisex where it stands in both."""
    found = {gender for code in codes if (gender := urls.implied_gender(code))}
    return "unisex" if len(found) > 1 else next(iter(found), None)


def _categories(stated: Mapping[str, Any]) -> list[str]:
    """The codes of the product's categories: its places in the page's order, each from the deepest level up."""
    levels = ("category3Code", "category2Code", "category1Code")
    places = stated.get("frontCategoryInfo") or []
    return [code for place in places for level in levels if (code := clean(dig(place, level)))]


def _price(stated: Mapping[str, Any]) -> int | None:
    """The price that the page shows. `sellPrice` is the one before the mall's own discount, which it shows nowhere."""
    for field in ("internalDisplayPrice", "sellPrice"):
        if (price := number(field, stated.get(field), 0, 2_000_000_000)) is not None:
            return price
    return None


def _image(stated: Mapping[str, Any], mall: Mall) -> str | None:
    path = next((url for image in stated.get("itemImages") or [] if (url := clean(dig(image, "imageUrl")))), None)
    if path is None or path.startswith(("http://", "https://")):
        return path
    return f"https:{path}" if path.startswith("//") else f"{mall.origins['img']}/{path.lstrip('/')}"


def _listed(texts: Iterable[str]) -> str | None:
    found = list(texts)
    return json.dumps(found, ensure_ascii=False) if found else None


def _is_advertisement(row: Mapping[str, Any]) -> bool:
    return dig(row, "itemEvent", "eventProperties", "isAd") is True


def _rows(capture: Capture) -> list[dict[str, Any]]:
    rows = dig(_data(capture), "list")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise PageChanged(f"the ranking answer (status {capture.status}) holds no data.list", capture.url)
    return rows


def _data(capture: Capture) -> dict[str, Any]:
    data = dig(_answer(capture), "data")
    if not isinstance(data, dict):
        raise PageChanged(f"the answer (status {capture.status}) holds no data", capture.url)
    return data


def _answer(capture: Capture) -> Any:
    try:
        return json.loads(capture.body)
    except json.JSONDecodeError as error:
        raise PageChanged(f"the answer is no JSON: {error}", capture.url) from error
