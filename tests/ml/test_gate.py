"""The gate's verdicts on rows made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml import gate
from ml.drift import Drift
from ml.evaluate import Judged


def rows(hit_share: float, stated: float, count: int = 3000, products: int = 60) -> Judged:
    truth = np.ones(count, dtype=np.int64)
    size = np.where(np.arange(count) * 37 % 100 < hit_share * 100, 1, 0)
    chance = np.where(size == 1, stated, 1 - stated)
    return Judged(
        np.arange(count) // 17 % products, np.zeros(count, dtype=int), truth, size, np.full(count, stated), chance
    )


GOOD = gate.Evidence(judged=rows(0.7, 0.7), frequent=rows(0.5, 0.5), breaks=0, covered=50, coverable=50)


def beside(champion: Judged, good: gate.Evidence = GOOD, **more: object) -> gate.Evidence:
    """The evidence with a champion that knows every judging row."""
    return replace(good, champion=champion, shared=np.ones(len(good.judged), dtype=bool), **more)  # type: ignore[arg-type]


def failed(verdict: gate.Verdict) -> list[str]:
    return [check.name for check in verdict.checks if check.state == gate.FAILED]


def test_a_first_model_that_beats_the_most_frequent_size_is_accepted() -> None:
    verdict = gate.decide(GOOD)
    assert verdict.verdict == "accepted"
    assert "log loss against most frequent size" in verdict.reasons[1]


def test_a_first_model_that_does_not_beat_it_is_refused() -> None:
    verdict = gate.decide(replace(GOOD, frequent=rows(0.8, 0.8)))
    assert verdict.verdict == "refused"
    assert set(failed(verdict)) == {"better than each product's most frequent size"}


def test_a_challenger_as_good_as_the_champion_is_accepted() -> None:
    assert gate.decide(beside(GOOD.judged)).verdict == "accepted"


def test_a_little_worse_than_the_champion_is_chance_and_clearly_worse_is_not() -> None:
    assert gate.decide(beside(rows(0.71, 0.7))).verdict == "accepted"
    verdict = gate.decide(beside(rows(0.75, 0.75)))
    assert (verdict.verdict, set(failed(verdict))) == ("refused", {"no worse than the champion"})


def test_a_worse_log_loss_alone_refuses() -> None:
    # equal hits, but the challenger states less of what it knows
    verdict = gate.decide(beside(rows(0.7, 0.7), replace(GOOD, judged=rows(0.7, 0.6))))
    assert verdict.verdict == "refused"
    assert [reason for reason in verdict.reasons if reason.startswith("log loss against champion")]
    assert not [reason for reason in verdict.reasons if reason.startswith("exact against champion")]


def test_a_challenger_that_beats_the_champion_must_still_beat_the_most_frequent_size() -> None:
    verdict = gate.decide(beside(rows(0.6, 0.6), replace(GOOD, frequent=rows(0.8, 0.8))))
    assert verdict.verdict == "refused"


def test_the_champion_is_compared_on_the_rows_that_neither_has_seen() -> None:
    shared = np.arange(3000) < 1500
    champion = GOOD.judged.take(shared)
    figures = gate.decide(replace(GOOD, champion=champion, shared=shared)).figures
    assert (figures["challenger"]["rows"], figures["challenger_beside_champion"]["rows"]) == (3000, 1500)
    assert figures["intervals"]["champion"]["exact"] == [0.0, 0.0]


DRIFT = Drift("sizes bought at musinsa", None, None, 0.3, 0.11, "share", 900)
HARD = [
    ({"breaks": 1}, "a bigger body never gets a smaller size"),
    ({"judged": rows(0.7, 0.95)}, "probabilities mean what they say"),
    ({"covered": 44}, "well-known products have answers"),
    ({"drifts": [DRIFT]}, "no drift"),
    ({"drifts": [Drift("height of male buyers", 174.0, 170.0, 4.0, 2.1, "cm", 900)]}, "no drift"),
]


@pytest.mark.parametrize(("broken", "check"), HARD)
def test_every_hard_check_refuses(broken: dict, check: str) -> None:
    verdict = gate.decide(replace(GOOD, **broken))
    assert verdict.verdict == "refused"
    assert check in failed(verdict)


@pytest.mark.parametrize(
    "fine", [{"covered": 45}, {"drifts": [replace(DRIFT, moved=0.1)]}, {"covered": 0, "coverable": 0}]
)
def test_what_lies_within_its_limit_passes(fine: dict) -> None:
    assert gate.decide(replace(GOOD, **fine)).verdict == "accepted"


FEW = [rows(0.7, 0.7, 499), rows(0.7, 0.7, 3000, 29)]


@pytest.mark.parametrize("few", FEW)
def test_few_reviews_or_few_products_are_undecided(few: Judged) -> None:
    verdict = gate.decide(replace(GOOD, judged=few, frequent=few))
    assert verdict.verdict == "undecided"
    assert "hard checks alone decide" in verdict.reasons[0]


@pytest.mark.parametrize("few", FEW)
@pytest.mark.parametrize("broken", [{"breaks": 3}, {"covered": 0}, {"drifts": [DRIFT]}])
def test_few_reviews_do_not_excuse_a_failed_hard_check(few: Judged, broken: dict) -> None:
    assert gate.decide(replace(GOOD, judged=few, frequent=few, **broken)).verdict == "refused"


def test_30_products_with_500_reviews_are_enough() -> None:
    some = rows(0.8, 0.8, 510, 30)
    assert gate.decide(replace(GOOD, judged=some, frequent=rows(0.5, 0.5, 510, 30))).verdict == "accepted"


def test_few_reviews_that_neither_has_seen_are_undecided_whoever_would_win() -> None:
    shared = np.arange(3000) < 400
    for champion in (rows(0.9, 0.9), rows(0.1, 0.1)):
        assert gate.decide(replace(GOOD, champion=champion.take(shared), shared=shared)).verdict == "undecided"


def test_no_judging_review_at_all_is_undecided() -> None:
    nothing = GOOD.judged.take(np.zeros(3000, dtype=bool))
    assert gate.decide(replace(GOOD, judged=nothing, frequent=nothing)).verdict == "undecided"


@pytest.mark.parametrize(("changed", "verdict"), [(0.12, "needs_person"), (0.10, "accepted"), (None, "accepted")])
def test_much_changed_advice_wants_a_person(changed: float | None, verdict: str) -> None:
    assert gate.decide(beside(GOOD.judged, changed_advice=changed)).verdict == verdict


def test_changed_advice_is_told_but_not_decided_on_few_reviews() -> None:
    verdict = gate.decide(replace(GOOD, judged=FEW[0], frequent=FEW[0], changed_advice=0.3))
    assert verdict.verdict == "undecided"
    assert "30.0% of the answers" in verdict.reasons[1]


def test_a_refused_model_is_refused_however_little_its_advice_changed_and_however_much() -> None:
    for changed in (0.0, 0.5):
        assert gate.decide(beside(GOOD.judged, breaks=1, changed_advice=changed)).verdict == "refused"


def test_a_champion_that_cannot_be_asked_wants_a_person() -> None:
    verdict = gate.decide(replace(GOOD, champion_fault="the champion has format 1"))
    assert (verdict.verdict, verdict.reasons) == ("needs_person", ["the champion has format 1"])
