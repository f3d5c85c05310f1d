"""Several boosters as one."""

from __future__ import annotations

import numpy as np
import xgboost as xgb

from ml.trees import average


def test_the_averaged_booster_says_the_mean_of_the_others_above_its_base() -> None:
    random = np.random.default_rng(3)
    features = random.normal(size=(400, 3)).astype(np.float32)
    features[::5, 2] = np.nan
    label, base = features[:, 0] + random.normal(size=400) > 0, random.normal(size=400)

    def matrix() -> xgb.DMatrix:
        return xgb.DMatrix(features, label=label, base_margin=base, nthread=1)

    parameters = {"objective": "binary:logistic", "max_depth": 3, "base_score": 0.5, "subsample": 0.5, "nthread": 1}
    several = [xgb.train({**parameters, "seed": seed}, matrix(), 12 + seed)[: 8 + seed] for seed in range(3)]
    one = average(several, threads=1)
    mean = np.mean([booster.predict(matrix(), output_margin=True) for booster in several], axis=0)
    assert one.num_boosted_rounds() == 8 + 9 + 10
    assert np.abs(one.predict(matrix(), output_margin=True) - mean).max() < 1e-5
