"""Fit answers of three malls."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.rules.fit import Fit, FitRefused, read_fit

TRUE, SMALL, LARGE = Fit("true", False), Fit("small", False), Fit("large", False)
SLIGHTLY_SMALL, SLIGHTLY_LARGE = Fit("small", True), Fit("large", True)


@pytest.mark.parametrize(
    ("answers", "fit"),
    [
        (("정사이즈", "정사이즈예요", "정 사이즈", "보통이에요", "잘 맞아요", "딱 맞아요!", "FIT", 2, "2", 5035), TRUE),
        (
            ("조금 큼", "조금 커요", "약간 커요", "살짝 큼", "조금\u200b큼", "사이즈 조금 큼 · 색감 비슷", 5036),
            SLIGHTLY_LARGE,
        ),
        (("많이 큼", "커요", "생각보다 커요", "매우 커요", "BIG", "Big", "ＢＩＧ", 3, "3"), LARGE),
        (("조금 작음", "조금 작아요", "약간 작음", "사이즈 조금 작음"), SLIGHTLY_SMALL),
        (("많이 작음", "작아요", "생각보다 작아요", "너무 작아요", "SMALL", 1, "1"), SMALL),
    ],
)
def test_an_answer_of_any_mall_is_read(answers: tuple[str | int, ...], fit: Fit) -> None:
    assert {answer: read_fit(answer) for answer in answers} == dict.fromkeys(answers, fit)


def test_nothing_said_is_nothing() -> None:
    assert read_fit(None) is None
    assert read_fit("") is None


@pytest.mark.parametrize(
    "answer",
    [
        "화면과 비슷",
        "어두움",
        "좋음",
        "매우 좋음",
        "색감 비슷",
        "조금",
        " ",
        "M",
        "크".join("커요"),
        "커요" * 99,
        4,
        0,
        -1,
        "4",
        True,
        2.0,
    ],
)
def test_an_unknown_answer_is_refused_and_not_taken_for_silence(answer: str | int) -> None:
    with pytest.raises(FitRefused, match="fit"):
        read_fit(answer)


@given(st.text(max_size=30))
def test_any_text_is_one_of_the_five_answers_or_a_named_refusal(answer: str) -> None:
    try:
        fit = read_fit(answer)
    except FitRefused:
        return
    assert fit in (TRUE, SMALL, LARGE, SLIGHTLY_SMALL, SLIGHTLY_LARGE) or (fit is None and answer == "")
