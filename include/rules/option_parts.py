"""An option text cut into parts: at separators outside brackets, each part with what stood in brackets beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from include.rules import option_words
from include.rules.size_token import read_token

_SEPARATORS = re.compile(r"\s+[·\-]\s+|[·/|,_^]")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece between separators: its own text and what stood in brackets before and after it."""

    text: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    def pieces(self) -> list[str]:
        """The attribute texts of a part without a size; a measure stays with its name: `총기장(145)`."""
        if len(self.after) == 1 and self.after[0].isdigit() and option_words.attribute_kind(self.text) == "length":
            return [*self.before, f"{self.text}({self.after[0]})"]
        return [*self.before, self.text, *self.after]


def split(text: str) -> list[Part]:
    """The parts of an option text, in order."""
    pieces, depth, start = [], 0, 0
    cuts = {m.start(): m.end() for m in _SEPARATORS.finditer(text)}
    for position, character in enumerate(text):
        depth = max(0, depth + (character in "([{") - (character in ")]}"))
        if depth == 0 and position in cuts and position >= start:
            pieces.append(text[start:position])
            start = cuts[position]
    pieces.append(text[start:])
    whole = text.strip()
    if len(pieces) > 1 and read_token(whole) is not None:  # `O/S` is one size
        pieces = [whole]
    return [_part(piece) for piece in pieces if piece.strip()]


def _part(piece: str) -> Part:
    outside = re.sub(r"[(\[{][^()\[\]{}]*[)\]}]", "\0", piece)
    brackets = [m[1].strip() for m in re.finditer(r"[(\[{]([^()\[\]{}]*)[)\]}]", piece)]
    lead = len(re.match(r"[\s\0]*", outside)[0].replace(" ", ""))  # type: ignore[index]
    text = re.sub(r"\s+", " ", outside.replace("\0", " ")).strip()
    if not text:
        return Part("", (), tuple(brackets))
    return Part(text, tuple(brackets[:lead]), tuple(brackets[lead:]))
