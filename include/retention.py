"""What leaves the lake, and when: raw pages, checkpoints, unloads and joined manifests after their days, parts that no
`_parts.json` names.

A part is written before the `_parts.json` that names it, so an unnamed part may belong to a scrape that is running just
now. Only unnamed parts that have lain for a while leave.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from include.lake import Lake

log = logging.getLogger(__name__)

PARTS_FILE = "_parts.json"

# Far longer than any scrape of one mall and day takes, retries and a night's outage included.
UNNAMED_FOR = timedelta(days=2)

# The folders that a `_parts.json` rules.
_WITH_PARTS = ("raw/", "staged/", "quarantine/")

# A day in a folder's name, or the last of the days that a joined manifest is of.
_RUN_DATE = re.compile(r"/run_date=(\d{4}-\d{2}-\d{2})/")
_JOINED = re.compile(r"/run_dates=\d{4}-\d{2}-\d{2}_(\d{4}-\d{2}-\d{2})\.json$")

# Of each mall the newest day's checkpoints stay: they say which reviews are known.
_STATE = re.compile(r"state/scrape/mall=([^/]+)/")


def oldest_kept(today: date, days: int) -> date:
    """The first day of a history of `days` days that ends today."""
    return today - timedelta(days=days - 1)


def remove_old_raw(lake: Lake, before: date) -> int:
    """Remove the raw pages of days before `before`. Gives the number of objects removed."""
    old = [key for key, _ in lake.list("raw/") if (day := _day(key)) and day < before]
    lake.delete(old)
    log.info("removed %d raw objects of days before %s", len(old), before)
    return len(old)


def remove_old_state(lake: Lake, before: date) -> int:
    """Remove the checkpoints of days before `before`, but never a mall's newest day. Gives the number removed."""
    days: dict[str, set[date]] = {}
    keys = [(key, mall[1], day) for key, _ in lake.list("state/") if (mall := _STATE.match(key)) and (day := _day(key))]
    for _, mall_name, day in keys:
        days.setdefault(mall_name, set()).add(day)
    old = [key for key, mall_name, day in keys if day < before and day != max(days[mall_name])]
    lake.delete(old)
    log.info("removed %d checkpoints of days before %s", len(old), before)
    return len(old)


def remove_old_copies(lake: Lake, before: date) -> int:
    """Remove what was unloaded for days before `before`, and the manifests that joined such days. Gives the number
    removed. The newest unloaded day stays: a release may still be built from it.
    """
    unloaded = [(key, day) for key, _ in lake.list("unload/") if (day := _day(key))]
    newest = max((day for _, day in unloaded), default=before)
    old = [key for key, day in unloaded if day < before and day != newest]
    for key, _ in lake.list("staged/manifests/"):
        joined = _JOINED.search(key)
        if joined and date.fromisoformat(joined[1]) < before:
            old.append(key)
    lake.delete(old)
    log.info("removed %d unloads and joined manifests of days before %s", len(old), before)
    return len(old)


def remove_unnamed_parts(lake: Lake, now: datetime | None = None) -> int:
    """Remove the parts that their folder's `_parts.json` has not named for a while. Gives their number.

    A folder without a `_parts.json` is left alone: its first scrape has not ended.
    """
    before = (now or datetime.now(UTC)) - UNNAMED_FOR
    unnamed = [key for key in _unnamed(lake) if _written(lake, key) < before]
    lake.delete(unnamed)
    log.info("removed %d unnamed parts", len(unnamed))
    return len(unnamed)


def _unnamed(lake: Lake) -> Iterator[str]:
    for prefix in _WITH_PARTS:
        folders: dict[str, list[str]] = {}
        for key, _ in lake.list(prefix):
            folder, _, name = key.rpartition("/")
            folders.setdefault(folder, []).append(name)
        for folder, names in folders.items():
            if PARTS_FILE not in names:
                continue
            by_category: dict[str, list[str]] = lake.get_json(f"{folder}/{PARTS_FILE}")
            counted = {part for parts in by_category.values() for part in parts}
            parts = [name for name in names if not name.startswith("_")]  # the others name parts
            yield from (f"{folder}/{name}" for name in parts if not {name, name.partition(".")[0]} & counted)


def _day(key: str) -> date | None:
    found = _RUN_DATE.search(key)
    return date.fromisoformat(found[1]) if found else None


def _written(lake: Lake, key: str) -> datetime:
    return lake.client.head_object(Bucket=lake.bucket, Key=key)["LastModified"]
