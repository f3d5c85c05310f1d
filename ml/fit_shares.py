"""How far a fit answer moves a review's target, learned from the answers themselves. Pure: rows in, shares out.

A buyer of M who says "too small" is a body for L, or one for M that likes it wide. How often which: buyers content
with M and buyers content with L stand at two mean bodies, and those who call M too small somewhere between; the share
is how far on the way. Content buyers only make the ends, so the ratio of the sums is right however few a product has.
Four shares a mall (small, large, each plain or slight), held out: the products of one half are moved by what the other
half says. Few answers are shrunk to all malls', and these to what was assumed before any answer was read.

include/sql/mart/fit_share does the same in the warehouse; a test holds them together.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pandas as pd

# 1 cm of height asks for about as much room as half a kilogram.
CM_IN_KG = 0.5
# Content buyers of one product, gender and size whose mean is an end of the way.
CONTENT_ENOUGH = 3
# Answers that the level above is worth. One answer's place has a spread of about 0.8 sizes, malls differ by about 0.1.
PRIOR_ANSWERS = 50.0
# What is assumed of "small" and "large", plain and slight, before any answer.
ASSUMED = {False: 0.7, True: 0.35}
STEPS = {"small": 1, "large": -1}

_KEY = ["mall", "half", "fit", "fit_slight"]
_PLACE = ["mall", "product_id", "gender", "size_index"]


def half_of(mall: str, product_id: str) -> int:
    """0 or 1, by hash: which half of the products this one is in."""
    digest = hashlib.md5(f"{mall}/{product_id}".encode(), usedforsecurity=False).hexdigest()
    return int(digest[0] >= "8")


def learn_fit_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """The shares that each half of a mall's products is moved by: mall, half, fit, fit_slight, answers, share.

    `rows`: mall, product_id, gender, height_cm, weight_kg, size_index, fit, fit_slight; one a usable review.
    """
    answers = _placed_answers(rows)
    malls = sorted(rows["mall"].unique())
    kinds = [(half, fit, slight) for half in (0, 1) for fit in STEPS for slight in (False, True)]
    found = []
    for half, fit, slight in kinds:
        other = answers[answers["half"] != half]
        size = other["gap"].mean()
        some = other[(other["fit"] == fit) & (other["fit_slight"] == slight)]
        overall = _shrunk(some, ASSUMED[slight], size)
        for mall in malls:
            own = some[some["mall"] == mall]
            share = round(float(np.clip(_shrunk(own, overall, size), 0.0, 1.0)), 4)
            found.append((mall, half, fit, slight, len(own), share))
    return pd.DataFrame(found, columns=[*_KEY, "answers", "share"])


def move_targets(rows: pd.DataFrame, shares: pd.DataFrame, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(target, is_clipped) of each row; beyond the ends of its run, 0..last, a target is the bought size."""
    if rows.empty:
        return np.zeros(0), np.zeros(0, dtype=bool)
    half = [half_of(mall, name) for mall, name in zip(rows["mall"], rows["product_id"], strict=True)]
    known = rows[["mall", "fit", "fit_slight"]].assign(half=half).merge(shares, on=_KEY, how="left", validate="m:1")
    step = known["fit"].map(STEPS).fillna(0.0).to_numpy(float)
    bought = rows["size_index"].to_numpy(float)
    aim = bought + step * known["share"].fillna(0.0).to_numpy(float)
    clipped = (bought + step < 0) | (bought + step > last)
    return np.where(clipped, bought, aim), clipped


def used_fit_shares(samples: pd.DataFrame, last: np.ndarray) -> list[dict[str, Any]]:
    """What the targets were moved by, for the model card: the answers inside their runs and the mean share, by kind."""
    step = samples["fit"].map(STEPS).fillna(0.0).to_numpy(float)
    aim = samples["size_index"].to_numpy(float) + step
    moved = samples.assign(share=np.abs(samples["target"] - samples["size_index"]))[
        (step != 0) & (aim >= 0) & (aim <= last)
    ]
    found = moved.groupby(["mall", "fit", "fit_slight"])["share"].agg(["size", "mean"])
    return [
        {"mall": mall, "fit": fit, "fit_slight": bool(slight), "answers": int(size), "share": round(float(share), 4)}
        for (mall, fit, slight), size, share in found.itertuples()
    ]


def _placed_answers(rows: pd.DataFrame) -> pd.DataFrame:
    """One row an answer "small" or "large" that has both ends; `moved` and `gap` are in kilograms."""
    body = rows[["mall", "product_id", "size_index", "fit", "fit_slight"]].assign(
        gender=rows["gender"].fillna(""),
        kg=rows["weight_kg"].to_numpy(float) + CM_IN_KG * rows["height_cm"].to_numpy(float),
    )
    ends = body[body["fit"] == "true"].groupby(_PLACE)["kg"].agg(["mean", "size"]).reset_index()
    ends = ends[ends["size"] >= CONTENT_ENOUGH].drop(columns="size")
    found = body[body["fit"].isin(list(STEPS))]
    step = found["fit"].map(STEPS).astype(int)
    found = found.assign(step=step, aim=found["size_index"] + step)
    found = found.merge(ends.rename(columns={"mean": "here"}), on=_PLACE)
    there = ends.rename(columns={"mean": "there", "size_index": "aim"})
    found = found.merge(there, on=["mall", "product_id", "gender", "aim"])
    half = [half_of(mall, name) for mall, name in zip(found["mall"], found["product_id"], strict=True)]
    return found.assign(half=pd.Series(half, index=found.index, dtype="int64"),
                        moved=found["step"] * (found["kg"] - found["here"]),
                        gap=found["step"] * (found["there"] - found["here"]))  # fmt: skip


def _shrunk(answers: pd.DataFrame, above: float, size: float) -> float:
    """Moved by gap, with PRIOR_ANSWERS answers of middling gap that say what the level above says."""
    prior = PRIOR_ANSWERS * size if size > 0 else 0.0
    gap = float(answers["gap"].sum()) + prior
    return (float(answers["moved"].sum()) + prior * above) / gap if prior > 0 and gap > 0 else above
