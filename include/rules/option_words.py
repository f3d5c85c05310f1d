"""The words that stand beside a size in an option text: axis names, colours, fabrics, lengths, badges.

They decide two things only: which kind of attribute a piece of text is, and whether a bare letter at the edge of a
phrase may be read as a size (`카키 L` yes, `L GREY` no). A word that is missing here costs an attribute's name, never a
wrong size.
"""

from __future__ import annotations

import re

# `[NAME]value` and `[A:B]a:b`: only these names make a bracket an axis; `[36]`, `[기모]` and `[PP]` are not.
_AXES = {
    "size": r"size|사이즈|싸이즈|호칭|치수|신발\s*사이즈|허리(?:둘레|사이즈)?|waist",
    "colour": r"colou?rs?|컬러|칼라|색상|색깔|색",
    "length": r"length|기장|길이|총장",
    "fabric": r"fabric|소재|원단|두께|기모\s*여부",
    "option": r"options?|옵션|선택|종류|타입|type|디자인|design|스타일|style|제품|상품|모델|구성|핏|fit|패턴",
}
AXIS = re.compile(
    "|".join(f"(?P<{kind}>^(?:{words})(?:\\s*선택)?\\s*\\d?$)" for kind, words in _AXES.items()), re.IGNORECASE
)

_COLOURS = """
블랙 화이트 그레이 네이비 베이지 아이보리 크림 브라운 카키 올리브 블루 스카이 그린 민트 레드 핑크 퍼플
바이올렛 라벤더 옐로우 옐로 레몬 오렌지 오트밀 오트 차콜 먹색 곤색 검정 흰색 회색 청색 남색 백색 소라 연청
중청 진청 흑청 생지 와인 버건디 머스타드 멜란지 버터 카멜 코코아 모카 샌드 에크루 내추럴 데님 인디고 터콰이즈
바질 아보카도 브릭 실버 골드 코랄 피치 라임 세이지 애쉬 더스티 라이트 다크 딥 페일 스모크 진 연 엘그레이
메란지 무지 단가라 스트라이프 체크 밀크 초코 로즈 살몬 베리 체리 BLACK WHITE GRAY GREY NAVY BEIGE IVORY CREAM
BROWN BROWM KHAKI OLIVE BLUE SKY GREEN MINT RED PINK PURPLE VIOLET LAVENDER YELLOW LEMON ORANGE OATMEAL
CHARCOAL WINE BURGUNDY MUSTARD MELANGE BUTTER CAMEL MOCHA SAND ECRU DENIM INDIGO TEAL SILVER GOLD CORAL PEACH
LIME SAGE ASH DUSTY LIGHT DARK DEEP PALE SMOKE OFF OFFWHITE BRICK MELON TAN NATURAL D. L. STONE ROSE
"""
COLOURS = frozenset(_COLOURS.split())

_FABRIC = re.compile(
    r"기모|쭈리|린넨|여름|겨울|가을|봄|쿨메쉬|메쉬|원단|버전|라이트버전|ver\.?$|수ver|코튼|면$|울$|나일론|데님|코듀로이|벨벳|"
    r"플리스|양털|패딩|누빔|니트|융|안감|라이트\s*온스|헤비|NO\s*기모|fleece|linen|cotton|summer|winter",
    re.IGNORECASE,
)
_LENGTH = re.compile(
    r"총?기장|[4-9]부|^(?:숏|롱|미디|맥시|크롭|세미크롭|기본|노멀|레귤러|톨|쇼트|롱롱|short|long|regular|tall|crop(?:ped)?)"
    r"(?:\s*(?:ver|버전|기장|슬리브).*)?$|레이어드|short|long",
    re.IGNORECASE,
)
_GENDER = re.compile(
    r"^(?:여성?용?|남성?용?|여자|남자|우먼즈?|맨즈?|for\s*)?(?:wo?men'?s?|women|men|여성|남성|여|남|공용|unisex)?$",
    re.I,
)
_FIT = re.compile(r"핏$|^(?:over|semi|regular|slim|wide|loose|오버|세미|슬림|와이드|루즈)\s*-?\s*(?:fit|핏)?$", re.I)
_COLLAR = re.compile(r"^(?:카라|라운드|브이넥|케이블|데일리|트임|민자|단추|지퍼|후드|집업|반팔|긴팔|반바지|긴바지)$")

# What a mall glues to an option: purchase word, prices, stock and delivery badges.
BADGES = re.compile(
    r"(?:\s*구매)$"
    r"|\s*[\[(]\s*[+-]\s?[\d,]+\s*원?\s*[\])]\s*$"
    r"|\s+[+-]?\s?\d{1,3}(?:,\d{3})+\s*원?\s*$"
    r"|\s*\d{4,}\s*원\s*$"
    r"|\s*[\[(]?(?:품절|일시\s*품절|재입고|예약\s*(?:배송|발송|구매)?|당일\s*(?:출고|발송)|오늘\s*출발|직진(?:배송)?|단독|"
    r"sold\s*out|best|new)[\])]?\s*$",
    re.IGNORECASE,
)


def axis_kind(name: str) -> str | None:
    """The kind of an axis name (size, colour, length, fabric, option); None where the text names no axis."""
    found = AXIS.match(name.strip())
    return found.lastgroup if found else None


def attribute_kind(text: str) -> str:
    """The kind of a piece of text that is no size."""
    if _GENDER.match(text.strip()):
        return "gender"
    if _FABRIC.search(text):
        return "fabric"
    if _LENGTH.search(text):
        return "length"
    if _FIT.search(text):
        return "fit"
    if _COLLAR.match(text.strip()):
        return "style"
    if is_colour(text):
        return "colour"
    return "option"


def is_colour(text: str) -> bool:
    """Whether every word of the text is, or ends with, a colour (`스톤그레이`, `L-GRAY`, `D.GREY`)."""
    words = [word for word in re.split(r"[\s+\-.&\d]+", text.upper()) if word]
    return bool(words) and all(len(word) == 1 or _ends_with_colour(word) for word in words) and len("".join(words)) > 1


def is_known(text: str) -> bool:
    """Whether the text is an attribute that this vocabulary names."""
    return attribute_kind(text) != "option" or all(
        attribute_kind(word) != "option" for word in text.split() if word not in ("노", "NO", "&")
    )


def _ends_with_colour(word: str) -> bool:
    return any(word.endswith(colour) for colour in COLOURS)
