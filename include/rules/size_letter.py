"""Letter sizes and free size, in letters or words of both languages."""

from __future__ import annotations

import re

from include.rules.rulers import Token

# A word that is one of these is that letter; joints, blanks and dots are dropped before.
_WORDS = {
    "S": "SMALL 스몰 에스 소형",
    "M": "MEDIUM MED MD 미디움 미디엄 미듐 엠 중형",
    "L": "LARGE 라지 라아지 엘 대형",
    "XS": "XSMALL EXTRASMALL 엑스스몰 엑스에스 X스몰",
    "XXS": "XXSMALL 2XSMALL EXTRAEXTRASMALL 투엑스스몰 엑스엑스스몰",
    "XL": "XLARGE EXTRALARGE 엑스라지 엑스엘 X라지 특대 특대형",
    "2XL": "XXLARGE 2XLARGE DOUBLEXLARGE DOUBLEXL EXTRAEXTRALARGE 엑스엑스라지 투엑스라지 투엑스엘 더블엑스라지 "
    "2엑스라지 2X라지 XX라지",
    "3XL": "XXXLARGE 3XLARGE TRIPLEXLARGE TRIPLEXL 쓰리엑스라지 쓰리엑스엘 3엑스라지 3X라지",
    "4XL": "XXXXLARGE 4XLARGE 포엑스라지 포엑스엘 4엑스라지 4X라지",
    "5XL": "5XLARGE 5엑스라지 5X라지",
}
_LETTER_OF = {word: label for label, words in _WORDS.items() for word in words.split()}
_FREE_WORDS = """
F FR FREE FREES FREESIZE FSIZE FREE사이즈 F사이즈 ONE ONESIZE 1SIZE ONE사이즈 OS O/S OSFA OSFM ONESIZEFITSALL 프리
프리사이즈 프리싸이즈 후리 후리사이즈 원사이즈 단일 단일사이즈 단일싸이즈 균일사이즈 단일프리 단일FREE
"""
_FREE = frozenset(_FREE_WORDS.split())
# Big, middling, small: sizes as a whole option only, since beside others they are shades of denim (중) or codes.
ONE_SYLLABLE = {"소": "S", "중": "M", "대": "L"}
# A place on the letter ruler: S, M, L are 3, 4, 5, so that 3XS is 0.
_BASE = {"XS": 2.0, "S": 3.0, "M": 4.0, "L": 5.0, "XL": 6.0}


def read_letter(word: str) -> Token | None:
    """The letter size or free size that an upper-case word is; None where it is none."""
    compact = re.sub(r"[\s.\-]", "", word)
    if compact in _FREE:
        return Token("FREE", "free", 0.0)
    # `X-L` is XL and `2 XL` is 2XL, but `L-L` and `2-L` are two sizes
    letters = re.sub(r"(?<=X)[\s\-]+(?=[XSL])|(?<=[0-9])[\s\-]+(?=X)", "", word)
    return _letter(_LETTER_OF.get(compact, letters))


def _letter(word: str) -> Token | None:
    if word in _BASE:
        return Token(word, "letter", _BASE[word])
    # a women's cut below the men's of the same letter
    if women := re.fullmatch(r"W(XS|S|M|L|XL)", word):
        return Token(word, "letter", _BASE[women[1]] - 0.5)
    if many := re.fullmatch(r"(?:(?P<digit>[1-9])X|(?P<crosses>X{1,6}))(?P<end>[SL])", word):
        return _crossed(int(many["digit"] or len(many["crosses"])), many["end"])
    if word in ("LL", "SS"):  # Japanese counting: LL = 2L = XL, 3L = 2XL
        return _crossed(1, word[0])
    if japanese := re.fullmatch(r"([2-9])L", word):
        return _crossed(int(japanese[1]) - 1, "L")
    return None


def _crossed(times: int, end: str) -> Token:
    if end == "S":
        label = {1: "XS", 2: "XXS"}.get(times, f"{times}XS")
        return Token(label, "letter", _BASE["S"] - times)
    return Token("XL" if times == 1 else f"{times}XL", "letter", _BASE["L"] + times)
