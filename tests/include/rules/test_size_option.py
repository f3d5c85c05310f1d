"""Raw options of every form of the malls and what a reader sees in them: the table options.txt, and properties."""

from __future__ import annotations

import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.rules.option_refusals import REASONS
from include.rules.rulers import RULERS
from include.rules.size_option import SizeOption, SizeRefused, read_size_option

TABLE = [
    tuple(line.rsplit(" => ", 1))
    for line in Path(__file__).with_name("options.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("# ")
]
READ = [option for option, expected in TABLE if not expected.startswith("refused")]

# Pieces of which options are put together, in any order and with any joint.
PIECES = (
    *(
        "블랙",
        "L.GREY",
        "기모",
        "롱",
        "남성",
        "M",
        "2XL",
        "FREE",
        "95",
        "66",
        "28",
        "260",
        "1",
        "02",
        "1호",
        "US9",
        "75A",
    ),
    *(
        "[19]",
        "(품절)",
        "(+2,000원)",
        "[COLOR]",
        "[SIZE]",
        "사이즈:",
        "구매",
        "44~66",
        "아이폰",
        "각질",
        "24.07.22",
        "\x00",
    ),
    *("\u200b", "\ufffd", "🖤", "Ｍ", "(", "]", "½", "&amp;", "32x30", "21호", "상의", "하의", "-", "100cm"),
)
JOINTS = ("", " ", "/", "_", " - ", "·", ",", "(", ")", "[", "]", ":", "+", "\n")


def written(option: str, ruler: str | None = None) -> str:
    """What the rules say of an option, as the table writes it."""
    try:
        size = read_size_option(option, ruler)
    except SizeRefused as refused:
        return f"refused {refused.code}"
    return f"{size.label} {size.alias or '-'} {size.ruler}"


def test_every_option_of_the_table_is_read_as_a_reader_would() -> None:
    assert len(TABLE) > 1300
    wrong = [
        f"{option!r}: {written(option)}, not {expected}" for option, expected in TABLE if written(option) != expected
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("", "refused empty"),
        (" M\t", "M - letter"),
        ("M\x00 구매", "M - letter"),
        ("블\x00랙/M", "M - letter"),
        ("\ufeffM\u200b", "M - letter"),
        ("M\u200f", "M - letter"),
        ("블랙\r\nM", "M - letter"),
        ("블랙\u2028M", "M - letter"),
        ("\ud83d블랙/M", "M - letter"),
        ("\ue000M", "M - letter"),
        ("ＦＲＥＥ", "FREE - free"),
        (unicodedata.normalize("NFD", "블랙/라지"), "L - letter"),
        ("ß", "refused not_a_size"),
        ("٤٤", "refused not_a_size"),
        ("M" * 300, "refused too_long"),
        ("M/" + "가" * 2_000_000, "refused too_long"),
        ("7 1/4", "7 1/4 - brand"),
        ("7½", "7.5 - brand"),
    ],
)
def test_unseen_broken_and_foreign_characters_neither_hide_a_size_nor_make_one(option: str, expected: str) -> None:
    assert written(option) == expected


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_has_an_example_that_is_refused_with_it(code: str) -> None:
    assert written(REASONS[code][1]) == f"refused {code}"


def test_no_other_reason_is_ever_given() -> None:
    assert {expected.split()[1] for _, expected in TABLE if expected.startswith("refused")} <= set(REASONS)


def test_what_stands_beside_the_size_becomes_attributes() -> None:
    assert read_size_option("(기모)그레이/L").attributes == (("fabric", "기모"), ("colour", "그레이"))
    assert read_size_option("M/NO기모").attributes == (("fabric", "NO기모"),)
    assert read_size_option("2(Over Fit)").attributes == (("fit", "Over Fit"),)
    assert read_size_option("[COLOR]TEAL [SIZE]S").attributes == (("colour", "TEAL"),)
    assert read_size_option("F(25~28INCH)/총기장(145)").attributes == (("length", "총기장(145)"),)
    assert read_size_option("에스프레소 브라운/M").attributes == (("colour", "에스프레소 브라운"),)
    assert read_size_option("남성 L").attributes == (("gender", "남성"),)
    assert read_size_option("32/30").attributes == (("length", "L30"),)
    assert read_size_option("상의 55").attributes == (("garment", "상의"),)
    assert read_size_option("L (+2,000원) [품절]").attributes == ()


def test_a_number_far_from_the_letter_is_no_alias() -> None:
    size = read_size_option("19/BLACK/L")
    assert (size.label, size.alias) == ("L", None)
    assert ("option", "19") in size.attributes


def test_the_products_other_options_settle_numbers_that_stand_on_two_rulers() -> None:
    assert written("38") == "38 - brand"
    assert written("38", "inch") == "W38 - inch"
    assert written("21", "inch") == "W21 - inch"
    assert written("44", "brand") == "44 - brand"
    assert written("33", "korean") == "33 - korean"


@given(st.text(max_size=60))
def test_any_text_ends_as_a_size_or_a_named_refusal(option: str) -> None:
    check(option)


@given(st.lists(st.sampled_from(PIECES + JOINTS), max_size=9).map("".join))
def test_any_putting_together_of_known_pieces_ends_so_too(option: str) -> None:
    check(option)


def check(option: str) -> None:
    """A label of a known ruler that reads as itself, or a refusal with a known reason; blanks around change nothing."""
    expected = written(option)
    assert expected.startswith("refused") or read_size_option(option).ruler in RULERS
    if expected.startswith("refused"):
        assert expected.split()[1] in REASONS
    else:
        reads_as_itself(read_size_option(option))
    assert written(f"  \u3000{option}\n ") == expected


def reads_as_itself(size: SizeOption) -> None:
    again = read_size_option(size.label)
    assert (again.label, again.ruler, again.order, again.alias) == (size.label, size.ruler, size.order, None)


def test_every_label_and_alias_of_the_table_reads_as_itself() -> None:
    for option in READ:
        size = read_size_option(option)
        reads_as_itself(size)
        assert size.alias is None or read_size_option(size.alias).label == size.alias


def test_full_width_characters_and_capitals_say_the_same() -> None:
    plain = [option for option in READ if option.isascii() and "&" not in option]
    assert len(plain) > 100
    for option in plain:
        wide = "".join(chr(ord(c) + 0xFEE0) if c > " " else c for c in option)
        assert written(wide) == written(option) == written(option.swapcase())


@pytest.mark.parametrize(
    "piece", ["(", "[", "M/", "블랙 M ", "-", "~", "9", "1,", "[색상]", "가M", "X", "구매 ", "(품절)", "½"]
)
def test_a_hostile_text_of_any_length_costs_little(piece: str) -> None:
    written(piece)
    began = time.process_time()
    for length in (199, 999, 10_000, 1_000_000):
        written((piece * length)[:length])
    assert time.process_time() - began < 0.5
