"""A raw size option (`[16]LIGHT GRAY/M[095]`, `L 구매`, `[COLOR:SIZE]IVORY:S_01`) -> label, alias and attributes.

Malls mix colour, fabric, length and size in one text, in any order. The text is cleaned of what the mall glues on, cut
into parts, and each part is tried as a whole size first; only when no part is one may a size stand at the edge of a
phrase. One option with two rulers has the letter as label and the other as alias. What is no size is refused with a
reason code: nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from include.rules import option_words
from include.rules.option_parts import Part, split
from include.rules.size_token import Token, are_neighbours, is_cup_size, join, read_token

_MAX_LENGTH = 200  # the longest real option is below 80 characters
_EMPTY = re.compile(r"^[\s./·,\-_~…]*$")
_DATE = re.compile(r"^(?:\d{2}|\d{4})[.\-/]\d{1,2}[.\-/]\d{1,2}\.?$")
_NOT_CHOSEN = re.compile(r"^\[?(?:선택\s*안\s*함|선택\s*없음|없음|미선택|해당\s*없음|none|null|n/a|-)\]?$", re.I)
_SKIN = re.compile(
    r"복합성|건성|지성|민감성|중성|미백|탄력|모공|여드름|진정|보습|유수분|영양공급|각질|주름|웜톤|쿨톤|트러블"
)
_SHADE = re.compile(r"^\d{1,3}\s?호(?:\s|$)|^\d{2,3}\s+[가-힣]+(?:\s+[A-Za-z][\w\s\-]*)?$")
_GENDERED = re.compile(r"^(?:여성|남성|여|남)\s*(?=\d)")
_AXIS = re.compile(r"\[([^\[\]]{1,24})\]")
_GLUED = re.compile(r"^(?P<before>.*[가-힣)])?(?P<size>\d?X{0,3}[SL]|M|FREE)(?P<after>[가-힣].*)?$")


class SizeRefused(ValueError):
    """An option that names no size that can be trusted; `code` is the reason code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class SizeOption:
    """What one option says."""

    label: str
    alias: str | None  # the same size on another ruler
    ruler: str
    order: float  # place on the ruler, small to large
    attributes: tuple[tuple[str, str], ...]  # (kind, text): colour, fabric, length, fit, gender, style, option


@dataclass(frozen=True, slots=True)
class _Found:
    token: Token
    aliases: tuple[Token, ...]
    attributes: tuple[str, ...]


@lru_cache(maxsize=65_536)  # a mall has some thousand options and millions of reviews
def read_size_option(raw: str, ruler: str | None = None) -> SizeOption:
    """The size that a raw option names. Raises SizeRefused.

    `ruler` is what the product's other options prove about bare numbers (size_run.number_ruler).
    """
    text = _clean(raw)
    _refuse_what_is_no_option(text)
    axes = _axes(text)
    sizes = [value for kind, value in axes if kind == "size"]
    stated = tuple((kind, value) for kind, value in axes if kind != "size" and value)
    if axes and not sizes:
        raise SizeRefused("no_size", f"the option names {', '.join(kind for kind, _ in axes)} but no size")
    readings = [_read(value, ruler) for value in sizes or [text]]
    if len({(reading.label, reading.ruler) for reading in readings}) > 1:
        labels = ", ".join(reading.label for reading in readings)
        raise SizeRefused("several_sizes", f"a set of several sizes: {labels}")
    first = readings[0]
    attributes = dict.fromkeys(stated + tuple(item for reading in readings for item in reading.attributes))
    return SizeOption(first.label, first.alias, first.ruler, first.order, tuple(attributes))


def _clean(raw: str) -> str:
    # a control character once stood inside a real option; it separates nothing
    text = "".join(c for c in unicodedata.normalize("NFKC", raw) if c in "\t\n " or unicodedata.category(c) != "Cc")
    text = re.sub(r"\s+", " ", text).strip()
    while (shorter := option_words.BADGES.sub("", text).strip()) not in (text, ""):
        text = shorter
    return text


