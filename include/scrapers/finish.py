"""The last act of a run: its parts become the ones that count, the day's manifests are rebuilt, the counts are written.

`_parts.json` first, manifests after it, counts and what is known of the reviews last: a run that dies in between has
published nothing that COPY reads, and its retry does it all again to the same end.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import psycopg

from include import lake as lake_keys
from include import serving, settings
from include.lake import ENTITIES, Lake
from include.scrapers import history, parts
from include.scrapers.judge import KIND_OF, counts_of
from include.scrapers.parse import totals
from include.scrapers.plan import Unit

log = logging.getLogger(__name__)


def finish(lake: Lake, connection: psycopg.Connection, units: Sequence[Unit]) -> dict[str, Any]:
    """Make the units' parts count, rebuild the manifests of their day, record the counts; gives the run's totals."""
    counts = {unit: lake.get_json(unit.state_key(unit.part))["counts"] for unit in units}
    for unit, count in counts.items():
        for entity in ENTITIES:
            staged = [unit.part] if count[entity]["staged"] else []
            refused = [unit.part] if count[entity]["quarantined"] else []
            parts.replace(lake, parts.staged(unit.mall, entity, unit.day), {unit.category: staged})
            parts.replace(lake, parts.quarantined(unit.mall, entity, unit.day), {unit.category: refused})
    for day in sorted({unit.day for unit in units}):
        for entity in ENTITIES:
            write_manifest(lake, entity, day, {unit.mall for unit in units})
    for mall, day in sorted({(unit.mall, unit.day) for unit in units}):
        _record(lake, connection, mall, day)
    total = totals(counts.values())
    log.info("totals: %s", total)
    return total


def write_manifest(lake: Lake, entity: str, day: date, malls: set[str]) -> list[dict[str, Any]]:
    """Write what COPY reads for one entity and day: the parts of every mall that count; gives the entries."""
    entries = []
    for mall in sorted(malls | set(settings.malls())):
        folder = lake_keys.staged_folder(entity, mall, day)
        names = {name for found in parts.read(lake, parts.staged(mall, entity, day)).values() for name in found}
        sizes = dict(lake.list(folder)) if names else {}
        for name in sorted(names):
            key = f"{folder}{name}.parquet"
            entries.append({"url": lake.uri(key), "mandatory": True, "meta": {"content_length": sizes[key]}})
    lake.put_json(lake_keys.manifest_key(entity, day), {"entries": entries})
    return entries


def _record(lake: Lake, connection: psycopg.Connection, mall: str, day: date) -> None:
    """ops.scrape_run and what was read, for a whole mall and day: this run's categories and those that earlier runs
    have left."""
    names = {
        name
        for entity in ENTITIES
        for key in (parts.staged(mall, entity, day), parts.quarantined(mall, entity, day))
        for found in parts.read(lake, key).values()
        for name in found
    }
    state = lake_keys.state_folder(mall, day)
    units = [lake.get_json(f"{state}{name}.json") for name in sorted(names)]
    total = totals(unit["counts"] for unit in units)
    for entity, kind in KIND_OF.items():
        counts = counts_of(total[entity])
        serving.record_scrape_run(connection, run_date=day, mall=mall, kind=kind, **asdict(counts))
    read = {product: ids for unit in units for product, ids in unit.get("whole", {}).items()}
    history.write(lake, mall, day, read)
