"""An option text cut up: into named axes where it names them, and into parts at separators outside brackets.

`[COLOR]DARK TEAL [SIZE]S`, `[COLOR:SIZE]IVORY:S`, `색상: 블랙 / 사이즈: M` name their axes; `BLACK/M[095]` has two
parts, the second with `095` in brackets after it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from include.rules import option_words

_SEPARATOR = re.compile(r"\s+-\s*|\s*-\s+|\s*[·/|,_^;:>=\\]\s*")
_HAT = re.compile(r"(?<![0-9])([678] [1357])/([248])(?![0-9])")
_AXIS = re.compile(r"\[([^\[\]]{1,24})\]")
_COLON_AXIS = re.compile(rf"(?:^|(?<=[\s/,;|·]))({option_words.AXIS_NAMES})\s?([0-9]?)\s?[:=]\s?(?=\S)", re.IGNORECASE)
_OPENING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece between separators: its own text and what stood in brackets before and after it."""

    text: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    separator: str  # what stood before the part: "/", "-", "_", ...; empty for the first

    def pieces(self) -> list[str]:
        """The attribute texts of a part without a size; a measure stays with its name: `총기장(145)`."""
        if len(self.after) == 1 and self.after[0].isdigit() and option_words.attribute_kind(self.text) == "length":
            return [*self.before, f"{self.text}({self.after[0]})"]
        return [piece for piece in (*self.before, self.text, *self.after) if piece]


def axes(text: str) -> list[tuple[str, str]]:
    """The (kind, value) pairs of a text that names its axes; kind is `lead` for what stands before the first name."""
    text = _COLON_AXIS.sub(r"[\1\2]", text)
    named = [
        (m, [option_words.axis_kind(name) for name in re.split(r"\s*[:/,+_&]\s*", m[1])]) for m in _AXIS.finditer(text)
    ]
    named = [(m, kinds) for m, kinds in named if all(kinds)]
    if not named:
        return []
    lead = text[: named[0][0].start()].strip(" ,/;|·")
    pairs = [("lead", lead)] if lead else []
    ends = [mark.start() for mark, _ in named[1:]] + [len(text)]
    for (mark, kinds), end in zip(named, ends, strict=True):
        value = text[mark.end() : end].strip(" ,/;|·:")
        pairs += _values(value, [kind or "option" for kind in kinds])
    return pairs


def _values(value: str, kinds: list[str]) -> list[tuple[str, str]]:
    for mark in ":/," if len(kinds) > 1 else "":
        values = value.rsplit(mark, len(kinds) - 1)
        if len(values) == len(kinds):
            return [(kind, one.strip()) for kind, one in zip(kinds, values, strict=True)]
    return [(kinds[0] if len(kinds) == 1 else "option", value)]


def split(text: str) -> list[Part]:
    """The parts of an option text, in order."""
    text = _without_lone_brackets(_HAT.sub("\\1\u2044\\2", text))
    inside = _inside_brackets(text)
    pieces, start, mark = [], 0, ""
    for cut in _SEPARATOR.finditer(text):
        if not inside[cut.start()]:
            pieces.append((text[start : cut.start()], mark))
            start, mark = cut.end(), cut[0].strip()
    pieces.append((text[start:], mark))
    return [_part(piece, mark) for piece, mark in pieces if piece.strip()]


def _without_lone_brackets(text: str) -> str:
    """The text with every bracket that has no partner turned into a blank."""
    characters, opened = list(text), []
    for at, character in enumerate(text):
        if character in _OPENING:
            opened.append(at)
        elif character in _OPENING.values():
            if opened and _OPENING[text[opened[-1]]] == character:
                opened.pop()
            else:
                characters[at] = " "
    for at in opened:
        characters[at] = " "
    return "".join(characters)


def _inside_brackets(text: str) -> list[bool]:
    depth, inside = 0, []
    for character in text:
        depth += character in _OPENING
        inside.append(depth > 0)
        depth -= character in _OPENING.values()
    return inside


def _part(piece: str, mark: str) -> Part:
    """One piece with its outer brackets taken apart; brackets within brackets stay text of theirs."""
    outside, notes, depth, note = [], [], 0, ""
    for character in piece:
        if character in _OPENING and depth == 0:
            depth, note = 1, ""
        elif depth:
            depth += (character in _OPENING) - (character in _OPENING.values())
            note += character
            if depth == 0:
                notes.append(note[:-1].strip())
                outside.append("\0")
        else:
            outside.append(character)
    joined = "".join(outside)
    lead = re.match(r"[\s\0]*", joined)
    leading = lead[0].count("\0") if lead else 0
    text = re.sub(r"\s+", " ", joined.replace("\0", " ")).strip()
    if not text:
        # `[M(95)]` is as good as `M(95)`
        nested = len(notes) == 1 and any(bracket in notes[0] for bracket in _OPENING)
        return _part(notes[0], mark) if nested else Part("", (), tuple(notes), mark)
    return Part(text, tuple(notes[:leading]), tuple(notes[leading:]), mark)
