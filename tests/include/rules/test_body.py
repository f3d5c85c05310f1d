"""Bodies in every form in which a mall states them."""

from __future__ import annotations

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
        ("47kg", None, "47", None),
        ("", None, None, None),
    ],
)
def test_a_body_line_is_read(line: str, height: str | None, weight: str | None, gender: str | None) -> None:
    expected = Body(Decimal(height) if height else None, Decimal(weight) if weight else None, gender)
    assert read_body(line) == expected


def test_two_weights_in_one_line_are_refused_and_none_is_chosen() -> None:
    with pytest.raises(BodyRefused) as refused:
        read_body("163cm 임신전 52.5kg → 후 60.5kg")
    assert refused.value.code == "ambiguous_weight_kg"


def test_an_unknown_gender_is_refused() -> None:
    assert read_gender("여성") == "female"
    with pytest.raises(BodyRefused):
        read_gender("여름 쿨톤")


@given(st.text(max_size=40))
def test_no_text_invents_a_body(line: str) -> None:
    try:
        body = read_body(line)
    except BodyRefused:
        return
    for value in (body.height_cm, body.weight_kg):
        assert value is None or any(character.isdigit() for character in line)
