"""Whether buyers' bodies or the sizes they buy moved more than buyers do: a sign of pages that are read wrongly.

Products come and go, so nothing is compared across them: what is expected of the later reviews of a product is what
its earlier ones said, and the differences are summed over the products of a mall. What chance makes is allowed on top.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

# Earlier reviews from which a product is known, and later reviews of such products from which a mall is judged.
_KNOWN_FROM, _JUDGED_FROM = 20, 200
# Share of the reviews that would have to change their size for the two mixes to agree.
SIZE_MIX_LIMIT = 0.10
# cm and kg that the mean body of a gender may move.
BODY_LIMITS = {"height_cm": 2.0, "weight_kg": 3.0}
# Standard errors that chance is allowed.
_ALLOWED_ERRORS = 2.0
_PRODUCT = ["mall", "product_id"]


@dataclass(frozen=True)
class Drift:
    """One thing that may move, how far it moved, and how far it may."""

    what: str  # such as "sizes bought at musinsa"
    before: float | None  # None where only the distance has a meaning
    after: float | None
    moved: float
    limit: float  # with what chance makes on so many reviews
    unit: str
    reviews: int  # the later ones

    @property
    def is_too_far(self) -> bool:
        """Whether it moved further than it may."""
        return self.moved > self.limit


def size_counts(samples: pd.DataFrame) -> pd.DataFrame:
    """Reviews by mall, product_id and label, from rows with mall, product_id and bought_label."""
    found = samples.groupby([*_PRODUCT, "bought_label"]).size().rename("reviews").reset_index()
    return found.rename(columns={"bought_label": "label"})


def size_mix_drift(before: pd.DataFrame, after: pd.DataFrame, when: str) -> Iterator[Drift]:
    """One a mall with enough later reviews. Both frames are size_counts; `when` ends the sentence in a report."""
    totals = _totals(before, after)
    both = before.merge(totals, on=_PRODUCT)
    share, later = both["reviews"] / both["n_before"], both["n_after"]
    both = both.assign(expected=later * share, spread=later * share * (1 - share) * (1 + later / both["n_before"]))
    expected = both.groupby(["mall", "label"])[["expected", "spread"]].sum()
    observed = after.merge(totals[_PRODUCT], on=_PRODUCT).groupby(["mall", "label"])["reviews"].sum()
    table = expected.join(observed, how="outer").fillna(0.0)
    for mall, rows in table.groupby(level="mall"):
        reviews = float(rows["reviews"].sum())
        if reviews < _JUDGED_FROM:
            continue
        moved = 0.5 * float((rows["reviews"] - rows["expected"]).abs().sum()) / reviews
        by_chance = 0.5 * float(np.sqrt(2 / np.pi * rows["spread"]).sum()) / reviews
        yield Drift(
            f"sizes bought at {mall} {when}", None, None, moved, SIZE_MIX_LIMIT + by_chance, "share", int(reviews)
        )


def body_drift(before: pd.DataFrame, after: pd.DataFrame, when: str) -> Iterator[Drift]:
    """One a mall, stated gender and measure with enough later reviews; rows have those, product_id and the measures."""
    keys = [*_PRODUCT, "gender"]
    earlier, later = (rows.groupby(keys)[list(BODY_LIMITS)].agg(["mean", "size", "var"]) for rows in (before, after))
    for measure in BODY_LIMITS:
        both = earlier[measure].join(later[measure].add_suffix("_after"), how="inner")
        both = both[both["size"] >= _KNOWN_FROM]
        for (mall, gender), rows in both.groupby(level=["mall", "gender"]):
            if rows["size_after"].sum() >= _JUDGED_FROM:
                name, _, unit = measure.partition("_")
                yield _moved_mean(rows, BODY_LIMITS[measure], f"{name} of {gender} buyers at {mall} {when}", unit)


def _moved_mean(rows: pd.DataFrame, limit: float, what: str, unit: str) -> Drift:
    count, mean, mean_after = (rows[name].to_numpy(float) for name in ("size_after", "mean", "mean_after"))
    expected, seen = float(count @ mean / count.sum()), float(count @ mean_after / count.sum())
    variance = float(np.average(rows["var"].to_numpy(float), weights=rows["size"]))
    error = float(np.sqrt(variance * (count * (1 + count / rows["size"].to_numpy(float))).sum()) / count.sum())
    return Drift(what, expected, seen, abs(seen - expected), limit + _ALLOWED_ERRORS * error, unit, int(count.sum()))


def _totals(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Products known well enough before, with their reviews before and after."""
    old = before.groupby(_PRODUCT)["reviews"].sum().rename("n_before")
    new = after.groupby(_PRODUCT)["reviews"].sum().rename("n_after")
    both = pd.concat([old, new], axis=1, join="inner")
    return both[both["n_before"] >= _KNOWN_FROM].reset_index()
