"""Whether a product runs small, true or large: from its fit answers, else from its offset against its category.

Answers come first: their shares, shrunk to those of the mall, where buyers who answered are many enough and clear
enough. Elsewhere what they bought may tell (ml/offsets): the advice then carries no share, since nobody was asked.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

FITS = ("small", "true", "large")
# Answers that a mall's own shares are worth: a product with ten answers is half its mall's.
_PRIOR_ANSWERS = 10.0
# Fewer answers than this are no ground for advice.
_ANSWERS_ENOUGH = 8
# A fit is advised where this share states it, and "small" or "large" also where it is this much above the mall's share.
_CLEAR_SHARE, _CLEAR_LEAD = 0.4, 0.15
# From half a size on another label is the right one; nine in ten sure of the side of it.
_HALF_SIZE, _SURE = 0.5, 1.28
COLUMNS = ("mall", "product_id", "fit_advice", "fit_share", "fit_answers", "fit_offset")


def advise_fit(samples: pd.DataFrame, offsets: pd.DataFrame) -> pd.DataFrame:
    """One row a product with answers or an offset (ml/offsets): COLUMNS, fit_advice None where neither is clear.

    fit_share is NaN where the offset advises.
    """
    both = _by_answers(samples).merge(offsets, on=["mall", "product_id"], how="outer")
    by_offset = _by_offset(both["offset_sizes"].to_numpy(float), both["offset_error"].to_numpy(float))
    asked = both["fit_advice"].notna()
    return both.assign(
        fit_advice=both["fit_advice"].astype(object).where(asked, by_offset),
        fit_answers=both["fit_answers"].fillna(0).astype(np.int64), fit_offset=both["offset_sizes"],
    )[list(COLUMNS)]  # fmt: skip


def _by_answers(samples: pd.DataFrame) -> pd.DataFrame:
    answered = samples[samples["fit"].notna()]
    counts = answered.groupby(["mall", "product_id", "fit"]).size().unstack("fit", fill_value=0)
    counts = counts.reindex(columns=list(FITS), fill_value=0)
    if counts.empty:
        return pd.DataFrame(columns=["mall", "product_id", "fit_advice", "fit_share", "fit_answers"])
    mall_shares = counts.groupby("mall").sum().pipe(lambda sums: sums.div(sums.sum(axis=1), axis=0))
    expected = mall_shares.loc[counts.index.get_level_values("mall")].to_numpy()
    answers = counts.to_numpy().sum(axis=1)
    shares = (counts.to_numpy() + _PRIOR_ANSWERS * expected) / (answers + _PRIOR_ANSWERS)[:, None]
    lead = np.where(np.array(FITS) == "true", np.inf, shares - expected)
    clear = (shares >= _CLEAR_SHARE) & (lead >= _CLEAR_LEAD) & (answers >= _ANSWERS_ENOUGH)[:, None]
    best = np.where(clear, shares, -1.0).argmax(axis=1)
    row = np.arange(len(counts))
    given = clear[row, best]
    return pd.DataFrame(
        {
            "mall": counts.index.get_level_values("mall"),
            "product_id": counts.index.get_level_values("product_id"),
            "fit_advice": [FITS[at] if clear_enough else None for at, clear_enough in zip(best, given, strict=True)],
            "fit_share": np.where(given, shares[row, best], np.nan),
            "fit_answers": answers,
        }
    )


def _by_offset(sizes: np.ndarray, error: np.ndarray) -> np.ndarray:
    """small, true or large where the offset is surely beyond or within half a size; None elsewhere."""
    found = np.full(len(sizes), None, dtype=object)
    found[sizes - _SURE * error >= _HALF_SIZE] = "small"
    found[sizes + _SURE * error <= -_HALF_SIZE] = "large"
    found[np.abs(sizes) + _SURE * error <= _HALF_SIZE] = "true"
    return found
