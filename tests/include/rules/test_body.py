"""Bodies in every form in which a mall states them."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.rules.body import Body, BodyRefused, read_body, read_gender, read_height, read_weight


@pytest.mark.parametrize("value", [165, "165", "165cm", " 165 CM ", "１６５cm", 165.0])
def test_a_height_is_read(value: object) -> None:
    assert read_height(value) == Decimal("165.0")  # type: ignore[arg-type]


def test_half_kilograms_are_kept() -> None:
    assert read_weight("52.5kg") == Decimal("52.5")


@pytest.mark.parametrize("value", [None, "", "-", "비공개"])
def test_what_is_not_stated_stays_absent(value: str | None) -> None:
    assert read_height(value) is None
    assert read_weight(value) is None
    assert read_gender(value) is None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("복합성", "unreadable_height_cm"),
        ("60kg", "unreadable_height_cm"),
        ("/", "unreadable_height_cm"),
        ("100cm", "implausible_height_cm"),
        ("0", "implausible_height_cm"),
        (709, "implausible_height_cm"),
    ],
)
def test_a_height_that_cannot_be_is_refused(value: str | int, code: str) -> None:
    with pytest.raises(BodyRefused) as refused:
        read_height(value)
    assert (refused.value.field, refused.value.code) == ("height_cm", code)


def test_the_bounds_themselves_are_plausible() -> None:
    assert read_height(120) == 120
    assert read_height(220) == 220
    assert read_weight(25) == 25
    assert read_weight(200) == 200
    with pytest.raises(BodyRefused):
        read_weight(201)


@pytest.mark.parametrize(
    ("line", "height", "weight", "gender"),
    [
        ("남성 · 175cm · 70kg", "175", "70", "male"),
        ("174cm · 72kg", "174", "72", None),
        ("163cm, 57kg", "163", "57", None),
        ("168cm,48kg,상의 55", "168", "48", None),
        ("159cm39kg상의 44", "159", "39", None),
        ("159/62/80B", "159", "62", None),
        ("172/63 기준", "172", "63", None),
        ("164기준", "164", None, None),
        ("164cm 기준", "164", None, None),
        ("47kg", None, "47", None),
        ("", None, None, None),
        ("체형 : 158cm, 47kg", "158", "47", None),
        ("168cm,48kg,상의 55,하의 27,신발 240", "168", "48", None),
        ("상의 55", None, None, None),
        ("165cm 50kg 75A", "165", "50", None),
        ("165cm/45kg", "165", "45", None),
        ("165 / 45kg", "165", "45", None),
        ("165, 45", "165", "45", None),
        ("165-45kg", "165", "45", None),
        ("160/50/66", "160", "50", None),
        ("키 165 몸무게 52", "165", "52", None),
        ("키: 165cm / 몸무게: 52.5kg", "165", "52.5", None),
        ("165,5cm", "165.5", None, None),
        ("165㎝ 45㎏", "165", "45", None),
        ("１６５ｃｍ，４５ｋｇ", "165", "45", None),
        ("165\u200bcm\u00a045kg", "165", "45", None),
        ("165센치 52키로", "165", "52", None),
        ("28세 165cm 52kg", "165", "52", None),
        ("165cm 52kg 30대", "165", "52", None),
        ("허리 27인치, 가슴 90cm, 165cm 50kg", "165", "50", None),
        ("165cm 165cm 45kg", "165", "45", None),
        ("170cm70kg남", "170", "70", "male"),
        ("여165/52", "165", "52", "female"),
        ("성별 여 · 키 160 · 몸무게 50", "160", "50", "female"),
        ("female 160cm 50kg", "160", "50", "female"),
        ("168cm,48kg,M", "168", "48", None),
        ("키 크고 마름", None, None, None),
    ],
)
def test_a_body_line_is_read(line: str, height: str | None, weight: str | None, gender: str | None) -> None:
    expected = Body(Decimal(height) if height else None, Decimal(weight) if weight else None, gender)
    assert read_body(line) == expected


@pytest.mark.parametrize(
    ("pieces", "height", "weight"),
    [(["160cm", "47kg"], 160, 47), (["47kg", "160cm"], 160, 47), (["160cm"], 160, None), ([], None, None)],
)
def test_a_list_of_pieces_is_read_as_one_line(pieces: list[str], height: int | None, weight: int | None) -> None:
    assert read_body(pieces) == Body(height, weight, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("163cm 임신전 52.5kg → 후 60.5kg", "ambiguous_weight_kg"),
        ("50~52kg", "ambiguous_weight_kg"),
        ("163cm 50 - 52 kg", "ambiguous_weight_kg"),
        ("160~165cm 50kg", "ambiguous_height_cm"),
        ("160cm 50kg대", "ambiguous_weight_kg"),
        ("160cm 50kg 후반", "ambiguous_weight_kg"),
        ("160cm 170cm", "ambiguous_height_cm"),
        ("165", "unreadable_height_cm"),
        ("165 45", "unreadable_height_cm"),
        ("165,45kg", "unreadable_height_cm"),
        ("1.65m 50kg", "unreadable_height_cm"),
        ("5'4\" 120lbs", "unreadable_height_cm"),
        ("163cm 임신 8개월 60kg", "unreadable_weight_kg"),
        ("999cm 45kg", "implausible_height_cm"),
        ("45cm 165kg", "implausible_height_cm"),
        ("165cm 450kg", "implausible_weight_kg"),
        ("1" * 400, "unreadable_height_cm"),
    ],
)
def test_what_states_no_single_body_is_refused_and_none_is_chosen(line: str, code: str) -> None:
    with pytest.raises(BodyRefused) as refused:
        read_body(line)
    assert refused.value.code == code


def test_an_unknown_gender_is_refused() -> None:
    assert read_gender("여성") == "female"
    with pytest.raises(BodyRefused):
        read_gender("여름 쿨톤")


PIECES = (
    "165",
    "52.5",
    "1",
    "cm",
    "kg",
    "/",
    ",",
    " ",
    "~",
    "-",
    "남성",
    "상의 55",
    "75A",
    "키",
    "몸무게",
    "기준",
    "대",
    "M",
)


@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=8).map("".join)))
def test_no_text_invents_a_body(line: str) -> None:
    try:
        body = read_body(line)
    except BodyRefused:
        return
    written = unicodedata.normalize("NFKC", line).replace(",", ".")
    for value in (body.height_cm, body.weight_kg):
        assert value is None or f"{value.normalize():f}" in written
