"""Which reviews repeat another one. Pure: rows in the mall's order in, a reason or None a row out.

Repeats go on evidence only. A dated review repeats one of the three before it in its product when body, size option
and day are equal. Undated ones come from a file, where two things were seen: the same person posting again (equal body
among the three before), and pages that were scraped twice (three or more reviews in a row that stood earlier in the
same product). Equal body and size alone never remove a row. mart.sample applies the same rules in SQL.
"""

from __future__ import annotations

from collections.abc import Sequence

SCRAPED_TWICE, REPEAT = "scraped_twice", "repeat"
_BEFORE, _BLOCK = 3, 3


def find_repeats(
    product: Sequence[str], body: Sequence[tuple[str, str, str]], option: Sequence[str], day: Sequence[str]
) -> list[str | None]:
    """scraped_twice, repeat or None for each row; body is (height, weight, gender), day is empty where undated."""
    places: dict[str, list[int]] = {}
    for at, name in enumerate(product):
        places.setdefault(name, []).append(at)
    reasons: list[str | None] = [None] * len(product)
    for rows in places.values():
        _mark_repeats(rows, body, option, day, reasons)
        _mark_blocks(rows, body, option, day, reasons)
    return reasons


def _mark_repeats(
    rows: list[int],
    body: Sequence[tuple[str, str, str]],
    option: Sequence[str],
    day: Sequence[str],
    reasons: list[str | None],
) -> None:
    keys = [(body[at], option[at], day[at]) if day[at] else (body[at],) for at in rows]
    for place, at in enumerate(rows):
        if keys[place] in keys[max(0, place - _BEFORE) : place]:
            reasons[at] = REPEAT


def _mark_blocks(
    rows: list[int],
    body: Sequence[tuple[str, str, str]],
    option: Sequence[str],
    day: Sequence[str],
    reasons: list[str | None],
) -> None:
    lines = [None if day[at] else (body[at], option[at]) for at in rows]
    first_seen: dict[tuple, int] = {}
    for place in range(len(rows) - _BLOCK + 1):
        block = tuple(lines[place : place + _BLOCK])
        if None in block:
            continue
        if first_seen.setdefault(block, place) < place:
            for at in rows[place : place + _BLOCK]:
                reasons[at] = SCRAPED_TWICE
