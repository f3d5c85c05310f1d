"""A raw option text made plain: one form of every character, and nothing left of what a mall or shop glues on.

Glued on are the purchase word, prices, stock and delivery notes, numbering and pictures. What is taken off never says
anything of the size; a text that would be empty without it stays as it is.
"""

from __future__ import annotations

import html
import re
import unicodedata

_DASHES = "‐‑‒–—―−ー⁃﹣"
_TILDES = "〜∼˜～⁓"
_DOTS = "‧∙•ㆍ・･⋅●■▪"
_PIPES = "│┃∣ㅣ丨¦"
_ARROWS = "→▶►▷⇒➡›»＞"
_FORMS = str.maketrans(
    dict.fromkeys(_DASHES, "-")
    | dict.fromkeys(_TILDES, "~")
    | dict.fromkeys(_DOTS, "·")
    | dict.fromkeys(_PIPES, "|")
    | dict.fromkeys(_ARROWS, ">")
    | dict.fromkeys("【〔『「［", "[")
    | dict.fromkeys("】〕』」］", "]")
    | dict.fromkeys("《〈", "(")
    | dict.fromkeys("》〉", ")")
    | dict.fromkeys("”“″〃", '"')
    | dict.fromkeys("’‘′`´", "'")
    | {"×": "x", "✕": "x", "、": ",", "™": " ", "®": " ", "©": " "}
)
# What NFKC makes of the vowel and the dot that shops type for `|` and `·`; decomposed syllables are whole by then.
_LONE_VOWELS = str.maketrans({"\u1175": "|", "\u119e": "·"})
_BRACKETED_LESS = re.compile(r"<([^<>]*)>")
_CIRCLED = re.compile("[①-⑳⓪❶-❿]|[0-9]\ufe0f?\u20e3")
_HALF = re.compile(r"([0-9])\s?½")
_FREE_SIZE = re.compile(r"(?<![A-Za-z0-9])[Oo]\s?/\s?[Ss](?![A-Za-z0-9])")
_SEASON = re.compile(
    r"(?<![A-Za-z])(?:F\s?/\s?W|(?:20)?[0-9]{2}\s?(?:S\s?/?\s?S|F\s?/?\s?W))(?![A-Za-z])", re.IGNORECASE
)

