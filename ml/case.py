"""A trained model before the gate: what is read from the lake of it, of its champion and of the day's reviews."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from include.lake import Lake
from ml import gate, registry
from ml.body import density
from ml.dataset import Dataset
from ml.drift import BODY_LIMITS, Drift, body_drift, size_counts, size_mix_drift
from ml.errors import ModelBroken, ModelMissing
from ml.evaluate import Judged, calibration_points, summarise
from ml.features import GENDERS, UNKNOWN, Products, Samples, encode_products, encode_samples
from ml.judging import Cut, cut_of_card, judging_rows, most_frequent, predict, predict_known
from ml.model import SizeModel
from ml.report import Findings, Map
from ml.table_check import Change, Table, changes, count_breaks, tables

_MAPS = 3
# Tables that both models hardly answer are not shown as changed.
_SHOWN_FROM = 0.05
_REVIEW_COUNTS = (("under 5 reviews", 0, 4), ("5 to 19", 5, 19), ("20 to 99", 20, 99), ("100 or more", 100, 10**9))


@dataclass(frozen=True)
class Case:
    """What the gate decides on, and what the report tells beside it."""

    evidence: gate.Evidence
    findings: Findings


@dataclass(frozen=True)
class Champion:
    """The accepted model of the newest day before; without `twin` it cannot be asked, and `fault` says why."""

    version: str
    run_date: date
    cut: Cut = Cut(None)
    twin: SizeModel | None = None
    fault: str | None = None


def encode(data: Dataset) -> tuple[Products, Samples]:
    """Products and samples as arrays."""
    products = encode_products(data.products)
    return products, encode_samples(data.samples, products)


def open_case(lake: Lake, data: Dataset, version: str) -> Case:
    """Everything that is known of a model of this day. Raises ModelMissing, or ModelBroken where it is not whole."""
    products, samples = encode(data)
    model = registry.get_model(lake, version)
    twin = registry.get_model(lake, version, registry.JUDGING_MODEL)
    card = registry.get_json(lake, version, "card.json")
    champion, cut = find_champion(lake, data.run_date), cut_of_card(card)
    held = judging_rows(samples, cut)
    rows, seen = samples.take(held), samples.take(~held)
    judged = predict(twin, rows)
    theirs, shared = _champion_says(champion, products, rows)
    looked = _look_at_tables(lake, version, model, champion, data)
    evidence = gate.Evidence(
        judged=judged, frequent=most_frequent(products, rows, seen), champion=theirs, shared=shared,
        breaks=looked.breaks, coverable=looked.coverable, covered=looked.covered, changed_advice=looked.changed_share,
        drifts=list(_drifts(lake, champion, twin, data)), champion_fault=champion.fault if champion else None,
    )  # fmt: skip
    findings = Findings(
        version=version, run_date=data.run_date.isoformat(), champion_version=champion.version if champion else None,
        judged_by=_judged_by(cut, rows, shared, theirs), card=card, groups=_groups(judged, seen, products),
        calibration=calibration_points(judged.probability, judged.hit) if len(judged) else [], maps=looked.maps,
    )  # fmt: skip
    return Case(evidence, findings)


def find_champion(lake: Lake, run_date: date) -> Champion | None:
    """The rival of a model of this day; None before the first."""
    found = registry.champion_of(lake, run_date)
    if found is None:
        return None
    version, day = found
    try:
        cut = cut_of_card(registry.get_json(lake, version, "card.json"))
        return Champion(version, day, cut, registry.get_model(lake, version, registry.JUDGING_MODEL))
    except (ModelMissing, ModelBroken) as error:
        return Champion(version, day, fault=f"the champion {version} cannot be asked: {error}")


def _champion_says(champion: Champion | None, products: Products, rows: Samples) -> tuple[Judged | None, np.ndarray]:
    """The champion's predictions, and which rows they are of: those that its twin has not seen of products it knows."""
    if champion is None or champion.twin is None:
        return None, np.zeros(len(rows), dtype=bool)
    unseen = champion.cut.unseen(rows)
    found, known = predict_known(champion.twin, products, rows.take(unseen))
    unseen[unseen] = known
    return found, unseen


def _drifts(lake: Lake, champion: Champion | None, twin: SizeModel, data: Dataset) -> Iterator[Drift]:
    """The reviews since the champion against those before; then all samples of both models."""
    if champion is None:
        return
    first = pd.to_datetime(data.samples["first_run_date"])
    late = (first > pd.Timestamp(champion.run_date)).to_numpy()
    before, after = data.samples[~late], data.samples[late]
    when = f"since {champion.run_date}"
    yield from size_mix_drift(size_counts(before), size_counts(after), when)
    yield from body_drift(before, after, when)
    if champion.twin is None:
        return
    whole = "in all samples, against the champion's"
    yield from size_mix_drift(registry.get_size_counts(lake, champion.version), size_counts(data.samples), whole)
    for gender in GENDERS[:UNKNOWN]:
        reviews = int((data.samples["gender"] == gender).sum())
        for at, (measure, limit) in enumerate(BODY_LIMITS.items()):
            old, new = champion.twin.body_moments[gender][at], twin.body_moments[gender][at]
            name, _, unit = measure.partition("_")
            yield Drift(f"{name} of {gender} buyers {whole}", old, new, abs(new - old), limit, unit, reviews)


