"""Faults happen as often as they were ordered, where they were ordered, and unknown ones are refused."""

import pytest

from local.malls.faults import FaultRefused, Faults


def test_a_status_fault_is_used_up_and_meets_only_its_host_and_path() -> None:
    faults = Faults()
    faults.add({"kind": "status", "status": 429, "times": 2, "retry_after": 3, "host": "goods", "path": "/api2"})
    assert faults.take_status("musinsa", "www", "/api2/x") is None
    assert faults.take_status("musinsa", "goods", "/other") is None
    taken = [faults.take_status("musinsa", "goods", "/api2/x") for _ in range(3)]
    assert [fault and (fault.status, fault.retry_after) for fault in taken] == [(429, 3), (429, 3), None]
    assert faults.listing() == []


def test_a_fault_that_comes_later_lets_the_first_requests_pass() -> None:
    faults = Faults()
    faults.add({"kind": "status", "status": 503, "times": 1, "after": 2, "host": "www"})
    faults.add({"kind": "reset", "times": 1, "after": 1, "host": "www"})
    assert [bool(faults.take_status("musinsa", "www", "/x")) for _ in range(4)] == [False, False, True, False]
    assert [bool(faults.take_spoil("musinsa", "www", "/x", None)) for _ in range(3)] == [False, True, False]
    assert faults.take_status("musinsa", "goods", "/x") is None


def test_a_fault_without_host_and_path_meets_every_request() -> None:
    faults = Faults()
    faults.add({"kind": "status", "status": 503, "times": 1})
    assert faults.take_status("musinsa", "image", "/anything").status == 503


def test_clearing_switches_all_off() -> None:
    faults = Faults()
    for wish in (
        {"kind": "status", "status": 503, "times": 9},
        {"kind": "empty_ranking", "category": "003000"},
        {"kind": "no_reviews", "product_id": "7"},
    ):
        faults.add(wish)
    assert len(faults.listing()) == 3
    assert faults.ranking_is_empty("003000")
    assert faults.has_no_reviews("7")
    faults.clear()
    assert faults.listing() == []
    assert not faults.ranking_is_empty("003000")


@pytest.mark.parametrize(
    "wish",
    [
        {"kind": "earthquake"},
        {"kind": "status"},
        {"kind": "status", "status": 200, "times": 1},
        {"kind": "status", "status": 429, "times": -1},
        {"kind": "reset", "times": 1, "after": -1},
        {"kind": "status", "status": "429", "times": 1},
        {"kind": "status", "status": 429, "times": 1, "surprise": 1},
        {"kind": "no_reviews"},
        "429",
    ],
)
def test_an_unknown_or_incomplete_fault_is_refused(wish: object) -> None:
    with pytest.raises(FaultRefused):
        Faults().add(wish)
