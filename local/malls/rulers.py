"""Size rulers of the generated garments, and the many ways in which shops spell a colour and a size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Run:
    """A product's sizes: the ruler, the labels small to large, and the distance of two of them in letter sizes."""

    ruler: str  # letter, korean, chest, inch, brand, free
    labels: tuple[str, ...]
    step: float = 1.0


_LETTERS = ("XS", "S", "M", "L", "XL", "2XL", "3XL")
_CHESTS = ("085", "090", "095", "100", "105", "110", "115")  # the same places as the letters

_RUNS: dict[str, dict[str, tuple[Run, ...]]] = {
    "men": {
        "letter": (Run("letter", _LETTERS[1:5]), Run("letter", _LETTERS[1:6]), Run("letter", _LETTERS[2:6])),
        "chest": (Run("chest", _CHESTS[1:6]), Run("chest", _CHESTS[2:6])),
        "inch": (
            Run("inch", ("W28", "W30", "W32", "W34", "W36")),
            Run("inch", tuple(f"W{n}" for n in range(28, 35)), 0.75),
        ),
        "brand": (Run("brand", ("1", "2", "3")), Run("brand", ("46", "48", "50", "52"))),
    },
    "women": {
        "letter": (Run("letter", _LETTERS[0:4]), Run("letter", _LETTERS[1:4])),
        "korean": (Run("korean", ("44", "55", "66", "77")), Run("korean", ("55", "66", "77"))),
        "inch": (Run("inch", ("W25", "W26", "W27", "W28", "W29", "W30"), 0.75),),
        "brand": (Run("brand", ("0", "1", "2")), Run("brand", ("1", "2", "3"))),
    },
    "unisex": {
        "letter": (Run("letter", _LETTERS[0:5]), Run("letter", _LETTERS[1:6]), Run("letter", _LETTERS[0:6])),
        "chest": (Run("chest", _CHESTS[0:6]),),
        "inch": (Run("inch", ("W26", "W28", "W30", "W32", "W34")),),
        "brand": (Run("brand", ("1", "2", "3", "4")), Run("brand", ("0", "1", "2", "3"))),
    },
}
_FREE = Run("free", ("FREE",))

# How often a ruler is met: trousers go by the inch, the rest by letters.
SHARES = {
    "bottoms": {"inch": 0.46, "letter": 0.36, "brand": 0.09, "korean": 0.05, "free": 0.04},
    "tops": {"letter": 0.70, "chest": 0.12, "korean": 0.06, "brand": 0.07, "free": 0.05},
    "outer": {"letter": 0.70, "chest": 0.14, "korean": 0.05, "brand": 0.08, "free": 0.03},
    "dress": {"letter": 0.55, "korean": 0.30, "brand": 0.05, "free": 0.10},
    "skirt": {"letter": 0.55, "inch": 0.15, "korean": 0.15, "brand": 0.05, "free": 0.10},
}

_WORDS = dict(zip(_LETTERS, ("XSMALL", "SMALL", "MEDIUM", "LARGE", "XLARGE", "XXL", "XXXL"), strict=True))
_COLOURS = (
    ("블랙", "BLACK", "BK"),
    ("화이트", "WHITE", "WH"),
    ("차콜", "CHARCOAL", "CH"),
    ("네이비", "NAVY", "NV"),
    ("아이보리", "IVORY", "IV"),
    ("라이트 그레이", "LIGHT GRAY", "LG"),
    ("카키", "KHAKI", "KK"),
    ("더스트블루", "DUST BLUE", "DB"),
    ("브라운", "BROWN", "BR"),
    ("크림", "CREAM", "CR"),
)


def draw_run(
    category: str, gender: str, rng: np.random.Generator, shares_of: Mapping[str, Mapping[str, float]] = SHARES
) -> Run:
    """A run that suits the category and the audience; `shares_of` tells how often a category's rulers are met."""
    shares = shares_of[category]
    ruler = str(rng.choice(list(shares), p=np.array(list(shares.values()))))
    if ruler == "free":
        return _FREE
    runs = _RUNS[gender].get(ruler) or _RUNS[gender]["letter"]
    return runs[int(rng.integers(len(runs)))]


def spell_sizes(run: Run, rng: np.random.Generator) -> tuple[str, ...]:
    """The texts of a run's sizes in one shop's own spelling."""
    if run.ruler == "letter":
        return _spell_letters(run, rng)
    if run.ruler == "inch":
        unit = str(rng.choice(["", "", "인치"]))
        return tuple(label.removeprefix("W") + unit for label in run.labels)
    if run.ruler == "brand" and run.labels[0] in ("0", "1"):
        unit = str(rng.choice(["", "", " size"]))
        return tuple(label + unit for label in run.labels)
    if run.ruler == "free":
        return (str(rng.choice(["F", "FREE", "Free", "one size"])),)
    return run.labels


def spell_colours(count: int, rng: np.random.Generator) -> tuple[str, ...]:
    """The texts of `count` different colours in one shop's own spelling; one of the spellings holds a slash itself."""
    first = int(rng.integers(len(_COLOURS)))
    chosen = [_COLOURS[(first + 3 * index) % len(_COLOURS)] for index in range(count)]
    style = int(rng.choice(8, p=[0.34, 0.3, 0.08, 0.06, 0.06, 0.05, 0.06, 0.05]))
    number = int(rng.integers(10, 40))
    spelled = []
    for index, (korean, english, short) in enumerate(chosen):
        forms = (
            korean,
            english,
            f"[{number + index}]{english}",
            f"({number + index}){korean}",
            f"{index + 1:02d}. {korean}/{korean}",
            f"{{{korean}}}",
            short,
            f"{index + 1:02d}{korean}+화이트",
        )
        spelled.append(forms[style])
    return tuple(spelled)


def _spell_letters(run: Run, rng: np.random.Generator) -> tuple[str, ...]:
    double = bool(rng.random() < 0.4)  # XXL instead of 2XL
    plain = ["XXL" if label == "2XL" and double else label for label in run.labels]
    chest = {letter: number for letter, number in zip(_LETTERS, _CHESTS, strict=True)}
    style = int(rng.choice(7, p=[0.62, 0.08, 0.08, 0.06, 0.06, 0.05, 0.05]))
    spelled = []
    for index, (label, shown) in enumerate(zip(run.labels, plain, strict=True)):
        forms = (
            shown,
            _WORDS[label],
            f"{shown}[{chest[label]}]",
            f"{shown}_{chest[label]}",
            f"{index + 1}({shown})",
            f"{shown}(기모)",
            f"[{shown}]",
        )
        spelled.append(forms[style])
    return tuple(spelled)
