"""How 29CM's shops spell colours and sizes, and how a review writes the option that was bought.

Forms that were seen: `[COLOR]DARK TEAL [SIZE]S`, `[COLOR:SIZE]IVORY:S_01`, `블랙/M`, `XL (110)`, `M / 여름용`. A
product has one form: its options are one level or two, and the names of the levels are as each shop likes them.
"""

from __future__ import annotations

import numpy as np

from local.malls.goods import Product
from local.malls.rulers import Run

# A product's form follows from its number, so that its page, its options and its reviews agree.
TWO_LEVELS, ONE_LEVEL, PLAIN = "two levels", "one level", "plain"
_FORMS = (TWO_LEVELS,) * 6 + (ONE_LEVEL,) * 2 + (PLAIN,) * 2

_COLOURS = (
    ("블랙", "BLACK"),
    ("아이보리", "IVORY"),
    ("다크 틸", "DARK TEAL"),
    ("멜란지 그레이", "MELANGE GREY"),
    ("네이비", "NAVY"),
    ("오트밀", "OATMEAL"),
    ("소라", "SKY BLUE"),
    ("카키", "KHAKI"),
    ("버터 옐로우", "BUTTER YELLOW"),
    ("초코 브라운", "CHOCO BROWN"),
)
_CHEST = {"XS": "85", "S": "95", "M": "100", "L": "105", "XL": "110", "2XL": "115", "3XL": "120"}
_WORDS = {"XS": "XSmall", "S": "Small", "M": "Medium", "L": "Large", "XL": "XLarge", "2XL": "XXL", "3XL": "XXXL"}


def spell_colours(count: int, rng: np.random.Generator) -> tuple[str, ...]:
    """The texts of `count` different colours in one shop's own spelling."""
    first, style = int(rng.integers(len(_COLOURS))), int(rng.choice(5, p=[0.3, 0.35, 0.12, 0.12, 0.11]))
    chosen = [_COLOURS[(first + 3 * index) % len(_COLOURS)] for index in range(count)]
    return tuple(
        (korean, english, english.title(), f"{index + 1:02d} {english}", f"{english.title()} Dot Argyle")[style]
        for index, (korean, english) in enumerate(chosen)
    )


def spell_sizes(run: Run, rng: np.random.Generator) -> tuple[str, ...]:
    """The texts of a run's sizes in one shop's own spelling."""
    if run.ruler == "letter":
        style = int(rng.choice(8, p=[0.48, 0.1, 0.1, 0.1, 0.07, 0.05, 0.05, 0.05]))
        return tuple(_spell_letter(label, index, style) for index, label in enumerate(run.labels))
    if run.ruler == "inch":
        unit = str(rng.choice(["", "", "INCH", "인치"]))
        return tuple(label.removeprefix("W") + unit for label in run.labels)
    if run.ruler == "brand" and run.labels[0] in ("0", "1"):
        style = int(rng.choice([0, 1, 2] if run.labels[0] == "1" else [0, 2]))  # 00 is a size of its own, below 0
        return tuple((label, f"0{label}", f"{label}(Over Fit)")[style] for label in run.labels)
    if run.ruler == "free":
        return (str(rng.choice(["F", "FREE", "Free", "one size"])),)
    return run.labels


def _spell_letter(label: str, index: int, style: int) -> str:
    return (
        label,
        f"{label} ({_CHEST[label]})",
        f"{label}_{index + 1:02d}",
        _WORDS[label],
        f"{label} / 여름용",
        f"{label} (Short)",
        f"{label}-린넨원단",
        f"{_WORDS[label].lower()} / 기모없음",
    )[style]


def form(product: Product) -> str:
    """How a product's options are built."""
    return _FORMS[int(product.product_id) % len(_FORMS)]


def layout(product: Product) -> list[str]:
    """The names of the levels of a product's options."""
    titles = [axis.title for axis in product.axes]
    if form(product) == TWO_LEVELS:
        return titles
    return [":".join(titles)] if form(product) == ONE_LEVEL else ["옵션"]


def level_texts(product: Product, choice: tuple[int, ...]) -> list[str]:
    """The text of a combination on each level."""
    values = [axis.values[index] for axis, index in zip(product.axes, choice, strict=True)]
    if form(product) == TWO_LEVELS:
        return values
    return [(":" if form(product) == ONE_LEVEL else "/").join(values)]


def option_text(product: Product, choice: tuple[int, ...]) -> str:
    """A bought combination as a review writes it: the names of the levels in brackets, or none in the plain form."""
    texts = level_texts(product, choice)
    if form(product) == PLAIN:
        return texts[0]
    return " ".join(f"[{name}]{text}" for name, text in zip(layout(product), texts, strict=True))
