"""Before a mall's rows are made to count: are they what the mall usually gives?"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from include import serving
from include.lake import Lake
from include.scrapers import bands
from include.scrapers.bands import Counts, OutOfBand
from include.scrapers.parse import totals
from include.scrapers.plan import Unit

log = logging.getLogger(__name__)

KIND_OF = {"product_rank": "ranking", "product": "product", "review": "reviews"}


def judge(lake: Lake, connection: psycopg.Connection, units: Sequence[Unit], accept: bool = False) -> list[str]:
    """Hold one mall's counts of a run against its earlier days; gives what was found and accepted. Raises OutOfBand.

    With `accept` a person has looked: what lies outside counts, and is part of the band from then on.
    """
    mall, day = units[0].mall, units[0].day
    total = totals(lake.get_json(unit.state_key(unit.part))["counts"] for unit in units)
    found = []
    for entity, kind in KIND_OF.items():
        rows = serving.scrape_runs(connection, mall=mall, kind=kind, before=day, limit=bands.RUNS)
        earlier = [Counts(**row) for row in rows]
        if len(earlier) < bands.LEAST_RUNS:
            log.info("%s %s: %d earlier runs, too few to know what is usual", mall, kind, len(earlier))
        found += bands.judge(kind, counts_of(total[entity]), earlier)
    words = [str(finding) for finding in found]
    if words and not accept:
        raise OutOfBand(
            f"{mall} is not as usual on {day}: {'; '.join(words)}. Nothing of this run counts for it; its raw pages "
            f"are kept. Look at them: mend the reader and replay the day, or run it again with accept_out_of_band"
        )
    for word in words:
        log.warning("%s: out of its band and accepted: %s", mall, word)
    return words


def counts_of(count: Mapping[str, Any]) -> Counts:
    """The judged counts of one entity."""
    return Counts(
        pages=count["pages"],
        records=count["records"],
        wanted=count["wanted"],
        captured=count["captured"],
        parsed=count["staged"],
        refused=count["quarantined"],
        absent=count["absent"],
    )
