"""What a buyer said of the size -> small, true or large, and whether "slightly".

Words of the three malls, of 2024 and now, and the codes of their answers. A word that is not known is refused: an
unknown answer must not pass as "nothing was said".
"""

from __future__ import annotations

import re
from dataclasses import dataclass


class FitRefused(ValueError):
    """An answer that is none of the known words or codes."""


@dataclass(frozen=True, slots=True)
class Fit:
    """small: the size bought was too small; large: too large."""

    fit: str
    slight: bool


_TRUE, _SMALL, _LARGE = Fit("true", False), Fit("small", False), Fit("large", False)
_SLIGHTLY_SMALL, _SLIGHTLY_LARGE = Fit("small", True), Fit("large", True)

# Spaces are dropped before the look-up. Three-step scales say `커요` without "slightly": the plain answer.
_WORDS = {
    "정사이즈": _TRUE,
    "정사이즈예요": _TRUE,
    "정사이즈에요": _TRUE,
    "잘맞아요": _TRUE,
    "딱맞아요": _TRUE,
    "보통이에요": _TRUE,
    "보통": _TRUE,
    "적당해요": _TRUE,
    "fit": _TRUE,
    "조금큼": _SLIGHTLY_LARGE,
    "조금커요": _SLIGHTLY_LARGE,
    "약간큼": _SLIGHTLY_LARGE,
    "약간커요": _SLIGHTLY_LARGE,
    "많이큼": _LARGE,
    "많이커요": _LARGE,
    "큼": _LARGE,
    "커요": _LARGE,
    "생각보다커요": _LARGE,
    "큰편이에요": _LARGE,
    "big": _LARGE,
    "large": _LARGE,
    "조금작음": _SLIGHTLY_SMALL,
    "조금작아요": _SLIGHTLY_SMALL,
    "약간작음": _SLIGHTLY_SMALL,
    "약간작아요": _SLIGHTLY_SMALL,
    "많이작음": _SMALL,
    "많이작아요": _SMALL,
    "작음": _SMALL,
    "작아요": _SMALL,
    "생각보다작아요": _SMALL,
    "작은편이에요": _SMALL,
    "small": _SMALL,
}

# 29CM answers SIZE with 1, 2 or 3; the legend is not published and was inferred from the words' order.
_CODES = {1: _SMALL, 2: _TRUE, 3: _LARGE}


def read_fit(answer: str | int | None) -> Fit | None:
    """The fit that an answer states; None where nothing was said. Raises FitRefused."""
    if answer is None or answer == "":
        return None
    if isinstance(answer, int):
        if answer not in _CODES:
            raise FitRefused(f"the fit code {answer} is not one of {sorted(_CODES)}")
        return _CODES[answer]
    word = re.sub(r"[\s.!~]", "", answer).casefold()
    if word not in _WORDS:
        raise FitRefused(f"the fit answer {answer[:40]!r} is not known")
    return _WORDS[word]
