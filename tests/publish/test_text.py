"""Scraped text before it is published: pure."""

from __future__ import annotations

import pytest

from include.publish.text import plain, plain_json


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("a\x00b\x1b[31m\tc\r\nd\u2028e", "a b [31m c d e"),
        ("shirt \u202egnp.exe\u202c", "shirt gnp.exe"),
        ("\u2066\u2067x\u2069\u200f", "x"),
        ("in\u200bvi\ufeffsi\xadble", "invisible"),
        ("half \ud83d pair", "half  pair"),
        ("가족 \U0001f469\u200d\U0001f467 \u270c\ufe0f", "가족 \U0001f469\u200d\U0001f467 \u270c\ufe0f"),
        ("\x00\u202e", ""),
    ],
)
def test_nothing_that_controls_hides_or_turns_gets_through(hostile: str, shown: str) -> None:
    assert plain(hostile) == shown
    assert plain_json([{hostile: [hostile, 1, None]}]) == [{shown: [shown, 1, None]}]
