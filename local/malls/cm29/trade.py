"""How 29CM trades: categories divided by gender, no word of it on a review, a fit answer in three steps, gifts, blinded
reviews, and reviews of two bought options.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from local.malls.cm29 import spelling
from local.malls.cm29.codes import LARGE, MIDDLE, large, middle
from local.malls.goods import Product, Review
from local.malls.trade import Audience, LeftOut, Shelf, Trade

GIFT, BLIND = "gift", "blind"
FIT_CODES = {"작아요": 1, "잘 맞아요": 2, "커요": 3}
# Shares among reviews.
_GIFTS, _BLINDED, _TWO_OPTIONS, _ONLY_WEIGHT = 0.016, 0.01, 0.03, 0.01


def _shelf(genders: str, code: str, name: str, noun: str, *also: str) -> Shelf:
    """One small category; `also` names the middle categories beside its own in which its products stand."""
    own = middle(code)
    codes = (own, *also)
    rankings = tuple(dict.fromkeys((*codes, *map(large, codes))))
    return Shelf(code, (LARGE[large(code)], MIDDLE[own][1], name), noun, None, rankings, (genders,))


def _finish(review: Review, product: Product, rng: np.random.Generator) -> Review:
    """A gift, a blinded one, a second option of the same or another size, a body of which only the weight is stated."""
    gift, blind, second, only_weight = rng.random(4)
    choices = product.combinations()
    other = choices[int(rng.integers(len(choices)))]
    marks = {GIFT} if gift < _GIFTS else set()
    if blind < _BLINDED:
        marks.add(BLIND)
    if only_weight < _ONLY_WEIGHT and review.weight is not None:
        review = replace(review, height=None)
    if second < _TWO_OPTIONS and other not in review.choices:
        bought = (*review.choices, other)
        text = " + ".join(spelling.option_text(product, choice) for choice in bought)
        review = replace(review, choices=bought, size_option=text)
    return replace(review, marks=frozenset(marks))


def _expected_review(review: Review, product: Product, row: dict[str, Any]) -> dict[str, Any] | str:
    if BLIND in review.marks:
        return "blind_review"
    if len({choice[product.size_axis] for choice in review.choices}) > 1:
        return "size_several_sizes"
    gender = {"women": "female", "men": "male"}.get(product.gender or "")
    return row | {"gender": gender, "gender_implied": gender is not None}


def _expected_product(product: Product, row: dict[str, Any]) -> dict[str, Any]:
    """The options as the page spells them: the values of the level of sizes, or whole texts where it has one level."""
    if spelling.form(product) == spelling.TWO_LEVELS:
        texts = row["size_options"]
    else:
        name = spelling.layout(product)[0]
        prefix = f"[{name}]" if ":" in name else ""
        texts = [prefix + spelling.level_texts(product, choice)[0] for choice in product.combinations()]
    return row | {"size_options": texts, "gender_implied": True, "size_chart": None}


TRADE = Trade(
    mall="29cm",
    shelves={
        "tops": (
            _shelf("women", "268103101", "티셔츠", "하프 슬리브 티셔츠"),
            _shelf("women", "268103103", "블라우스", "셔링 블라우스"),
            _shelf("women", "268105102", "브이넥", "브이넥 니트", "268103100"),
            _shelf("unisex", "272103105", "스웨트셔츠", "스웨트셔츠", "268103100"),
        ),
        "bottoms": (
            _shelf("men", "272104104", "데님", "데님 팬츠"),
            _shelf("men", "272104105", "슬랙스", "와이드 슬랙스"),
            _shelf("unisex", "272104106", "트레이닝", "조거 팬츠", "268106100"),
        ),
        "dress": (
            _shelf("women", "268104101", "미니 원피스", "미니 원피스"),
            _shelf("women", "268104102", "롱 원피스", "셔츠 원피스"),
        ),
    },
    audiences=(Audience("women", 0.6, 0.98), Audience("men", 0.25, 0.04), Audience("unisex", 0.15, 0.5)),
    product_ids=(1_600_000, 4_100_000),
    first_review_id=12_000_000,
    codes=LARGE | {code: name for code, (_, name) in MIDDLE.items()},
    salt=(29,),
    left_out=LeftOut(profile=0.0, body=0.22, weight=0.012, gender=1.0, survey=0.06, size_question=0.03),
    fit_words=("작아요", "작아요", "잘 맞아요", "커요", "커요"),
    fit_truth={"작아요": ("small", False), "잘 맞아요": ("true", False), "커요": ("large", False)},
    size_titles=("SIZE", "SIZE", "Size", "size", "사이즈"),
    colour_titles=("COLOR", "COLOR", "Color", "color", "컬러", "색상", "디자인"),
    spell_sizes=spelling.spell_sizes,
    spell_colours=spelling.spell_colours,
    option_text=spelling.option_text,
    finish_review=_finish,
    expected_review=_expected_review,
    expected_product=_expected_product,
)
