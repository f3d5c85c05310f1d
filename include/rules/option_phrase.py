"""A size within a phrase: `카키 L`, `린넨 9부 검정 L`, `상의 55`, `블랙-M`, `기모L`, `남성 100`.

No part of the option is a size by itself here, so more is asked: a letter stands at the phrase's end, or only words
that are known to be attributes follow it; a number has only such words beside it. `L GREY` is a light grey, `128 온 On`
a lipstick: they hold no size.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from include.rules import option_words
from include.rules.colours import NO_COSMETIC, is_colour, may_be_shade
from include.rules.option_refusals import SizeRefused
from include.rules.rulers import Token
from include.rules.size_token import read_token, upper

_MOST_WORDS = 8  # more words are a sentence
_LONGEST_SIZE = 3  # words: `EXTRA EXTRA LARGE`, `사이즈 44 ~ 66`
_LETTER = r"(?:[2-9]X{1,2}[SL]|X{1,5}[SL]|[2-9]L|[SML]|FREE|ONESIZE|F)"
_NUMBER = r"(?:44|55|66|77|88|99|08[05]|09[05]|[89][05]|1[0-3][05]|2[4-9]|3[0-8])"
_GLUED = re.compile(rf"(?P<before>.*[가-힣)])?(?P<size>{_LETTER})(?P<after>[가-힣].*)?")
_GLUED_NUMBER = re.compile(rf"(?P<before>.*[가-힣)A-Z])(?P<size>{_NUMBER}(?:인치|INCH)?)")
_NUMBER_GLUED = re.compile(rf"(?P<size>{_NUMBER})(?P<after>[가-힣]+)")
_LETTER_NUMBER = re.compile(
    r"(?P<before>.*[가-힣])?(?P<letter>[2-6]?X{0,3}[SL]|M)(?P<number>44|55|66|77|88|0?8[05]|0?9[05]|1[0-3][05])"
)
# The number before its letter only where they are the same size: `90S` is a decade, `100L` a bag.
_NUMBER_LETTER = re.compile(
    r"(?P<before>.*[가-힣])?(?:(?P<M>0?95)M|(?P<XL>105)XL|(?P<two>110)(?:2XL|XXL)|(?P<three>115)(?:3XL|XXXL))"
)
_WRITTEN = {"two": "2XL", "three": "3XL"}


@dataclass(frozen=True, slots=True)
class Found:
    """A size, the same size on other rulers, and the texts beside it."""

    token: Token
    aliases: tuple[Token, ...] = ()
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Span:
    """A size at words[start:end] of a phrase."""

    start: int
    end: int
    found: Found


def read_phrase(text: str, ruler: str | None) -> Found | None:
    """The size within a phrase; None where it holds none that is sure. Raises SizeRefused for a set of sizes."""
    apart = re.sub(r"\s*[+&]\s*(?![0-9])", " ", text)  # `상의 M+하의 L` is a set of two
    for phrase in dict.fromkeys((apart, _loosened(apart))):
        words = phrase.split(" ")
        if len(words) > _MOST_WORDS:
            return None
        spans = _spans(words, ruler)
        letters = [span for span in spans if span.found.token.ruler in ("letter", "free")]
        found = _with_letter(words, letters, spans) if letters else _with_number(words, spans)
        if found:
            return found
    return None


def _loosened(text: str) -> str:
    """`블랙-M`, `BLACK.M` with the joints opened; the dot of `D.GREY` stays."""
    opened = re.sub(r"(?<=[가-힣A-Za-z0-9])-(?=[가-힣A-Za-z0-9])", " ", text)
    return re.sub(r"(?<=[가-힣A-Za-z]{2})\.(?=[A-Za-z])", " ", opened)


def _spans(words: list[str], ruler: str | None) -> list[_Span]:
    """The sizes of a phrase, the longest at each place; numbers that measure or count something left out."""
    spans, at = [], 0
    while at < len(words):
        found, length = None, 1
        for length in range(min(_LONGEST_SIZE, len(words) - at), 0, -1):
            token = read_token(" ".join(words[at : at + length]), ruler)
            found = Found(token) if token else (_glued(words[at], ruler) if length == 1 else None)
            if found:
                break
        measured = at > 0 and words[at - 1].upper() in option_words.MEASURES
        if found and not (measured and found.token.ruler != "letter"):
            spans.append(_Span(at, at + length, found))
        at += length
    return spans


def _with_letter(words: list[str], letters: list[_Span], spans: list[_Span]) -> Found | None:
    sure = [span for span in letters if not may_be_shade(*_and_after(words, span))]
    if len({span.found.token.label for span in sure}) > 1:
        labels = ", ".join(dict.fromkeys(span.found.token.label for span in sure))
        raise SizeRefused("several_sizes", f"a set of several sizes: {labels}")
    if not sure:
        return None
    chosen = sure[-1]
    beside = [span for span in spans if span.end == chosen.start or span.start == chosen.end]
    aliases = [span for span in beside if span.found.token.ruler not in ("letter", "free") and _is_alias(span)]
    taken = {at for span in (chosen, *aliases) for at in range(span.start, span.end)}
    before, after = (
        [words[at] for at in side if at not in taken] for side in (range(chosen.start), range(chosen.end, len(words)))
    )
    if after and not option_words.is_known(" ".join(after)):
        return None
    # a phrase that begins with a number of its own is a product's or a shade's code, unless its words are known
    if before and re.fullmatch(r"[0-9]{2,}", before[0]) and not all(map(option_words.is_known, before[1:])):
        return None
    rest = " ".join((*before, *after))
    numbers = tuple(span.found.token for span in aliases)
    return Found(
        chosen.found.token, (*chosen.found.aliases, *numbers), ((rest,) if rest else ()) + chosen.found.attributes
    )


def _and_after(words: list[str], span: _Span) -> tuple[str, str]:
    return " ".join(words[span.start : span.end]), "".join(f" {word}" for word in words[span.end : span.end + 2])


def _is_alias(span: _Span) -> bool:
    """Whether a number beside a letter is the same size: no field jacket's `M-51`, no model's number."""
    token = span.found.token
    return token.ruler != "brand" or token.order <= 10 or (token.order >= 36 and token.order % 2 == 0)


def _with_number(words: list[str], spans: list[_Span]) -> Found | None:
    if len({span.found.token for span in spans}) != 1:
        return None
    span = spans[0]
    taken = {at for one in spans for at in range(one.start, one.end)}
    before = words[: span.start]
    after = [word for at, word in enumerate(words) if at >= span.end and at not in taken]
    if not all(option_words.is_known(" ".join(side)) for side in (before, after) if side):
        return None
    rest = " ".join((*before, *after))
    token = span.found.token
    if not before and is_colour(rest) and (token.ruler == "brand" or not NO_COSMETIC.search(rest.upper())):
        return None
    if token.ruler == "brand" and not re.search("size|사이즈", " ".join(words[span.start : span.end]), re.IGNORECASE):
        known = option_words.attribute_kind(rest) in ("colour", "fabric", "gender") and before
        if not known:
            return None
    return Found(token, span.found.aliases, ((rest,) if rest else ()) + span.found.attributes)


def _glued(word: str, ruler: str | None) -> Found | None:
    """A size glued to Korean letters (`블랙M`, `L기모`, `남100`), or a letter to a number (`M95`)."""
    text = upper(word)
    if pair := _LETTER_NUMBER.fullmatch(text):
        return _glued_pair(pair["before"], pair["letter"], pair["number"])
    if pair := _NUMBER_LETTER.fullmatch(text):
        name = pair.lastgroup or ""
        return _glued_pair(pair["before"], _WRITTEN.get(name, name), pair[name])
    if match := _GLUED.fullmatch(text):
        return _glued_letter(text, match["size"], match["before"] or "", match["after"] or "")
    if match := _GLUED_NUMBER.fullmatch(text):
        token = read_token(match["size"], ruler)
        return Found(token, (), (match["before"],)) if token and option_words.is_known(match["before"]) else None
    if match := _NUMBER_GLUED.fullmatch(text):
        token = read_token(match["size"], ruler)
        kind = option_words.attribute_kind(match["after"])
        return Found(token, (), (match["after"],)) if token and kind in ("length", "fabric", "gender", "fit") else None
    return None


def _glued_pair(before: str | None, letter: str, number: str) -> Found | None:
    size, same = read_token(letter), read_token(number)
    if size is None or same is None or (before and not option_words.is_known(before)):
        return None
    return Found(size, (same,), (before,) if before else ())


def _glued_letter(text: str, size: str, before: str, after: str) -> Found | None:
    token = read_token(size)
    letters = {
        other.label for run in re.findall(r"[A-Z0-9]+", text) if (other := read_token(run)) and other.ruler == "letter"
    }
    if len(letters) > 1:
        raise SizeRefused("several_sizes", f"{text!r:.40} names {', '.join(sorted(letters))}")
    sure = option_words.is_known(after) and not may_be_shade(size, after) if after else bool(before)
    if size == "F" and not option_words.is_known(before):
        sure = False
    return Found(token, (), tuple(piece for piece in (before, after) if piece)) if token and sure else None