_STATUS = (
    r"품절|재입고|예약|출고|배송|발송|도착|입고|출발|재고|수량|남음|잔여|마감|임박|할인|쿠폰|이벤트|특가|당일|오늘|직진|무료|판매|리오더"
    r"|사은품|증정|추천상품|주문\s?폭주|sold\s*out|out\s*of\s*stock|pre-?order|sale"
)
_WHOLE_STATUS = r"단독|신상품?|한정|추천|인기|베스트|best|new|hot|md\s?추천|택\s?1"
_DAY = r"(?:[0-9]{1,2}\s?[/월.]\s?[0-9]{1,2}\s?일?|[0-9]{1,2}\s?월\s?(?:초|중순?|말)?)"
_WON = r"(?:원|won|krw|₩)"
_AMOUNT = rf"(?:[0-9]{{1,3}}(?:,[0-9]{{3}})+|[0-9]{{1,7}}(?=\s?{_WON}))"
_SURELY_MORE = rf"(?:[+\-]?\s?₩?{_AMOUNT}|\+\s?(?:0|[0-9]{{3,7}})|-\s?[0-9]{{4,7}})\s?{_WON}?\s?(?:추가|인상|할인)?"
_BOUGHT = r"(?:구매|주문)(?:했어요|했습니다|했음|하였습니다|함|완료)?"
# In brackets, wherever they stand; a size beside the note in the same brackets stays.
_NOTE = re.compile(r"[\[(]([^()\[\]]*)[\])]")
_STATUS_IN_NOTE = re.compile(
    rf"(?:{_DAY}[^/,|]{{0,12}}?)?[^\s/·,|]*(?:{_STATUS})[^\s/,|:]*(?:\s*[:]?\s*{_DAY})?[^/,|]*|^\s*(?:{_WHOLE_STATUS})\s*$"
    rf"|^\s*(?:추가(?:금|금액)?\s*)?(?:{_SURELY_MORE}|-\s?[0-9]{{3}})\s*$",
    re.IGNORECASE,
)
BADGES = re.compile(
    # what ends the text
    rf"(?:(?<=[A-Za-z0-9즈])으?로)?\s+{_BOUGHT}$|(?<=[가-힣)\]A-Za-z0-9])구매$"
    rf"|\s*[*/·,\-]?\s*(?:{_DAY}\s*)?(?:{_STATUS})[^\s/·,|()\[\]]*(?:\s*[:(]?\s*{_DAY}\s*(?:예정|이후|부터)?\)?)?\s*$"
    rf"|\s+(?:{_WHOLE_STATUS})!*$"
    rf"|\s*[/:]?\s*(?<![0-9~\-]){_SURELY_MORE}$"
    r"|(?<=[^0-9\s])\s+x\s?[0-9]{1,2}\s?(?:개|장|ea)?$"
    # what begins it
    rf"|^(?:{_DAY}\s*)?(?:{_STATUS})[^\s/·,|()\[\]]*\s*[:/·|)\]]*\s+(?=\S)",
    re.IGNORECASE,
)
_NUMBERING = re.compile(
    r"^(?:[0-9]{1,2}\s?[.)]\s*(?=[^0-9.\s)]|[0-9]{0,2}X{1,3}[SL])|[0-9]{1,2}[.)]\s+(?=[0-9])|[0-9]{1,2}번\s*[.):\-]?\s*"
    r"|(?:옵션|선택|option)\s?[0-9]{1,2}\s*[.):\-]\s*|[A-E][)]\s*|[A-E]\.\s+)(?=\S)",
    re.IGNORECASE,
)
_UNSEEN = frozenset({"Cf", "Cc", "Cs", "Co", "Cn", "Mn", "Me"})
_ROUNDS = 8  # badges stand beside each other; more than a few is no option


def plain(raw: str) -> str:
    """The text in one form: NFKC, one kind of dash, dot, bracket and blank, no unseen characters, no pictures."""
    text = _CIRCLED.sub(_as_number, html.unescape(raw).replace("\r", "\n"))
    text = unicodedata.normalize("NFKC", _HALF.sub(r"\1.5", text).translate(_FORMS)).translate(_FORMS | _LONE_VOWELS)
    text = "".join(_visible(character) for character in text)
    text = _BRACKETED_LESS.sub(r"[\1]", text)
    text = _SEASON.sub(" ", _FREE_SIZE.sub("OS", text))
    text = re.sub(r"\s+", " ", text).strip()
    return text[1:-1].strip() if len(text) > 2 and text[0] == text[-1] == '"' else text


def without_badges(text: str) -> str:
    """A plain text without what a mall or shop glues on."""
    text = _NOTE.sub(_without_status, text).strip() or text
    for _ in range(_ROUNDS):
        shorter = _NUMBERING.sub("", re.sub(r"\s+", " ", BADGES.sub(" ", text, count=1)).strip())
        if shorter in (text, ""):
            break
        text = shorter
    return text


def _without_status(note: re.Match[str]) -> str:
    left = _STATUS_IN_NOTE.sub("", note[1]).strip(" ,/·|")
    return note[0] if left == note[1].strip() else (f"{note[0][0]}{left}{note[0][-1]}" if left else " ")


def _visible(character: str) -> str:
    if character in "\t\n\v\f " or unicodedata.category(character) in ("Zs", "Zl", "Zp"):
        return " "
    kind = unicodedata.category(character)
    if kind in _UNSEEN:  # a control character once stood inside a real option; it separates nothing
        return ""
    return " " if kind in ("So", "Sk") and character not in "^\ufffd" else character


def _as_number(found: re.Match[str]) -> str:
    return f"{int(unicodedata.numeric(found[0][0]))}. "
