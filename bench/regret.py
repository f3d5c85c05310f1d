"""What the size tables lose against the truth: generated garments, whose true probabilities are known.

Expected exactness: at bodies of buyers whom the model never saw, the true probability of the size that the table names,
against that of the truly most probable size. Each product gives the model the same number of reviews. A review moves
its target by its fit answer as the daily training's does; the run is the product's list of options.
"""

from __future__ import annotations

import statistics
from collections import defaultdict

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from bench.row import Row, judged, reported
from local.malls.catalogue import Catalogue, generate
from ml import settings
from ml.features import encode_products, encode_samples, gender_codes
from ml.fit_shares import learn_fit_shares, move_targets
from ml.lookup import look_up
from ml.model import Settings
from ml.training import fit_model

_SEEDS = (1, 2, 3, 4, 5)
_REVIEWS_A_PRODUCT = (5, 20, 50, 100)
_PRODUCTS, _REVIEWS_IN_ALL = 120, 40_000
_JUDGING_BODIES = 30  # a product
_GOAL = 0.97
# As in mart.sample, where the mall asks how the size fits.
_WEIGHT_WITHOUT_ANSWER = 0.7


def measure_regret() -> list[Row]:
    """One row a number of reviews: the median over the seeds of expected exactness over the best possible."""
    found: dict[int, list[float]] = defaultdict(list)
    best = []
    with threadpool_limits(limits=1, user_api="blas"):
        for seed in _SEEDS:
            mall = generate(_PRODUCTS, _REVIEWS_IN_ALL, seed)
            best.append(mall.bayes_optimal_exactness("fitting"))
            frames = _frames(mall)
            for reviews in _REVIEWS_A_PRODUCT:
                found[reviews].append(_share_of_best(mall, *frames, reviews))
            shares = ", ".join(f"{reviews} reviews {some[-1]:.4f}" for reviews, some in found.items())
            print(f"seed {seed}: {len(frames[0])} products, best possible {best[-1]:.4f}; {shares}", flush=True)
    rows = [reported("best possible exactness of the generated garments", statistics.median(best), "")]
    for reviews, shares in found.items():
        name, share = f"exactness over the best possible, {reviews} reviews a product", statistics.median(shares)
        with_goal = reviews == max(_REVIEWS_A_PRODUCT)
        rows.append(judged(name, share, "", _GOAL, "more") if with_goal else reported(name, share, ""))
    return rows


def _frames(mall: Catalogue) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Products with enough reviews of a body and two sizes or more, and those reviews, newest last."""
    reviews = pd.DataFrame([
        expected for review_id in mall.reviews if isinstance(expected := mall.expected_review(review_id), dict)
    ])  # fmt: skip
    reviews = reviews[reviews["height_cm"].notna() & reviews["weight_kg"].notna()].assign(mall="generated")
    counts = reviews["product_id"].value_counts()
    enough = max(_REVIEWS_A_PRODUCT) + _JUDGING_BODIES
    kept = [mall.products[name] for name in sorted(counts[counts >= enough].index)]
    products = pd.DataFrame([
        {"mall": "generated", "product_id": one.product_id, "brand": one.brand, "category": one.category,
         "size_ruler": one.size_ruler, "size_run": list(one.size_labels)} for one in kept if len(one.size_labels) > 1
    ])  # fmt: skip
    runs = dict(zip(products["product_id"], products["size_run"], strict=True))
    reviews = reviews[reviews["product_id"].isin(runs)]
    place = [runs[name].index(label) for name, label in zip(reviews["product_id"], reviews["size_label"], strict=True)]
    gender = reviews["gender"].astype(object).where(reviews["gender"].notna(), None)  # not stated is None, never NaN
    return products, reviews.assign(size_index=place, gender=gender).sort_values("review_id", kind="stable")


def _share_of_best(mall: Catalogue, product_frame: pd.DataFrame, reviews: pd.DataFrame, count: int) -> float:
    place = reviews.groupby("product_id").cumcount(ascending=False)
    judging = reviews[place < _JUDGING_BODIES]
    learning = reviews[(place >= _JUDGING_BODIES) & (place < _JUDGING_BODIES + count)]
    products = encode_products(product_frame)
    samples = encode_samples(_targets(learning, product_frame), products)
    model = fit_model(samples, products, Settings(threads=settings.threads()))
    index = {name: at for at, name in enumerate(products.product_id)}
    product = np.array([index[name] for name in judging["product_id"]])
    height, weight = judging["height_cm"].to_numpy(float), judging["weight_kg"].to_numpy(float)
    answers = look_up(model, samples, product, height, weight, gender_codes(judging["gender"]))
    reached = best = 0.0
    for row, (name, gender) in enumerate(zip(judging["product_id"], judging["gender"], strict=True)):
        truth = list(mall.true_probabilities(name, gender, height[row], weight[row]).values())
        reached, best = reached + truth[answers.size[row]], best + max(truth)
    return reached / best


def _targets(learning: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    last = learning["product_id"].map(dict(zip(products["product_id"], products["size_run"], strict=True))).map(len) - 1
    target, _ = move_targets(learning, learn_fit_shares(learning), last.to_numpy(float))
    weight = np.where(learning["fit"].isna(), _WEIGHT_WITHOUT_ANSWER, 1.0)
    return learning.assign(target=target, weight=weight)
