"""The words that stand beside a size in an option text: axis names, fabrics, lengths, garments, counts.

They decide two things only: which kind of attribute a piece of text is, and whether a letter or number at the edge of a
phrase may be read as a size (`카키 L` yes, `L GREY` no). A word that is missing here costs an attribute's name, never a
wrong size.
"""

from __future__ import annotations

import re

from include.rules.colours import is_colour, names_colour

_GARMENT_WORDS = """
상의 하의 상하의 자켓 재킷 팬츠 바지 셔츠 티셔츠 티 맨투맨 후드 후드티 후드집업 집업 니트 가디건 스커트 치마 원피스
블라우스 조끼 베스트 코트 점퍼 패딩 레깅스 슬랙스 청바지 조거 반바지 속바지 나시 끈나시 민소매 브라 팬티 수영복
비키니 투피스 세트 세트상품 단품 신발 양말 모자 SET TOP TOPS BOTTOM BOTTOMS PANTS SHIRT SHIRTS TEE SKIRT JACKET COAT
DRESS KNIT HOODIE SWEATSHIRT CARDIGAN VEST SHORTS
"""
GARMENTS = frozenset(_GARMENT_WORDS.split())

# `[NAME]value`, `[A:B]a:b`, `NAME : value`: only these names make an axis; `[36]`, `[기모]` and `[PP]` are not.
_WHOSE = rf"(?:(?:{'|'.join(sorted(GARMENTS, key=len, reverse=True))}|의류|옷|MENS?|WOMENS?|남성|여성|남자|여자)\s?)?"
_AXES = {
    "size": rf"{_WHOSE}(?:sizes?|사이즈|싸이즈|호칭|치수)|허리(?:둘레|사이즈)?|waist",
    "colour": rf"{_WHOSE}(?:colou?rs?|컬러|칼라|색상|색깔|색)",
    "length": r"length|기장|길이|총장",
    "fabric": r"fabric|소재|원단|두께|기모\s*여부",
    "option": r"options?|옵션\s?명?|선택|종류|타입|type|디자인|design|스타일|style|제품|상품명?|품목|모델|구성|핏|fit"
    r"|패턴|items?",
}
_AXIS_FORM = r"(?:\s?(?:선택|필수|\(?필수\)?))?\s*(?:[(#]?\d\)?)?"
AXIS = re.compile("|".join(f"(?P<{kind}>^(?:{words}){_AXIS_FORM}$)" for kind, words in _AXES.items()), re.IGNORECASE)
AXIS_NAMES = "|".join(f"(?:{words})" for words in _AXES.values())

_FABRIC = re.compile(
    r"기모|쭈리|린넨|여름|겨울|가을|봄|쿨메쉬|메쉬|원단|버전|ver\.?$|코튼|면$|울$|나일론|데님|코듀로이|골덴|벨벳|벨로아|시어링|"
    r"플리스|후리스|양털|패딩|누빔|니트|융|안감|온스|헤비|사계절|간절기|본딩|스웨이드|레더|가죽|캐시미어|모달|텐셀|시스루|"
    r"\bNO\s*기모|fleece|linen|cotton|summer|winter|wool|nylon|denim|corduroy|leather|suede|mesh|brushed|napping|pile",
    re.IGNORECASE,
)
_LENGTH = re.compile(
    r"총?기장|총장|[4-9]\s?부(?!터)|[1-4]/4|^(?:숏|롱|미디|맥시|크롭|세미크롭|기본|노멀|노말|레귤러|톨|쇼트|롱롱|하프|반팔|긴팔|7부|9부|슬림롱"
    r"|short|long|regular|tall|petite|crop(?:ped)?|half|mini|midi|maxi|normal|basic)"
    r"(?:\s*(?:ver\.?|버전|기장|슬리브|팬츠|sleeves?|pants|length))?$|레이어드|short|long|^L\d{2}$",
    re.IGNORECASE,
)
_GENDER = re.compile(
    r"^(?:for\s*)?(?:여성?용?|남성?용?|여자용?|남자용?|우먼즈?|맨즈?|남녀(?:공용)?|공용|키즈|아동용?|주니어|성인용?|커플"
    r"|(?:wo)?m[ae]n'?s?|unisex|kids?|boys?|girls?|mens|womens)$",
    re.IGNORECASE,
)
_FIT = re.compile(
    r"핏$|^(?:over|semi|regular|slim|wide|loose|straight|relaxed|boot|오버|세미|슬림|와이드|루즈|일자|부츠컷|스트레이트|테이퍼드|배기)"
    r"\s*-?\s*(?:fit|cut|핏|컷)?$",
    re.IGNORECASE,
)
_STYLE = re.compile(
    r"^(?:카라|라운드|[브유]이넥|[VU]넥|라운드넥|터틀넥|폴라|목폴라|반폴라|하이넥|스퀘어넥|케이블|데일리|트임|민자|단추|지퍼"
    r"|반집업|주머니|포켓|밴딩|로고|프린팅|자수)$",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"^(?:\d{1,2}\s?\+\s?\d{1,2}|\d{1,3}\s?(?:개|장|팩|매|벌|켤레|종|세트|입|PCS?|PACKS?|P|EA|SET))$", re.I
)
_BODY = re.compile(r"\d\s?kg|키\s?\d|몸무게|체중", re.IGNORECASE)
_MEASURE_WORDS = """
기장 총장 총기장 길이 가슴 가슴단면 어깨 소매 밑위 엉덩이 힙 밑단 화장 인심 LENGTH CHEST INSEAM RISE
"""
MEASURES = frozenset(_MEASURE_WORDS.split())
_FILLERS = """
노 NO 논 무 & + - / 및 OR AND 사이즈 SIZE 컬러 COLOR 색상 선택 구매 용 기준 추천 정 허리 WAIST
"""
_EMPTY_WORDS = frozenset(_FILLERS.split())


def axis_kind(name: str) -> str | None:
    """The kind of an axis name (size, colour, length, fabric, option); None where the text names no axis."""
    found = AXIS.match(name.strip())
    return found.lastgroup if found else None


def attribute_kind(text: str) -> str:
    """The kind of a piece of text that is no size: colour, fabric, length, fit, style, garment, gender, count, body."""
    word = text.strip()
    forms = (("gender", _GENDER), ("count", _COUNT), ("body", _BODY), ("style", _STYLE), ("fit", _FIT))
    for kind, form in forms:
        if form.search(word):
            return kind
    if word.upper() in GARMENTS:
        return "garment"
    if is_colour(word) or re.search("(?:컬러|colou?r)$", word, re.IGNORECASE):
        return "colour"
    for kind, form in (("fabric", _FABRIC), ("length", _LENGTH)):
        if form.search(word):
            return kind
    return "colour" if names_colour(word) else "option"


def is_known(text: str) -> bool:
    """Whether the text, or each word of it, is an attribute that this vocabulary names."""
    return attribute_kind(text) != "option" or all(
        attribute_kind(word) != "option" for word in text.split() if word.upper() not in _EMPTY_WORDS
    )
