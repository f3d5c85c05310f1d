"""A raw size option (`[16]LIGHT GRAY/M[095]`, `L 구매`, `[COLOR:SIZE]IVORY:S_01`) -> label, alias and attributes.

Malls mix colour, fabric, length and size in one text, in any order. The text is cleaned of what the mall glues on, cut
into parts, and each part is tried as a whole size first; only when no part is one may a size stand within a phrase. One
option with two rulers has the letter as label and the other as alias. What is no size is refused with a reason code:
nothing is guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from include.rules import option_words
from include.rules.option_parts import Part, axes, split
from include.rules.option_phrase import Found, read_phrase
from include.rules.option_reading import read_whole, read_within
from include.rules.option_refusals import SizeRefused, foreign_code, refusal_of, refuse_what_is_no_option
from include.rules.option_text import plain, without_badges
from include.rules.rulers import Token, are_neighbours, join
from include.rules.size_letter import ONE_SYLLABLE
from include.rules.size_token import read_token

__all__ = ["SizeOption", "SizeRefused", "read_size_option"]

_LONGEST_RAW = 1_000  # before anything is looked at, so that a hostile text costs nothing
# `80(B)`, `80/B`: a brassiere's size whose number alone would read as a chest size
_CUP_APART = re.compile(r"(?<![0-9])(?:6|7|8|9|10)[05]\s?[/(_\-]?\s?(?:AA|[A-EGH])\)?(?![A-Za-z가-힣])", re.IGNORECASE)
# `170/92A`, `88/165`: the height and the chest of a body, as suits are labelled, where the first would read as a size
_HEIGHT_AND_CHEST = re.compile(
    r"(?<![0-9])(?:1[5-9][05]\s?/\s?(?:[7-9][0-9]|1[0-3][0-9])[A-Y]?|(?:44|55|66|77|88|99)\s?/\s?1[5-9][05])(?![0-9A-Za-z])",
    re.IGNORECASE,
)
# A number of these rulers that stands apart from the letter is another thing: a colour's number, a count.
_NEEDS_ADJACENCY = ("brand", "inch")
_SINGLE = ("단일", "ONE")
_LEGS = (28, 30, 32, 34, 36)
_ORDER = ("letter", "free", "korean", "chest", "shoe", "inch", "brand")


@dataclass(frozen=True, slots=True)
class SizeOption:
    """What one option says."""

    label: str
    alias: str | None  # the same size on another ruler
    ruler: str
    order: float  # place on the ruler, small to large
    attributes: tuple[tuple[str, str], ...]  # (kind, text): colour, fabric, length, fit, gender, style, option, ...


@dataclass(frozen=True, slots=True)
class _Reading:
    """A part that holds a size, and where it stands."""

    place: int
    part: Part
    found: Found


def read_size_option(raw: str, ruler: str | None = None) -> SizeOption:
    """The size that a raw option names. Raises SizeRefused.

    `ruler` is what the product's other options prove about bare numbers (size_run.number_ruler).
    """
    text = raw.strip()
    if len(text) > _LONGEST_RAW:
        raise SizeRefused("too_long", f"{len(text)} characters are no size option")
    return _read_option(text, ruler)


@lru_cache(maxsize=65_536)  # a mall has some thousand options and millions of reviews
def _read_option(raw: str, ruler: str | None) -> SizeOption:
    text = plain(raw)
    refuse_what_is_no_option(text)
    foreign = foreign_code(raw)
    pairs = axes(text)
    if not pairs:
        text = without_badges(text)
        refuse_what_is_no_option(text)
        return _read(text, ruler, foreign)
    sizes, others = _size_values(pairs, ruler, foreign)
    if len({(size.label, size.ruler) for size in sizes}) > 1:
        raise SizeRefused("several_sizes", f"a set of several sizes: {', '.join(size.label for size in sizes)}")
    attributes = dict.fromkeys(others + [item for size in sizes for item in size.attributes])
    return SizeOption(sizes[0].label, sizes[0].alias, sizes[0].ruler, sizes[0].order, tuple(attributes))


def _size_values(
    pairs: list[tuple[str, str]], ruler: str | None, foreign: str | None
) -> tuple[list[SizeOption], list[tuple[str, str]]]:
    """The sizes of named axes, and their other values. An axis of sizes must hold one; other axes may."""
    stated = any(kind == "size" for kind, _ in pairs)
    sizes, others = [], []
    for kind, value in pairs:
        value = without_badges(value)
        if kind == "size" or kind == "lead" or not stated:
            try:
                refuse_what_is_no_option(value)
                size = _read(value, ruler, foreign)
                if kind in ("size", "lead", "option") or (size.ruler in ("letter", "free") and size.attributes):
                    sizes.append(size)
                    continue
            except SizeRefused as refused:
                if kind == "size" or refused.code == "several_sizes":
                    raise
        if value:
            others.append((option_words.attribute_kind(value) if kind == "lead" else kind, value))
    if not sizes:
        raise SizeRefused("no_size", f"the option names {', '.join(kind for kind, _ in pairs)} but no size")
    return sizes, others


def _read(text: str, ruler: str | None, foreign: str | None) -> SizeOption:
    """One size text without axis names."""
    whole = read_token(ONE_SYLLABLE.get(text, text), ruler)
    parts = [Part(ONE_SYLLABLE.get(text, text), (), (), "")] if whole else split(text)
    readings = [_Reading(at, part, found) for at, part in enumerate(parts) if (found := read_whole(part, ruler))]
    sure = readings if foreign == "shade" else [r for r in readings if r.found.token.ruler in ("letter", "free")]
    if foreign and not sure:
        raise SizeRefused(foreign, f"{text!r:.60}: letters and numbers there are no sizes")
    if not readings:
        readings = [_Reading(at, part, found) for at, part in enumerate(parts) if (found := read_within(part, ruler))]
    if not readings:
        raise refusal_of(text, (piece for part in parts for piece in part.pieces()))
    readings = _completed(parts, readings, foreign)
    label, aliases, spare = _choose(text, readings)
    if label.ruler in ("chest", "korean") and _HEIGHT_AND_CHEST.search(text):
        raise SizeRefused("measure", f"{text!r:.60} names a body's height and chest")
    if label.ruler == "chest" and _CUP_APART.search(text):
        raise SizeRefused("cup_size", f"{text!r:.60} names a brassiere's size")
    used = {reading.place for reading in readings}
    if label.ruler == "letter":
        _refuse_another_letter(text, label, [part for at, part in enumerate(parts) if at not in used])
    rest = [piece for reading in readings for piece in reading.found.attributes] + spare
    rest += [piece for at, part in enumerate(parts) if at not in used for piece in part.pieces()]
    attributes = dict.fromkeys((option_words.attribute_kind(piece), piece) for piece in rest if piece)
    other = next((alias.label for alias in aliases if alias.label != label.label), None)
    return SizeOption(label.label, other, label.ruler, label.order, tuple(attributes))


def _completed(parts: list[Part], readings: list[_Reading], foreign: str | None) -> list[_Reading]:
    """The sizes of an option without its lone `단일`, where that is the only colour, and with the letter that a phrase
    beside a number names: `블랙 M/95`.
    """
    readings = [r for r in readings if len(readings) == 1 or r.part.text.upper() not in _SINGLE] or readings
    if foreign or len(readings) > 1 or readings[0].found.token.ruler in ("letter", "free"):
        return readings
    number = readings[0]
    for at in {number.place - 1, number.place + 1} & set(range(len(parts))):
        found = read_phrase(parts[at].text, None) if parts[at].text else None
        if found and found.token.ruler == "letter" and not number.found.aliases:
            readings = [*readings, _Reading(at, parts[at], found)]
    return readings


def _refuse_another_letter(text: str, label: Token, parts: list[Part]) -> None:
    """`상의 M/L` is a set of two, though only its last part is a size by itself."""
    for part in parts:
        found = read_phrase(part.text, None) if part.text else None
        if found and found.token.ruler == "letter" and found.token.label != label.label:
            raise SizeRefused("several_sizes", f"{text!r:.60} names {found.token.label} and {label.label}")


def _choose(text: str, readings: list[_Reading]) -> tuple[Token, list[Token], list[str]]:
    """The label among the parts' sizes, its aliases, and the texts of numbers that turn out to be neither."""
    by_ruler: dict[str, dict[Token, _Reading]] = {}
    for reading in readings:
        by_ruler.setdefault(reading.found.token.ruler, {})[reading.found.token] = reading
    ruler = next(name for name in _ORDER if name in by_ruler)
    same = list(by_ruler[ruler].items())
    label, chosen = same[0]
    spare = []
    if ruler == "inch" and len(same) == 2 and same[1][0].order in _LEGS:  # waist, then leg length
        spare.append(f"L{same[1][0].order:.0f}")
    elif len(same) == 2 and _sold_as_one(*(reading for _, reading in same)):
        label = join(same[0][0], same[1][0])
    elif len(same) > 1 or (ruler == "letter" and "free" in by_ruler):
        raise SizeRefused("several_sizes", f"{text!r:.60} names several sizes")
    aliases = list(chosen.found.aliases)
    for reading in readings:
        token = reading.found.token
        if reading is chosen or token.ruler == ruler:
            continue
        if token.is_height() or (token.ruler in _NEEDS_ADJACENCY and abs(reading.place - chosen.place) > 1):
            spare.append(reading.part.text)
        else:
            aliases += [token, *reading.found.aliases]
    return label, aliases, spare


def _sold_as_one(low: _Reading, high: _Reading) -> bool:
    """Whether two parts are one size for neighbours (`S/M`, `55/66`); `S_M` and `상의 S/하의 M` are sets of two."""
    bare = all(
        read_token(one.part.text) and one.found.token.low is None and not one.found.attributes for one in (low, high)
    )
    if not bare or high.place - low.place != 1:
        return False
    if high.part.separator == "-":
        return low.found.token.order < high.found.token.order
    return high.part.separator in ("/", "·", ",") and are_neighbours(low.found.token, high.found.token)
