"""Who may accept which verdict."""

from __future__ import annotations

import pytest

from include.acceptance import ModelNotAccepted, require_leave


@pytest.mark.parametrize(
    ("verdict", "go_live"), [("accepted", False), ("accepted", True), ("undecided", False), ("needs_person", True)]
)
def test_a_model_that_the_hard_checks_passed_goes_on_and_a_person_may_decide_an_open_one(
    verdict: str, go_live: bool
) -> None:
    require_leave("20261120-aa", verdict, [], go_live=go_live)


@pytest.mark.parametrize(
    ("verdict", "go_live", "way_out"),
    [
        ("refused", False, False),
        ("refused", True, False),
        ("needs_person", False, True),
        ("unheard of", True, False),
    ],
)
def test_any_other_is_refused_with_every_reason(verdict: str, go_live: bool, way_out: bool) -> None:
    with pytest.raises(ModelNotAccepted) as refusal:
        require_leave("20261120-aa", verdict, ["worse than the live one", "2 breaks"], go_live=go_live)
    assert f"20261120-aa is {verdict}: worse than the live one; 2 breaks. The live release stays" in str(refusal.value)
    assert ("go_live" in str(refusal.value)) is way_out
