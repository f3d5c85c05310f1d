"""Sizes in numbers: Korean, chest, inches, shoes in millimetres, a brand's or a country's own.

A bare number between 36 and 60 stands on two rulers (trousers in inches, jackets in European numbers); the caller may
say which one the product's other options prove, and otherwise it stays a brand's number.
"""

from __future__ import annotations

import re

from include.rules.rulers import Token

_KOREAN = frozenset({33, 44, 55, 66, 77, 88, 99})
_HALF = re.compile(r"([3-9])\1\s?(?:반|\.5)")
_MILLIMETRES = re.compile(r"([0-9]{3})\s*MM")
_INCH = re.compile(
    r"""(?P<mark>W)?\s*(?P<waist>[0-9]{2})\s*(?P<unit>INCH(?:ES)?|IN|인치|")?(?:\s*(?:[X*]\s*L?|L)(?P<leg>[0-9]{2}))?"""
)
_COUNTRY = re.compile(r"(US|UK|EU|EUR|FR|IT|JP|DE|AU|KR)[\s.:]*([0-9]{1,3}(?:\.5)?)\s?(?:호|MM)?")
_HO = re.compile(r"([0-9]{1,3})\s?호")
_SHOE_HALF = re.compile(r"([0-9]{1,2})\.5")
_HALVES = (*range(3, 16), *range(35, 50))  # American and British shoes, European ones
_HAT = re.compile(r"([678]) ([1357])[/\u2044]([248])")


def read_number(word: str, ruler: str | None) -> Token | None:
    """The size that an upper-case word with digits is; None where it is none."""
    if half := _HALF.fullmatch(word):
        value = int(half[1] * 2)
        return Token(f"{value}반", "korean", value + 5.5) if value in _KOREAN else None
    if shoe := _MILLIMETRES.fullmatch(word):
        return _shoe(int(shoe[1]))
    if (inch := _INCH.fullmatch(word)) and (inch["mark"] or inch["unit"] or inch["leg"]):
        waist = int(inch["waist"])
        return Token(f"W{waist}", "inch", float(waist)) if 20 <= waist <= 60 else None
    if country := _COUNTRY.fullmatch(word):
        return _of_country(country[1], country[2])
    if numbered := _HO.fullmatch(word):
        return _ho(int(numbered[1]))
    if (half := _SHOE_HALF.fullmatch(word)) and int(half[1]) in _HALVES:
        return Token(word, "brand", float(word))
    if (hat := _HAT.fullmatch(word)) and int(hat[2]) < int(hat[3]):
        return Token(f"{hat[1]} {hat[2]}/{hat[3]}", "brand", int(hat[1]) + int(hat[2]) / int(hat[3]))
    return _bare(word, int(word), ruler) if re.fullmatch(r"[0-9]{1,3}", word) else None


def leg_of(word: str) -> str | None:
    """The leg length of `32X30`, `W32 L30`; None where the word states none."""
    inch = _INCH.fullmatch(word)
    return inch["leg"] if inch else None


def _of_country(country: str, number: str) -> Token | None:
    if country == "KR":
        return _bare(number, int(number), None) if "." not in number else None
    country = "EU" if country == "EUR" else country
    value = float(number)
    return Token(f"{country}{value:g}", "brand", value) if value <= 64 else None


def _ho(value: int) -> Token | None:
    """`95호` and `66호` are sizes, `1호` to `6호` a brand's; 13호, 21호 are a shade, a ring or a child's size."""
    if value <= 6:
        return Token(str(value), "brand", float(value))
    if value in _KOREAN - {33} or 80 <= value <= 130:
        return _bare(str(value), value, None)
    return None


def _shoe(value: int) -> Token | None:
    return Token(str(value), "shoe", float(value)) if 100 <= value <= 320 and value % 5 == 0 else None


def _bare(word: str, value: int, ruler: str | None) -> Token | None:
    if value >= 200:
        return _shoe(value)
    if value in _KOREAN and value > 77:
        return Token(str(value), "korean", float(value))
    if value >= 80:
        return Token(f"{value:03d}", "chest", float(value)) if value <= 170 and value % 5 == 0 else None
    if len(word) == 3 and value in _KOREAN - {33}:  # `055` beside `095`
        return Token(str(value), "korean", float(value))
    if word == "00":
        return Token("00", "brand", -1.0)
    if len(word) > 2:
        return None
    if value <= 22 and not (ruler == "inch" and value >= 20):
        return Token(str(value), "brand", float(value))
    # 33 stands on the Korean ruler too, but there only a product with 44 and 55 beside it would prove it
    if ruler == "korean" and value == 33:
        return Token("33", "korean", 33.0)
    if value <= 35 or (ruler == "inch" and value <= 54):
        return Token(f"W{value}", "inch", float(value))
    if value in _KOREAN and ruler != "brand":
        return Token(str(value), "korean", float(value))
    return Token(str(value), "brand", float(value)) if value <= 64 else None
