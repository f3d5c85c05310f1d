"""Every sentence of the page in Korean and English, side by side. No framework.

Korean sentences avoid particles after a value, since their form depends on its last sound.
"""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("ko", "en")

_WORDS: Mapping[str, tuple[str, str]] = {
    # frame
    "title": ("Otto — 내 몸에 맞는 사이즈", "Otto — the size for your body"),
    "tagline": ("먼저 산 사람들이 알려 주는 내 사이즈", "Your size, told by people who bought it"),
    "skip": ("본문으로 건너뛰기", "Skip to the content"),
    "other_language": ("English", "한국어"),
    "about": (
        "리뷰를 남긴 사람들의 키·몸무게·구매 사이즈·착용감을 매일 배워 사이즈를 추천합니다. 추천은 참고용이며, "
        "최종 선택 전에 실측표를 확인해 주세요.",
        "Otto learns every day from buyers who wrote their height, weight, size and fit. It is advice, not a promise: "
        "look at the size chart before you buy.",
    ),
    "privacy": (
        "입력한 몸 정보는 이 브라우저의 쿠키에만 저장됩니다.",
        "What you enter stays in a cookie of this browser. We store nothing.",
    ),
    "release_day": ("{day} 기준 데이터", "Data of {day}"),
    "release_facts": ("상품 {products}개 · 모델 {model}", "{products} products · model {model}"),
    "stale": (
        "지금 보이는 정보는 {day} 것입니다. 새 데이터가 아직 도착하지 않았습니다.",
        "What you see is from {day}. Newer data has not arrived yet.",
    ),
    # form
    "form_title": ("키와 몸무게를 알려 주세요", "Tell us height and weight"),
    "form_lead": (
        "나와 비슷한 체형의 구매자들이 실제로 어떤 사이즈를 골랐고, 어떻게 맞았는지 찾아 드립니다.",
        "We look up which size buyers of a similar build chose, and how it fitted them.",
    ),
    "height": ("키", "Height"),
    "weight": ("몸무게", "Weight"),
    "gender": ("성별", "Gender"),
    "female": ("여성", "Woman"),
    "male": ("남성", "Man"),
    "unknown": ("선택 안 함", "Not stated"),
    "wish": ("핏 취향", "How you like it"),
    "tight": ("딱 맞게", "Close"),
    "regular": ("보통", "Regular"),
    "loose": ("여유 있게", "Roomy"),
    "name": ("이름 (선택)", "Name (optional)"),
    "name_example": ("예: 나, 동생", "e.g. me, partner"),
    "submit": ("내 사이즈 보기", "Show my sizes"),
    "change": ("체형 바꾸기", "Change"),
    "save": ("저장", "Save"),
    "add": ("다른 사람으로 추가", "Add as another person"),
    "forget_name": ("{name} 지우기", "Delete {name}"),
    "people": ("누구의 사이즈를 볼까요?", "Whose size?"),
    "body": ("{height} cm · {weight} kg · {gender}", "{height} cm · {weight} kg · {gender}"),
    "fault_height": (
        "키를 센티미터로 적어 주세요. 예: 172",
        "Please write the height in centimetres, for example 172.",
    ),
    "fault_weight": (
        "몸무게를 킬로그램으로 적어 주세요. 예: 64",
        "Please write the weight in kilograms, for example 64.",
    ),
    "fault_gender": ("성별을 목록에서 골라 주세요.", "Please choose the gender from the list."),
    "fault_title": ("입력값을 확인해 주세요", "Please check what you entered"),
    # ranking
    "ranking": ("{category} 랭킹", "{category} ranking"),
    "rankings": ("카테고리", "Categories"),
    "malls": ("쇼핑몰", "Malls"),
    "all": ("전체", "All"),
    "search": ("상품·브랜드 검색", "Search products and brands"),
    "search_go": ("검색", "Search"),
    "sort_go": ("정렬", "Sort"),
    "found": ("‘{text}’ 검색 결과", "Results for “{text}”"),
    "sort": ("정렬", "Sort by"),
    "sort_rank": ("랭킹순", "Ranking"),
    "sort_sure": ("확실한 순", "Surest first"),
    "sort_evidence": ("리뷰 많은 순", "Most similar reviews"),
    "sort_cheap": ("낮은 가격순", "Lowest price"),
    "sort_dear": ("높은 가격순", "Highest price"),
    "same_brand": ("같은 브랜드의 다른 상품에서는", "In other garments of this brand"),
    "answered_only": ("추천이 있는 상품만", "Only with a size for me"),
    "all_products": ("모든 상품", "All products"),
    "rank": ("{rank}위", "No. {rank}"),
    "price": ("{price}원", "₩{price}"),
    "next": ("다음", "Next"),
    "previous": ("이전", "Previous"),
    "pages": ("페이지", "Pages"),
    "empty": ("여기에 해당하는 상품이 없습니다.", "Nothing here matches."),
    "tops": ("상의", "Tops"),
    "bottoms": ("하의", "Bottoms"),
    "outer": ("아우터", "Outerwear"),
    "dress": ("원피스", "Dresses"),
    "skirt": ("스커트", "Skirts"),
    "shoes": ("신발", "Shoes"),
    "bag": ("가방", "Bags"),
    "accessory": ("소품", "Accessories"),
    "other": ("기타", "Other"),
    "musinsa": ("무신사", "Musinsa"),
    "29cm": ("29CM", "29CM"),
    "zigzag": ("지그재그", "Zigzag"),
    "men": ("남성용", "Men"),
    "women": ("여성용", "Women"),
    "unisex": ("남녀공용", "Unisex"),
    # advice
    "advised": ("추천 사이즈", "Your size"),
    "of_ten": ("비슷한 체형 10명 중 {n}명에게 맞아요", "right for {n} of 10 people like you"),
    "of_ten_inferred": (
        "비슷한 체형 10명 중 {n}명에게 맞을 것으로 추정해요",
        "probably right for {n} of 10 people like you",
    ),
    "sure": ("거의 확실해요", "Very sure"),
    "fair": ("꽤 확실해요", "Fairly sure"),
    "leaning": ("가장 가까운 사이즈예요", "The best guess"),
    "open": ("확실하지 않아요", "Hard to call"),
    "inferred": ("추정이에요", "An estimate"),
    "between": ("{small}–{large} 사이", "Between {small} and {large}"),
    "between_means": (
        "{small}({low}%): 몸에 붙는 편 · {large}({high}%): 여유 있는 편",
        "{small} ({low}%) sits closer, {large} ({high}%) leaves room",
    ),
    "next_likely": ("다음 후보 {size} ({share}%)", "Next likely {size} ({share}%)"),
    "wished": ("취향에 맞춘 사이즈", "To your taste"),
    "wished_tight": (
        "딱 맞게 입으시는 취향에 맞춰 {size}({share}%) 대신 골랐어요",
        "Chosen over {size} ({share}%) because you like it close",
    ),
    "wished_loose": (
        "여유 있게 입으시는 취향에 맞춰 {size}({share}%) 대신 골랐어요",
        "Chosen over {size} ({share}%) because you like it roomy",
    ),
    "stays_tight": (
        "더 붙는 사이즈는 가능성이 낮아서 {size} 그대로예요",
        "Still {size}: a closer size is too unlikely to fit",
    ),
    "stays_loose": (
        "더 큰 사이즈는 가능성이 낮아서 {size} 그대로예요",
        "Still {size}: a roomier size is too unlikely to fit",
    ),
    "wish_means": (
        "추천 사이즈와 다음 후보 사이에서만 바뀌어요.",
        "This only moves between your size and the next likely one.",
    ),
    "evidence": ("비슷한 체형 리뷰 {n}건", "{n} reviews from similar bodies"),
    "evidence_one": ("비슷한 체형 리뷰 1건", "1 review from a similar body"),
    "evidence_none": (
        "비슷한 체형의 리뷰는 없어서 주변 체형으로 추정",
        "No review from a similar body; inferred from others",
    ),
    "evidence_until": ("최근 {day}", "latest {day}"),
    "any_gender": ("성별 구분 없이 본 결과", "From buyers of any gender"),
    "sold_out": ("{size} 품절", "{size} is sold out"),
    "fit_small": ("작게 나온 편", "Runs small"),
    "fit_true": ("정사이즈", "True to size"),
    "fit_large": ("크게 나온 편", "Runs large"),
    "fit_share": ("구매자 {share}%의 의견", "say {share}% of buyers"),
    "no_evidence": ("아직 알 수 없어요", "Not known yet"),
    "no_evidence_means": (
        "비슷한 체형의 리뷰가 부족합니다.",
        "Too few reviews from bodies like yours.",
    ),
    "no_evidence_look": (
        "실측표와 같은 브랜드의 추천은 상품 페이지에 있어요.",
        "Its page has the size chart and advice from the same brand, where there is any.",
    ),
    "see_chart": ("아래 실측표를 보고 고르기", "Choose by the size chart below"),
    "see_mall": ("{mall}에서 사이즈 정보 보기", "Look at the sizes at {mall}"),
    "outside_grid": ("범위 밖", "Out of range"),
    "outside_grid_means": (
        "키 140–200 cm, 몸무게 35–130 kg 범위에서만 추천할 수 있습니다.",
        "We can only advise from 140 to 200 cm and from 35 to 130 kg.",
    ),
    "no_body": ("체형을 입력하면 사이즈가 보여요", "Enter your body to see the size"),
    # product
    "back": ("랭킹으로", "Back to the ranking"),
    "to_mall": ("{mall}에서 보기", "See it at {mall}"),
    "new_window": ("(새 창)", "(opens a new window)"),
    "size_map": ("사이즈 지도", "Size map"),
    "size_map_lead": (
        "가로는 몸무게, 세로는 키입니다. 색이 진할수록 큰 사이즈이고, 빗금은 리뷰가 부족한 곳입니다.",
        "Weight runs across, height runs up. Darker is larger; hatched is where reviews are too few.",
    ),
    "size_map_label": ("키와 몸무게별 추천 사이즈 지도", "Map of the advised size by height and weight"),
    "you": ("나", "You"),
    "you_here": ("{body} → {size}", "{body} → {size}"),
    "you_silent": ("{body}: 리뷰 부족", "{body}: too few reviews"),
    "as_table": ("표로 보기", "Show as a table"),
    "table_caption": ("키(세로)와 몸무게(가로)별 추천 사이즈", "Advised size by height (down) and weight (across)"),
    "no_map": (
        "이 상품은 아직 사이즈 지도를 그릴 만큼 리뷰가 없습니다.",
        "Too few reviews to draw a size map.",
    ),
    "size_chart": ("실측표", "Size chart"),
    "size_chart_table": ("실측표 (단위 cm)", "Size chart (in cm)"),
    "size_chart_unit": ("단위 cm", "in cm"),
    "size": ("사이즈", "Size"),
    "no_chart": ("쇼핑몰이 실측표를 제공하지 않습니다.", "The mall gives no size chart."),
    "facts": ("이 추천의 근거", "What this rests on"),
    "reviews_total": ("학습한 리뷰", "Reviews learned from"),
    "reviews_value": ("{n}건", "{n}"),
    "reviewed_until": ("마지막 리뷰", "Latest review"),
    "similar_reviews": ("비슷한 체형", "Similar bodies"),
    "fit_said": ("착용감", "Fit"),
    "whole_run": ("나오는 사이즈", "Sizes"),
    "sold_out_mark": ("품절", "sold out"),
    # states
    "no_release_title": ("아직 준비 중이에요", "Not ready yet"),
    "no_release": (
        "첫 사이즈표가 만들어지면 여기에 보입니다. 잠시 뒤에 다시 와 주세요.",
        "The first size tables will show here as soon as they are made. Please come back in a while.",
    ),
    "away_title": ("잠시 연결할 수 없어요", "Out of reach for a moment"),
    "away": (
        "사이즈 데이터베이스가 응답하지 않습니다. 잠시 뒤에 다시 시도해 주세요.",
        "The size database does not answer. Please try again in a moment.",
    ),
    "not_found_title": ("찾을 수 없어요", "Not found"),
    "not_found": ("주소가 바뀌었거나 사라진 페이지입니다.", "There is no page at this address."),
    "unknown_product": (
        "지금 공개된 목록에 없는 상품입니다.",
        "This product is not in the list that is published now.",
    ),
    "error_title": ("문제가 생겼어요", "Something went wrong"),
    "error": ("저희 쪽 문제입니다. 잠시 뒤에 다시 시도해 주세요.", "That is our fault. Please try again in a moment."),
    "expired_title": ("다시 한 번 눌러 주세요", "Please send it again"),
    "expired": (
        "페이지가 오래 열려 있어 보낼 수 없었습니다. 처음 화면에서 다시 입력해 주세요.",
        "The page was open for too long or cookies are off. Please enter it again.",
    ),
    "home": ("처음으로", "To the start"),
    "busy_title": ("잠시만 기다려 주세요", "One moment, please"),
    "busy": (
        "요청이 너무 많습니다. 잠시 뒤에 다시 시도해 주세요.",
        "That were too many requests. Please try again in a moment.",
    ),
}


def say(language: str, key: str, **values: object) -> str:
    """One sentence. An unknown key raises KeyError: a missing sentence is a fault of ours."""
    return _WORDS[key][0 if language == "ko" else 1].format(**values)


def word(language: str, key: str) -> str:
    """The word for a value of the data (a category, a mall); the value itself where there is none."""
    return say(language, key) if key in _WORDS else key


def keys() -> list[str]:
    """All keys, for the tests."""
    return list(_WORDS)


def both(key: str) -> tuple[str, str]:
    """A sentence in both languages, for the tests."""
    return _WORDS[key]
