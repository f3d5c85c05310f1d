"""Generated garments: size rule, run, options, prices, chart; one product a colour where colours are sold apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from local.malls import bodies, rulers, words
from local.malls.goods import Axis, Chart, Product
from local.malls.rule import SizeRule
from local.malls.trade import Audience, Shelf, Trade

# Sizes a kilogram and a centimetre: trousers go by the waist, jackets by the frame.
_EFFECTS = {
    "tops": (0.080, 0.032),
    "outer": (0.072, 0.040),
    "bottoms": (0.095, 0.018),
    "dress": (0.085, 0.030),
    "skirt": (0.100, 0.012),
}
_PRICES = {"tops": 35_000, "outer": 89_000, "bottoms": 48_000, "dress": 62_000, "skirt": 39_000}
# Part, cm of the middle size, cm a size.
_PARTS = {
    "tops": (("총장", 69.0, 2.0), ("어깨너비", 50.0, 2.0), ("가슴단면", 56.0, 2.5), ("소매길이", 23.0, 1.0)),
    "outer": (("총장", 68.0, 2.0), ("어깨너비", 49.0, 2.0), ("가슴단면", 59.0, 2.5), ("소매길이", 62.0, 1.5)),
    "bottoms": (
        ("총장", 102.0, 1.5),
        ("허리단면", 40.0, 2.5),
        ("엉덩이단면", 54.0, 2.5),
        ("허벅지단면", 33.0, 1.5),
        ("밑위", 30.0, 0.7),
        ("밑단단면", 22.0, 0.8),
    ),
    "dress": (("총장", 108.0, 1.5), ("어깨너비", 40.0, 1.5), ("가슴단면", 46.0, 2.5), ("소매길이", 24.0, 1.0)),
    "skirt": (("총장", 62.0, 1.5), ("허리단면", 34.0, 2.0), ("엉덩이단면", 47.0, 2.5), ("밑단단면", 55.0, 2.5)),
}


@dataclass(frozen=True)
class Garment:
    """One garment: its products (one, or one for each colour) and the rule that they share."""

    products: tuple[Product, ...]
    rule: SizeRule
    popularity: float


def generate(listed: int, rng: np.random.Generator, trade: Trade) -> list[Garment]:
    """Garments whose listed products number exactly `listed`, spread over the categories of a mall in turn."""
    brand_names = words.brands(max(6, listed // 6), rng)
    brand_offsets = rng.normal(0, 0.35, len(brand_names))
    low, high = trade.product_ids
    gap = max(1, (high - low) // (listed * 4))
    spaced = np.arange(low, high, gap)
    categories = tuple(trade.shelves)
    ids = iter(rng.permutation(spaced + rng.integers(0, gap, len(spaced))))
    garments: list[Garment] = []
    left = listed
    while left > 0:
        brand = int(rng.integers(len(brand_names)))
        category = categories[len(garments) % len(categories)]
        base, rule = _garment(category, brand_names[brand], float(brand_offsets[brand]), rng, trade)
        products = _colourways(base, left, ids, rng, trade)
        left -= sum(product.listed for product in products)
        garments.append(Garment(products, rule, float(np.exp(rng.normal(0, 1.1)))))
    return garments


def _garment(
    category: str, brand: tuple[str, str], brand_offset: float, rng: np.random.Generator, trade: Trade
) -> tuple[Product, SizeRule]:
    audience, shelf = _placed(category, rng, trade)
    run = rulers.draw_run(category, audience.gender, rng, trade.ruler_shares)
    offset = brand_offset + float(rng.normal(0, 0.25))
    price = int(np.exp(rng.normal(np.log(_PRICES[category]), 0.35)) // 1000) * 1000 + 900
    cut = float(rng.choice([1.0, 0.95, 0.9, 0.8, 0.7]))
    sizes = trade.spell_sizes(run, rng)
    base = Product(
        product_id="",
        group="",
        name=words.product_name(shelf.noun, rng),
        brand=brand[0],
        brand_slug=brand[1],
        category=category,
        mall_category=shelf.code,
        category_path=shelf.path,
        gender=audience.gender,
        price_krw=int(price * cut) // 10 * 10,
        list_price_krw=price,
        axes=(Axis(str(rng.choice(trade.size_titles)), sizes),),
        size_labels=run.labels,
        size_ruler=run.ruler,
        chart=_chart(category, shelf.chart, sizes, run.step, offset, rng),
    )
    return base, _rule(category, run, audience.women, offset, rng)


def _placed(category: str, rng: np.random.Generator, trade: Trade) -> tuple[Audience, Shelf]:
    """For whom a garment of a category is, and on which shelf it stands."""
    shelves = trade.shelves[category]
    served = {gender for shelf in shelves for gender in shelf.genders}
    audiences = [audience for audience in trade.audiences if audience.gender in served]
    shares = np.array([audience.share for audience in audiences])
    audience = audiences[int(rng.choice(len(audiences), p=shares / shares.sum()))]
    fitting = [shelf for shelf in shelves if audience.gender in shelf.genders]
    return audience, fitting[int(rng.integers(len(fitting)))]


def _rule(category: str, run: rulers.Run, women_share: float, offset: float, rng: np.random.Generator) -> SizeRule:
    weight_effect, height_effect = (effect * float(rng.normal(1, 0.07)) for effect in _EFFECTS[category])
    rule = SizeRule((), weight_effect, height_effect, 0.25, women_share)
    height, weight = bodies.mean_body(women_share)
    centre = float(rule.score(np.array(women_share), np.array(height), np.array(weight))) + offset
    last = len(run.labels) - 2
    return replace(rule, thresholds=tuple(centre + run.step * (place - last / 2) for place in range(last + 1)))


def _colourways(
    base: Product, left: int, ids: Iterator[int], rng: np.random.Generator, trade: Trade
) -> tuple[Product, ...]:
    """The garment as one product with a colour option, or as colour siblings, of which a ranking may list only some."""
    group = str(next(ids))
    if rng.random() < trade.siblings:
        colours = trade.spell_colours(int(rng.integers(2, 4)), rng)
        siblings: list[Product] = []
        for index, colour in enumerate(colours):
            number = group if index == 0 else str(next(ids))
            listed = index == 0 or (left > len(siblings) and rng.random() < 0.4)
            named = replace(base, product_id=number, group=group, name=f"{base.name}_{colour}", listed=listed)
            siblings.append(_with_stock(named, rng))
        return tuple(siblings)
    product = replace(base, product_id=group, group=group)
    count = int(rng.choice([1, 2, 3, 5], p=[0.3, 0.25, 0.3, 0.15]))
    if count > 1:
        title = str(rng.choice(trade.colour_titles))
        axes = (Axis(title, trade.spell_colours(count, rng)), *base.axes)
        colour_first = bool(rng.random() < 0.85)
        name = f"{base.name} ({count}color)" if rng.random() < 0.5 else base.name
        axes = axes if colour_first else axes[::-1]
        product = replace(product, axes=axes, size_axis=1 if colour_first else 0, name=name)
    return (_with_stock(product, rng),)


def _with_stock(product: Product, rng: np.random.Generator) -> Product:
    """Some products lack a whole size, some only one colour of it."""
    pick, choices = rng.random(), product.combinations()
    size = int(rng.integers(len(product.size_labels)))
    gone: list[tuple[int, ...]] = []
    if pick < 0.15 and len(product.size_labels) > 1:
        gone = [choice for choice in choices if choice[product.size_axis] == size]
    elif pick < 0.3 and len(product.axes) > 1:
        gone = [choices[int(rng.integers(len(choices)))]]
    return replace(product, out_of_stock=frozenset(gone))


def _chart(
    category: str, type_name: str | None, sizes: tuple[str, ...], step: float, offset: float, rng: np.random.Generator
) -> Chart | None:
    """Centimetres that tell the same story as the rule: a garment that runs small (offset below 0) measures less."""
    if rng.random() < 0.15 or type_name is None:
        return None
    parts = _PARTS[category]
    as_text, has_gap = rng.random() < 0.08, rng.random() < 0.08
    middle = (len(sizes) - 1) / 2
    rows = []
    for place, size in enumerate(sizes):
        values: list[float | str | None] = []
        for _, centre, growth in parts:
            # The larger the offset, the larger a body its middle size fits.
            cm = float(np.round(2 * (centre + growth * (step * (place - middle) + offset)) + rng.normal(0, 0.3)) / 2)
            values.append(f"{cm:.1f}" if as_text else cm)
        if has_gap:
            values[-1] = None
        rows.append((size, tuple(values)))
    key = "values" if rng.random() < 0.1 else "items"
    return Chart(type_name, tuple(part for part, _, _ in parts), tuple(rows), key)
