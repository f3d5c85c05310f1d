"""Fit advice: what buyers say first, then what they bought against the category."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ml.features import encode_products, encode_samples
from ml.fit_advice import advise_fit
from ml.model import Settings
from ml.offsets import category_offsets
from ml.training import fit_model
from tests.ml.invented import invent

NO_OFFSETS = pd.DataFrame(columns=["mall", "product_id", "offset_sizes", "offset_error"])


def answers(product_id: str, **counts: int) -> pd.DataFrame:
    fits = [fit for fit, count in counts.items() for _ in range(count)]
    return pd.DataFrame({"mall": "m", "product_id": product_id, "fit": fits})


def offset(product_id: str, sizes: float, error: float) -> pd.DataFrame:
    return pd.DataFrame({"mall": ["m"], "product_id": [product_id], "offset_sizes": [sizes], "offset_error": [error]})


def advice(samples: pd.DataFrame, offsets: pd.DataFrame) -> dict[str, tuple[str | None, bool]]:
    rows = advise_fit(samples, offsets)
    return {row.product_id: (row.fit_advice, bool(pd.notna(row.fit_share))) for row in rows.itertuples()}


def test_clear_answers_advise_and_contradictory_ones_do_not() -> None:
    samples = pd.concat([
        answers("tight", small=30, true=10), answers("torn", small=20, large=20, true=5), answers("fine", true=40),
        answers("few", small=3),
    ])  # fmt: skip
    found = advice(samples, NO_OFFSETS)
    assert found == {"tight": ("small", True), "torn": (None, False), "fine": ("true", True), "few": (None, False)}


@pytest.mark.parametrize(
    ("sizes", "error", "expected"),
    [(0.9, 0.2, "small"), (0.9, 0.5, None), (-0.9, 0.2, "large"), (0.1, 0.2, "true"), (0.1, 0.6, None)],
)
def test_without_answers_only_a_sure_offset_advises_and_claims_no_share(
    sizes: float, error: float, expected: str | None
) -> None:
    assert advice(answers("other", true=20), offset("p", sizes, error))["p"] == (expected, False)


def test_what_buyers_say_comes_before_what_they_bought() -> None:
    assert advice(answers("p", true=40), offset("p", 2.0, 0.1))["p"] == ("true", True)


def test_a_product_whose_buyers_take_a_size_more_than_its_category_runs_small() -> None:
    products, samples = invent(products=24, reviews=120, fit=False)
    products["category"] = "tops"
    mine = samples["product_id"] == "p005"
    samples.loc[mine, "size_index"] = np.minimum(samples.loc[mine, "size_index"] + 1, 3)
    samples["target"] = samples["size_index"].astype(float)
    encoded = encode_products(products)
    model = fit_model(encode_samples(samples, encoded), encoded, Settings(threads=1, rounds=5))
    offsets = category_offsets(model).set_index("product_id")
    assert len(offsets) == 24
    assert offsets["offset_sizes"].abs().median() < 0.5
    assert offsets.loc["p005", "offset_sizes"] - offsets["offset_sizes"].median() > 0.4
    assert offsets["offset_error"].between(0.01, 0.5).all()


def test_a_category_of_few_products_has_no_offsets() -> None:
    products, samples = invent(products=4, reviews=40)
    encoded = encode_products(products)
    model = fit_model(encode_samples(samples, encoded), encoded, Settings(threads=1, rounds=5))
    assert category_offsets(model).empty
