"""What a page shows of one product: every text ready, so that templates only place it. No framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from include.publish import links
from include.settings import Mall
from web.advice import Advice, advise
from web.bodies import Bodies, Body
from web.queries import Band, Listed, Product, SameBrand
from web.words import say, word


@dataclass(frozen=True)
class Told:
    """Advice put into words; empty texts are not shown."""

    state: str
    size: str
    of_ten: int
    share: str
    sureness: str
    evidence: str
    notes: list[str]
    stays: str  # why a wish for a tighter or looser fit changes nothing
    warning: str  # sold out


@dataclass(frozen=True)
class Card:
    """One product in a list or at the head of its page."""

    rank: str
    place: str  # rank and ranking in words
    mall: str
    name: str
    brand: str
    price: str
    link: str
    mall_link: str | None
    image: str | None
    initial: str  # shown where there is no image
    fit: str
    told: Told


def card(listed: Listed, body: Body | None, malls: Mapping[str, Mall], language: str) -> Card:
    """The card of a listed product for a body."""
    product = listed.product
    return Card(
        rank=str(listed.rank or ""),
        place=_place(product.category, listed.rank, language),
        mall=word(language, product.mall),
        name=product.name,
        brand=product.brand or "",
        price=say(language, "price", price=f"{product.price_krw:,}") if product.price_krw is not None else "",
        link=_link(product.mall, product.product_id),
        mall_link=links.page(product.product_url, malls.get(product.mall)),
        image=links.image(product.image_url, malls.get(product.mall)),
        initial=(product.brand or product.name)[:1],
        fit=_fit(product, language),
        told=tell(advice_for(product, listed.band, body), language, product.reviewed_until),
    )


def advice_for(product: Product, band: Band | None, body: Body | None) -> Advice:
    """The advice for a product, also where there is no body or it lies off the grid."""
    if body is None:
        return Advice("no_body")
    if body.lookup() is None:
        return Advice("outside_grid")
    return advise(
        band, size_run=product.size_run or (), sold_out=product.sold_out or (), gender=body.gender, wish=body.wish
    )


def tell(advice: Advice, language: str, until: date | None = None) -> Told:
    """Advice in words; `until` is the day of the product's latest review."""
    if advice.state != "answered":
        sureness = say(language, advice.state)
        notes = [] if advice.state == "no_body" else [say(language, f"{advice.state}_means")]
        return Told(advice.state, "", 0, "", sureness, "", notes, "", "")
    small, large = advice.between or ("", "")
    return Told(
        state=advice.state,
        size=advice.size,
        of_ten=advice.of_ten,
        share=say(language, "of_ten_inferred" if advice.is_inferred else "of_ten", n=advice.of_ten),
        sureness=say(language, "between", small=small, large=large) if small else _sureness(advice, language),
        evidence=_evidence(advice.reviews, until, language),
        notes=_notes(advice, language),
        stays=say(language, f"stays_{advice.wish_stays}", size=advice.size) if advice.wish_stays else "",
        warning=say(language, "sold_out", size=advice.size) if advice.sold_out else "",
    )


def _sureness(advice: Advice, language: str) -> str:
    # how sure the first choice was is no word for the other one
    return say(language, "wished" if advice.wished else advice.sureness)


def _notes(advice: Advice, language: str) -> list[str]:
    notes = []
    if advice.between:
        shares = {advice.size: advice.share, advice.other: advice.other_share}
        values = [round(shares[size] * 100) for size in advice.between]
        small, large = advice.between
        notes.append(say(language, "between_means", small=small, large=large, low=values[0], high=values[1]))
    elif advice.other and not advice.wished:
        notes.append(say(language, "next_likely", size=advice.other, share=round(advice.other_share * 100)))
    if advice.wished:
        share = round(advice.other_share * 100)  # what the wish was preferred to is the other one now
        notes.append(say(language, f"wished_{advice.wished}", size=advice.from_size, share=share))
    if advice.any_gender:
        notes.append(say(language, "any_gender"))
    return notes


def body_line(body: Body, language: str) -> str:
    """172 cm · 64 kg · Woman."""
    gender = word(language, body.gender)
    return say(language, "body", height=f"{body.height_cm:g}", weight=f"{body.weight_kg:g}", gender=gender)


@dataclass(frozen=True)
class Person:
    """One remembered body in the list of people."""

    name: str
    line: str
    chosen: bool


def people(remembered: Bodies, language: str) -> list[Person]:
    """All remembered bodies."""
    return [
        Person(body.name, body_line(body, language), at == remembered.at) for at, body in enumerate(remembered.bodies)
    ]


def same_brand(others: list[SameBrand]) -> list[tuple[str, str, str]]:
    """Address, name and size of other garments of a brand."""
    return [(_link(each.mall, each.product_id), each.name, each.size_label) for each in others]


def _link(mall: str, product_id: str) -> str:
    return f"/products/{quote(mall, safe='')}/{quote(product_id, safe='')}"


def _evidence(reviews: int, until: date | None, language: str) -> str:
    key = {0: "evidence_none", 1: "evidence_one"}.get(reviews, "evidence")
    counted = say(language, key, n=f"{reviews:,}")
    return f"{counted} · {say(language, 'evidence_until', day=until)}" if until else counted


def _place(category: str | None, rank: int | None, language: str) -> str:
    return f"{word(language, category or 'other')} {say(language, 'rank', rank=rank)}" if rank else ""


def _fit(product: Product, language: str) -> str:
    return say(language, f"fit_{product.fit_advice}") if product.fit_advice else ""
