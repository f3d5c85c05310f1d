"""What a replica mall has in stock: products, rankings and reviews, whether generated or read from a file.

Neutral on purpose: a replica (local/malls/<mall>) turns these values into its own URLs and JSON,
and never asks where they came from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

# The five answers to "how was the size?", from far too small to far too large.
FIVE_STEPS = ("많이 작음", "조금 작음", "정사이즈", "조금 큼", "많이 큼")


@dataclass(frozen=True, slots=True)
class Axis:
    """One drop-down of the options: its title and the texts to choose from."""

    title: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """The mall's "actual size" table: one row for each size text, one column for each measured part."""

    type_name: str
    parts: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float | str | None, ...]], ...]
    values_key: str  # the mall is not consistent: "items" or "values"


@dataclass(frozen=True, slots=True)
class Product:
    """One sellable garment. None where the source does not know (a file of reviews knows almost nothing)."""

    product_id: str
    group: str  # colour siblings share it, and their reviews
    name: str
    brand: str | None = None
    brand_slug: str | None = None
    category: str | None = None  # Otto's word
    mall_category: str | None = None  # the mall's code
    category_path: tuple[str, ...] = ()
    gender: str | None = None  # men, women, unisex
    price_krw: int | None = None
    list_price_krw: int | None = None
    axes: tuple[Axis, ...] = ()
    size_axis: int = 0  # which of the axes holds the sizes
    size_labels: tuple[str, ...] = ()  # the truth: normalised label of each value of that axis, small to large
    size_ruler: str | None = None
    out_of_stock: frozenset[tuple[int, ...]] = frozenset()  # combinations of value indexes
    chart: Chart | None = None
    listed: bool = True

    @property
    def sold_out(self) -> tuple[str, ...]:
        """Labels of the sizes that no combination offers any more."""
        left = {combination[self.size_axis] for combination in self.combinations()} if self.axes else set()
        gone = left - {choice[self.size_axis] for choice in self.combinations() if choice not in self.out_of_stock}
        return tuple(self.size_labels[index] for index in sorted(gone))

    def combinations(self) -> list[tuple[int, ...]]:
        """Every choice of one value an axis, the last axis changing fastest."""
        choices: list[tuple[int, ...]] = [()] if self.axes else []
        for axis in self.axes:
            choices = [(*choice, index) for choice in choices for index in range(len(axis.values))]
        return choices

    def option_text(self, choice: tuple[int, ...]) -> str:
        """The text that a review shows for a bought combination."""
        return "/".join(axis.values[index] for axis, index in zip(self.axes, choice, strict=True))


@dataclass(frozen=True, slots=True)
class Review:
    """One buyer's report, as the mall would state it; choices and indexes are the truth behind it."""

    review_id: str
    product_id: str
    gender: str | None  # the mall's word: 남성, 여성; or whatever the file says
    height: int | str | None
    weight: int | str | None
    size_option: str
    fit_answer: str | None = None
    surveyed: bool = False  # a survey may be answered without the question about the size
    rating: int | None = None
    created_at: datetime | None = None
    content: str = ""
    likes: int = 0
    shown: bool = True  # the profile is open
    marks: frozenset[str] = frozenset()  # what a mall's trade notes: a gift, a blind one; the site's own words
    choices: tuple[tuple[int, ...], ...] = ()  # what was bought, as indexes into the product's axes; mostly one
    bought_index: int | None = None
    fitting_index: int | None = None


@dataclass(frozen=True)
class Stock:
    """Everything that one replica mall serves."""

    products: Mapping[str, Product]
    rankings: Mapping[str, Sequence[str]]  # ranking code -> product ids, best first
    siblings: Mapping[str, tuple[str, ...]]  # product id -> ids of its group, itself included
    reviews: Mapping[str, Sequence[Review]]  # group -> reviews, most useful first
    numbered: bool = True  # the mall numbers its reviews; else their ids are text
    codes: Mapping[str, str] | None = None  # code -> the category's Korean name

    def reviews_of(self, product_id: str) -> Sequence[Review]:
        """The reviews that the product's page shows: those of all its siblings."""
        product = self.products.get(product_id)
        return self.reviews.get(product.group, ()) if product else ()

    def review_count(self) -> int:
        """Distinct reviews served."""
        return sum(len(reviews) for reviews in self.reviews.values())
