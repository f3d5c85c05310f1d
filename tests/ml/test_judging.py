"""Which reviews judge a model, and what the rivals say of them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from ml.features import Products, Samples, encode_products, encode_samples
from ml.judging import Cut, choose_cut, cut_of_card, judging_rows, most_frequent
from tests.ml.invented import invent

FIRST = date(2026, 10, 1)


def samples_on(days: list[int | None]) -> tuple[Products, Samples]:
    """One review a day that is given, counted from 1 October; None is undated."""
    products, frame = invent(products=1, reviews=len(days))
    dates = [None if day is None else FIRST + timedelta(days=day) for day in days]
    encoded = encode_products(products)
    return encoded, encode_samples(frame.assign(reviewed_on=dates), encoded)


def test_the_newest_tenth_judges_by_whole_days() -> None:
    _, samples = samples_on([*range(96), 96, 96, 96, 96])
    cut = choose_cut(samples)
    # the tenth newest is of day 90, and all of that day judges
    assert cut == Cut(FIRST + timedelta(days=89))
    assert cut.unseen(samples).sum() == 10
    assert samples.day[cut.unseen(samples)].min() == np.datetime64(FIRST + timedelta(days=90))


def test_undated_reviews_are_dealt_by_hash_beside_dated_ones() -> None:
    _, samples = samples_on([*range(100), *[None] * 1000])
    cut = choose_cut(samples)
    unseen, undated = cut.unseen(samples), np.isnat(samples.day)
    assert unseen[~undated].sum() == 10
    assert unseen[undated].sum() == pytest.approx(100, abs=40)


@pytest.mark.parametrize("days", [[None] * 300, [5] * 300, [*range(100), *[100] * 200], []])
def test_without_dates_or_where_most_are_of_the_last_days_the_hash_deals(days: list[int | None]) -> None:
    _, samples = samples_on(days or [None])
    samples = samples if days else samples.take(np.zeros(1, dtype=bool))
    assert choose_cut(samples) == Cut(None)


def test_the_hash_deals_the_same_tenth_every_day_and_never_splits_equal_bodies() -> None:
    products, frame = invent(products=4, reviews=400)
    encoded = encode_products(products)
    today = encode_samples(frame, encoded)
    yesterday = encode_samples(frame.iloc[: len(frame) // 2], encoded)
    held = {int(group) for group in today.group[Cut(None).unseen(today)]}
    seen = {int(group) for group in today.group[~Cut(None).unseen(today)]}
    assert not held & seen
    assert {int(group) for group in yesterday.group[Cut(None).unseen(yesterday)]} <= held


def test_what_a_twin_has_not_seen_is_later_than_its_own_cut() -> None:
    _, samples = samples_on(list(range(100)))
    early, late = Cut(FIRST + timedelta(days=80)), Cut(FIRST + timedelta(days=95))
    assert (early.unseen(samples) & late.unseen(samples)).sum() == 4


def test_where_nothing_would_be_left_to_train_on_nothing_judges() -> None:
    _, samples = samples_on([3])
    assert not judging_rows(samples, Cut(FIRST)).any()


@pytest.mark.parametrize("cut", [Cut(None), Cut(FIRST)])
def test_a_card_states_the_cut(cut: Cut) -> None:
    assert cut_of_card({"judging": cut.in_card()}) == cut
    assert cut_of_card({}) == Cut(None)


def test_the_most_frequent_size_is_counted_on_what_was_seen() -> None:
    products, frame = invent(products=2, reviews=100)
    frame.loc[frame["product_id"] == "p000", "size_index"] = 2
    encoded = encode_products(products)
    samples = encode_samples(frame, encoded)
    rows = samples.take(samples.product == 0)
    judged = most_frequent(encoded, rows, rows)
    assert set(judged.size) == {2}
    assert judged.probability[0] == pytest.approx(100.5 / 102)
    unseen = most_frequent(encoded, rows, samples.take(samples.product == 1))
    assert unseen.probability[0] == 0.25