@dataclass
class _Looked:
    """What one reading of all size tables shows."""

    breaks: int = 0
    answered: set[tuple[str, str]] = field(default_factory=set)
    kept: dict[tuple[str, str, str], Table] = field(default_factory=dict)
    coverable: int = 0
    covered: int = 0
    changed_share: float | None = None
    maps: list[Map] = field(default_factory=list)


def _look_at_tables(lake: Lake, version: str, model: SizeModel, champion: Champion | None, data: Dataset) -> _Looked:
    keys = zip(model.products.mall, model.products.product_id, strict=True)
    runs = dict(zip(keys, model.products.runs, strict=True))
    looked, wanted = _Looked(), _best_known(data)
    new = _watched(tables(registry.get_tables(lake, version)), runs, looked, wanted)
    old = iter(()) if champion is None else tables(registry.get_tables(lake, champion.version))
    densities = {gender: density(model.body_moments[gender]) for gender in GENDERS}
    both = changed = 0.0
    most: list[Change] = []
    for change in changes(old, new, densities):
        both, changed = both + change.both, changed + change.changed
        if change.both >= _SHOWN_FROM and change.changed > 0:
            most = sorted([*most, change], key=lambda one: -one.changed / one.both)[:_MAPS]
    for _ in new:  # those that the champion has no rival for
        pass
    well_known = [key for key, reviews in zip(runs, model.reviews, strict=True) if reviews >= gate.WELL_KNOWN_SAMPLES]
    looked.coverable, looked.covered = len(well_known), sum(key in looked.answered for key in well_known)
    looked.changed_share = changed / both if both else None
    names = {(row.mall, row.product_id): row.name for row in data.products.itertuples(index=False)}
    looked.maps = [_changed_map(one, runs, names) for one in most] or [
        _plain_map(looked.kept[key], runs, names) for key in wanted if key in looked.kept
    ]
    return looked


def _watched(
    found: Iterator[Table], runs: Mapping[tuple[str, str], tuple[str, ...]], looked: _Looked,
    wanted: list[tuple[str, str, str]],
) -> Iterator[Table]:  # fmt: skip
    for table in found:
        looked.breaks += count_breaks(table, runs[table.key[0], table.key[1]])
        if table.answered.any():
            looked.answered.add(table.key[:2])
            if table.key in wanted:
                looked.kept[table.key] = table
        yield table


def _best_known(data: Dataset) -> list[tuple[str, str, str]]:
    """The tables with the most reviews, one a product."""
    counts = data.samples.groupby(["mall", "product_id", "gender"]).size().sort_values(ascending=False, kind="stable")
    found: dict[tuple[str, str], tuple[str, str, str]] = {}
    for mall, product_id, gender in counts.index:
        found.setdefault((mall, product_id), (mall, product_id, gender))
    return list(found.values())[:_MAPS]


def _changed_map(change: Change, runs: Mapping[tuple[str, str], tuple[str, ...]], names: Mapping[Any, Any]) -> Map:
    table = _plain_map(change.after, runs, names)
    gone = [str(label) for label in np.unique(change.before.label[change.before.answered]) if label not in table.labels]
    labels = [*table.labels, *gone]
    note = f"{change.changed / change.both:.0%} of the people whom both answer are told another size."
    return replace(
        table, labels=labels, size=_indexes(change.after, labels), before=_indexes(change.before, labels), note=note
    )


def _plain_map(table: Table, runs: Mapping[tuple[str, str], tuple[str, ...]], names: Mapping[Any, Any]) -> Map:
    mall, product_id, gender = table.key
    labels = list(runs[mall, product_id])
    title = f"{mall} {product_id}, {gender}"
    return Map(title, str(names.get((mall, product_id)) or ""), labels, _indexes(table, labels))


def _indexes(table: Table, labels: list[str]) -> np.ndarray:
    index = {label: at for at, label in enumerate(labels)}
    return np.array([index.get(label, -1) for label in table.label.reshape(-1)]).reshape(table.label.shape)


def _groups(judged: Judged, seen: Samples, products: Products) -> dict[str, dict[str, Any]]:
    reviews = np.bincount(seen.product, minlength=len(products))[judged.product]
    mall = np.array(products.mall, dtype=object)[judged.product]
    masks = {f"{name} buyers": judged.gender == code for code, name in enumerate(GENDERS)}
    masks = {name.replace("unknown buyers", "gender not stated"): mask for name, mask in masks.items()}
    masks |= {f"products with {name}": (reviews >= low) & (reviews <= high) for name, low, high in _REVIEW_COUNTS}
    masks |= {f"mall {name}": mall == name for name in sorted(set(products.mall))}
    return {name: summarise(judged.take(mask)) for name, mask in masks.items() if mask.any()}


def _judged_by(cut: Cut, rows: Samples, shared: np.ndarray, theirs: Judged | None) -> str:
    which = f"dated after {cut.until}" if cut.until else "of a tenth of the bodies, dealt by hash"
    sentence = (
        f"Judged by {len(rows)} reviews of {len(np.unique(rows.product))} products, {which}. What is judged is this "
        "model's twin, trained with the same settings without them; the published model was then trained on all."
    )
    return (
        sentence
        if theirs is None
        else f"{sentence} {int(shared.sum())} of them the champion's twin has not seen either."
    )
