"""May a size model be published? Champion against challenger on rows that neither was trained on. Pure.

A tenth of the (product, body, gender) groups, fixed by hash, is never seen by a model's judging twin; so the twins of
two days may be compared on it. The first model is compared with each product's most frequent size.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ml.evaluate import Judged, calibration_error, paired_bootstrap, summarise

# A model may be this much worse at the unlucky end of the interval and still count as no worse.
_EXACT_MARGIN, _LOSS_MARGIN = 0.015, 0.02  # docs/decisions/0004
# Fewer judging reviews or products than this decide nothing.
_ROWS_ENOUGH, _PRODUCTS_ENOUGH = 500, 30
_WORST_CALIBRATION = 0.05
# Of the products with this many samples, this share must have answers.
WELL_KNOWN_SAMPLES, _COVERED_SHARE = 20, 0.9
# Buyers' mean height (cm) and weight (kg) do not move further than this from one day to the next.
_BODY_DRIFT = (2.0, 3.0)
# More advice changed than this (weighted by bodies) wants a person.
_CHANGED_ADVICE = 0.10


@dataclass(frozen=True)
class Evidence:
    """What the gate looks at."""

    judged: Judged
    rival: Judged  # the champion, or the most frequent size, on the same rows
    rival_is_champion: bool
    breaks: int
    covered: int  # products with enough samples and an answer
    coverable: int  # products with enough samples
    body_means: dict[str, tuple[float, float]]
    champion_body_means: dict[str, tuple[float, float]] = field(default_factory=dict)
    changed_advice: float | None = None


@dataclass(frozen=True)
class Verdict:
    """What the gate says, and why."""

    verdict: str  # accepted, refused, undecided, needs_person
    reasons: list[str]
    figures: dict[str, Any]


def decide(evidence: Evidence) -> Verdict:
    """The verdict; every reason is a sentence with its figures."""
    failed = _hard_checks(evidence)
    figures: dict[str, Any] = {
        "challenger": summarise(evidence.judged),
        "champion" if evidence.rival_is_champion else "most_frequent_size": summarise(evidence.rival),
        "breaks": evidence.breaks,
        "covered_products": evidence.covered,
        "coverable_products": evidence.coverable,
        "changed_advice": evidence.changed_advice,
    }
    if failed:
        return Verdict("refused", failed, figures)
    rows, products = len(evidence.judged), len(np.unique(evidence.judged.product))
    if rows < _ROWS_ENOUGH or products < _PRODUCTS_ENOUGH:
        few = f"{rows} judging reviews of {products} products: fewer than {_ROWS_ENOUGH} or {_PRODUCTS_ENOUGH}"
        return Verdict(
            "undecided", [few + " decide nothing; breaks, calibration, coverage and drift are in order"], figures
        )
    worse, interval = _compared(evidence)
    figures |= interval
    if worse:
        return Verdict("refused", worse, figures)
    if evidence.changed_advice is not None and evidence.changed_advice > _CHANGED_ADVICE:
        share = f"{evidence.changed_advice:.1%} of the answers differ from the champion's (limit {_CHANGED_ADVICE:.0%})"
        return Verdict("needs_person", [share + ": a person should look at the report"], figures)
    return Verdict("accepted", [_in_words(evidence, interval)], figures)


def _hard_checks(evidence: Evidence) -> list[str]:
    reasons = []
    if evidence.breaks:
        reasons.append(f"{evidence.breaks} monotone breaks in the size tables, where there may be none")
    if len(evidence.judged):
        found = calibration_error(evidence.judged.probability, evidence.judged.hit)
        allowed = _WORST_CALIBRATION + _calibration_noise(evidence.judged.probability)
        if found > allowed:
            reasons.append(f"calibration error {found:.3f}, at most {allowed:.3f} with so many judging reviews")
    if evidence.covered < _COVERED_SHARE * evidence.coverable:
        reasons.append(f"only {evidence.covered} of {evidence.coverable} well-known products have an answer")
    for gender, (height, weight) in evidence.body_means.items():
        before = evidence.champion_body_means.get(gender)
        if before and (abs(height - before[0]) > _BODY_DRIFT[0] or abs(weight - before[1]) > _BODY_DRIFT[1]):
            reasons.append(
                f"{gender} buyers moved from {before[0]:.1f} cm, {before[1]:.1f} kg to {height:.1f}, {weight:.1f}"
            )
    return reasons


def _calibration_noise(probability: np.ndarray, bins: int = 15) -> float:
    """The calibration error that a perfectly calibrated model shows on so few rows, by chance alone."""
    parts = [part for part in np.array_split(np.sort(probability), bins) if len(part)]
    expected = [np.sqrt(2 / np.pi * part.mean() * (1 - part.mean()) / len(part)) * len(part) for part in parts]
    return float(sum(expected) / len(probability))


def _compared(evidence: Evidence) -> tuple[list[str], dict[str, list[float]]]:
    mine, rival = evidence.judged, evidence.rival
    exact = paired_bootstrap(mine.hit.astype(float) - rival.hit, mine.product)
    loss = paired_bootstrap(rival.loss - mine.loss, mine.product)
    interval = {"exact_gain": list(exact), "log_loss_gain": list(loss)}
    name = "the champion" if evidence.rival_is_champion else "each product's most frequent size"
    exact_floor, loss_floor = (-_EXACT_MARGIN, -_LOSS_MARGIN) if evidence.rival_is_champion else (0.0, 0.0)
    worse = []
    for what, (low, high), floor in (("exactness", exact, exact_floor), ("log loss", loss, loss_floor)):
        if low < floor:
            worse.append(f"{what} against {name}: gain {low:+.4f} to {high:+.4f}, wanted {floor:+.2f} or more")
    return worse, interval


def _in_words(evidence: Evidence, interval: dict[str, list[float]]) -> str:
    low, high = interval["exact_gain"]
    rival = "the champion" if evidence.rival_is_champion else "each product's most frequent size"
    return (
        f"exact {evidence.judged.hit.mean():.3f} on {len(evidence.judged)} judging reviews, against {rival} "
        f"{evidence.rival.hit.mean():.3f} (gain {low:+.3f} to {high:+.3f})"
    )
