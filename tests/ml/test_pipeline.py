"""Training, judging and accepting over a lake in memory."""

from __future__ import annotations

import json
from datetime import timedelta

import pandas as pd
import pytest

from ml import pipeline, registry
from ml.body import GRID
from ml.errors import ModelMissing, ModelRefused, NoSamples, NoUnload
from tests.ml.invented import LETTERS, RUN_DATE, invent, lake_with, put_unload


def test_a_day_is_trained_judged_and_accepted() -> None:
    products, samples = invent(products=40, reviews=150)
    lake = lake_with(products, samples)
    version = pipeline.train(lake, RUN_DATE)
    assert version.startswith("20261122-")
    judged = pipeline.judge(lake, RUN_DATE, version)
    assert (judged["verdict"], judged["breaks"]) == ("accepted", 0), judged["reasons"]
    assert judged["challenger"]["exact"] > judged["most_frequent_size"]["exact"] + 0.05
    pipeline.accept(lake, RUN_DATE, version)
    assert lake.get_json("models/size/accepted/run_date=2026-11-22.json") == {"model_version": version}
    report = lake.get(f"models/size/{version}/report.html").decode()
    assert "accepted" in report
    assert "data:image/png" in report


def test_the_model_card_says_how_far_fit_answers_moved_the_targets() -> None:
    products, samples = invent(products=5, reviews=40)
    small = samples.index[(samples["fit"] == "small") & (samples["size_index"] < 3)]
    samples.loc[small, "target"] = samples.loc[small, "size_index"] + 0.6
    lake = lake_with(products, samples)
    shares = registry.get_json(lake, pipeline.train(lake, RUN_DATE), "card.json")["fit_shares"]
    assert {"mall": "musinsa", "fit": "small", "fit_slight": False, "answers": len(small), "share": 0.6} in shares


def test_the_same_samples_in_another_order_give_the_same_model() -> None:
    products, samples = invent(products=6, reviews=60)
    shuffled = samples.sample(frac=1.0, random_state=3)
    assert pipeline.train(lake_with(products, samples), RUN_DATE) == pipeline.train(
        lake_with(products.iloc[::-1], shuffled), RUN_DATE
    )


def test_every_product_has_an_unknown_table_whose_bands_tile_the_grid() -> None:
    products, samples = invent(products=5, reviews=40)
    lake = lake_with(products, samples[samples["product_id"] != "p004"])
    rows = pd.concat(registry.get_tables(lake, pipeline.train(lake, RUN_DATE)))
    width = rows["weight_to_kg"] - rows["weight_from_kg"] + 1
    cells = width.groupby([rows["mall"], rows["product_id"], rows["gender"]]).sum()
    assert set(cells) == {GRID[0] * GRID[1]}
    assert {key[1] for key in cells.index if key[2] == "unknown"} == {f"p00{n}" for n in range(5)}


def test_a_product_without_reviews_answers_nothing() -> None:
    products, samples = invent(products=5, reviews=40)
    lake = lake_with(products, samples[samples["product_id"] != "p004"])
    rows = pd.concat(registry.get_tables(lake, pipeline.train(lake, RUN_DATE)))
    own = rows[rows["product_id"] == "p004"]
    assert set(own["state"]) == {"no_evidence"}
    assert own[["size_label", "probability", "runner_up", "runner_up_probability"]].isna().all(axis=None)


def test_an_older_day_does_not_replace_the_newest_accepted_one() -> None:
    products, samples = invent(products=35, reviews=160)
    lake = lake_with(products, samples)
    yesterday = RUN_DATE - timedelta(days=1)
    put_unload(lake, products, samples, yesterday)
    for day in (RUN_DATE, yesterday):
        version = pipeline.train(lake, day)
        pipeline.judge(lake, day, version)
        pipeline.accept(lake, day, version)
    assert lake.get_json("models/size/accepted.json")["run_date"] == "2026-11-22"
    assert lake.get_json("models/size/accepted/run_date=2026-11-21.json")["model_version"].startswith("20261121-")


def test_a_champion_is_compared_with_the_challenger() -> None:
    products, samples = invent(products=40, reviews=150)
    lake = lake_with(products, samples)
    first = pipeline.train(lake, RUN_DATE)
    pipeline.judge(lake, RUN_DATE, first)
    pipeline.accept(lake, RUN_DATE, first)
    tomorrow = RUN_DATE + timedelta(days=1)
    put_unload(lake, products, samples, tomorrow)
    second = pipeline.train(lake, tomorrow)
    judged = pipeline.judge(lake, tomorrow, second)
    assert judged["champion_version"] == first
    assert judged["verdict"] == "accepted", judged["reasons"]


def dated(samples: pd.DataFrame) -> pd.DataFrame:
    """The reviews of each product spread over the days before the run date, one a day."""
    ages = samples.groupby("product_id").cumcount()
    return samples.assign(
        reviewed_on=[RUN_DATE - timedelta(days=int(age)) for age in ages],
        first_run_date=RUN_DATE - timedelta(days=1),
    )


