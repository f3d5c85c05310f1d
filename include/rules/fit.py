"""What a buyer said of the size -> small, true or large, and whether "slightly".

Words of the three malls, of 2024 and now, and the codes of their answers. A word that is not known is refused: an
unknown answer must not pass as "nothing was said".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from include.rules.option_text import plain


class FitRefused(ValueError):
    """An answer that is none of the known words or codes."""


@dataclass(frozen=True, slots=True)
class Fit:
    """small: the size bought was too small; large: too large."""

    fit: str
    slight: bool


_TRUE = """
정사이즈 정사이즈예요 정사이즈에요 정사이즈입니다 정사이즈임 정사이즈다 잘맞아요 잘맞음 딱맞아요 딱맞음 딱좋아요 맞아요
보통이에요 보통이예요 보통 보통임 적당해요 적당함 적당 fit true truetosize perfect justright
"""
_SMALL = "작음 작아요 작다 작네요 작은편 작은편이에요 작은편이예요 작습니다 small toosmall runssmall"
_LARGE = "큼 커요 크다 크네요 큰편 큰편이에요 큰편이예요 큽니다 big large toobig toolarge runslarge"
# Three-step scales say `커요` or `생각보다 커요` without "slightly": the plain answer.
_PLAINLY = ("", "많이", "매우", "너무", "아주", "생각보다", "생각보다많이", "훨씬")
_SLIGHTLY = ("조금", "약간", "살짝", "다소", "생각보다조금", "slightly", "alittle", "abit")
_ANSWERS = {word: Fit("true", False) for word in _TRUE.split()} | {
    degree + word: Fit(fit, degrees is _SLIGHTLY)
    for fit, words in (("small", _SMALL), ("large", _LARGE))
    for word in words.split()
    for degrees in (_PLAINLY, _SLIGHTLY)
    for degree in degrees
}

# 29CM answers SIZE with 1, 2 or 3; the legend is not published and was inferred from the words' order. The others are
# Musinsa's answer numbers.
_CODES = {
    1: Fit("small", False),
    2: Fit("true", False),
    3: Fit("large", False),
    5035: Fit("true", False),
    5036: Fit("large", True),
}
_LONGEST = 100


def read_fit(answer: str | int | None) -> Fit | None:
    """The fit that an answer states; None where nothing was said. Raises FitRefused."""
    if answer is None or answer == "":
        return None
    if isinstance(answer, bool) or not isinstance(answer, (str, int)):
        raise FitRefused(f"the fit answer {answer!r:.40} is neither a word nor a code")
    if isinstance(answer, int):
        if answer not in _CODES:
            raise FitRefused(f"the fit code {answer} is not one of {sorted(_CODES)}")
        return _CODES[answer]
    text = plain(answer) if len(answer) <= _LONGEST else ""
    if re.fullmatch("[0-9]{1,4}", text):
        return read_fit(int(text))
    word = _word(text)
    if word not in _ANSWERS:
        raise FitRefused(f"the fit answer {answer[:40]!r} is not known")
    return _ANSWERS[word]


def _word(text: str) -> str:
    """The answer of the size alone, without blanks and marks: `사이즈 조금 큼 · 색감 비슷` -> `조금큼`."""
    parts = [part.strip() for part in re.split(r"[·|,/]", text)]
    of_size = [part for part in parts if part.startswith("사이즈")]
    answer = of_size[0] if of_size else text
    return re.sub(r"[\s.!~:^\-_]", "", answer.removeprefix("사이즈")).casefold()
