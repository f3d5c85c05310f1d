"""Runs of products from their option lists."""

from __future__ import annotations

from include.rules.size_run import SizeRun, majority_ruler, number_ruler, order_of, size_run


def test_letters_stand_in_order_whatever_the_order_of_the_list() -> None:
    assert size_run(["XL", "S", "2XL", "M", "L", "XXS"]) == SizeRun(("XXS", "S", "M", "L", "XL", "2XL"), "letter", ())


def test_trousers_run_to_38_in_inches() -> None:
    run = size_run(["28", "30", "32", "34", "36", "38"])
    assert run == SizeRun(("W28", "W30", "W32", "W34", "W36", "W38"), "inch", ())


def test_european_numbers_are_no_korean_sizes() -> None:
    run = size_run(["42 (FOR WOMAN)", "44", "46", "48", "50"])
    assert run == SizeRun(("42", "44", "46", "48", "50"), "brand", ())


def test_korean_numbers_and_chest_numbers_stand_in_order() -> None:
    assert size_run(["66", "44", "55"]) == SizeRun(("44", "55", "66"), "korean", ())
    assert size_run(["105", "095", "100"]) == SizeRun(("095", "100", "105"), "chest", ())


def test_brand_numbers_free_sizes_ranges_and_shoes_stand_in_order() -> None:
    assert size_run(["2", "0", "00", "1"]) == SizeRun(("00", "0", "1", "2"), "brand", ())
    assert size_run(["one size"]) == SizeRun(("FREE",), "free", ())
    assert size_run(["M~L", "S", "XL", "S~M"]) == SizeRun(("S", "S-M", "M-L", "XL"), "letter", ())
    assert size_run(["77", "66반", "55", "66"]) == SizeRun(("55", "66", "66반", "77"), "korean", ())
    assert size_run(["265", "250mm", "255"]) == SizeRun(("250", "255", "265"), "shoe", ())
    assert size_run(["S(95)", "XS(90)", "WS(85)"]) == SizeRun(("XS", "WS", "S"), "letter", ())


def test_an_option_on_another_ruler_is_left_out_and_named() -> None:
    run = size_run(["S", "M", "L", "FREE", "선택안함"])
    assert run is not None
    assert run.labels == ("S", "M", "L")
    assert sorted(run.left_out) == [("FREE", "other_ruler"), ("선택안함", "not_chosen")]


def test_a_list_without_sizes_has_no_run() -> None:
    assert size_run([]) is None
    assert size_run(["블랙", "크림"]) is None


def test_the_majority_ruler_is_the_letters_where_they_tie() -> None:
    assert majority_ruler(["chest", "letter", "letter", "chest"]) == "letter"
    assert majority_ruler(["inch", "inch", "free"]) == "inch"


def test_numbers_prove_their_ruler_together_only() -> None:
    assert number_ruler(["36", "38"]) is None
    assert number_ruler(["29", "36", "38"]) == "inch"
    assert number_ruler(["44", "55"]) == "korean"
    assert number_ruler(["44", "46"]) == "brand"


def test_a_label_knows_its_place() -> None:
    assert order_of("M") == 4.0
    assert order_of("2XL") > order_of("XL") > order_of("L")  # type: ignore[operator]
    assert order_of("no label") is None


def test_one_size_is_free_alone_and_the_first_of_a_row_beside_two_size() -> None:
    assert size_run(["1 size"]) == SizeRun(("FREE",), "free", ())
    assert size_run(["1 size", "2 size", "3 size"]) == SizeRun(("1", "2", "3"), "brand", ())
    assert size_run(["0 size", "1 size"]) == SizeRun(("0", "1"), "brand", ())
    assert size_run(["1 SIZE", "S", "M"]) == SizeRun(("S", "M"), "letter", (("1 SIZE", "other_ruler"),))
