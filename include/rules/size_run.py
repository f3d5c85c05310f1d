"""A product's size run: its labels in order, small to large, on the ruler that most of its options stand on.

Rulers are never mixed in one order. Options that stand on another ruler, or name no size, are left out of the run and
named, so that a caller can count them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from include.rules.rulers import RULERS
from include.rules.size_option import SizeOption, SizeRefused, read_size_option
from include.rules.size_token import read_token


@dataclass(frozen=True, slots=True)
class SizeRun:
    """The sizes of one product."""

    labels: tuple[str, ...]  # small to large
    ruler: str
    left_out: tuple[tuple[str, str], ...]  # (option, reason code); other_ruler for a size on another ruler


def number_ruler(options: Iterable[str]) -> str | None:
    """What a product's options, taken together, prove about bare numbers that stand on two rulers.

    `inch` where trousers' waists are among them (so 36 and 38 are waists too), `brand` where European numbers are (so
    44 is no Korean size), or `0 size` or `2 size` beside `1 size` (so that one is no free size), `korean` where 55 or
    66 is; None where they prove nothing.
    """
    tokens = [token for option in options if (token := _token(option))]
    numbers = {token.order for token in tokens if token.ruler in ("inch", "brand", "korean")}
    if any(token.ruler == "inch" and token.order != 33 for token in tokens):
        return "inch"
    if numbers & {55.0, 66.0, 77.0}:
        return "korean"
    counted = numbers & {0.0, 2.0} and any(token.ruler == "free" for token in tokens)
    return "brand" if counted or numbers & {46.0, 48.0, 50.0, 52.0} else None


def size_run(options: Iterable[str]) -> SizeRun | None:
    """The run of a product from its option list; None where no option is a size."""
    distinct = list(dict.fromkeys(options))
    ruler = number_ruler(distinct)
    read: list[SizeOption] = []
    left_out: list[tuple[str, str]] = []
    sources: list[str] = []
    for option in distinct:
        try:
            read.append(read_size_option(option, ruler))
            sources.append(option)
        except SizeRefused as refused:
            left_out.append((option, refused.code))
    if not read:
        return None
    majority = majority_ruler(size.ruler for size in read)
    left_out += [(option, "other_ruler") for option, size in zip(sources, read, strict=True) if size.ruler != majority]
    order = {size.label: size.order for size in read if size.ruler == majority}
    return SizeRun(tuple(sorted(order, key=order.__getitem__)), majority, tuple(left_out))


def majority_ruler(rulers: Iterable[str]) -> str:
    """The most frequent ruler; of equals the one that is named first in RULERS."""
    counts = Counter(rulers)
    return max(counts, key=lambda ruler: (counts[ruler], -RULERS.index(ruler)))


def _token(option: str) -> SizeOption | None:
    try:
        return read_size_option(option)
    except SizeRefused:
        return None


def order_of(label: str) -> float | None:
    """The place of a size label on its own ruler; None where it is no label of ours."""
    token = read_token(label)
    return token.order if token else None
