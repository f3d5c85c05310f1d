"""Both languages say everything with the same values."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from web import words

TEMPLATES = Path(__file__).parents[2] / "web" / "templates"


@pytest.mark.parametrize("key", words.keys())
def test_both_languages_use_the_same_values(key: str) -> None:
    korean, english = words.both(key)
    assert korean.strip()
    assert english.strip()
    assert set(re.findall(r"{(\w+)}", korean)) == set(re.findall(r"{(\w+)}", english))


def test_every_sentence_that_a_template_says_exists() -> None:
    said = {
        key
        for file in TEMPLATES.rglob("*.html")
        for key in re.findall(r'say\("(\w+)"[,)]', file.read_text(encoding="utf-8"))
    }
    assert len(said) > 30
    assert said <= set(words.keys())
