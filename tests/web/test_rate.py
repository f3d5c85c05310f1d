"""The token buckets: pure, with a clock of the test's own."""

from __future__ import annotations

import pytest

from web.rate import Buckets


def test_a_bucket_may_be_emptied_at_once_and_fills_again() -> None:
    now = [0.0]
    buckets = Buckets(60, at_once=3, clock=lambda: now[0])
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 1]
    now[0] = 0.5
    assert buckets.take("a") == pytest.approx(0.5)
    now[0] = 1.0
    assert buckets.take("a") == 0
    assert buckets.take("b") == 0


def test_being_refused_costs_nothing_further() -> None:
    now = [0.0]
    buckets = Buckets(60, at_once=1, clock=lambda: now[0])
    buckets.take("a")
    for _ in range(50):
        assert buckets.take("a") > 0
    now[0] = 1.0
    assert buckets.take("a") == 0


def test_the_number_of_addresses_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.rate._MOST_ADDRESSES", 5)
    buckets = Buckets(60, at_once=1)
    for number in range(50):
        buckets.take(str(number))
    assert len(buckets._levels) == 5
