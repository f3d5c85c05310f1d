"""What COPY is told to read: the manifest of a day, or one that joins the days of a run.

scrape_malls writes the manifest of each entity and day last; COPY takes exactly one manifest, so a run of several days
gets one that joins theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from include.lake import Lake, ObjectMissing, joined_manifest_key, manifest_key
from include.retries import Lasting


class NothingStaged(Lasting, LookupError):
    """A day has no manifest: it was never scraped, or its scrape has not ended well."""


class BrokenManifest(Lasting, ValueError):
    """A manifest is not what COPY takes; the message names it and what is wrong."""


def of_run(lake: Lake, entity: str, run_dates: Sequence[date]) -> str | None:
    """The key of the manifest that names a run's rows of one entity; None where there are no rows.

    Raises NothingStaged, BrokenManifest.
    """
    entries = {day: _entries(lake, entity, day) for day in run_dates}
    if not any(entries.values()):
        return None
    if len(run_dates) == 1:
        return manifest_key(entity, run_dates[0])
    key = joined_manifest_key(entity, run_dates)
    lake.put_json(key, {"entries": [entry for day in run_dates for entry in entries[day]]})
    return key


def _entries(lake: Lake, entity: str, run_date: date) -> list[dict[str, Any]]:
    key = manifest_key(entity, run_date)
    try:
        entries = lake.get_json(key)["entries"]
        lengths = [entry["url"] and entry["meta"]["content_length"] for entry in entries]
    except ObjectMissing as error:
        raise NothingStaged(
            f"nothing is staged for {run_date}: {error}; run scrape_malls for that day first"
        ) from error
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenManifest(f"{lake.uri(key)} is no manifest that COPY takes: {error!r}") from error
    if not all(isinstance(length, int) for length in lengths):
        raise BrokenManifest(f"{lake.uri(key)} has an entry without meta.content_length, which COPY from Parquet needs")
    return list(entries)
