"""The visitor's bodies: read from a form, kept in a cookie, looked up on the grid. No framework.

Height, weight and gender never leave the form's body and the signed cookie: no address and no log line carries them.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from web.queries import Lookup

GENDERS = ("female", "male", "unknown")
WISHES = ("tight", "regular", "loose")
MOST_BODIES = 5  # they must fit in one cookie

# The grid that the size tables cover (design: serving database).
GRID_HEIGHT_CM = (140, 200)
GRID_WEIGHT_KG = (35, 130)
# What a person can be at all; anything else is a slip of the finger.
_HEIGHT_CM = (60, 260)
_WEIGHT_KG = (15, 350)

_NUMBER = re.compile(r"\s*(\d{1,3}(?:[.,]\d{1,2})?)\s*(?:cm|kg)?\s*", re.IGNORECASE)
_NAME_LENGTH = 12


class AbsurdBody(ValueError):
    """The form's values are no body; `faults` are the fields to look at: height, weight, gender."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Body:
    """One person."""

    height_cm: float
    weight_kg: float
    gender: str  # unknown: not stated
    wish: str = "regular"
    name: str = ""

    def lookup(self) -> Lookup | None:
        """Where the tables answer for this body; None off the grid. The range comes first, then halves go up."""
        low, high = GRID_HEIGHT_CM
        light, heavy = GRID_WEIGHT_KG
        if not (low <= self.height_cm <= high and light <= self.weight_kg <= heavy):
            return None
        return Lookup(self.gender, math.floor(self.height_cm + 0.5), math.floor(self.weight_kg + 0.5))


@dataclass(frozen=True)
class Bodies:
    """All bodies of a visitor, one of them chosen."""

    bodies: tuple[Body, ...] = ()
    at: int = 0

    @property
    def chosen(self) -> Body | None:
        """The body that sizes are shown for."""
        return self.bodies[self.at] if self.bodies else None

    def with_body(self, body: Body, another: bool) -> Bodies:
        """The chosen body replaced, or one more added and chosen; the oldest makes room."""
        if another or not self.bodies:
            kept = (*self.bodies, body)[-MOST_BODIES:]
            return Bodies(kept, len(kept) - 1)
        name = body.name or self.bodies[self.at].name
        return self._changed(replace(body, name=name))

    def choose(self, at: int) -> Bodies:
        """Another of the bodies chosen; an unknown place changes nothing."""
        return replace(self, at=at) if 0 <= at < len(self.bodies) else self

    def wishing(self, wish: str) -> Bodies:
        """The chosen body likes it tight, regular or loose; an unknown wish changes nothing."""
        if not self.bodies or wish not in WISHES:
            return self
        return self._changed(replace(self.bodies[self.at], wish=wish))

    def without(self, at: int) -> Bodies:
        """One body forgotten; an unknown place changes nothing."""
        if not 0 <= at < len(self.bodies):
            return self
        left = self.bodies[:at] + self.bodies[at + 1 :]
        return Bodies(left, max(0, min(self.at - (at < self.at), len(left) - 1)))

    def _changed(self, body: Body) -> Bodies:
        return Bodies((*self.bodies[: self.at], body, *self.bodies[self.at + 1 :]), self.at)

    def as_text(self) -> str:
        """For the cookie."""
        rows = [[b.height_cm, b.weight_kg, b.gender, b.wish, b.name] for b in self.bodies]
        return json.dumps([self.at, rows], ensure_ascii=True, separators=(",", ":"))


def from_text(text: str | None) -> Bodies:
    """From the cookie; what cannot be read is no body (it is signed: an older Otto wrote it)."""
    try:
        at, rows = json.loads(text or "[0, []]")
        bodies = tuple(Body(float(height), float(weight), *map(str, rest)) for height, weight, *rest in rows)
        return Bodies(bodies, at if 0 <= at < len(bodies) else 0)
    except (ValueError, TypeError):
        return Bodies()


def from_form(fields: Mapping[str, Any], wish: str = "regular") -> Body:
    """A body from the form's fields; `wish` where the form has none. Raises AbsurdBody with the fields to look at."""
    height, weight = _number(fields.get("height")), _number(fields.get("weight"))
    gender = fields.get("gender") or "unknown"
    faults = []
    if height is None or not _HEIGHT_CM[0] <= height <= _HEIGHT_CM[1]:
        faults.append("height")
    if weight is None or not _WEIGHT_KG[0] <= weight <= _WEIGHT_KG[1]:
        faults.append("weight")
    if gender not in GENDERS:
        faults.append("gender")
    if height is None or weight is None or faults:
        raise AbsurdBody(faults)
    wish = fields["wish"] if fields.get("wish") in WISHES else wish
    name = "".join(sign for sign in str(fields.get("name") or "") if sign.isprintable()).strip()
    return Body(height, weight, gender, wish, name[:_NAME_LENGTH])


def _number(text: Any) -> float | None:
    found = _NUMBER.fullmatch(str(text or ""))
    return float(found[1].replace(",", ".")) if found else None
