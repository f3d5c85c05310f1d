"""The rentals of the Runway file: who ordered what in which size, and how it fitted.

Nothing that is known only after the order is kept: neither the row's rating nor what it says of the occasion. The day
is that of the review; it splits, and is never a feature.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ml.errors import BadValues

FITS = ("small", "fit", "large")
SMALL, FIT, LARGE = range(3)
_NEEDED = (
    "user_id",
    "item_id",
    "category",
    "body_type",
    "age",
    "height_in",
    "weight_lbs",
    "size",
    "fit",
    "review_date",
)
# Outside these a number is a slip of the pen, and is taken as not stated.
_PLAUSIBLE = {"age": (14, 100), "height_in": (54, 80), "weight_lbs": (80, 350)}


@dataclass(frozen=True)
class Orders:
    """Row by row; numbers are NaN where they are not stated, codes count from 0."""

    user: np.ndarray
    item: np.ndarray
    category: np.ndarray
    body_type: np.ndarray  # one code of its own where it is not stated
    age: np.ndarray
    height_in: np.ndarray
    weight_lbs: np.ndarray
    size: np.ndarray
    fit: np.ndarray  # index into FITS
    day: np.ndarray  # datetime64[D]

    def __len__(self) -> int:
        return len(self.fit)

    def take(self, which: np.ndarray) -> Orders:
        """The rows of a mask or of positions."""
        return Orders(*(getattr(self, name)[which] for name in self.__dataclass_fields__))


def read_orders(path: Path) -> tuple[Orders, dict[str, int]]:
    """The orders of a Parquet file, and how many rows were left out by reason. Raises BadValues."""
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise BadValues(f"{path} cannot be read as Parquet: {error}") from error
    return take_orders(frame, str(path))


def take_orders(frame: pd.DataFrame, where: str) -> tuple[Orders, dict[str, int]]:
    """The same of a frame. Rows equal in every column are one row. Raises BadValues."""
    missing = [name for name in _NEEDED if name not in frame]
    if missing:
        raise BadValues(f"{where} lacks the columns {', '.join(missing)}; it has {', '.join(map(str, frame))}")
    once = frame[~frame.duplicated()]
    readable = once["fit"].isin(FITS) & once["size"].notna() & once["review_date"].notna()
    kept = once[readable & once["user_id"].notna() & once["item_id"].notna()]
    if kept.empty:
        raise BadValues(f"{where} has no row with user, item, size, day and one of {', '.join(FITS)}")
    left_out = {"exact duplicates": len(frame) - len(once), "unreadable": len(once) - len(kept)}
    numbers = {name: _plausible(kept[name], *limits) for name, limits in _PLAUSIBLE.items()}
    orders = Orders(
        user=_codes(kept["user_id"]), item=_codes(kept["item_id"]), category=_codes(kept["category"]),
        body_type=_codes(kept["body_type"]), **numbers, size=kept["size"].to_numpy(float),
        fit=np.array([FITS.index(answer) for answer in kept["fit"]], dtype=np.int64),
        day=pd.to_datetime(kept["review_date"]).to_numpy("datetime64[D]"),
    )  # fmt: skip
    return orders, left_out


def _codes(column: pd.Series) -> np.ndarray:
    """A number for each value in their order; what is not stated is a value too."""
    text = column.astype(object).where(column.notna(), "").astype(str)
    return np.unique(text.to_numpy(), return_inverse=True)[1].astype(np.int64)


def _plausible(column: pd.Series, low: float, high: float) -> np.ndarray:
    value = pd.to_numeric(column, errors="coerce").to_numpy(float)
    return np.where((value >= low) & (value <= high), value, np.nan)
