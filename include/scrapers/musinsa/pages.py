"""Musinsa's ranking and product captures -> records. Pure: what a page says comes out, or a named refusal.

A field that is absent is None; a field that is there and cannot be read is a Refusal; a page without its envelope
raises PageChanged. The reviews have a module of their own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from include.rules.option_words import axis_kind
from include.rules.size_option import SizeRefused, read_size_option
from include.rules.size_run import number_ruler, size_run
from include.scrapers.captures import Capture, Stored
from include.scrapers.errors import PageChanged
from include.scrapers.fields import Unreadable, clean, dig, number, product_id_of, refusal
from include.scrapers.musinsa import urls
from include.scrapers.records import Product, RankingEntry, Refusal
from include.settings import Mall

_NEXT_DATA = re.compile(r'<script id="__NEXT_DATA__"[^>]*>(.*?)</script>', re.DOTALL)
_GENDERS = {("남성",): "men", ("여성",): "women", ("남성", "여성"): "unisex", ("공용",): "unisex"}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one list response of a ranking goes."""

    products: int
    last_rank: int
    has_next: bool


def ranking_progress(capture: Capture) -> Progress:
    """What a visit needs to know to go on. Raises PageChanged."""
    data = _data(capture)
    cards = list(_cards(data, capture.url))
    ranks = [rank for card in cards if isinstance(rank := dig(card, "image", "rank"), int)]
    return Progress(len(cards), max(ranks, default=0), bool(dig(data, "link", "next")))


def read_ranking(stored: Iterable[Stored], mall: Mall, category: str, run_date: date) -> list[RankingEntry | Refusal]:
    """The places of one ranking, advertisements left out."""
    rows: list[RankingEntry | Refusal] = []
    for page in stored:
        code = (urls.listed(page.capture.url) or urls.Listed("", "", "")).subject
        for card in _cards(_data(page.capture), page.capture.url):
            product_id = None
            try:
                product_id = product_id_of(card.get("id"))
                rank = number("rank", dig(card, "image", "rank"), 1, 1_000_000)
                if rank is None:
                    raise Unreadable("rank", "missing_rank", "the card has no rank", None)
            except Unreadable as error:
                rows.append(refusal("product_rank", mall.name, run_date, error, page.source, product_id))
                continue
            source = page.source
            rows.append(
                RankingEntry(
                    mall.name, run_date, category, code, rank, product_id,
                    source.captured_at, source.capture_key, source.capture_line,
                )
            )  # fmt: skip
    return rows


def has_options(capture: Capture) -> bool:
    """Whether a product's option list names anything; its page asks for stock only then."""
    return bool(dig(_data(capture), "basic")) and bool(dig(_data(capture), "optionItems"))


def read_product(stored: Iterable[Stored], mall: Mall, product_id: str, run_date: date) -> Product | Refusal:
    """One product from its document and the answers that its page loads. Raises PageChanged."""
    parts = {found.part: page for page in stored if (found := urls.listed(page.capture.url))}
    if "document" not in parts:
        raise PageChanged(f"the product {product_id} has no document", product_id)
    document = parts["document"]
    try:
        if document.capture.status in (404, 410):
            raise Unreadable("page", "product_gone", f"the page answered {document.capture.status}", None)
        return _product(document, parts, mall, product_id, run_date)
    except Unreadable as error:
        return refusal("product", mall.name, run_date, error, document.source, product_id)


def _product(document: Stored, parts: Mapping[str, Stored], mall: Mall, product_id: str, run_date: date) -> Product:
    state = embedded(document.capture)
    if str(dig(state, "goodsNo")) != product_id:
        raise Unreadable("goodsNo", "foreign_product", "the page shows another product", dig(state, "goodsNo"))
    name = clean(dig(state, "goodsNm"))
    if not name:
        raise Unreadable("goodsNm", "missing_name", "the product has no name", None)
    options = _data(parts["options"].capture) if "options" in parts else {}
    texts = size_options(options)
    run = size_run(texts)
    ruler = number_ruler(texts)
    code = dig(state, "category", "categoryDepth1Code")
    deeper = dig(state, "category", "categoryDepth2Code") or code
    image = clean(dig(state, "thumbnailImageUrl"))
    return Product(
        mall=mall.name,
        run_date=run_date,
        product_id=product_id,
        category=mall.categories.get(urls.six_digits(str(code)), "other") if code else None,
        mall_category=clean(deeper),
        name=name,
        brand=clean(dig(state, "brandInfo", "brandName")),
        gender=_gender(dig(state, "sex")),
        gender_implied=False,
        price_krw=number("finalPrice", dig(state, "goodsPrice", "finalPrice"), 0, 2_000_000_000),
        image_url=absolute_image(image, mall),
        product_url=urls.product_page(mall.origins, product_id),
        size_options=json.dumps(texts, ensure_ascii=False) if texts else None,
        size_run=json.dumps(run.labels, ensure_ascii=False) if run else None,
        size_ruler=run.ruler if run else None,
        size_chart=_size_chart(parts.get("actual_size"), ruler),
        sold_out=_sold_out(options, parts.get("inventories"), ruler),
        listed=True,
        captured_at=document.source.captured_at,
        capture_key=document.source.capture_key,
        capture_line=document.source.capture_line,
    )