def _refuse_what_is_no_option(text: str) -> None:
    if len(text) > _MAX_LENGTH:
        raise SizeRefused("too_long", f"{len(text)} characters are no size option")
    if _EMPTY.match(text):
        raise SizeRefused("empty", "the option is empty")
    if _NOT_CHOSEN.match(text):
        raise SizeRefused("not_chosen", "the buyer chose no option")
    if _DATE.match(text):
        raise SizeRefused("date", "a date stands where the size should be")
    if _SKIN.search(text) and not re.search(r"/\s*(?:XS|S|M|L|XL)$", text):
        raise SizeRefused("skin_care", "a skin type or concern stands where the size should be")
    if _SHADE.match(text):
        raise SizeRefused("shade", "a numbered shade of a cosmetic, not a size")
    if is_cup_size(text):
        raise SizeRefused("cup_size", "a brassiere's size, which no ruler orders")


def _axes(text: str) -> list[tuple[str, str]]:
    """The (kind, value) pairs of `[NAME]value [NAME]value` or `[A:B]a:b`; none where no bracket names an axis."""
    named = [(m, [option_words.axis_kind(name) for name in m[1].split(":")]) for m in _AXIS.finditer(text)]
    named = [(m, kinds) for m, kinds in named if all(kinds)]
    pairs: list[tuple[str, str]] = []
    if named and (lead := text[: named[0][0].start()].strip(" ,")):
        pairs.append(("size", lead))  # `M (여름용) [color 2] oatmeal [size 2] M`: the first set stands unnamed
    ends = [mark.start() for mark, _ in named[1:]] + [len(text)]
    for (mark, kinds), end in zip(named, ends if named else [], strict=True):
        value = text[mark.end() : end].strip(" ,")
        values = value.rsplit(":", len(kinds) - 1) if len(kinds) > 1 else [value]
        pairs += [(kind, part.strip()) for kind, part in zip(kinds, values, strict=False) if kind]
    return pairs


def _read(text: str, ruler: str | None) -> SizeOption:
    """One size text without axis names."""
    parts = split(text)
    found = [(part, _strong(part, ruler)) for part in parts]
    if not any(reading for _, reading in found):
        found = [(part, _weak(part, ruler)) for part in parts]
    readings = [reading for _, reading in found if reading]
    if not readings:
        raise _nothing(text, parts)
    label, aliases = _choose(text, [reading.token for reading in readings])
    aliases += [alias for reading in readings for alias in reading.aliases]
    rest = [piece for reading in readings for piece in reading.attributes]
    rest += [piece for part, reading in found if reading is None for piece in part.pieces()]
    if label.ruler != "letter":
        letters = [alias for alias in aliases if alias.ruler == "letter"]
        if letters:
            aliases = [label, *(alias for alias in aliases if alias is not letters[0])]
            label = letters[0]
    other = next((alias.label for alias in aliases if alias.label != label.label), None)
    attributes = tuple((option_words.attribute_kind(piece), piece) for piece in rest if piece)
    return SizeOption(label.label, other, label.ruler, label.order, attributes)


def _choose(text: str, tokens: list[Token]) -> tuple[Token, list[Token]]:
    """The label among the sizes of the parts, and the others that are its aliases."""
    distinct = list(dict.fromkeys(tokens))
    by_ruler: dict[str, list[Token]] = {}
    for token in distinct:
        by_ruler.setdefault(token.ruler, []).append(token)
    for ruler in ("letter", "free", "korean", "chest", "inch", "shoe", "brand"):
        same = by_ruler.get(ruler, [])
        if ruler == "inch" and len(same) == 2:
            return same[0], []  # waist, then leg length
        if len(same) == 2 and are_neighbours(same[0], same[1]) and len(tokens) == 2:
            return join(same[0], same[1]), []
        if len(same) > 1 or (same and same[0].ruler == "letter" and "free" in by_ruler):
            raise SizeRefused("several_sizes", f"{text[:60]!r} names several sizes")
        if same:
            return same[0], [token for token in distinct if token is not same[0]]
    raise SizeRefused("no_size", f"{text[:60]!r} names no size")


