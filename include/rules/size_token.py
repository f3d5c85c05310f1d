"""One size as text: `M`, `EXTRA LARGE`, `W30`, `095`, `F`, `55~66` -> label, ruler and place on that ruler."""

from __future__ import annotations

import re
import unicodedata

from include.rules.rulers import Token, join
from include.rules.size_letter import read_letter
from include.rules.size_number import read_number

_LONGEST = 24
_EDGE = re.compile(r"^(?:SIZE|사이즈)[\s:.]*(?=.)|(?<=.)[\s.]*(?:SIZE|사이즈|싸이즈)$")
_FIRST = re.compile(r"1[\s.\-]*SIZE")  # alone it is a free size, in a row of numbered ones their first
_ENDS = re.compile(r"\s*[~\-]\s*")
_INCH_UNIT = re.compile(r'INCH|인치|"|^W[0-9]')
_CUP = re.compile(r"(?:6|7|8|9|10)[05]\s?(?:AA|[A-H])(?:[\s/,·]*(?:AA|[A-H]))*|(?:AA|[A-H])\s?(?:6|7|8|9|10)[05]")


def read_token(text: str, ruler: str | None = None) -> Token | None:
    """The size that the whole text is; None where it is none. `ruler` settles numbers that stand on two rulers."""
    if len(text) > 2 * _LONGEST:
        return None
    word = upper(unicodedata.normalize("NFKC", text)).strip(" \t\n.,:;!*'")
    word = re.sub(r"^-\s*(?=[^0-9]|[0-9]X)", "", word)
    if not word or len(word) > _LONGEST:
        return None
    # `FREE SIZE` is known whole; elsewhere the word "size" adds nothing
    return _single(word, ruler) or _single(_EDGE.sub("", word), ruler) or _range(_EDGE.sub("", word), ruler)


def upper(text: str) -> str:
    """ASCII letters in capitals; no other, since `ß` would become SS, a size."""
    return re.sub(r"[a-z]+", lambda found: found[0].upper(), text)


def is_cup_size(text: str) -> bool:
    """Whether the text is a brassiere's size (75A), which no ruler here orders."""
    return _CUP.fullmatch(upper(text).strip()) is not None


def _single(word: str, ruler: str | None) -> Token | None:
    counted = ruler == "brand" and _FIRST.fullmatch(word)
    return None if counted else read_letter(word) or read_number(word, ruler)


def _range(word: str, ruler: str | None) -> Token | None:
    """`44~66`, `34-36`, `S~L`, `44-55-66`: ascending sizes of one ruler, from the first to the last."""
    ends = _ENDS.split(word)
    if not 2 <= len(ends) <= 5:
        return None
    # `25~28INCH`, `32-36`: the end that is surely in inches says that the others are too
    first = _single(ends[0], "korean" if ends[0] == "33" and ends[1] in ("44", "55", "66") else ruler)
    unit = "inch" if any(_INCH_UNIT.search(end) for end in ends) or (first and first.ruler == "inch") else ruler
    unit = "korean" if first and first.label == "33" else unit
    tokens = [token for end in ends if (token := _single(end, unit))]
    if len(tokens) < len(ends) or len({token.ruler for token in tokens}) > 1 or tokens[0].ruler == "free":
        return None
    if any(low.order >= high.order for low, high in zip(tokens, tokens[1:], strict=False)):
        return None
    return join(tokens[0], tokens[-1])
