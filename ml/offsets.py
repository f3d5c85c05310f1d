"""How many sizes more a product's buyers must take than in its category, by the model. Pure: a model in, rows out.

The score that a middling body needs to leave each size (ml/effects) is compared, place by place on the ruler, with the
median of the other products of the same ruler and category. Effects are shrunk, so a product of few reviews has an
offset near that of its brand, with the doubt of what is not known.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.effects import MIDDLING, variance_of
from ml.features import UNKNOWN
from ml.model import SizeModel

# With fewer products of a ruler and category there is nothing that a product could differ from.
_PEERS_ENOUGH = 5
COLUMNS = ("mall", "product_id", "offset_sizes", "offset_error")


def category_offsets(model: SizeModel) -> pd.DataFrame:
    """One row a product with enough peers: offset_sizes (above zero where it runs small) and its standard error."""
    products, effects = model.products, model.effects
    owner = np.repeat(np.arange(len(products)), products.thresholds)
    need = effects.threshold - effects.slopes[owner] @ MIDDLING[UNKNOWN]
    error = np.sqrt(variance_of(effects.certainty[:, UNKNOWN]))
    frame = pd.DataFrame(
        {
            "product": owner, "place": products.place, "need": need, "error": error,
            "ruler": np.array(products.ruler, dtype=object)[owner],
            "category": np.array(products.category, dtype=object)[owner],
        }
    )  # fmt: skip
    frame = frame[(frame["category"] != "") & (model.reviews[owner] > 0)]
    at_place = frame.groupby(["ruler", "category", "place"])["need"]
    frame["less"] = at_place.transform("median") - frame["need"]
    frame = frame[at_place.transform("size") > _PEERS_ENOUGH]
    own = frame.groupby("product").agg(less=("less", "mean"), error=("error", "mean"), ruler=("ruler", "first"))
    a_size = own["ruler"].map(_score_a_size(products.ruler, owner, need)).to_numpy(float)
    own = own[a_size > 0]
    a_size = a_size[a_size > 0]
    at = own.index.to_numpy()
    return pd.DataFrame(
        {
            "mall": [products.mall[p] for p in at], "product_id": [products.product_id[p] for p in at],
            "offset_sizes": own["less"].to_numpy() / a_size, "offset_error": own["error"].to_numpy() / a_size,
        },
        columns=list(COLUMNS),
    )  # fmt: skip


def _score_a_size(rulers: list[str], owner: np.ndarray, need: np.ndarray) -> dict[str, float]:
    """On each ruler the usual step of the score from one size to the next."""
    inside = owner[1:] == owner[:-1]
    steps = pd.Series(np.diff(need)[inside])
    ruler = np.array(rulers, dtype=object)[owner[1:][inside]]
    return {str(name): float(some.median()) for name, some in steps.groupby(ruler)}
