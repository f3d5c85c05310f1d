"""Single fields of a captured JSON: what is illegible is refused, whatever it seems to say."""

import pytest

from include.scrapers.fields import Unreadable, legible


@pytest.mark.parametrize("text", ["블랙/M", "[COLOR]DARK TEAL [SIZE]S", "Café Crème", "L ♥", "", "é", "ÄÖÜ 36"])
def test_a_text_that_came_through_whole_is_legible(text: str) -> None:
    assert legible("optionValue", text) == (text or None)


@pytest.mark.parametrize(
    "text",
    [
        "블랙/M".encode().decode("latin-1"),
        "아이보리 [SIZE]S".encode().decode("latin-1"),
        "가".encode().decode("cp1252", errors="strict"),
        "블랙/M".encode("euc-kr").decode("utf-8", errors="replace"),
    ],
)
def test_a_text_that_was_decoded_wrongly_is_refused(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        legible("optionValue", text)
    assert (caught.value.field, caught.value.code) == ("optionValue", "mojibake")
