"""The report of a judged model, as a page that stands alone."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from ml import gate
from ml.body import GRID
from ml.report import Findings, Map, write_report
from tests.ml.test_gate import GOOD, beside, rows

FOUND = Findings(
    version="20261122-0123456789ab", run_date="2026-11-22", judged_by="Judged by 3,000 reviews.", champion_version=None,
    card={"samples": 12345, "fit_shares": [
        {"mall": "musinsa", "fit": "small", "fit_slight": True, "answers": 40, "share": 0.58}]},
    calibration=[(0.4, 0.42, 100), (0.7, 0.66, 100)], groups={"female buyers": {
        "rows": 700, "exact": 0.5512, "within_one": 0.96, "log_loss": 0.91, "mean_error": 0.0, "ece": 0.03}},
    maps=[Map("musinsa 100, male", "기본 맨투맨", ["S", "M"], np.zeros(GRID, dtype=int))],
)  # fmt: skip
VERDICTS = {
    "accepted": GOOD,
    "refused": replace(GOOD, breaks=2),
    "undecided": replace(GOOD, judged=rows(0.7, 0.7, 400), frequent=rows(0.5, 0.5, 400)),
    "needs_person": beside(GOOD.judged, changed_advice=0.2),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_every_verdict_says_what_it_means_and_shows_each_check(name: str) -> None:
    verdict = gate.decide(VERDICTS[name])
    page = " ".join(write_report(verdict, FOUND).split())
    assert f'<div class="verdict {name}">' in page
    assert all(reason.replace("'", "&#39;") in page for reason in verdict.reasons)
    assert page.count('class="state') == len(verdict.checks)
    assert ("go_live" in page) == (name == "needs_person")
    assert ("live release stays as it is" in page) == (name == "refused")


def test_the_page_needs_no_other_file() -> None:
    page = write_report(gate.decide(GOOD), FOUND)
    assert len(re.findall(r'<img alt="[^"]+" src="data:image/png;base64,', page)) == 3
    assert not re.findall(r"""(?:src|href)=["'](?!data:)""", page)
    assert "<script" not in page
    assert len(page) < 500_000


def test_figures_and_shares_are_told() -> None:
    page = write_report(gate.decide(GOOD), FOUND)
    for text in (
        "12,345",
        "female buyers",
        "0.551",
        "slightly small",
        "0.58",
        "기본 맨투맨",
        "Judged by 3,000 reviews.",
    ):
        assert text in page


def test_changed_advice_is_shown_beside_the_champions() -> None:
    changed = replace(FOUND.maps[0], before=np.ones(GRID, dtype=int), note="12% are told another size.")
    page = write_report(gate.decide(GOOD), replace(FOUND, maps=[changed]))
    assert "Where its advice changed most" in page
    assert "12% are told another size." in page


def test_texts_of_a_mall_are_no_markup() -> None:
    hostile = r"<script>alert(1)</script>{{ 7 * 7 }} $\frac{"
    one = replace(FOUND.maps[0], title=hostile, name=hostile, labels=[hostile, "M"])
    page = write_report(gate.decide(GOOD), replace(FOUND, judged_by=hostile, maps=[one]))
    assert "<script" not in page
    assert "{{ 7 * 7 }}" in page


def test_equal_findings_give_equal_pages() -> None:
    assert write_report(gate.decide(GOOD), FOUND) == write_report(gate.decide(GOOD), FOUND)
