"""One size as text: `M`, `EXTRA LARGE`, `W30`, `095`, `F`, `55~66` -> label, ruler and place on that ruler.

Rulers: letter, korean (44 55 66), chest (085 090 095), inch, shoe (mm), brand (a brand's own numbers), free. A bare
number between 36 and 60 stands on two rulers (trousers in inches, jackets in European numbers); the caller may say
which one the product's other options prove, and otherwise it stays a brand's number.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

RULERS = ("letter", "korean", "chest", "inch", "shoe", "brand", "free")

_WORDS = {
    "S": "SMALL 스몰 에스",
    "M": "MEDIUM MED 미디움 미디엄 엠",
    "L": "LARGE 라지 엘",
    "XS": "XSMALL EXTRASMALL 엑스스몰",
    "XXS": "XXSMALL",
    "XL": "XLARGE EXTRALARGE 엑스라지",
    "2XL": "XXLARGE 2XLARGE DOUBLEXLARGE EXTRAEXTRALARGE 엑스엑스라지 투엑스라지",
    "3XL": "XXXLARGE 3XLARGE 쓰리엑스라지",
    "4XL": "4XLARGE",
}
_LETTER_OF = {word: label for label, words in _WORDS.items() for word in words.split()}
_FREE_WORDS = "F FR FREE FREES FREESIZE FREE사이즈 ONE ONESIZE 1SIZE OS O/S 프리 프리사이즈 원사이즈 단일 단일사이즈"
_FREE = frozenset(_FREE_WORDS.split(" "))
# A place on the letter ruler: S, M, L are 3, 4, 5, so that 3XS is 0.
_BASE = {"XS": 2.0, "S": 3.0, "M": 4.0, "L": 5.0, "XL": 6.0}
_KOREAN = frozenset({33, 44, 55, 66, 77, 88, 99})
_EDGE = re.compile(r"^(?:SIZE|사이즈)[\s:.]*|[\s.]*(?:SIZE|사이즈|싸이즈)$")
_RANGE = re.compile(r"^(.+?)\s*[~\-–]\s*(.+)$")
_INCH = re.compile(
    r"""^(?P<mark>W)?\s*(?P<waist>\d{2})\s*(?P<unit>INCH(?:ES)?|IN|인치|")?(?:\s*(?:[X*]\s*L?|L)(?P<leg>\d{2}))?$"""
)


@dataclass(frozen=True, slots=True)
class Token:
    """One size on one ruler."""

    label: str
    ruler: str
    order: float  # place on the ruler, small to large


def read_token(text: str, ruler: str | None = None) -> Token | None:
    """The size that the whole text is; None where it is none. `ruler` settles numbers that stand on two rulers."""
    word = _EDGE.sub("", unicodedata.normalize("NFKC", text).upper().strip().lstrip("-").strip()).strip()
    if not word or len(word) > 24:
        return None
    return _single(word, ruler) or _range(word, ruler)


def join(low: Token, high: Token) -> Token:
    """Two neighbouring sizes that are sold as one: `S/M`, `55~66`."""
    return Token(f"{low.label}-{high.label}", low.ruler, (low.order + high.order) / 2)


def are_neighbours(low: Token, high: Token) -> bool:
    """Whether `high` is the next letter after `low`."""
    return low.ruler == high.ruler == "letter" and high.order - low.order == 1


def is_cup_size(text: str) -> bool:
    """Whether the text is a brassiere's size (75A), which no ruler here orders."""
    return re.fullmatch(r"(?:6|7|8|9|10)[05]\s?(?:AA|[A-H])", text.upper().strip()) is not None


def _single(word: str, ruler: str | None) -> Token | None:
    compact = re.sub(r"[\s.\-]", "", word)
    if compact in _FREE:
        return Token("FREE", "free", 0.0)
    # `X-L` is XL and `2 XL` is 2XL, but `L-L` is two sizes
    letters = re.sub(r"(?<=[X\d])[\s\-]+(?=[XSL])", "", word)
    return _letter(_LETTER_OF.get(compact, letters)) or _number(word, ruler)


def _letter(word: str) -> Token | None:
    if word in _BASE:
        return Token(word, "letter", _BASE[word])
    if women := re.fullmatch(r"W(S|M|L)", word):  # a women's cut below the men's of the same letter
        return Token(word, "letter", _BASE[women[1]] - 0.5)
    if many := re.fullmatch(r"(?:(?P<digit>[1-9])X|(?P<crosses>X{1,6}))(?P<end>[SL])", word):
        times = int(many["digit"] or len(many["crosses"]))
        return _crossed(times, many["end"])
    if word == "LL":  # Japanese counting: LL = 2L = XL, 3L = 2XL
        return _crossed(1, "L")
    if japanese := re.fullmatch(r"([2-9])L", word):
        return _crossed(int(japanese[1]) - 1, "L")
    return None


def _crossed(times: int, end: str) -> Token:
    if end == "S":
        label = {1: "XS", 2: "XXS"}.get(times, f"{times}XS")
        return Token(label, "letter", _BASE["S"] - times)
    return Token("XL" if times == 1 else f"{times}XL", "letter", _BASE["L"] + times)


def _number(word: str, ruler: str | None) -> Token | None:
    if half := re.fullmatch(r"([3-9])\1반", word):
        return Token(f"{half[1] * 2}반", "korean", int(half[1] * 2) + 5.5)
    if shoe := re.fullmatch(r"(\d{3})\s*MM", word):
        return Token(shoe[1], "shoe", float(shoe[1]))
    if (inch := _INCH.match(word)) and (inch["mark"] or inch["unit"] or inch["leg"]):
        waist = int(inch["waist"])
        return Token(f"W{waist}", "inch", float(waist)) if 20 <= waist <= 60 else None
    if re.fullmatch(r"\d{1,3}", word):
        return _bare_number(word, int(word), ruler)
    return None


def _bare_number(word: str, value: int, ruler: str | None) -> Token | None:
    if len(word) == 3 and value >= 200:
        return Token(word, "shoe", float(value)) if value <= 320 and value % 5 == 0 else None
    if value >= 80:
        return Token(f"{value:03d}", "chest", float(value)) if value <= 150 and value % 5 == 0 else None
    if word == "00":
        return Token("00", "brand", -1.0)
    if len(word) > 2 or value > 77:
        return None
    if value <= 22:
        return Token(str(value), "brand", float(value))
    if value <= 35 or (ruler == "inch" and value <= 54):
        # 33 stands on the Korean ruler too, but there only a product with 44 and 55 beside it would prove it
        return (
            Token("33", "korean", 33.0)
            if ruler == "korean" and value == 33
            else Token(f"W{value}", "inch", float(value))
        )
    if value in _KOREAN and ruler != "brand":
        return Token(str(value), "korean", float(value))
    return Token(str(value), "brand", float(value)) if value <= 64 else None


def _range(word: str, ruler: str | None) -> Token | None:
    parts = _RANGE.match(word)
    if not parts:
        return None
    unit = "inch" if re.search(r'INCH|인치|"', word) else ruler
    low = _single(parts[1].strip(), unit)
    # `34-36`: the unambiguous end says which ruler the other one stands on
    high = _single(parts[2].strip(), low.ruler if low and low.ruler == "inch" else unit)
    if low is None or high is None or low.ruler != high.ruler or low.order >= high.order:
        return None
    return None if low.ruler == "free" else join(low, high)