def test_dated_reviews_later_than_both_cuts_judge_and_the_published_model_has_seen_them_all() -> None:
    products, samples = invent(products=40, reviews=150)
    samples = dated(samples)
    lake = lake_with(products, samples)
    yesterday = RUN_DATE - timedelta(days=1)
    put_unload(lake, products, samples[samples["reviewed_on"] <= yesterday], yesterday)
    first = pipeline.train(lake, yesterday)
    pipeline.judge(lake, yesterday, first)
    pipeline.accept(lake, yesterday, first)
    version = pipeline.train(lake, RUN_DATE)
    judged = pipeline.judge(lake, RUN_DATE, version)
    assert judged["champion_version"] == first
    card = registry.get_json(lake, version, "card.json")
    until = RUN_DATE - timedelta(days=15)
    later = int((samples["reviewed_on"] > until).sum())
    assert card["judging"] == {"by": "day", "until": until.isoformat()}
    assert (judged["challenger"]["rows"], judged["champion"]["rows"]) == (later, later)
    assert registry.get_model(lake, version).reviews.sum() == len(samples)
    assert registry.get_model(lake, version, registry.JUDGING_MODEL).reviews.sum() == len(samples) - later
    # judged again, also after its own acceptance, a day has the rival and the report that it had
    registry.accept(lake, RUN_DATE, version)
    page = lake.get(f"models/size/{version}/report.html")
    assert pipeline.judge(lake, RUN_DATE, version) == judged
    assert lake.get(f"models/size/{version}/report.html") == page


def test_reviews_that_are_read_one_size_too_large_are_a_drift_that_refuses_and_the_report_says_so() -> None:
    products, samples = invent(products=40, reviews=150)
    samples = dated(samples)
    lake = lake_with(products, samples)
    first = pipeline.train(lake, RUN_DATE)
    pipeline.judge(lake, RUN_DATE, first)
    pipeline.accept(lake, RUN_DATE, first)
    tomorrow = RUN_DATE + timedelta(days=1)
    wrong = samples[samples["size_index"] < 3].groupby("product_id").head(20)
    index = wrong["size_index"] + 1
    wrong = wrong.assign(
        review_id="new-" + wrong["review_id"], first_run_date=tomorrow, reviewed_on=tomorrow, size_index=index,
        target=index.astype(float), bought_label=[LETTERS[at] for at in index],
    )  # fmt: skip
    put_unload(lake, products, pd.concat([samples, wrong]), tomorrow)
    version = pipeline.train(lake, tomorrow)
    judged = pipeline.judge(lake, tomorrow, version)
    assert judged["verdict"] == "refused"
    assert any(reason.startswith("sizes bought at musinsa since 2026-11-22: ") for reason in judged["reasons"])
    page = lake.get(f"models/size/{version}/report.html").decode()
    assert "the live release stays as it is" in " ".join(page.split())
    with pytest.raises(ModelRefused):
        pipeline.accept(lake, tomorrow, version)
    assert registry.newest_accepted(lake) == (first, RUN_DATE)


def test_a_champion_of_another_format_leaves_the_decision_to_a_person() -> None:
    products, samples = invent(products=5, reviews=60)
    lake = lake_with(products, samples)
    first = pipeline.train(lake, RUN_DATE)
    pipeline.judge(lake, RUN_DATE, first)
    pipeline.accept(lake, RUN_DATE, first)
    lake.put(f"models/size/{first}/judging.json", b'{"format": 0}')
    tomorrow = RUN_DATE + timedelta(days=1)
    put_unload(lake, products, samples, tomorrow)
    judged = pipeline.judge(lake, tomorrow, pipeline.train(lake, tomorrow))
    assert judged["verdict"] == "undecided"
    assert any("has format 0" in reason for reason in judged["reasons"])


def test_few_judging_reviews_leave_the_gate_undecided() -> None:
    lake = lake_with(*invent(products=5, reviews=60))
    version = pipeline.train(lake, RUN_DATE)
    judged = pipeline.judge(lake, RUN_DATE, version)
    assert judged["verdict"] == "undecided"
    assert "judging reviews" in judged["reasons"][0]


def test_a_refused_model_is_never_accepted() -> None:
    lake = lake_with(*invent(products=5, reviews=60))
    version = pipeline.train(lake, RUN_DATE)
    registry.put_json(lake, version, "metrics.json", {"verdict": "refused", "reasons": ["breaks"]})
    with pytest.raises(ModelRefused, match="breaks"):
        pipeline.accept(lake, RUN_DATE, version)
    assert registry.newest_accepted(lake) is None


def test_a_day_without_an_unload_is_named() -> None:
    lake = lake_with(*invent(products=2, reviews=5))
    with pytest.raises(NoUnload, match="2026-11-20"):
        pipeline.train(lake, RUN_DATE - timedelta(days=2))


def test_no_samples_is_named() -> None:
    products, samples = invent(products=2, reviews=5)
    with pytest.raises(NoSamples):
        pipeline.train(lake_with(products, samples.iloc[:0]), RUN_DATE)


def test_judging_an_unknown_model_is_named() -> None:
    with pytest.raises(ModelMissing, match="20261122-000000000000"):
        pipeline.judge(lake_with(*invent(products=2, reviews=5)), RUN_DATE, "20261122-000000000000")


def test_products_carry_their_run_reviews_and_fit_advice() -> None:
    products, samples = invent(products=4, reviews=50)
    samples.loc[samples["product_id"] == "p001", "fit"] = "small"
    lake = lake_with(products, samples)
    version = pipeline.train(lake, RUN_DATE)
    rows = {row["product_id"]: row for row in lake.get_table(f"models/size/{version}/products.parquet").to_pylist()}
    assert json.loads(rows["p000"]["size_run"]) == ["S", "M", "L", "XL"]
    assert (rows["p001"]["fit_advice"], rows["p001"]["reviews"]) == ("small", 50)
    assert rows["p001"]["fit_share"] > 0.8
