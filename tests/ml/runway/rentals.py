"""Generated rentals: a size fits where it meets the body, the item's cut and the user's taste."""

from __future__ import annotations

import numpy as np
import pandas as pd


def rentals(rows: int = 1500, items: int = 25, users: int = 300, seed: int = 3) -> pd.DataFrame:
    """Rows in the shape of the Runway file."""
    random = np.random.default_rng(seed)
    item, user = random.integers(0, items, rows), random.integers(0, users, rows)
    cut, taste = random.normal(0, 1.2, items), random.normal(0, 0.5, users)
    weight = random.normal(138, 20, users).round().clip(95, 220)
    size = np.clip(((weight[user] - 100) / 10 + random.normal(0, 0.7, rows)).round(), 0, 14) * 4
    room = size / 4 - (weight[user] - 100) / 10 + cut[item] + taste[user] + random.normal(0, 0.5, rows)
    fit = np.where(room < -0.8, "small", np.where(room > 0.8, "large", "fit"))
    days = np.datetime64("2017-01-01") + random.integers(0, 200, rows)
    return pd.DataFrame(
        {
            "user_id": user + 1000, "item_id": item + 50, "category": random.choice(["gown", "dress"], rows),
            "body_type": random.choice(["pear", "athletic", None], rows), "age": 34.0, "height_in": 65.0,
            "weight_lbs": np.where(random.random(rows) < 0.1, np.nan, weight[user]), "size": size.astype(int),
            "fit": fit, "rating": np.where(fit == "fit", 10.0, 2.0), "rented_for": "party", "review_date": days,
        }
    )  # fmt: skip
