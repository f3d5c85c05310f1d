"""Invented words: brands, product names, nicknames, review texts. No real product or person is behind them."""

from __future__ import annotations

import hashlib

import numpy as np

_SYLLABLES = (
    ("루", "ru"),
    ("네", "ne"),
    ("도", "do"),
    ("헬", "hel"),
    ("무", "mu"),
    ("벨", "bel"),
    ("사", "sa"),
    ("오", "o"),
    ("린", "rin"),
    ("타", "ta"),
    ("퀸", "kwin"),
    ("피", "pi"),
    ("느", "neu"),
    ("엘", "el"),
    ("코", "ko"),
    ("밀", "mil"),
    ("유", "yu"),
    ("젠", "jen"),
)
_TAGS = ("", "", "", "", "[단독] ", "[기획] ", "[2PACK] ", "[3차] ", "[빅사이즈추가] ")
_SHAPES = ("오버핏", "세미오버", "릴렉스드", "스탠다드", "크롭", "와이드", "베이직", "레귤러핏", "에센셜")
_FABRICS = ("코튼", "헤비 코튼", "피그먼트", "나일론", "울 블렌드", "린넨", "워시드", "쿨 터치", "브러쉬드")

_PRAISE = (
    "색감이 화면이랑 거의 같아요.",
    "재질이 탄탄하고 마감도 깔끔합니다.",
    "배송 빨라요!",
    "데일리로 입기 좋아요 👍",
    "세탁해도 괜찮네요ㅎㅎ",
    "두께감이 적당해요.",
    "가격 대비 만족합니다.",
    "선물했는데 좋아하네요~",
    "재구매했어요ㅋㅋ",
)
_FIT_WORDS = {
    "많이 작음": ("너무 작아요ㅠㅠ 두 치수는 크게 가야 할 듯", "생각보다 많이 작네요."),
    "조금 작음": ("살짝 작게 나온 것 같아요.", "한 치수 크게 살 걸 그랬어요."),
    "정사이즈": ("딱 맞아요.", "정사이즈로 가시면 됩니다.", "핏이 예뻐요"),
    "조금 큼": ("조금 크네요.", "여유 있게 떨어집니다. 한 치수 작아도 될 듯"),
    "많이 큼": ("너무 커서 교환했어요.", "많이 커요 ㅠ"),
}
_LONG = (
    "평소에 이런 옷을 잘 안 입는 편인데 이번에는 사진을 보고 바로 주문했습니다.\n"
    "받자마자 입어 봤는데 어깨선이 자연스럽고 소매 길이도 적당했어요.\n\n"
    "건조기는 아직 안 돌려 봤고, 찬물에 세탁했을 때 줄어드는 느낌은 없었습니다.\n"
    "다음에는 다른 색도 사 볼 생각이에요. 고민하시는 분들께 추천합니다!!"
)
# Text of the web is hostile now and then: what reads it must bind and escape. Each stands in a few reviews.
_HOSTILE = (
    "<script>alert('후기')</script> 좋아요",
    "'; DROP TABLE review; -- 농담입니다",
    '=HYPERLINK("http://example.invalid","눌러") 굿',
    "줄\r\n바꿈\tㄸ싼 ｆｕｌｌ　ｗｉｄｔｈ \x00 끝",
    '{"no": 1, "goodsOption": "M"} </script><!--',
)


def brands(count: int, rng: np.random.Generator) -> list[tuple[str, str]]:
    """`count` distinct brands: Korean name and Latin slug."""
    made: dict[str, str] = {}
    while len(made) < count:
        length = int(rng.integers(3, 5))
        parts = [_SYLLABLES[int(index)] for index in rng.integers(len(_SYLLABLES), size=length)]
        made.setdefault("".join(korean for korean, _ in parts), "".join(latin for _, latin in parts))
    return list(made.items())


def product_name(noun: str, rng: np.random.Generator, suffix: str = "") -> str:
    """A name as shops write them: tag, cut, fabric, garment; now and then with signs that must be escaped."""
    tag, shape, fabric = (str(rng.choice(words)) for words in (_TAGS, _SHAPES, _FABRICS))
    name = f"{tag}{shape} {fabric} {noun}{suffix}"
    return f'{name} & <\'26 "뉴" 시즌>' if rng.random() < 0.03 else name


def review_text(fit_answer: str | None, rng: np.random.Generator) -> str:
    """A review's text; consistent with the fit answer where there is one."""
    pick = rng.random()
    if pick < 0.01:
        return str(_HOSTILE[int(rng.integers(len(_HOSTILE)))])
    sentences = [_PRAISE[int(rng.integers(len(_PRAISE)))]]
    if fit_answer is not None:
        words = _FIT_WORDS[fit_answer]
        sentences.append(words[int(rng.integers(len(words)))])
    if pick < 0.15:
        sentences.append(_LONG)
    return "\n".join(sentences)


def nickname(review_id: str) -> str:
    """The name under a review. It must never leave the raw page: tests look for the prefix."""
    return f"닉네임{_digest('nickname', review_id)[:8]}"


def user_key(review_id: str) -> str:
    """The mall's encrypted user id. It must never leave the raw page: tests look for the prefix."""
    return f"EUID{_digest('user', review_id)[:28]}"


def _digest(kind: str, text: str) -> str:
    return hashlib.sha256(f"{kind}:{text}".encode()).hexdigest()