def _strong(part: Part, ruler: str | None) -> _Found | None:
    """The part is a size, with at most a bracket beside it."""
    if not part.text:
        tokens = [(text, read_token(text, ruler)) for text in part.after]
        sized = [token for _, token in tokens if token]
        rest = tuple(text for text, token in tokens if token is None)
        return _Found(sized[-1], tuple(sized[:-1]), rest) if sized else None
    token = read_token(part.text, ruler)
    if token is None:
        return None
    beside = [(text, read_token(_GENDERED.sub("", text), ruler)) for text in (*part.before, *part.after)]
    return _Found(
        token,
        tuple(other for _, other in beside if other is not None),
        tuple(text for text, other in beside if other is None),
    )


def _weak(part: Part, ruler: str | None) -> _Found | None:
    """A size at the edge of a phrase: in a bracket after it, as its last or first word, or glued to Korean letters."""
    for position, text in enumerate(part.after):
        token = read_token(text, ruler)
        if token and token.ruler != "brand":
            rest = (*part.before, part.text, *part.after[:position], *part.after[position + 1 :])
            last = read_token(part.text.split()[-1], ruler)
            return _Found(token, (last,) if last else (), rest)
    for text in part.before:
        token = read_token(text, ruler)
        if token and token.ruler in ("letter", "free"):
            return _Found(token, (), (part.text,))
    words = part.text.split(" ")
    if len(words) > 1:
        last, first = read_token(words[-1], ruler), read_token(words[0], ruler)
        before, after = " ".join(words[:-1]), " ".join(words[1:])
        if last and (last.ruler in ("letter", "free") or option_words.is_known(before)) and not _is_code(words):
            return _Found(last, (), (*part.before, before, *part.after))
        if first and option_words.is_known(after) and not option_words.is_colour(after):
            return _Found(first, (), (*part.before, after, *part.after))
    return _hyphenated(part, ruler) or _glued(part)


def _hyphenated(part: Part, ruler: str | None) -> _Found | None:
    left, mark, right = part.text.partition("-")
    if not mark:
        return None
    low, high = read_token(left, ruler), read_token(right, ruler)
    if low and high is None and option_words.is_known(right) and not option_words.is_colour(right):
        return _Found(low, (), (right,))
    if high and low is None and high.ruler in ("letter", "free"):
        return _Found(high, (), (left,))
    if low and high and low.ruler == "letter" != high.ruler:
        return _Found(low, (high,), ())
    return None


def _glued(part: Part) -> _Found | None:
    match = _GLUED.match(part.text)
    if match is None or not (match["before"] or match["after"]):
        return None
    token = read_token(match["size"])
    rest = tuple(piece for piece in (match["before"], match["after"]) if piece)
    if token is None or (match["after"] and not option_words.is_known(match["after"])):
        return None
    return _Found(token, (), (*part.before, *rest, *part.after))


def _is_code(words: list[str]) -> bool:
    """Whether a phrase begins with a number of its own: a product or shade code, whose last letter means nothing."""
    return bool(re.fullmatch(r"\d{2,}", words[0])) and len(words) > 1


def _nothing(text: str, parts: list[Part]) -> SizeRefused:
    kinds = {option_words.attribute_kind(p) for part in parts for p in (*part.before, part.text, *part.after) if p}
    if kinds <= {"colour", "fabric", "style", "length", "fit", "gender"}:
        return SizeRefused("no_size", f"the option names only {', '.join(sorted(kinds))}: {text[:60]!r}")
    return SizeRefused("not_a_size", f"{text[:60]!r} holds no size of any known form")
