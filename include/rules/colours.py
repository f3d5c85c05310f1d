"""Colour words of both languages, and whether a letter before one may be part of the colour's name."""

from __future__ import annotations

import re

_KOREAN = """
블랙 화이트 그레이 그래이 네이비 베이지 아이보리 크림 브라운 카키 올리브 블루 스카이 그린 민트 레드 핑크 퍼플
바이올렛 라벤더 라벤다 옐로우 옐로 레몬 오렌지 오트밀 오트 차콜 챠콜 먹색 곤색 검정 검은색 검정색 흰색 하양 하얀색
회색 청색 남색 백색 노랑 노란색 파랑 파란색 빨강 빨간색 초록 초록색 보라 보라색 분홍 분홍색 하늘 하늘색 갈색 밤색
은색 금색 자주 주황 연두 소라 연청 중청 진청 흑청 아이스블루 생지 와인 버건디 머스타드 머스터드 멜란지 메란지 버터
카멜 코코아 모카 샌드 에크루 내추럴 네추럴 데님 인디고 터콰이즈 바질 아보카도 브릭 실버 골드 로즈골드 코랄 피치 라임
세이지 애쉬 더스티 라이트 다크 딥 페일 스모크 스모키 엘그레이 디그레이 단가라 스트라이프 체크 밀크 초코 초콜릿
초콜렛 로즈 살몬 베리 체리 아쿠아 멜론 마젠타 인디핑크 베이비핑크 살구 살구색 테라코타 토프 토피 에메랄드 시나몬
에스프레소 블러쉬 누드 스톤 그라파이트 미드나잇 헤더 허니 탠 오프 오프화이트 백아이보리 먹 곤 진 연 백 흑 파스텔
형광 네온 카모 레오파드 호피 지브라 도트 플라워 웜그레이 쿨그레이 무지
"""
_ENGLISH = """
BLACK WHITE GRAY GREY NAVY BEIGE IVORY CREAM BROWN BROWM KHAKI OLIVE BLUE SKY GREEN MINT RED PINK PURPLE VIOLET
LAVENDER YELLOW LEMON ORANGE OATMEAL OAT CHARCOAL WINE BURGUNDY MUSTARD MELANGE BUTTER CAMEL MOCHA SAND ECRU DENIM
INDIGO TEAL SILVER GOLD CORAL PEACH LIME SAGE ASH DUSTY LIGHT DARK DEEP PALE SMOKE OFF BRICK MELON TAN NATURAL STONE
ROSE COCOA CHOCO CHOCOLATE COFFEE LATTE APRICOT AQUA AVOCADO CHERRY CLARET CRIMSON EMERALD FOREST GINGER HEATHER HONEY
ICE LILAC MAGENTA MAROON MIDNIGHT NUDE PLUM POWDER PRIMROSE RUST SALMON SMOKY TAUPE TERRACOTTA TOFFEE TURQUOISE VANILLA
STRIPE CHECK CAMO LEOPARD MULTI WASHED RAW GREYISH GRAYISH CLASSIC BRIGHT SOFT WARM COOL BABY ROYAL COBALT PEARL MARINE
"""
# Shops' abbreviations, whole words only.
_ABBREVIATIONS = """
BK BLK WH WHT GR GRY GY NV NVY BE BG BEI IV IVR KK KH CH CHA BR BRN BL PK PNK RD YL PP MT CR OR
"""
# Modifiers and one-syllable shades begin a colour's name and do not end it.
_BEGINNINGS = "먹 곤 진 연 백 흑 딥 탠 오프"
_SHORT = frozenset(_ABBREVIATIONS.split())
_NOT_LAST = frozenset(_BEGINNINGS.split())
KOREAN = tuple(_KOREAN.split())
ENGLISH = frozenset(_ENGLISH.split())
_COMPOUND = re.compile(f"(?:{'|'.join(sorted(ENGLISH, key=len, reverse=True))}){{1,3}}")
_ALWAYS_FULL = re.compile(r"(?:BLACK|WHITE|IVORY|CREAM|블랙|화이트|아이보리|크림|검정|흰색|백색)")
_MIDDLING = re.compile(r"GR[AE]Y|BLUE|INDIGO|DENIM|BROWN|PINK|그레이|블루|인디고|데님|브라운|핑크|청")

# Numbers before a colour are a cosmetic's shade as often as a size; these colours are no cosmetic's.
NO_COSMETIC = re.compile(
    r"블랙|화이트|그레이|네이비|차콜|카키|아이보리|크림|청$|생지|BLACK|WHITE|GR[AE]Y|NAVY|CHARCOAL|KHAKI|IVORY|CREAM|DENIM|INDIGO|인디고|데님"
)


def is_colour(text: str) -> bool:
    """Whether every word of the text is a colour's (`스톤그레이`, `L-GRAY`, `D.GREY`, `09아미그린`)."""
    words = _words(text)
    return any(len(word) > 1 for word in words) and all(len(word) == 1 or _is_colour_word(word) for word in words)


def names_colour(text: str) -> bool:
    """Whether the text is a colour by its last word, whatever fancy stands before it (`에스프레소 브라운`)."""
    words = _words(text)
    return 0 < len(words) <= 4 and len(words[-1]) > 1 and _is_colour_word(words[-1])


def may_be_shade(letter: str, after: str) -> bool:
    """Whether a size letter or word before these words may be the colour's own: `L GREY`, `M.BLUE`, `MEDIUM BLUE`."""
    word, follows = letter.upper(), after.upper()
    if not is_colour(follows) and not names_colour(follows):
        return False
    korean_apart = re.match(r"\s+[가-힣]", after) is not None and word.isascii() and len(word) == 1
    if korean_apart or _ALWAYS_FULL.match(follows.strip()):
        return False
    if word in ("L", "LL"):
        return True
    if word in ("M", "MEDIUM", "MED", "미디움", "미디엄", "미듐"):
        return _MIDDLING.search(follows) is not None
    return word == "S" and re.search("BLUE|블루", follows) is not None


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s+\-.&/0-9()\[\]]+", text.upper()) if word]


def _is_colour_word(word: str) -> bool:
    if word in ENGLISH or word in _SHORT or _COMPOUND.fullmatch(word):
        return True
    return any(word.endswith(colour) and (colour not in _NOT_LAST or word == colour) for colour in KOREAN)
