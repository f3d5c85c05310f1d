"""May a size model be published? Champion against challenger on reviews that neither was trained on. Pure.

Hard checks come first: breaks, calibration, coverage, drift. Then the comparison with each product's most frequent
size and with the champion, where there are reviews enough to compare. A model that passes and advises much otherwise
than the champion wants a person. Everything that was looked at becomes a Check, so that the report shows all of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ml.drift import Drift
from ml.evaluate import Judged, calibration_error, error_by_chance, paired_bootstrap, summarise

# A model may be this much worse at the unlucky end of the interval and still count as no worse.
MARGINS = {"exact": 0.015, "log_loss": 0.02}  # docs/decisions/0004
# Fewer judging reviews or products than this decide nothing.
ROWS_ENOUGH, PRODUCTS_ENOUGH = 500, 30
_WORST_CALIBRATION = 0.05
# Of the products with this many samples, this share must have answers.
WELL_KNOWN_SAMPLES, _COVERED_SHARE = 20, 0.9
# More advice changed than this (weighted by bodies) wants a person.
CHANGED_ADVICE = 0.10

ACCEPTED, REFUSED, UNDECIDED, NEEDS_PERSON = "accepted", "refused", "undecided", "needs_person"
PASSED, FAILED, OPEN = "passed", "failed", "open"
HARD, COMPARISON, PERSON = "hard", "comparison", "person"
CHAMPION, MOST_FREQUENT = "champion", "most_frequent_size"


@dataclass(frozen=True)
class Evidence:
    """What the gate looks at."""

    judged: Judged  # the challenger's twin on what it has not seen
    frequent: Judged  # each product's most frequent size, on the same rows
    breaks: int
    covered: int  # products with enough samples and an answer
    coverable: int  # products with enough samples
    drifts: Sequence[Drift] = ()
    champion: Judged | None = None  # the champion's twin, on the rows of `shared`; None before the first
    shared: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))  # rows that neither twin has seen
    changed_advice: float | None = None
    champion_fault: str | None = None  # why the champion could not be asked


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    kind: str  # HARD, COMPARISON or PERSON
    name: str
    state: str  # PASSED, FAILED, or OPEN: too little to tell, or nothing to compare with
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """What the gate says, and why."""

    verdict: str
    reasons: list[str]
    checks: list[Check]
    figures: dict[str, Any]


def decide(evidence: Evidence) -> Verdict:
    """The verdict; every reason is a sentence with its figures."""
    checks = list(_hard_checks(evidence))
    few = _too_few(evidence)
    intervals = _intervals(evidence)
    figures = _figures(evidence) | {"intervals": intervals}
    if few:
        checks.append(Check(COMPARISON, "better than the rivals", OPEN, few))
    else:
        checks += _comparisons(intervals)
    checks.append(_advice(evidence))
    if evidence.champion_fault:
        checks.append(Check(PERSON, "no worse than the champion", FAILED, evidence.champion_fault))
    failed = [check for check in checks if check.state == FAILED]
    refused = [check.sentence for check in failed if check.kind in (HARD, COMPARISON)]
    if refused:
        return Verdict(REFUSED, refused, checks, figures)
    if few:
        return Verdict(UNDECIDED, [few, *(check.sentence for check in failed)], checks, figures)
    if failed:
        return Verdict(NEEDS_PERSON, [check.sentence for check in failed], checks, figures)
    passed = [check.sentence for check in checks if check.kind == COMPARISON]
    return Verdict(ACCEPTED, passed, checks, figures)


def _hard_checks(evidence: Evidence) -> Iterator[Check]:
    yield Check(
        HARD, "a bigger body never gets a smaller size", FAILED if evidence.breaks else PASSED,
        f"{evidence.breaks} monotone breaks in the size tables; there may be none",
    )  # fmt: skip
    yield _calibrated(evidence.judged)
    enough = evidence.covered >= _COVERED_SHARE * evidence.coverable
    yield Check(
        HARD, "well-known products have answers", PASSED if enough else FAILED,
        f"{evidence.covered} of {evidence.coverable} products with {WELL_KNOWN_SAMPLES} or more samples have an "
        f"answer; wanted {_COVERED_SHARE:.0%}",
    )  # fmt: skip
    for drift in evidence.drifts:
        yield Check(HARD, "no drift", FAILED if drift.is_too_far else PASSED, _drifted(drift))
    if not evidence.drifts:
        yield Check(
            HARD, "no drift", OPEN, "there are no earlier reviews, or too few later ones, to see a drift between"
        )


def _calibrated(judged: Judged) -> Check:
    name = "probabilities mean what they say"
    if not len(judged):
        return Check(HARD, name, OPEN, "no review is left to judge by")
    found = calibration_error(judged.probability, judged.hit)
    allowed = _WORST_CALIBRATION + error_by_chance(judged.probability)
    sentence = f"calibration error {found:.3f}, at most {allowed:.3f} on {len(judged)} judging reviews"
    return Check(HARD, name, FAILED if found > allowed else PASSED, sentence)


def _drifted(drift: Drift) -> str:
    if drift.before is None or drift.after is None:
        return f"{drift.what}: {drift.moved:.1%} of {drift.reviews} reviews differ, at most {drift.limit:.1%}"
    return (
        f"{drift.what}: {drift.before:.1f} {drift.unit} before, {drift.after:.1f} now ({drift.reviews} reviews), "
        f"at most {drift.limit:.1f} {drift.unit} apart"
    )


def _too_few(evidence: Evidence) -> str | None:
    rows = evidence.judged if evidence.champion is None else evidence.champion
    products = len(np.unique(rows.product))
    if len(rows) >= ROWS_ENOUGH and products >= PRODUCTS_ENOUGH:
        return None
    return (
        f"{len(rows)} judging reviews of {products} products: fewer than {ROWS_ENOUGH} reviews or {PRODUCTS_ENOUGH} "
        f"products compare no models, so the hard checks alone decide"
    )


def _comparisons(intervals: dict[str, dict[str, list[float]]]) -> Iterator[Check]:
    for rival, gains in intervals.items():
        name = _COMPARED[rival]
        for what, margin in MARGINS.items():
            (low, high), floor = gains[what], -margin if rival == CHAMPION else 0.0
            sentence = f"{what} against {rival}: gain {low:+.4f} to {high:+.4f}, wanted {floor:+.3f} or more".replace(
                "_", " "
            )
            yield Check(COMPARISON, name, FAILED if low < floor else PASSED, sentence)


_COMPARED = {MOST_FREQUENT: "better than each product's most frequent size", CHAMPION: "no worse than the champion"}


def _intervals(evidence: Evidence) -> dict[str, dict[str, list[float]]]:
    found = {MOST_FREQUENT: _gains(evidence.judged, evidence.frequent)} if len(evidence.judged) else {}
    if evidence.champion is not None and len(evidence.champion):
        found[CHAMPION] = _gains(evidence.judged.take(evidence.shared), evidence.champion)
    return found


def _gains(mine: Judged, rival: Judged) -> dict[str, list[float]]:
    """95 % intervals of what the challenger gains; above zero is better."""
    return {
        "exact": list(paired_bootstrap(mine.hit.astype(float) - rival.hit, mine.product)),
        "log_loss": list(paired_bootstrap(rival.loss - mine.loss, mine.product)),
    }


def _advice(evidence: Evidence) -> Check:
    name = "advises much as the champion does"
    changed = evidence.changed_advice
    if changed is None:
        return Check(PERSON, name, OPEN, "there is no champion with answers that could change")
    sentence = (
        f"{changed:.1%} of the answers, weighted by bodies, differ from the champion's; "
        f"above {CHANGED_ADVICE:.0%} a person decides"
    )
    return Check(PERSON, name, FAILED if changed > CHANGED_ADVICE else PASSED, sentence)


def _figures(evidence: Evidence) -> dict[str, Any]:
    found: dict[str, Any] = {
        "challenger": summarise(evidence.judged),
        MOST_FREQUENT: summarise(evidence.frequent),
    }
    if evidence.champion is not None:
        found["challenger_beside_champion"] = summarise(evidence.judged.take(evidence.shared))
        found[CHAMPION] = summarise(evidence.champion)
    return found | {
        "breaks": evidence.breaks, "covered_products": evidence.covered, "coverable_products": evidence.coverable,
        "changed_advice": evidence.changed_advice,
    }  # fmt: skip
