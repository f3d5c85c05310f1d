"""`_parts.json`: which parts of a folder count, by category. Written last; a run replaces its own categories alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from include import lake as lake_keys
from include.lake import Lake, ObjectMissing

_NAME = "_parts.json"
_WHOLE = "_whole.json"

type Parts = dict[str, list[str]]


def raw(mall: str, kind: str, run_date: date) -> str:
    """Key of the parts that count among the raw pages of one kind."""
    return lake_keys.raw_folder(mall, kind, run_date) + _NAME


def whole(mall: str, run_date: date) -> str:
    """Key of those among the raw parts of reviews whose list was read to where it may stop, by category as well."""
    return lake_keys.raw_folder(mall, "reviews", run_date) + _WHOLE


def staged(mall: str, entity: str, run_date: date) -> str:
    """Key of the parts that count among the staged rows of one entity."""
    return lake_keys.staged_folder(entity, mall, run_date) + _NAME


def quarantined(mall: str, entity: str, run_date: date) -> str:
    """Key of the parts that count among the refused rows of one entity."""
    return lake_keys.quarantine_folder(entity, mall, run_date) + _NAME


def read(lake: Lake, key: str) -> Parts:
    """The parts by category; empty where nothing was written yet."""
    try:
        return dict(lake.get_json(key))
    except ObjectMissing:
        return {}


def replace(lake: Lake, key: str, entries: Mapping[str, Sequence[str]]) -> Parts:
    """Put these categories' parts in the place of the old ones, and keep the other categories'."""
    parts = read(lake, key) | {category: list(names) for category, names in entries.items()}
    lake.put_json(key, dict(sorted(parts.items())))
    return parts
