"""Why an option text is refused: the codes, what each means, and the texts that are no option of a garment at all."""

from __future__ import annotations

import re
from collections.abc import Iterable

from include.rules.colours import NO_COSMETIC
from include.rules.option_words import attribute_kind
from include.rules.size_token import is_cup_size, read_token

LONGEST = 200  # the longest real option is below 80 characters

# code -> (what stands there, an invented example)
REASONS = {
    "empty": ("nothing but blanks or marks", "/"),
    "too_long": ("a whole text instead of an option", "가" * (LONGEST + 1)),
    "not_chosen": ("the buyer chose no option", "선택안함"),
    "date": ("a date, in rows whose columns have shifted", "19.03.31"),
    "skin_care": ("a skin type, concern or tone, in shifted rows", "수분 보충/건성"),
    "shade": ("a numbered shade of a cosmetic, a ring's or a child's number", "317호 새벽"),
    "device": ("a telephone or another device", "아이폰 15 프로/투명"),
    "measure": ("a length, weight, volume, count, price or body", "120ml"),
    "child_age": ("a child's size by age", "12-18개월"),
    "cup_size": ("a brassiere's size, which no ruler orders", "80C"),
    "mojibake": ("text in a broken encoding without a readable size", "ë¸”ëž™"),
    "several_sizes": ("a set of different sizes", "상의 S / 하의 M"),
    "no_size": ("only a colour, fabric, length or garment", "크림(기모)"),
    "not_a_size": ("anything else without a size", "골프공 세트A"),
}


