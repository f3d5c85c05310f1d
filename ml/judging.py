"""On which reviews a size model is judged, and what its rivals say of them.

A model that is judged is trained twice with the same settings: its twin without the newest reviews, which judge it,
and, for publication, on all. Dated reviews judge by day: those later than the twin's cut. Undated ones, of a file,
have no later; of them a tenth of the (product, body, gender) groups judges, fixed by hash, so that no twin of any day
is trained on it. Champion and challenger are compared on what neither twin has seen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from ml.evaluate import Judged, judge_rows
from ml.features import Products, Samples, folds
from ml.model import SizeModel

_HASHED_PARTS, _HASH_SALT = 10, 7
# The newest reviews that judge: at least this share of the dated ones, whole days. Where the last days hold more than
# the second share (a first scrape, days that were all read at once), time tells nothing and the hash deals.
_JUDGING_SHARE, _JUDGING_SHARE_MOST = 0.1, 0.4


@dataclass(frozen=True)
class Cut:
    """What a twin was not trained on. `until` is the last day of its dated reviews; None: all are dealt by hash."""

    until: date | None

    def unseen(self, samples: Samples) -> np.ndarray:
        """Which samples a twin with this cut has not seen, as a mask."""
        hashed = folds(samples.group, _HASHED_PARTS, salt=_HASH_SALT) == 0
        if self.until is None:
            return hashed
        return np.where(np.isnat(samples.day), hashed, samples.day > np.datetime64(self.until, "D"))

    def in_card(self) -> dict[str, str | None]:
        """As the model card states it."""
        return {"by": "day" if self.until else "hash", "until": self.until.isoformat() if self.until else None}


def cut_of_card(card: dict[str, Any]) -> Cut:
    """The cut that a model card states; a card from before cuts by day means the hash."""
    until = card.get("judging", {}).get("until")
    return Cut(date.fromisoformat(until) if until else None)


def choose_cut(samples: Samples) -> Cut:
    """The latest day after which at least a tenth of the dated reviews lies."""
    dated = np.sort(samples.day[~np.isnat(samples.day)])
    if not len(dated):
        return Cut(None)
    # the first review that must judge; its whole day judges, so the cut is the day before it that has reviews
    first = dated[len(dated) - int(np.ceil(_JUDGING_SHARE * len(dated)))]
    earlier = dated[dated < first]
    if not len(earlier) or len(dated) - len(earlier) > _JUDGING_SHARE_MOST * len(dated):
        return Cut(None)
    return Cut(earlier[-1].astype(date))


def judging_rows(samples: Samples, cut: Cut) -> np.ndarray:
    """Which samples judge a model with this cut; none where nothing would be left to train its twin on."""
    unseen = cut.unseen(samples)
    return unseen if not unseen.all() else np.zeros(len(samples), dtype=bool)


def predict(model: SizeModel, rows: Samples) -> Judged:
    """What a model says of samples of its own products."""
    above = model.chances_above(rows.product, rows.height_cm, rows.weight_kg, rows.gender)
    return judge_rows(above, rows.product, rows.gender, rows.bought)


def predict_known(model: SizeModel, products: Products, rows: Samples) -> tuple[Judged, np.ndarray]:
    """What a model of another day says, and which rows are of products that it knows with the same run."""
    keys = zip(model.products.mall, model.products.product_id, model.products.runs, strict=True)
    index = {key: at for at, key in enumerate(keys)}
    asked = zip(products.mall, products.product_id, products.runs, strict=True)
    theirs = np.array([index.get(key, -1) for key in asked], dtype=np.int64)
    product = theirs[rows.product] if len(rows) else np.zeros(0, dtype=np.int64)
    known = product >= 0
    some = rows.take(known)
    found = predict(model, replace(some, product=product[known]))
    return replace(found, product=some.product), known


def most_frequent(products: Products, rows: Samples, seen: Samples) -> Judged:
    """Each product's most frequent size among the samples that were seen: what any model has to beat."""
    sizes = int(products.thresholds.max(initial=0)) + 1
    counts = np.bincount(seen.product * sizes + seen.bought, minlength=len(products) * sizes)
    exists = np.arange(sizes)[None, :] <= products.thresholds[:, None]
    shares = counts.reshape(-1, sizes) + 0.5 * exists
    shares = shares / shares.sum(axis=1, keepdims=True)
    size = shares.argmax(axis=1)[rows.product]
    return Judged(
        rows.product, rows.gender, rows.bought, size, shares[rows.product, size], shares[rows.product, rows.bought]
    )
