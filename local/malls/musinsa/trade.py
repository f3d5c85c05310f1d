"""How Musinsa trades: six-digit codes, men and women, colour siblings, a fit answer in five steps."""

from __future__ import annotations

from local.malls.musinsa.codes import TOP_CODES
from local.malls.trade import Audience, Shelf, Trade

EVERYTHING = "000000"


def _shelves(category: str, *shelves: tuple[str, str, str, str]) -> tuple[Shelf, ...]:
    top, name = TOP_CODES[category]
    return tuple(
        Shelf(code, (name, path), noun, chart, rankings=(EVERYTHING, top, code)) for code, path, noun, chart in shelves
    )


TRADE = Trade(
    mall="musinsa",
    shelves={
        "tops": _shelves(
            "tops",
            ("001001", "반소매 티셔츠", "하프 슬리브 티셔츠", "상의"),
            ("001002", "셔츠/블라우스", "옥스퍼드 셔츠", "셔츠"),
            ("001004", "후드 티셔츠", "후드 티셔츠", "후드"),
            ("001005", "맨투맨/스웨트", "스웨트셔츠", "맨투맨"),
            ("001006", "니트/스웨터", "라운드 니트", "니트"),
        ),
        "outer": _shelves(
            "outer",
            ("002001", "블루종/MA-1", "블루종 재킷", "점퍼"),
            ("002003", "슈트/블레이저 재킷", "블레이저", "재킷"),
            ("002006", "나일론/코치 재킷", "코치 재킷", "점퍼"),
            ("002022", "후드 집업", "후드 집업", "집업"),
        ),
        "bottoms": _shelves(
            "bottoms",
            ("003002", "데님 팬츠", "데님 팬츠", "바지"),
            ("003004", "트레이닝/조거 팬츠", "조거 팬츠", "바지"),
            ("003007", "코튼 팬츠", "치노 팬츠", "바지"),
            ("003008", "슈트 팬츠/슬랙스", "슬랙스", "바지"),
        ),
    },
    audiences=(Audience("men", 0.42, 0.05), Audience("women", 0.23, 0.97), Audience("unisex", 0.35, 0.35)),
    product_ids=(1_100_000, 6_900_000),
    first_review_id=81_000_000,
    codes=dict(TOP_CODES.values()),
    salt=(),
    siblings=0.12,
)
