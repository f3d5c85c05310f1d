"""Height, weight and gender from every form in which a mall states them.

A body is read, never completed: what is absent stays None, what is there and cannot be read is refused, and what no
adult body can be is refused too.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

# Beyond these a number is a slip of the finger or another quantity; tables later narrow the range further.
HEIGHT_CM = (Decimal(120), Decimal(220))
WEIGHT_KG = (Decimal(25), Decimal(200))

_GENDERS = {
    "남성": "male", "남": "male", "남자": "male", "male": "male", "m": "male", "men": "male",
    "여성": "female", "여": "female", "여자": "female", "female": "female", "f": "female", "women": "female",
}  # fmt: skip
_NOT_SAID = frozenset({"", "-", "선택안함", "비공개", "미입력", "없음"})
_NUMBER = r"(\d{2,3}(?:[.,]\d{1,2})?)"
_CM = re.compile(_NUMBER + r"\s*(?:cm|센치|센티|㎝)", re.IGNORECASE)
_KG = re.compile(_NUMBER + r"\s*(?:kg|킬로|키로|㎏)", re.IGNORECASE)
_PAIR = re.compile(_NUMBER + r"\s*/\s*" + _NUMBER + r"(?:\s*/\s*\d{2,3}\s?[A-Ha-h])?(?:\s*기준)?")
_ONLY_HEIGHT = re.compile(_NUMBER + r"\s*기준")


class BodyRefused(ValueError):
    """A stated height, weight or gender that cannot be read or cannot be; `field` and `code` say which and why."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.code = code


@dataclass(frozen=True, slots=True)
class Body:
    """A buyer's body as far as it was stated."""

    height_cm: Decimal | None
    weight_kg: Decimal | None
    gender: str | None  # male, female


def read_height(value: str | float | Decimal | None) -> Decimal | None:
    """A height in cm from `165`, `"165"`, `"165cm"`; None where it is not stated. Raises BodyRefused."""
    return _measure("height_cm", value, r"(?:cm|센치|센티|㎝)?", HEIGHT_CM)


def read_weight(value: str | float | Decimal | None) -> Decimal | None:
    """A weight in kg from `45`, `"45.5kg"`; None where it is not stated. Raises BodyRefused."""
    return _measure("weight_kg", value, r"(?:kg|킬로|키로|㎏)?", WEIGHT_KG)


def read_gender(value: str | None) -> str | None:
    """male or female; None where it is not stated. Raises BodyRefused."""
    word = unicodedata.normalize("NFKC", value or "").strip().casefold()
    if word in _NOT_SAID:
        return None
    if word not in _GENDERS:
        raise BodyRefused("gender", "unreadable_gender", f"the gender {value!r:.40} is none that a mall states")
    return _GENDERS[word]


def read_body(text: str | None) -> Body:
    """A body from one line: `남성 · 175cm · 70kg`, `168cm,48kg,상의 55`, `159cm39kg`, `159/62/80B`, `172/63 기준`.

    Two numbers with one unit (before and after a pregnancy, say) are ambiguous, and so refused. Raises BodyRefused.
    """
    line = unicodedata.normalize("NFKC", text or "").strip()
    heights, weights = _CM.findall(line), _KG.findall(line)
    if not heights and not weights:
        if pair := _PAIR.fullmatch(line):
            heights, weights = [pair[1]], [pair[2]]
        elif only := _ONLY_HEIGHT.fullmatch(line):
            heights = [only[1]]
    for field, found in (("height_cm", heights), ("weight_kg", weights)):
        if len(set(found)) > 1:
            raise BodyRefused(field, f"ambiguous_{field}", f"{len(set(found))} different values in one body line")
    gender = next((_GENDERS[word] for word in re.split(r"[\s·,/]+", line.casefold()) if word in _GENDERS), None)
    return Body(read_height(heights[0]) if heights else None, read_weight(weights[0]) if weights else None, gender)


def _measure(
    field: str, value: str | float | Decimal | None, unit: str, bounds: tuple[Decimal, Decimal]
) -> Decimal | None:
    text = unicodedata.normalize("NFKC", str(value if value is not None else "")).strip()
    if text in _NOT_SAID:
        return None
    match = re.fullmatch(r"(\d{1,4}(?:[.,]\d{1,2})?)\s*" + unit, text, re.IGNORECASE)
    if match is None:
        raise BodyRefused(field, f"unreadable_{field}", f"{field} {text[:40]!r} is no measure")
    try:
        number = Decimal(match[1].replace(",", ".")).quantize(Decimal("0.1"), ROUND_HALF_UP)
    except InvalidOperation as error:
        raise BodyRefused(field, f"unreadable_{field}", f"{field} {text[:40]!r} is no number") from error
    if not bounds[0] <= number <= bounds[1]:
        raise BodyRefused(field, f"implausible_{field}", f"{field} {number} lies outside {bounds[0]} to {bounds[1]}")
    return number
