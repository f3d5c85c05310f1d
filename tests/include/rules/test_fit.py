"""Fit answers of three malls."""

from __future__ import annotations

import pytest

from include.rules.fit import Fit, FitRefused, read_fit


@pytest.mark.parametrize(
    ("answer", "fit", "slight"),
    [
        ("정사이즈", "true", False),
        ("조금 큼", "large", True),
        ("많이 큼", "large", False),
        ("조금 작음", "small", True),
        ("많이 작음", "small", False),
        ("보통이에요", "true", False),
        ("잘 맞아요", "true", False),
        ("생각보다 커요", "large", False),
        ("작아요", "small", False),
        ("BIG", "large", False),
        (1, "small", False),
        (3, "large", False),
    ],
)
def test_an_answer_is_read(answer: str | int, fit: str, slight: bool) -> None:
    assert read_fit(answer) == Fit(fit, slight)


def test_nothing_said_is_nothing() -> None:
    assert read_fit(None) is None
    assert read_fit("") is None


@pytest.mark.parametrize("answer", ["화면과 비슷", 4, 0])
def test_an_unknown_answer_is_refused_and_not_taken_for_silence(answer: str | int) -> None:
    with pytest.raises(FitRefused, match="not"):
        read_fit(answer)
