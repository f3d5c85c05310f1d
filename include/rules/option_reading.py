"""One part of an option read: a size with brackets beside it, brackets alone, or a size within a phrase."""

from __future__ import annotations

import re

from include.rules.option_parts import Part
from include.rules.option_phrase import Found, read_phrase
from include.rules.option_refusals import SizeRefused
from include.rules.rulers import Token, join
from include.rules.size_number import leg_of
from include.rules.size_token import read_token, upper

# In a bracket: whom the number is for, before it, and how sure, after it (`여성 66`, `44~66 추천`).
_AROUND = re.compile(
    r"^(?:여성용?|남성용?|여자|남자|여|남|women|men|허리)\s*(?=\S)|(?<=\S)\s*(?:추천|권장|착용|정도|까지)$",
    re.IGNORECASE,
)
_LETTERS = ("letter", "free")


def read_whole(part: Part, ruler: str | None) -> Found | None:
    """The part is a size, with at most brackets beside it; None where it is none. Raises SizeRefused for two sizes."""
    if not part.text:
        return _in_brackets(part, ruler)
    token = read_token(part.text, ruler)
    if token is None:
        return None
    aliases, attributes = [], []
    for note in (*part.before, *part.after):
        other = _of_note(note, ruler)
        if other is None or other.is_height() or _is_another_waist(token, other):
            attributes.append(note)
        elif other.label != token.label:
            _refuse_another(token, other)
            aliases.append(other)
    if leg := leg_of(upper(part.text)):
        attributes.append(f"L{leg}")
    return _by_letter(Found(token, _joined(aliases), tuple(attributes)))


def _is_another_waist(token: Token, other: Token) -> bool:
    """`30(32-33)`: the bracket says whose waists it fits."""
    return other.ruler == token.ruler == "inch" and bool(other.low) and not other.covers(token)


def _joined(aliases: list[Token]) -> tuple[Token, ...]:
    """The letters of `44(S)~66(L)` as the range that they are."""
    letters = [alias for alias in aliases if alias.ruler == "letter"]
    if len({letter.label for letter in letters}) < 2:
        return tuple(aliases)
    if len(letters) > 2 or letters[0].order >= letters[1].order:
        raise SizeRefused("several_sizes", f"a set of several sizes: {', '.join(one.label for one in letters)}")
    return (join(*letters), *(alias for alias in aliases if alias.ruler != "letter"))


def read_within(part: Part, ruler: str | None) -> Found | None:
    """A size in a bracket beside a phrase, or within the phrase; None where neither is sure. Raises SizeRefused."""
    phrase = read_phrase(part.text, ruler) if part.text else None
    noted = _noted(part, ruler, bool(phrase))
    notes = (*part.before, *part.after)
    if not noted:
        return Found(phrase.token, phrase.aliases, (*phrase.attributes, *notes)) if phrase else None
    note, token = noted[0]
    for _, other in noted[1:]:
        _refuse_another(token, other)
    others = tuple(other for other in notes if other != note)
    last = read_token(part.text.rpartition(" ")[2], ruler)
    if phrase is None and last is None:
        return Found(token, (), (part.text, *others))
    beside = phrase or Found(last, (), (part.text.rpartition(" ")[0],))  # type: ignore[arg-type]
    _refuse_another(beside.token, token)
    return _by_letter(Found(beside.token, (token, *beside.aliases), (*beside.attributes, *others)))


def _noted(part: Part, ruler: str | None, has_phrase: bool) -> list[tuple[str, Token]]:
    """The sizes in brackets: after a phrase all but a brand's numbers (codes of colours), before it letters only."""
    found = [(note, token) for note in part.after if (token := _of_note(note, ruler)) and token.ruler != "brand"]
    found += [(note, token) for note in part.before if (token := read_token(note)) and token.ruler in _LETTERS]
    if found or has_phrase:
        return found
    phrases = [(note, phrase.token) for note in part.after if (phrase := read_phrase(note, ruler))]  # `… [cream M]`
    return [(note, token) for note, token in phrases if token.ruler in _LETTERS]


def _in_brackets(part: Part, ruler: str | None) -> Found | None:
    """A part of brackets only, `[XL]`, `[19][L]`: its letter, else its only number."""
    sized = [(note, token) for note in part.after if (token := _of_note(note, ruler))]
    letters = [pair for pair in sized if pair[1].ruler in _LETTERS]
    only = letters if len(letters) == 1 else sized
    if len(only) != 1:
        return None
    chosen, token = only[0]
    return Found(token, (), tuple(note for note in part.after if note is not chosen))


def _of_note(note: str, ruler: str | None) -> Token | None:
    """The size that a bracket states: `95`, `여성 55-66`, `44/55/66`, `95, 남성`."""
    whole = read_token(_AROUND.sub("", note), ruler)
    if whole:
        return None if note.upper() == "FR" else whole  # France here, free size elsewhere
    pieces = [read_token(_AROUND.sub("", piece), ruler) for piece in re.split(r"\s*[/,.·]\s*", note)]
    tokens = [token for token in pieces if token]
    if len(tokens) == 1:
        return tokens[0]
    rulers = {token.ruler for token in tokens}
    letters = [token for token in tokens if token.ruler == "letter"]
    if len(tokens) == len(pieces) == 2 and len(letters) == 1:  # `(M/95)`
        return letters[0]
    if len(tokens) < len(pieces) or len(rulers) > 1:
        return None
    if rulers == {"brand"}:  # `US 6 / EU 36`
        return tokens[0]
    ascending = all(low.order < high.order for low, high in zip(tokens, tokens[1:], strict=False))
    return join(tokens[0], tokens[-1]) if ascending else None


def _by_letter(found: Found) -> Found:
    """The letter as label where a number has it beside it, millimetres where a country's number; a free size stays."""
    if found.token.ruler in _LETTERS:
        return found
    better = (*_LETTERS, "shoe") if found.token.ruler == "brand" else _LETTERS
    letter = next((alias for alias in found.aliases if alias.ruler in better), None)
    if letter is None:
        return found
    return Found(letter, (found.token, *(alias for alias in found.aliases if alias is not letter)), found.attributes)


def _refuse_another(one: Token, other: Token) -> None:
    """Two sizes of one ruler in one part are one only where the second is a range around the first."""
    if one.ruler == other.ruler and one.label != other.label and not other.covers(one):
        raise SizeRefused("several_sizes", f"{one.label} and {other.label} are different sizes")
