"""How one mall trades: what makes its generated stock its own.

A value, not a class to inherit from: the sources (garments, buyers, catalogue) are the same for every mall and ask a
`Trade` for what differs: shelves and rankings, audience, numbers, the spelling of options, what buyers leave out, the
words of the fit answer, and what a faithful scraper makes of a review.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from local.malls import rulers
from local.malls.goods import FIVE_STEPS, Product, Review

type Fit = tuple[str | None, bool]  # small, true, large or None; whether "slightly" was said


@dataclass(frozen=True, slots=True)
class Shelf:
    """One category of the mall in which a garment can stand."""

    code: str  # the mall's code, as the product's page states it
    path: tuple[str, ...]  # the words of the category from the top
    noun: str  # what such a garment is called
    chart: str | None  # the type name of its size chart; None: this mall or shelf has no charts
    rankings: tuple[str, ...]  # codes of the rankings in which its products stand
    genders: tuple[str, ...] = ("men", "women", "unisex")  # for whom such a garment can be


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom products are made for."""

    gender: str  # men, women, unisex
    share: float  # of the products
    women: float  # share of women among their buyers


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Shares of what reviewers leave out."""

    profile: float = 0.04  # hidden altogether: neither body nor gender
    body: float = 0.07
    weight: float = 0.015
    gender: float = 0.03  # 1.0 where the mall never states it
    survey: float = 0.15
    size_question: float = 0.03


def _plain_option(product: Product, choice: tuple[int, ...]) -> str:
    return product.option_text(choice)


def _as_it_is(review: Review, product: Product, rng: np.random.Generator) -> Review:
    return review


def _as_stated(review: Review, product: Product, row: dict[str, Any]) -> dict[str, Any] | str:
    return row


def _as_shown(product: Product, row: dict[str, Any]) -> dict[str, Any]:
    return row


@dataclass(frozen=True)
class Trade:
    """One mall's ways. Shares and functions have the values of an ordinary mall unless it says otherwise."""

    mall: str  # its name in the settings
    shelves: Mapping[str, tuple[Shelf, ...]]  # Otto's category -> shelves; garments are spread over the keys in turn
    audiences: tuple[Audience, ...]
    product_ids: tuple[int, int]  # products are numbered from, to
    first_review_id: int  # reviews are numbered upwards from here, in the order of time
    codes: Mapping[str, str]  # ranking code -> its Korean name
    salt: tuple[int, ...]  # with the seed, makes the mall's chance its own; () for Musinsa, each other mall another one
    left_out: LeftOut = LeftOut()
    siblings: float = 0.0  # share of garments whose colours are products of their own, with shared reviews
    # The words of the five steps from far too small to far too large (a mall with three repeats its words), and what
    # each word means.
    fit_words: tuple[str, str, str, str, str] = FIVE_STEPS
    fit_truth: Mapping[str, Fit] = field(
        default_factory=lambda: dict(
            zip(
                FIVE_STEPS,
                (("small", False), ("small", True), ("true", False), ("large", True), ("large", False)),
                strict=True,
            )
        )
    )
    size_titles: tuple[str, ...] = ("사이즈", "SIZE", "size")
    colour_titles: tuple[str, ...] = ("컬러", "색상", "COLOR")
    # Otto's category -> ruler -> share; the default is Musinsa's.
    ruler_shares: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: rulers.SHARES)
    spell_sizes: Callable[[rulers.Run, np.random.Generator], tuple[str, ...]] = rulers.spell_sizes
    spell_colours: Callable[[int, np.random.Generator], tuple[str, ...]] = rulers.spell_colours
    # The one text that a faithful scraper stores as the size option of a bought combination.
    option_text: Callable[[Product, tuple[int, ...]], str] = _plain_option
    # Last touch on a drafted review: marks such as a gift or a blind one, a second option. Draw from `rng` alone.
    finish_review: Callable[[Review, Product, np.random.Generator], Review] = _as_it_is
    # What a faithful scraper makes of a review: the row in the staging columns' words, changed where the mall differs,
    # or the reason code with which it is quarantined.
    expected_review: Callable[[Review, Product, dict[str, Any]], dict[str, Any] | str] = _as_stated
    # The same for a product that a ranking lists.
    expected_product: Callable[[Product, dict[str, Any]], dict[str, Any]] = _as_shown
