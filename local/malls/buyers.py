"""The buyers of generated garments and what they write: bodies, sizes, fit answers, and all that people leave out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from local.malls import bodies, words
from local.malls.garments import Garment
from local.malls.goods import FIVE_STEPS, Product, Review
from local.malls.rule import draw_sizes
from local.malls.trade import LeftOut, Trade

SEOUL = ZoneInfo("Asia/Seoul")
WOMAN, MAN = "여성", "남성"


@dataclass(slots=True)
class _Draft:
    review: Review
    age_days: float


def reviews_of(
    made: Sequence[Garment], counts: Sequence[int], day: date, rng: np.random.Generator, trade: Trade
) -> list[Review]:
    """`counts` reviews of each garment, oldest first, the newest shortly before the end of `day`."""
    drafts: list[_Draft] = []
    for garment, count in zip(made, counts, strict=True):
        drafts += _draft(garment, count, rng, trade)
    return _number(drafts, day, rng, trade.first_review_id)


def _draft(garment: Garment, count: int, rng: np.random.Generator, trade: Trade) -> list[_Draft]:
    """Reviews of one garment, still without number and date."""
    women = rng.random(count) < garment.rule.women_share
    heights, weights = bodies.draw(women, rng)
    fitting, bought, beyond = draw_sizes(garment.rule, women, heights, weights, rng)
    ages = rng.exponential(120, count)
    # A sibling sells as its place says; all the reviews are shared.
    places = rng.integers(len(garment.products), size=count)
    return [
        _Draft(
            _review(
                garment.products[int(places[i])],
                WOMAN if women[i] else MAN,
                (int(heights[i]), int(weights[i])),
                (int(fitting[i]), int(bought[i]), float(beyond[i])),
                rng,
                trade,
            ),
            float(ages[i]),
        )
        for i in range(count)
    ]


def _review(
    product: Product,
    gender: str,
    body: tuple[int, int],
    sizes: tuple[int, int, float],
    rng: np.random.Generator,
    trade: Trade,
) -> Review:
    fitting, bought, beyond = sizes
    step = _fit_step(bought - fitting, beyond if bought == fitting else 0.0, rng) + 2
    shown, no_body, no_weight, no_gender, surveyed, asked = _left_out(trade.left_out, rng)
    choices = [choice for choice in product.combinations() if choice[product.size_axis] == bought]
    rating_odds = (0.76, 0.18, 0.06) if FIVE_STEPS[step] == "정사이즈" else (0.35, 0.40, 0.25)
    stated = surveyed and asked
    choice = choices[int(rng.integers(len(choices)))]
    review = Review(
        review_id="",
        product_id=product.product_id,
        gender=None if no_gender else gender,
        height=None if no_body else body[0],
        weight=None if no_body or no_weight else body[1],
        size_option=trade.option_text(product, choice),
        fit_answer=trade.fit_words[step] if stated else None,
        surveyed=surveyed,
        rating=5 - int(rng.choice(3, p=rating_odds)) - int(rng.random() < 0.03),
        content=words.review_text(FIVE_STEPS[step] if stated else None, rng),
        likes=int(rng.geometric(0.5)) - 1,
        shown=shown,
        choices=(choice,),
        bought_index=bought,
        fitting_index=fitting,
    )
    return trade.finish_review(review, product, rng)


def _left_out(shares: LeftOut, rng: np.random.Generator) -> tuple[bool, bool, bool, bool, bool, bool]:
    hidden, body, weight, gender, survey, question = rng.random(6)
    shown = hidden >= shares.profile
    return (
        bool(shown),
        bool(not shown or body < shares.body),
        bool(weight < shares.weight),
        bool(not shown or gender < shares.gender),
        bool(survey >= shares.survey),
        bool(question >= shares.size_question),
    )


def _fit_step(difference: int, beyond: float, rng: np.random.Generator) -> int:
    """-2..2 from how far the bought size lies above the fitting one; `beyond`: no better size was to be had."""
    pick = float(rng.random())
    if difference == 0 and abs(beyond) > 0.5:
        return -int(np.sign(beyond)) if pick < 0.7 else 0
    if difference == 0:
        return 0 if pick < 0.92 else (1 if pick < 0.96 else -1)
    if abs(difference) == 1:
        return 0 if pick < 0.10 else int(np.sign(difference)) * (1 if pick < 0.80 else 2)
    return int(np.sign(difference)) * (2 if pick < 0.8 else 1)


def _number(drafts: list[_Draft], day: date, rng: np.random.Generator, first: int) -> list[Review]:
    """Numbers rise with time, with gaps, as the mall's do."""
    end = datetime(day.year, day.month, day.day, 23, 0, tzinfo=SEOUL)
    drafts.sort(key=lambda draft: -draft.age_days)
    numbers = first + np.cumsum(rng.integers(1, 90, len(drafts)))
    made = []
    for draft, number in zip(drafts, numbers, strict=True):
        moment = end - timedelta(seconds=int(draft.age_days * 86_400))
        made.append(_numbered(draft.review, str(number), moment))
    return made


def _numbered(review: Review, number: str, moment: datetime) -> Review:
    object.__setattr__(review, "review_id", number)  # still ours alone: a copy of every review would double the time
    object.__setattr__(review, "created_at", moment)
    return review
