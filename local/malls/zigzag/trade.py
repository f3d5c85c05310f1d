"""How Zigzag trades: women's clothes of many small shops, mostly in one free size, a fit answer in three steps."""

from __future__ import annotations

from typing import Any

from local.malls.goods import Product, Review
from local.malls.trade import Audience, LeftOut, Shelf, Trade
from local.malls.zigzag import spelling
from local.malls.zigzag.sale import is_suspended

# Ranking code -> its Korean name.
CODES = {"474": "상의", "2757": "니트/카디건", "547": "팬츠", "560": "스커트", "507": "원피스"}


def _shelf(code: str, word: str, noun: str) -> Shelf:
    ranking = next(known for known in CODES if code.startswith(known))
    # knitwear has a list of its own and stands among the tops: a small replica may hold none, and its list is not read
    rankings = (ranking, "474") if ranking == "2757" else (ranking,)
    return Shelf(code, ("패션의류", CODES[ranking], word), noun, CODES[ranking], rankings, ("women",))


def _option_text(product: Product, choice: tuple[int, ...]) -> str:
    pairs = zip(product.axes, choice, strict=True)
    return " ".join(f"[{axis.title}]{axis.values[index]}" for axis, index in pairs)


def _expected_review(review: Review, product: Product, row: dict[str, Any]) -> dict[str, Any] | str:
    return row | {"gender": "female", "gender_implied": True}


def _expected_product(product: Product, row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        "gender": "women",
        "gender_implied": True,
        "size_chart": _size_chart(product),
        "sold_out": list(product.size_labels) if is_suspended(product) else row["sold_out"],
    }


def _size_chart(product: Product) -> list[dict[str, Any]] | None:
    """The measures that are numbers; the rows of a chart stand in the order of the labels."""
    if product.chart is None:
        return None
    rows = zip(product.size_labels, product.chart.rows, strict=True)
    measured = [(label, zip(product.chart.parts, values, strict=True)) for label, (_, values) in rows]
    return [
        {"label": label, "parts": {part: float(value) for part, value in cells if value is not None}}
        for label, cells in measured
    ]


TRADE = Trade(
    mall="zigzag",
    shelves={
        "tops": (
            _shelf("47401", "티셔츠", "반팔 티셔츠"),
            _shelf("47402", "블라우스", "셔링 블라우스"),
            _shelf("47403", "나시", "골지 나시"),
            _shelf("275701", "니트", "라운드 니트"),
            _shelf("275702", "카디건", "크롭 가디건"),
        ),
        "bottoms": (
            _shelf("54701", "슬랙스", "밴딩 슬랙스"),
            _shelf("54702", "데님 팬츠", "와이드 데님"),
            _shelf("54703", "숏팬츠", "코튼 숏팬츠"),
        ),
        "skirt": (_shelf("56001", "미니스커트", "플리츠 미니스커트"), _shelf("56002", "롱스커트", "A라인 롱스커트")),
        "dress": (_shelf("50701", "미니원피스", "퍼프 원피스"), _shelf("50702", "롱원피스", "뷔스티에 롱원피스")),
    },
    audiences=(Audience("women", 1.0, 0.98),),
    product_ids=(101_000_000, 189_000_000),
    first_review_id=43_000_000,
    codes=CODES,
    salt=(9_217,),
    # No profile is hidden, a tenth states no body, and the mall states no gender at all.
    left_out=LeftOut(profile=0.0, body=0.1, weight=0.02, gender=1.0, survey=0.2, size_question=0.05),
    fit_words=("작아요", "작아요", "정사이즈예요", "생각보다 커요", "생각보다 커요"),
    fit_truth={"작아요": ("small", False), "정사이즈예요": ("true", False), "생각보다 커요": ("large", False)},
    size_titles=("사이즈", "SIZE", "사이즈 선택"),
    colour_titles=("색상", "컬러", "color"),
    ruler_shares={
        "tops": {"free": 0.55, "letter": 0.35, "korean": 0.1},
        "bottoms": {"free": 0.15, "letter": 0.55, "inch": 0.2, "korean": 0.1},
        "skirt": {"free": 0.35, "letter": 0.5, "inch": 0.05, "korean": 0.1},
        "dress": {"free": 0.6, "letter": 0.3, "korean": 0.1},
    },
    spell_sizes=spelling.spell_sizes,
    spell_colours=spelling.spell_colours,
    option_text=_option_text,
    expected_review=_expected_review,
    expected_product=_expected_product,
)
