"""Which reviews repeat another one. Pure: rows in the mall's order in, a reason or None a row out.

Repeats go on evidence only. A dated review repeats one of the three before it in its product when body, size label and
day are equal. Undated ones come from a file, where two things were seen: the same person posting again (equal body
among the three before), and pages that were scraped twice (three or more reviews in a row that stood earlier in the
same product, to the letter of their size options). Equal body and size alone never remove a row. mart.sample applies
the same rules in SQL (include/sql/mart/candidate/load.sql); a test runs both on the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

SCRAPED_TWICE, REPEAT = "scraped_twice", "repeat"
_BEFORE, _BLOCK = 3, 3


@dataclass(frozen=True)
class Line:
    """What is compared of one review; None is not stated or not readable."""

    product_id: str
    height_cm: float | None
    weight_kg: float | None
    gender: str | None
    size_label: str | None
    size_option: str
    day: date | None

    @property
    def person(self) -> tuple | None:
        """Equal for two reviews of which the later is a repeat; without a body nobody is known again."""
        if self.height_cm is None or self.weight_kg is None:
            return None
        body = (self.height_cm, self.weight_kg, self.gender)
        return body if self.day is None else (*body, self.size_label, self.day)

    @property
    def as_scraped(self) -> tuple | None:
        """Equal for a review of a file that was scraped twice."""
        return None if self.day else (self.height_cm, self.weight_kg, self.gender, self.size_option)


def find_repeats(lines: Sequence[Line]) -> list[str | None]:
    """scraped_twice, repeat or None for each review."""
    places: dict[str, list[int]] = {}
    for at, line in enumerate(lines):
        places.setdefault(line.product_id, []).append(at)
    reasons: list[str | None] = [None] * len(lines)
    for rows in places.values():
        own = [lines[at] for at in rows]
        for at, reason in zip(rows, _repeats(own), strict=True):
            reasons[at] = reason
        for place in _scraped_twice(own):
            reasons[rows[place]] = SCRAPED_TWICE
    return reasons


def _repeats(lines: list[Line]) -> list[str | None]:
    people = [line.person for line in lines]
    return [REPEAT if person is not None and person in people[max(0, at - _BEFORE) : at] else None
            for at, person in enumerate(people)]  # fmt: skip


def _scraped_twice(lines: list[Line]) -> set[int]:
    scraped = [line.as_scraped for line in lines]
    first_seen: dict[tuple, int] = {}
    found: set[int] = set()
    for at in range(len(lines) - _BLOCK + 1):
        block = tuple(scraped[at : at + _BLOCK])
        if None not in block and first_seen.setdefault(block, at) < at:
            found.update(range(at, at + _BLOCK))
    return found
