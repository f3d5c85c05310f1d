"""The report of a judged model: one HTML page with its pictures inside, for somebody who sees it for the first time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ml import gate
from ml.report_pictures import Gain, calibration_picture, gains_picture, image, map_picture

_STATES = {gate.PASSED: "✓ passed", gate.FAILED: "✗ failed", gate.OPEN: "– open"}
_KINDS = {gate.HARD: "must hold", gate.COMPARISON: "comparison", gate.PERSON: "for a person"}
_MODELS = {
    "challenger": "this model",
    "most_frequent_size": "each product's most frequent size",
    "challenger_beside_champion": "this model, where the champion can be asked",
    "champion": "the champion, on the same reviews",
}
_COLUMNS = {"rows": "reviews", "exact": "exact", "within_one": "within one size", "log_loss": "log loss",
            "ece": "calibration error"}  # fmt: skip
_CARD = (
    "samples",
    "judging_samples",
    "products",
    "sampled_products",
    "trees",
    "train_seconds",
    "table_seconds",
    "threads",
)


@dataclass(frozen=True)
class Map:
    """One size table as a picture; with `before`, beside what the champion advised. -1 is no answer."""

    title: str
    name: str  # the product's, as its mall writes it
    labels: Sequence[str]
    size: np.ndarray
    before: np.ndarray | None = None
    note: str = ""


@dataclass(frozen=True)
class Findings:
    """What a report tells of one judged model beside its verdict."""

    version: str
    run_date: str
    judged_by: str  # a sentence: which reviews judged
    champion_version: str | None
    card: Mapping[str, Any]
    calibration: Sequence[tuple[float, float, int]]
    groups: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # figures by group of reviews
    maps: Sequence[Map] = ()


def write_report(verdict: gate.Verdict, found: Findings) -> str:
    """The page; every text in it is escaped."""
    template = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    ).get_template("report.html.j2")  # fmt: skip
    return template.render(
        verdict=verdict, found=found, states=_STATES, kinds=_KINDS, columns=_COLUMNS,
        models=[(title, verdict.figures[name]) for name, title in _MODELS.items() if name in verdict.figures],
        gains=_gains(verdict.figures.get("intervals", {})), calibration=_calibration(found.calibration),
        maps=[(one, _map(one)) for one in found.maps], changed=any(one.before is not None for one in found.maps),
        card=[(name, found.card[name]) for name in _CARD if name in found.card], number=_number,
    )  # fmt: skip


def _gains(intervals: Mapping[str, Mapping[str, Sequence[float]]]) -> Markup | None:
    gains: dict[str, Gain] = {}
    for rival, both in intervals.items():
        for what, (low, high) in both.items():
            floor = -gate.MARGINS[what] if rival == gate.CHAMPION else 0.0
            gains[f"{what} against {rival}".replace("_", " ")] = (low, high, floor)
    return _inside(image(gains_picture(gains), "intervals of the gains")) if gains else None


def _calibration(points: Sequence[tuple[float, float, int]]) -> Markup | None:
    words = "stated probability against the share that bought the size"
    return _inside(image(calibration_picture({"this model": points}), words)) if points else None


def _map(one: Map) -> Markup:
    panels = [] if one.before is None else [("champion", one.before)]
    return _inside(image(map_picture([*panels, ("this model", one.size)], one.labels), f"size map of {one.title}"))


def _inside(tag: str) -> Markup:
    return Markup(tag)  # noqa: S704 (report_pictures.image escapes its words; the rest is base64)


def _number(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