class SizeRefused(ValueError):
    """An option that names no size that can be trusted; `code` is the reason code, a key of REASONS."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


_EMPTY = re.compile(r"[\s./·,\-_~…|:;*'\"()\[\]?!]*")
_NOT_CHOSEN = re.compile(
    r"\W*(?:(?:옵션)?\s*(?:선택|미선택)(?:\s*(?:안\s*함|없음|하지\s*않음|하세요|해\s*주세요))?|(?:해당|옵션)?\s*없음|단일\s*상품|단일\s*옵션"
    r"|기본\s*옵션|none|null|nan|n/a|undefined|default|no\s*option)\W*",
    re.IGNORECASE,
)
_YEAR, _MONTH, _DAY = "(?:19|20)?[0-9]{2}", "(?:0?[1-9]|1[0-2])", "(?:0?[1-9]|[12][0-9]|3[01])"
_DATE = re.compile(
    rf"{_YEAR}\s?[.\-/년]\s?{_MONTH}\s?[.\-/월]\s?{_DAY}\s?[.일]?(?:[T\s].*)?"
    rf"|(?:19|20)[0-9]{{2}}{_MONTH}{_DAY}|{_MONTH}\s?월\s?{_DAY}\s?일|20[0-9]{{2}}\s?[.\-/년]\s?{_MONTH}\s?월?"
    rf"|{_MONTH}/(?:1[3-9]|2[0-9]|3[01]|0[1-9])|0[1-9]\.{_DAY}|1[0-2]\.(?:[0-46-9]|[12][0-9]|3[01])"
)
_SKIN = re.compile(
    r"복합성|건성|지성|민감성|(?:^|[\s/,·])중성|수부지|미백|탄력|모공|여드름|진정|보습|유수분|수분|영양공급|각질|주름|웜톤|쿨톤|트러블|홍조"
    r"|다크서클|피지|블랙헤드|잡티|아토피|튼살|톤업|(?:봄|여름|가을|겨울)\s?(?:웜|쿨|뮤트|라이트|브라이트)|두피|손상모|피부"
)
_HO = re.compile(r"(?<![0-9])[0-9]{1,3}\s?호(?![수칭])")
_SHADE = re.compile(
    r"#\s?[0-9]{1,3}(?:\s.*)?|[0-9]{2,3}[NCP][0-9]?(?:\s.*)?|(?:[0-3][0-9]|[1-9][0-9]{2})\s+[가-힣A-Z].*|(?:no|NO|No)\.?\s?[0-9]{1,3}(?:\s.*)?"
)
_DEVICE = re.compile(
    r"아이폰|i-?phone|갤럭시|galaxy|에어팟|air\s?pods?|버즈|buds|아이패드|i-?pad|맥북|macbook|애플\s?워치|apple\s?watch|플립\s?\d|폴드\s?\d",
    re.IGNORECASE,
)
_MEASURE = re.compile(
    r"(?:약\s*)?[0-9]+(?:[.,][0-9]+)?(?:\s*[~\-]\s*[0-9]+(?:\.[0-9]+)?)?\s*(?:cm|㎝|ml|리터|kg|g|그램|인용|매입|개입|정|포|캡슐|"
    r"개|장|매|팩|켤레|세트|종|박스|oz|ea|pcs?)(?:\s*\+\s*[0-9]+\s*(?:cm|ml|g|개))?(?:\s*[x*/]?\s*[0-9]+\s*(?:개|장|매|팩|ea)?)?|[0-9]{2,3}\s*l|[0-9]+\s?\+\s?[0-9]+|[+\-]?₩?\s?[0-9][0-9,]*\s?원|[+\-]?₩?\s?[0-9]{1,3}(?:,[0-9]{3})+"
    r"|[0-9]{1,2}(?:\.[0-9])?\s*mm|1[0-9](?:\.[0-9])?\s*(?:인치|inch|\")|(?:1[4-9]|20)[0-9]\s?/\s?[3-9][0-9]",
    re.IGNORECASE,
)
_AGE = re.compile(
    r"[0-9]{1,2}(?:\s*[~\-]\s*[0-9]{1,2})?(?:\s*(?:개월|세|살|years?|months?|yrs?)|y|t)|(?:[0-9]{1,2}\s*[~\-]\s*)?(?:[1-9]|[123][0-9])m",
    re.IGNORECASE,
)
_BROKEN = re.compile(r"\ufffd|[ÃÂëìíîêðï][\u0080-\u00ff˜”ž™€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“•–—š›œŸ]")
_WESTERN = re.compile(r"[\u00a1-\u00af\u00b1-\u00b6\u00b8-\u00bc\u00be-\u00d6\u00d8-\u00ff]")


def refuse_what_is_no_option(text: str) -> None:
    """Texts that hold no size whatever stands in them. Raises SizeRefused."""
    if len(text) > LONGEST:
        raise SizeRefused("too_long", f"{len(text)} characters are no size option")
    forms = (
        ("empty", _EMPTY),
        ("not_chosen", _NOT_CHOSEN),
        ("date", _DATE),
        ("measure", _MEASURE),
        ("child_age", _AGE),
    )
    for code, form in forms:
        if form.fullmatch(text):
            raise SizeRefused(code, f"{text!r:.60} is {REASONS[code][0]}")
    if "://" in text:
        raise SizeRefused("not_a_size", f"{text!r:.60} is an address")
    if _DEVICE.search(text):
        raise SizeRefused("device", f"{text!r:.60} names {REASONS['device'][0]}")


def foreign_code(raw: str) -> str | None:
    """The code of a text at whose edges a letter or number is no size; a whole part of it still may be one."""
    if _SKIN.search(raw):
        return "skin_care"
    if any(read_token(number) is None for number in _HO.findall(raw)):
        return "shade"
    western = len(_WESTERN.findall(raw))
    broken = _BROKEN.search(raw) or (western >= 3 and western * 3 >= len(raw.replace(" ", "")))
    return "mojibake" if broken else None


def refusal_of(text: str, pieces: Iterable[str]) -> SizeRefused:
    """The refusal of a text in which no size was found; `pieces` are its parts and what stood in brackets."""
    named = [piece for piece in pieces if piece]
    words = [word for piece in named for word in (piece, *piece.split())]
    if any(is_cup_size(word) for word in words):
        return SizeRefused("cup_size", f"{text!r:.60} names {REASONS['cup_size'][0]}")
    if (_SHADE.fullmatch(text) and not NO_COSMETIC.search(text.upper())) or _HO.match(text):
        return SizeRefused("shade", f"{text!r:.60} is {REASONS['shade'][0]}")
    for code, form in (("measure", _MEASURE), ("child_age", _AGE)):
        if any(form.fullmatch(word) for word in words):
            return SizeRefused(code, f"{text!r:.60} is {REASONS[code][0]}")
    kinds = {attribute_kind(piece) for piece in named}
    if "body" in kinds:
        return SizeRefused("measure", f"{text!r:.60} states a body")
    if "option" not in kinds:
        return SizeRefused("no_size", f"{text!r:.60} names only {', '.join(sorted(kinds))}")
    return SizeRefused("not_a_size", f"{text!r:.60} holds no size of any known form")
