"""What must be true of a release before anybody reads it. Each check names what it found and where.

The bands are checked as arrays before they are copied; `build` then compares what the database holds with a few sums of
the same arrays, so that what was checked is what is stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from include.publish.bands import GENDERS, HEIGHTS_CM, STATES, WEIGHTS_KG, Bands, sort_key
from include.retries import Lasting

_HEIGHTS = HEIGHTS_CM[1] - HEIGHTS_CM[0] + 1
_WEIGHTS = WEIGHTS_KG[1] - WEIGHTS_KG[0] + 1
# Two shares of one distribution, rounded to float32 and averaged, may exceed 1 by this much.
_ROUNDING = 1e-3
# A release with less than this share of the live one's products or rows is a fault until a person says otherwise.
LEAST_SHARE_OF_LAST = 0.5
# Ranked products whose page could not be read are left out; more than this share is a fault.
MOST_RANKS_WITHOUT_PRODUCT = 0.1


class CheckFailed(Lasting):
    """A release does not hold what it must; the message says what and where. The live release is untouched."""


def check_bands(bands: Bands, size_runs: Mapping[tuple[str, str], Sequence[str]]) -> None:
    """Values in range, the grid tiled exactly, sizes of the product's run, no break. Raises CheckFailed."""
    if not len(bands):
        raise CheckFailed("the release has no size table at all")
    _check_values(bands)
    _check_shares(bands)
    _check_tiling(bands)
    index = _size_index(bands, size_runs)
    _check_monotone(bands, index)


def check_against_last(products: int, rows: int, last: tuple[int, int] | None) -> None:
    """Products and rows against the live release's. Raises CheckFailed."""
    for word, here, before in zip(("products", "rows"), (products, rows), last or (0, 0), strict=True):
        if here < LEAST_SHARE_OF_LAST * before:
            raise CheckFailed(
                f"the release has {here} {word}, the live one {before}; publish with go_live if that is right"
            )


def check_ranks(ranked: int, without_product: int) -> None:
    """Ranked products must be there, but for a few. Raises CheckFailed."""
    if without_product > MOST_RANKS_WITHOUT_PRODUCT * ranked:
        raise CheckFailed(
            f"{without_product} of {ranked} ranked places name a product that the warehouse does not have"
        )


def _check_values(bands: Bands) -> None:
    _none(bands, bands.gender < 0, f"gender is none of {', '.join(GENDERS)}")
    _none(bands, bands.state < 0, f"state is none of {', '.join(STATES)}")
    _none(bands, _outside(bands.height_cm, HEIGHTS_CM), "height_cm lies off the grid")
    off = _outside(bands.weight_from_kg, WEIGHTS_KG) | _outside(bands.weight_to_kg, WEIGHTS_KG)
    _none(bands, off | (bands.weight_to_kg < bands.weight_from_kg), "the weights are no run on the grid")
    _none(bands, bands.reviews < 0, "reviews is negative")


def _check_shares(bands: Bands) -> None:
    answered = bands.state == STATES.index("answered")
    has_share, has_second = ~np.isnan(bands.probability), ~np.isnan(bands.runner_up_probability)
    _none(bands, answered & ((bands.size < 0) | ~has_share), "an answer lacks its size or probability")
    _none(bands, (bands.runner_up >= 0) != has_second, "a runner-up and its probability do not go together")
    silent = (bands.size >= 0) | has_share | (bands.runner_up >= 0)
    _none(bands, ~answered & silent, "no_evidence carries an answer")
    first, second = np.nan_to_num(bands.probability), np.nan_to_num(bands.runner_up_probability)
    wrong = (first < 0) | (second < 0) | (first + second > 1 + _ROUNDING)
    _none(bands, wrong, "probabilities lie outside 0..1 or sum to more than 1")
    _none(bands, answered & (bands.size == bands.runner_up), "the runner-up is the advised size itself")


def _check_tiling(bands: Bands) -> None:
    """Each product and gender: every height of the grid, each a gapless run of weights from one end to the other."""
    line = sort_key(bands) // 512  # one number a product, gender and height
    new = np.ones(len(bands), dtype=bool)
    new[1:] = line[1:] != line[:-1]
    last = np.roll(new, -1)
    _none(bands, new & (bands.weight_from_kg != WEIGHTS_KG[0]), "a height does not begin at the lowest weight")
    _none(bands, last & (bands.weight_to_kg != WEIGHTS_KG[1]), "a height does not end at the highest weight")
    gap = np.zeros(len(bands), dtype=bool)
    gap[1:] = ~new[1:] & (bands.weight_from_kg[1:] != bands.weight_to_kg[:-1] + 1)
    _none(bands, gap, "two bands overlap or leave a gap")
    tables, heights = np.unique(line[new] // 512, return_counts=True)
    short = heights != _HEIGHTS
    if short.any():
        at = np.isin(line // 512, tables[short])
        _none(bands, at, f"the table does not have all of the {_HEIGHTS} heights")


def _size_index(bands: Bands, size_runs: Mapping[tuple[str, str], Sequence[str]]) -> np.ndarray:
    """Each band's place of its size in its product's run, -1 where there is no answer."""
    code = {label: at for at, label in enumerate(bands.labels)}
    # one column more, for NULL, which code -1 finds
    place = np.full((len(bands.products), len(bands.labels) + 1), -2, dtype=np.int16)
    place[:, -1] = -1
    for row, product in enumerate(bands.products):
        if product not in size_runs:
            raise CheckFailed(f"the size tables name the product {'/'.join(product)}, which the release does not have")
        for at, label in enumerate(size_runs[product]):
            if label in code:
                place[row, code[label]] = at
    index = place[bands.product, bands.size]
    _none(bands, index == -2, "the advised size is not in the product's size run")
    _none(bands, place[bands.product, bands.runner_up] == -2, "the runner-up is not in the product's size run")
    return index


def _check_monotone(bands: Bands, index: np.ndarray) -> None:
    """No cell whose neighbour of one cm or one kg more has a smaller size."""
    cells = np.repeat(index, bands.weight_to_kg - bands.weight_from_kg + 1).reshape(-1, _HEIGHTS, _WEIGHTS)
    heavier = (cells[:, :, 1:] < cells[:, :, :-1]) & (cells[:, :, 1:] >= 0)
    taller = (cells[:, 1:, :] < cells[:, :-1, :]) & (cells[:, 1:, :] >= 0)
    breaks = int(heavier.sum()) + int(taller.sum())
    if breaks:
        table = int(np.flatnonzero(heavier.any(axis=(1, 2)) | taller.any(axis=(1, 2)))[0])
        first = np.flatnonzero(np.r_[True, np.diff(sort_key(bands) // 512**2) != 0])[table]
        raise CheckFailed(f"{breaks} breaks: a larger body gets a smaller size; first in {_where(bands, int(first))}")


def _outside(values: np.ndarray, limits: tuple[int, int]) -> np.ndarray:
    return (values < limits[0]) | (values > limits[1])


def _none(bands: Bands, wrong: np.ndarray, what: str) -> None:
    count = int(np.count_nonzero(wrong))
    if count:
        raise CheckFailed(f"{what}: {count} bands, first {_where(bands, int(np.argmax(wrong)))}")


def _where(bands: Bands, row: int) -> str:
    gender = GENDERS[bands.gender[row]] if bands.gender[row] >= 0 else "?"
    body = f"{bands.height_cm[row]} cm, {bands.weight_from_kg[row]}-{bands.weight_to_kg[row]} kg"
    return f"{'/'.join(bands.products[bands.product[row]])} {gender} {body}"
