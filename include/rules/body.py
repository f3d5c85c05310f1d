"""Height, weight and gender from every form in which a mall states them.

A body is read, never completed: what is absent stays None, what is there and cannot be read is refused, and what no
adult body can be is refused too. So is what states more than one value, or a range.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from include.rules.option_text import plain

# Beyond these a number is a slip of the finger or another quantity; tables later narrow the range further.
HEIGHT_CM = (Decimal(120), Decimal(220))
WEIGHT_KG = (Decimal(25), Decimal(200))

_GENDERS = {
    "남성": "male", "남": "male", "남자": "male", "male": "male", "m": "male", "men": "male", "man": "male",
    "여성": "female", "여": "female", "여자": "female", "female": "female", "f": "female", "women": "female",
    "woman": "female",
}  # fmt: skip
_NOT_SAID = frozenset({"", "-", "선택안함", "선택 안함", "비공개", "미입력", "없음", "null", "none"})
_LONGEST = 300  # a body is stated in one line

# A comma before one digit is a decimal one; `163,57` are two numbers.
_NUMBER = r"(?<![0-9.])([0-9]{1,4}(?:\.[0-9]{1,2}|,[0-9](?![0-9]))?)"
_CM, _KG = r"(?:cm|센치|센티)", r"(?:kg|킬로|키로)"
_HEIGHTS = re.compile(rf"(?:키\s*:?\s*{_NUMBER}\s*{_CM}?)|{_NUMBER}\s*{_CM}", re.IGNORECASE)
_WEIGHTS = re.compile(rf"(?:(?:몸무게|체중)\s*:?\s*{_NUMBER}\s*{_KG}?)|{_NUMBER}\s*{_KG}", re.IGNORECASE)
_RANGE = re.compile(
    rf"{_NUMBER}\s*(?:{_CM}|{_KG})?\s*[~\-]\s*{_NUMBER}\s*({_CM}|{_KG})|({_CM}|{_KG})\s*(?:대|[초중후]반?|이상|이하|미만|넘)",
    re.IGNORECASE,
)
_PAIR = re.compile(
    rf"(?:[남여]\S*\s*)?{_NUMBER}\s*{_CM}?\s*(?:/|·|-|,\s+|\s)\s*{_NUMBER}\s*{_KG}?(?:\s*/\s*(?:[0-9]{{2,3}}\s?[A-H]|44|55|66|77|88))?"
    r"(?:\s*(?:기준|입니다|이에요|남성?|여성?))?",
    re.IGNORECASE,
)
_ONLY_HEIGHT = re.compile(rf"(?:키\s*)?{_NUMBER}\s*{_CM}?\s*기준", re.IGNORECASE)
# Stated beside the body, and no part of it: sizes usually worn, measures, a brassiere's size, age.
_BESIDE = re.compile(
    r"(?:상의|하의|아우터|원피스|신발|발|브라|속옷|바지|팬츠|평소|허리|가슴|엉덩이|힙|어깨)\s*(?:사이즈|둘레|길이)?\s*:?\s*"
    r"[0-9]*[0-9A-Za-z](?:[~\-.]?[0-9]+)?\s?(?:반|mm|cm|인치|inch|[A-H])?"
    r"|(?<![0-9])[1-6]0대\s?(?:[초중후]반)?|(?<![0-9])[1-9][0-9]\s?세|(?<![0-9])[6-9][05]\s?[A-H](?![a-z])",
    re.IGNORECASE,
)


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
    return _measure("height_cm", value, _CM, HEIGHT_CM)


def read_weight(value: str | float | Decimal | None) -> Decimal | None:
    """A weight in kg from `45`, `"45.5kg"`; None where it is not stated. Raises BodyRefused."""
    return _measure("weight_kg", value, _KG, WEIGHT_KG)


def read_gender(value: str | None) -> str | None:
    """male or female; None where it is not stated. Raises BodyRefused."""
    word = _line(value or "").casefold()
    if word in _NOT_SAID:
        return None
    if word not in _GENDERS:
        raise BodyRefused("gender", "unreadable_gender", f"the gender {value!r:.40} is none that a mall states")
    return _GENDERS[word]


def read_body(text: str | Iterable[str] | None) -> Body:
    """A body from one line, or from a list of its pieces.

    `남성 · 175cm · 70kg`, `168cm,48kg,상의 55`, `159cm39kg`, `159/62/80B`, `172/63 기준`, `["160cm", "47kg"]`. Two
    numbers with one unit (before and after a pregnancy, say), a range, or a number that is neither are refused. Raises
    BodyRefused.
    """
    line = _line(" ".join(text) if not isinstance(text, str) and text is not None else text or "")
    stated = _BESIDE.sub(" ", line).strip(" ,/·|")
    _refuse_ranges(stated)
    if (pair := _PAIR.fullmatch(stated)) and _is_pair(pair[1], pair[2], stated):
        heights, weights = [pair[1]], [pair[2]]
    elif only := _ONLY_HEIGHT.fullmatch(stated):
        heights, weights = [only[1]], []
    else:
        heights, weights = (["".join(found) for found in form.findall(stated)] for form in (_HEIGHTS, _WEIGHTS))
        _refuse_what_is_left(stated, heights)
    for field, found in (("height_cm", heights), ("weight_kg", weights)):
        if len(set(found)) > 1:
            raise BodyRefused(field, f"ambiguous_{field}", f"{len(set(found))} different values in one body line")
    height = read_height(heights[0]) if heights else None
    return Body(height, read_weight(weights[0]) if weights else None, _stated_gender(stated))


def _stated_gender(stated: str) -> str | None:
    """The gender that a word of a body line names. A letter is none: `168cm,48kg,M` is a size."""
    words = re.split(r"[^a-z가-힣]+", _without_measures(stated).casefold())
    return next((_GENDERS[word] for word in words if word in _GENDERS and word not in ("m", "f")), None)


def _without_measures(stated: str) -> str:
    return _WEIGHTS.sub(" ", _HEIGHTS.sub(" ", stated))


def _line(text: str) -> str:
    if len(text) > _LONGEST:
        raise BodyRefused("height_cm", "unreadable_height_cm", f"{len(text)} characters are no body")
    return plain(text)


def _refuse_ranges(stated: str) -> None:
    """`50~52kg`, `50kg대`: near, but no value. `175-70kg` falls, so it is a height and a weight."""
    for found in _RANGE.finditer(stated):
        low, high, unit, about = found.groups()
        if about or _number(low) < _number(high):
            field = "weight_kg" if re.match(_KG, about or unit, re.IGNORECASE) else "height_cm"
            raise BodyRefused(field, f"ambiguous_{field}", "a range instead of a value")


def _is_pair(height: str, weight: str, stated: str) -> bool:
    """Whether two numbers without both units are a height and a weight: by their sizes, or by one unit."""
    one_unit = re.search(rf"{_CM}|{_KG}", stated, re.IGNORECASE) is not None
    return one_unit or HEIGHT_CM[0] <= _number(height) <= HEIGHT_CM[1] and "/" in stated or ", " in stated


def _refuse_what_is_left(stated: str, heights: list[str]) -> None:
    """A number that no unit explains is neither dropped nor taken."""
    if re.search("[0-9]", _without_measures(stated)):
        field = "weight_kg" if heights else "height_cm"
        raise BodyRefused(field, f"unreadable_{field}", f"the body line {stated!r:.40} holds a number without a unit")


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def _measure(
    field: str, value: str | float | Decimal | None, unit: str, bounds: tuple[Decimal, Decimal]
) -> Decimal | None:
    text = _line(str(value if value is not None else ""))
    if text.casefold() in _NOT_SAID:
        return None
    match = re.fullmatch(rf"{_NUMBER}\s*{unit}?", text, re.IGNORECASE)
    if match is None:
        raise BodyRefused(field, f"unreadable_{field}", f"{field} {text[:40]!r} is no measure")
    number = _number(match[1]).quantize(Decimal("0.1"), ROUND_HALF_UP)
    if not bounds[0] <= number <= bounds[1]:
        raise BodyRefused(field, f"implausible_{field}", f"{field} {number} lies outside {bounds[0]} to {bounds[1]}")
    return number
