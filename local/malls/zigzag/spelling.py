"""How Zigzag's shops spell sizes and colours: free sizes with what they cover, inches and lengths in the same text."""

from __future__ import annotations

import numpy as np

from local.malls import rulers

_FREE = ("F", "FREE", "Free", "one size", "F(44~66)", "FREE(44~66)", "F(25~28INCH)/총기장(145)")
_FREE_SHARES = (0.2, 0.28, 0.14, 0.14, 0.1, 0.07, 0.07)
_COLOURS = ("아이보리", "블랙", "핑크", "소라", "크림", "베이지", "민트", "차콜", "브라운", "라벤더")
_COLOUR_SHARES = (0.4, 0.12, 0.1, 0.1, 0.08, 0.08, 0.06, 0.06)


def spell_sizes(run: rulers.Run, rng: np.random.Generator) -> tuple[str, ...]:
    """The texts of a run's sizes in one shop's own spelling."""
    if run.ruler == "free":
        return (str(rng.choice(_FREE, p=_FREE_SHARES)),)
    style = rng.random()
    if run.ruler == "letter" and style < 0.18:
        # inches and total length of trousers and long skirts
        return tuple(
            f"{label}({23 + 2 * place}~{25 + 2 * place}INCH)/총기장({95 + 5 * place})"
            for place, label in enumerate(run.labels)
        )
    if run.ruler == "letter" and style < 0.26:
        return tuple(f"{label} 직진" for label in run.labels)  # a shop that writes the delivery badge into the text
    return rulers.spell_sizes(run, rng)


def spell_colours(count: int, rng: np.random.Generator) -> tuple[str, ...]:
    """The texts of `count` different colours in one shop's own spelling."""
    first = int(rng.integers(len(_COLOURS)))
    chosen = [_COLOURS[(first + 3 * index) % len(_COLOURS)] for index in range(count)]
    style = int(rng.choice(len(_COLOUR_SHARES), p=_COLOUR_SHARES))
    code = int(rng.integers(10, 990))
    forms = (
        "{colour}",
        "{colour}(세미크롭ver.)",
        "{colour}(20수ver.)",
        "(롱ver){colour}",
        "(롱롱ver){colour}",
        "{colour}(민자)",
        "{colour}(숏단독컬러)",
        "[OT{code:03d}] 말랑말랑 끈나시_{colour}",
    )
    return tuple(forms[style].format(colour=colour, code=code) for colour in chosen)
