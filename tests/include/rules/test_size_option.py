"""Raw options of every form in the facts (invented colours) and what a reader sees in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.rules.size_option import SizeOption, SizeRefused, read_size_option
from include.rules.size_token import RULERS

# option, label, alias, ruler
READ = [
    ("M", "M", None, "letter"),
    ("XXL", "2XL", None, "letter"),
    ("2XL 구매", "2XL", None, "letter"),
    ("XXXL", "3XL", None, "letter"),
    ("EXTRA LARGE", "XL", None, "letter"),
    ("X-LARGE", "XL", None, "letter"),
    ("Xsmall(여성55-66)", "XS", "55-66", "letter"),
    ("미디움", "M", None, "letter"),
    ("4L", "3XL", None, "letter"),
    ("화이트/네이비/LL", "XL", None, "letter"),
    ("WS 구매", "WS", None, "letter"),
    ("-XL", "XL", None, "letter"),
    ("S/M", "S-M", None, "letter"),
    ("L/L", "L", None, "letter"),
    ("F", "FREE", None, "free"),
    ("one size 13,900원", "FREE", None, "free"),
    ("O/S", "FREE", None, "free"),
    ("레드 · FREE(55~77) 구매", "FREE", "55-77", "free"),
    ("F(25~28INCH)/총기장(145)", "FREE", "W25-W28", "free"),
    ("XL (34-36)", "XL", "W34-W36", "letter"),
    ("30 구매", "W30", None, "inch"),
    ("W30", "W30", None, "inch"),
    ("32/30", "W32", None, "inch"),
    ("28^롱", "W28", None, "inch"),
    ("095", "095", None, "chest"),
    ("95", "095", None, "chest"),
    ("BK/105", "105", None, "chest"),
    ("48(95)", "48", "095", "brand"),
    ("46", "46", None, "brand"),
    ("42 (FOR WOMAN)", "42", None, "brand"),
    ("02", "2", None, "brand"),
    ("3/Black", "3", None, "brand"),
    ("브러쉬 오렌지/2 size", "2", None, "brand"),
    ("44", "44", None, "korean"),
    ("66", "66", None, "korean"),
    ("270mm", "270", None, "shoe"),
    ("[16]LIGHT GRAY/M[095]", "M", "095", "letter"),
    ("(36)LIGHT BEIGE · L(100) 구매", "L", "100", "letter"),
    ("(39)아이보리/M_095", "M", "095", "letter"),
    ("{화이트멜란지}/[XL]", "XL", None, "letter"),
    ("1 (M) 구매", "M", "1", "letter"),
    ("더스트블루/2(L)", "L", "2", "letter"),
    ("02. 화이트/화이트/M", "M", None, "letter"),
    ("L-GRAY/M", "M", None, "letter"),
    ("L/Ivory", "L", None, "letter"),
    ("S 노 기모 구매", "S", None, "letter"),
    ("기모_M 구매", "M", None, "letter"),
    ("L-여름원단", "L", None, "letter"),
    ("린넨 9부 검정 L", "L", None, "letter"),
    ("블랙 - M 구매", "M", None, "letter"),
    ("ABC123 기모원단 3 (XL) 구매", "XL", "3", "letter"),
    ("[COLOR]DARK TEAL [SIZE]S", "S", None, "letter"),
    ("[Color]black [Size]M,", "M", None, "letter"),
    ("[COLOR:SIZE]IVORY:S_01", "S", "1", "letter"),
    ("[디자인:사이즈]Cherry Argyle:FREE", "FREE", None, "free"),
    ("M (여름용) [color 2] oatmeal [size 2] M (여름용)", "M", None, "letter"),
    ("Ｍ", "M", None, "letter"),
    ("M\x00 구매", "M", None, "letter"),
]

REFUSED = [
    ("", "empty"),
    ("/", "empty"),
    ("...", "empty"),
    ("24.07.22", "date"),
    ("유수분조절", "skin_care"),
    ("진정/보습", "skin_care"),
    ("422호 란제리 구매", "shade"),
    ("245 긱 Geek 구매", "shade"),
    ("선택안함", "not_chosen"),
    ("[기모]베이지", "no_size"),
    ("롱", "no_size"),
    ("숏(-1000)", "no_size"),
    ("L GREY", "no_size"),
    ("[COLOR]BLACK", "no_size"),
    ("L_M", "several_sizes"),
    ("[size]S [size 2]L", "several_sizes"),
    ("75A", "cup_size"),
    ("[TT037] 끈나시_단가라", "not_a_size"),
    ("<script>alert(1)</script>", "not_a_size"),
    ("M" * 300, "too_long"),
]


@pytest.mark.parametrize(("option", "label", "alias", "ruler"), READ)
def test_an_option_is_read_as_a_reader_would(option: str, label: str, alias: str | None, ruler: str) -> None:
    size = read_size_option(option)
    assert (size.label, size.alias, size.ruler) == (label, alias, ruler)


@pytest.mark.parametrize(("option", "code"), REFUSED)
def test_what_is_no_size_is_refused_with_its_reason(option: str, code: str) -> None:
    with pytest.raises(SizeRefused) as refused:
        read_size_option(option)
    assert refused.value.code == code
    assert str(refused.value)


def test_what_stands_beside_the_size_becomes_attributes() -> None:
    assert read_size_option("(기모)그레이/L").attributes == (("fabric", "기모"), ("colour", "그레이"))
    assert read_size_option("M/NO기모").attributes == (("fabric", "NO기모"),)
    assert read_size_option("2(Over Fit)").attributes == (("fit", "Over Fit"),)
    assert read_size_option("[COLOR]TEAL [SIZE]S").attributes == (("colour", "TEAL"),)
    assert read_size_option("F(25~28INCH)/총기장(145)").attributes == (("length", "총기장(145)"),)


def test_the_products_other_options_settle_numbers_that_stand_on_two_rulers() -> None:
    assert read_size_option("38").label == "38"
    assert read_size_option("38", ruler="inch").label == "W38"
    assert read_size_option("44", ruler="brand").ruler == "brand"


@given(st.text(max_size=60))
def test_any_text_ends_as_a_size_or_a_named_refusal(option: str) -> None:
    try:
        size: SizeOption | None = read_size_option(option)
        code = "read"
    except SizeRefused as refused:
        size, code = None, refused.code
    assert code
    assert size is None or (size.ruler in RULERS and 0 < len(size.label) <= 16)
