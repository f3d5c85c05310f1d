"""Bodies from forms and cookies: pure."""

from __future__ import annotations

import pytest

from web import bodies
from web.bodies import AbsurdBody, Bodies, Body
from web.queries import Lookup


def test_halves_go_up_and_the_range_comes_first() -> None:
    assert Body(172.5, 67.5, "male").lookup() == Lookup("male", 173, 68)
    assert Body(172.4, 67.49, "unknown").lookup() == Lookup("unknown", 172, 67)
    assert Body(139.9, 60, "male").lookup() is None
    assert Body(200.4, 60, "male").lookup() is None
    assert Body(200, 130, "male").lookup() == Lookup("male", 200, 130)
    assert Body(170, 130.1, "male").lookup() is None


def test_a_form_is_read_with_units_commas_and_spaces() -> None:
    assert bodies.from_form({"height": " 172,5 cm", "weight": "68KG", "gender": "female"}) == Body(172.5, 68, "female")
    assert bodies.from_form({"height": "172", "weight": "68"}).gender == "unknown"


def test_a_wish_is_kept_when_the_body_changes_and_nonsense_changes_nothing() -> None:
    loose = Bodies((Body(172, 68, "male"),)).wishing("loose")
    assert loose.chosen == Body(172, 68, "male", "loose")
    assert loose.wishing("baggy") == loose
    assert Bodies().wishing("loose") == Bodies()
    assert bodies.from_form({"height": "172", "weight": "68"}, "loose").wish == "loose"
    assert bodies.from_form({"height": "172", "weight": "68", "wish": "tight"}, "loose").wish == "tight"


def test_a_name_is_short_and_printable() -> None:
    form = {"height": "172", "weight": "68", "name": "\x00\u202eabc" + "x" * 40}
    assert bodies.from_form(form).name == "abcxxxxxxxxx"


@pytest.mark.parametrize("height", ["", "x", "-172", "1e3", "59", "261", "９" * 9, None])
def test_absurd_heights_are_named(height: str | None) -> None:
    with pytest.raises(AbsurdBody) as refused:
        bodies.from_form({"height": height, "weight": "68"})
    assert refused.value.faults == ["height"]


def test_the_cookie_text_round_trips_and_nonsense_is_nobody() -> None:
    remembered = Bodies((Body(172.5, 68, "male", "loose", "나"), Body(160, 50, "female")), 1)
    assert bodies.from_text(remembered.as_text()) == remembered
    for text in (None, "", "[]", "[0,[[1]]]", "{", '[7,[[1,2,"male"]]]', '["0",[[1,2,"male"]]]', '[0,[["a",[],null]]]'):
        assert bodies.from_text(text).at == 0


def test_the_oldest_body_makes_room() -> None:
    remembered = Bodies()
    for height in range(150, 150 + bodies.MOST_BODIES + 2):
        remembered = remembered.with_body(Body(height, 60, "male"), another=True)
    assert len(remembered.bodies) == bodies.MOST_BODIES
    assert remembered.chosen == Body(156, 60, "male")


def test_forgetting_keeps_the_chosen_one_chosen() -> None:
    three = Bodies(tuple(Body(height, 60, "male") for height in (150, 160, 170)), 2)
    assert three.without(0).chosen == Body(170, 60, "male")
    assert three.without(2).chosen == Body(160, 60, "male")
    assert three.without(-1) == three
    assert Bodies((Body(150, 60, "male"),)).without(0).chosen is None