def size_options(options: Mapping[str, Any]) -> list[str]:
    """The values of the axis of sizes: the one that is named so, else the one whose values are sizes."""
    axis = _size_axis(options)
    if axis is None:
        return []
    return [
        text
        for value in axis.get("optionValues") or []
        if not value.get("isDeleted") and (text := clean(value.get("name")))
    ]


def _size_axis(options: Mapping[str, Any]) -> dict[str, Any] | None:
    axes = [axis for axis in options.get("basic") or [] if isinstance(axis, dict)]
    for axis in axes:
        if axis_kind(str(axis.get("name") or "")) == "size":
            return axis
    for axis in axes:
        run = size_run(str(value.get("name")) for value in axis.get("optionValues") or [])
        if run and len(run.labels) > len(run.left_out):
            return axis
    return None


def absolute_image(path: str | None, mall: Mall) -> str | None:
    """The address of an image that a page names by its path."""
    if not path:
        return None
    if path.startswith(("http://", "https://")):
        return path
    return f"https:{path}" if path.startswith("//") else f"{mall.origins['image']}/{path.lstrip('/')}"


def _gender(sexes: Any) -> str | None:
    if not sexes:
        return None
    words = tuple(sorted(str(word).strip() for word in sexes)) if isinstance(sexes, list) else (str(sexes).strip(),)
    if words not in _GENDERS:
        raise Unreadable("sex", "unreadable_gender", "none of the known words", words)
    return _GENDERS[words]


def _size_chart(answer: Stored | None, ruler: str | None) -> str | None:
    """The measures in cm by label; a measure that is no number (a guide word, an empty cell) is no measure."""
    chart = []
    for size in (dig(_data(answer.capture), "sizes") or []) if answer else []:
        try:
            label = read_size_option(str(size.get("name") or ""), ruler).label
        except SizeRefused:
            continue
        cells = size.get("items") or size.get("values") or size.get("actual_size") or []
        parts = {clean(cell.get("name")): _centimetres(cell.get("value")) for cell in cells}
        measured = {name: value for name, value in parts.items() if name and value is not None}
        if measured:
            chart.append({"label": label, "parts": measured})
    return json.dumps(chart, ensure_ascii=False) if chart else None


def _centimetres(value: Any) -> float | None:
    match = re.fullmatch(r"\s*(\d{1,3}(?:\.\d{1,2})?)\s*(?:cm)?\s*", str(value))
    return float(match[1]) if match else None


def _sold_out(options: Mapping[str, Any], answer: Stored | None, ruler: str | None) -> str | None:
    """The labels of which no item is left; None where the mall did not say."""
    axis = _size_axis(options)
    stock = {str(row.get("productVariantId")): row.get("outOfStock") for row in _data(answer.capture)} if answer else {}
    if axis is None or not stock or any(gone is None for gone in stock.values()):
        return None
    names = {str(value.get("no")): str(value.get("name")) for value in axis.get("optionValues") or []}
    left: dict[str, bool] = {}
    for item in options.get("optionItems") or []:
        for value in map(str, item.get("optionValueNos") or []):
            if value in names and str(item.get("no")) in stock:
                left[value] = left.get(value, False) or not stock[str(item["no"])]
    labels = []
    for value, some_left in left.items():
        try:
            label = read_size_option(names[value], ruler).label
        except SizeRefused:
            continue
        if not some_left:
            labels.append(label)
    return json.dumps(list(dict.fromkeys(labels)), ensure_ascii=False)


def embedded(capture: Capture) -> dict[str, Any]:
    """The product's state inside its document. Raises PageChanged."""
    match = _NEXT_DATA.search(capture.body)
    try:
        state = dig(json.loads(match[1]), "props", "pageProps", "meta", "data") if match else None
    except json.JSONDecodeError as error:
        raise PageChanged(f"the product's embedded data is no JSON: {error}", capture.url) from error
    if not isinstance(state, dict):
        raise PageChanged("the product page holds no __NEXT_DATA__ with props.pageProps.meta.data", capture.url)
    return state


def _data(capture: Capture) -> Any:
    """The `data` of an answer. Raises PageChanged."""
    try:
        answer = json.loads(capture.body)
    except json.JSONDecodeError as error:
        raise PageChanged(f"the answer is no JSON: {error}", capture.url) from error
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, (dict, list)):
        raise PageChanged(f"the answer (status {capture.status}) holds no data", capture.url)
    return data


def _cards(data: Any, url: str) -> Iterable[dict[str, Any]]:
    modules = dig(data, "modules")
    if not isinstance(modules, list):
        raise PageChanged("the ranking holds no data.modules", url)
    for module in modules:
        if module.get("type") == "MULTICOLUMN":
            yield from (item for item in module.get("items") or [] if item.get("type") == "PRODUCT_COLUMN")
