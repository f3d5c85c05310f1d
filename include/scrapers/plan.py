"""What a run is to do: which malls and categories, for which day, live or from raw.

A day is scraped live only by a run that first started on that day (in Seoul); a run that is retried or cleared later
still belongs to the day on which it first started, which is why that day is written down at the first plan. An earlier
day is replayed from raw and never opens a browser.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from include import lake as lake_keys
from include import settings
from include.lake import Lake, ObjectMissing
from include.scrapers import parts
from include.scrapers.errors import InvalidScope, RawMissing
from include.scrapers.sites import SITES, site
from include.settings import SEOUL


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit of replacement: one mall, one category, one day; and the run that works on it."""

    mall: str
    category: str
    run_date: str  # YYYY-MM-DD: units travel through XCom
    dag_run: str
    is_replay: bool = False  # read from raw; no browser
    max_ranks: int | None = None  # places of each ranking that were asked for; None where that is not known any more

    @property
    def day(self) -> date:
        """The run date."""
        return date.fromisoformat(self.run_date)

    @property
    def run(self) -> str:
        """The run's short name inside keys."""
        return hashlib.sha256(self.dag_run.encode()).hexdigest()[:10]

    @property
    def part(self) -> str:
        """The name of what this unit writes."""
        return f"{self.run}-{self.category}"

    def state_key(self, name: str) -> str:
        """Key of a checkpoint of this unit's mall and day."""
        return f"{lake_keys.state_folder(self.mall, self.day)}{name}.json"


def today_in_seoul() -> date:
    """The present day in Seoul."""
    return datetime.now(ZoneInfo(SEOUL)).date()


def plan_mall(
    lake: Lake,
    mall: str,
    dag_run: str,
    run_date: date,
    malls: Sequence[str],
    categories: Sequence[str],
    today: Callable[[], date] = today_in_seoul,
    max_ranks: int | None = None,
) -> list[Unit]:
    """The units of one mall in a run that was asked for `malls` and `categories` (empty: all); none where it is not
    among them. Raises InvalidScope, RawMissing.
    """
    chosen = {name: _categories(name, categories) for name in malls or _all_malls()}
    unknown = set(categories) - {category for found in chosen.values() for category in found}
    if unknown:
        offered = sorted({category for name in chosen for category in site(name)[0].categories.values()})
        raise InvalidScope(
            f"{', '.join(chosen)} has no category {', '.join(sorted(unknown))}; it has {', '.join(offered)}"
        )
    units = [Unit(mall, category, run_date.isoformat(), dag_run) for category in chosen.get(mall, ())]
    if not units or _is_live(lake, units[0], today):
        return [replace(unit, max_ranks=max_ranks) for unit in units]
    _check_raw(lake, units)
    return [replace(unit, is_replay=True) for unit in units]


def _all_malls() -> list[str]:
    return [name for name in settings.malls() if name in SITES]


def _categories(name: str, wanted: Iterable[str]) -> list[str]:
    offered = list(dict.fromkeys(site(name)[0].categories.values()))
    return [category for category in offered if not wanted or category in wanted]


def _is_live(lake: Lake, unit: Unit, today: Callable[[], date]) -> bool:
    key = unit.state_key(f"{unit.run}-run")
    try:
        record = lake.get_json(key)
    except ObjectMissing:
        record = {"dag_run": unit.dag_run, "first_started_on": today().isoformat()}
        lake.put_json(key, record)
    return date.fromisoformat(record["first_started_on"]) <= unit.day


def _check_raw(lake: Lake, replayed: Iterable[Unit]) -> None:
    missing = [u for u in replayed if not parts.read(lake, parts.raw(u.mall, "ranking", u.day)).get(u.category)]
    if missing:
        names = ", ".join(f"{unit.mall} {unit.category}" for unit in missing)
        raise RawMissing(
            f"there are no raw pages of {names} for {missing[0].run_date}; a past day is replayed from raw and never "
            f"scraped again. Nothing was changed"
        )
