"""The gate's verdicts on rows made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ml import gate
from ml.evaluate import Judged


def rows(hit_share: float, stated: float, count: int = 3000, products: int = 60) -> Judged:
    truth = np.ones(count, dtype=np.int64)
    size = np.where(np.arange(count) * 37 % 100 < hit_share * 100, 1, 0)
    chance = np.where(size == 1, stated, 1 - stated)
    return Judged(
        np.arange(count) // 100 % products, np.zeros(count, dtype=int), truth, size, np.full(count, stated), chance
    )


GOOD = gate.Evidence(
    judged=rows(0.6, 0.6), rival=rows(0.4, 0.4), rival_is_champion=False, breaks=0, covered=50, coverable=50,
    body_means={"male": (174.0, 72.0)},
)  # fmt: skip


def test_a_first_model_that_beats_the_most_frequent_size_is_accepted() -> None:
    assert gate.decide(GOOD).verdict == "accepted"


def test_a_first_model_that_does_not_beat_it_is_refused() -> None:
    verdict = gate.decide(replace(GOOD, rival=rows(0.7, 0.7)))
    assert verdict.verdict == "refused"
    assert "most frequent size" in verdict.reasons[0]


def test_a_challenger_as_good_as_the_champion_is_accepted() -> None:
    assert gate.decide(replace(GOOD, rival=GOOD.judged, rival_is_champion=True)).verdict == "accepted"


def test_one_break_refuses() -> None:
    verdict = gate.decide(replace(GOOD, breaks=1))
    assert (verdict.verdict, "monotone" in verdict.reasons[0]) == ("refused", True)


def test_overconfidence_refuses() -> None:
    verdict = gate.decide(replace(GOOD, judged=rows(0.6, 0.9)))
    assert (verdict.verdict, "calibration" in verdict.reasons[0]) == ("refused", True)


def test_known_products_without_answers_refuse() -> None:
    assert gate.decide(replace(GOOD, covered=40)).verdict == "refused"


def test_buyers_who_moved_refuse() -> None:
    verdict = gate.decide(replace(GOOD, champion_body_means={"male": (170.0, 72.0)}))
    assert (verdict.verdict, "buyers moved" in verdict.reasons[0]) == ("refused", True)


def test_few_rows_or_few_products_are_undecided_but_hard_checks_still_rule() -> None:
    few = replace(GOOD, judged=rows(0.6, 0.6, 400), rival=rows(0.4, 0.4, 400))
    assert gate.decide(few).verdict == "undecided"
    assert gate.decide(replace(few, breaks=3)).verdict == "refused"
    narrow = replace(GOOD, judged=rows(0.6, 0.6, 3000, 29), rival=rows(0.4, 0.4, 3000, 29))
    assert gate.decide(narrow).verdict == "undecided"


def test_much_changed_advice_wants_a_person() -> None:
    changed = replace(GOOD, rival=GOOD.judged, rival_is_champion=True, changed_advice=0.12)
    assert gate.decide(changed).verdict == "needs_person"
