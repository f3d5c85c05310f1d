"""The part of a run that reads what was captured: raw parts of one unit -> staged rows, quarantine, counts. No browser.

It reads exactly the raw parts that count for the unit, so that a replay of a past day is the same act and gives the
same rows. Every capture's item ends in one of three places, and the counts are held against each other.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from include import lake as lake_keys
from include.lake import ENTITIES, Lake
from include.scrapers import captures, history, parts
from include.scrapers.errors import CountsDisagree
from include.scrapers.fields import Unreadable, refusal
from include.scrapers.plan import Unit
from include.scrapers.records import Product, RankingEntry, Refusal, Review, Source, optional_fields, to_table
from include.scrapers.sites import site

log = logging.getLogger(__name__)


@dataclass
class Outcome:
    """What became of the items of one entity."""

    rows: list[Any] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    captured: int = 0
    duplicates: int = 0
    # for the bands
    pages: int = 0
    records: int = 0
    wanted: int = 0
    unread: int = 0  # products whose reviews were not due

    def counts(self) -> dict[str, Any]:
        """Counts, the refusals by reason code, and of how many rows a field is not stated."""
        return {
            "captured": self.captured,
            "staged": len(self.rows),
            "quarantined": len(self.refused),
            "duplicates": self.duplicates,
            "reasons": dict(sorted(Counter(row.reason_code for row in self.refused).items())),
            "pages": self.pages,
            "records": self.records,
            "wanted": self.wanted,
            "unread": self.unread,
            "absent": _absent(self.rows),
        }


@dataclass
class _Read:
    """What the captures of one unit say."""

    ranked: list[RankingEntry | Refusal] = field(default_factory=list)
    products: list[Product | Refusal] = field(default_factory=list)
    reviews: list[Review | Refusal] = field(default_factory=list)
    wanted_reviews: int = 0
    unread: int = 0
    pages: Counter[str] = field(default_factory=Counter)  # by kind
    whole: dict[str, list[str]] = field(default_factory=dict)  # asked product -> its reviews, in the list's order


def parse_unit(lake: Lake, unit: Unit) -> dict[str, Any]:
    """Read one unit's raw parts and write its staged and quarantined parts; gives the counts by entity."""
    read = _read(lake, unit)
    outcomes = _outcomes(read, unit)
    counts = {entity: outcomes[entity].counts() for entity in ENTITIES}
    for entity, count in counts.items():
        if count["captured"] != count["staged"] + count["quarantined"] + count["duplicates"]:
            raise CountsDisagree(f"{unit.mall} {unit.category} {unit.run_date} {entity}: {count}")
    for entity, outcome in outcomes.items():
        folder = lake_keys.staged_folder(entity, unit.mall, unit.day)
        if outcome.rows:
            lake.put_table(f"{folder}{unit.part}.parquet", to_table(entity, outcome.rows))
        if outcome.refused:
            folder = lake_keys.quarantine_folder(entity, unit.mall, unit.day)
            rows = [asdict(row) | {"run_date": unit.run_date} for row in outcome.refused]
            lake.put_lines(f"{folder}{unit.part}.jsonl.gz", rows)
    lake.put_json(unit.state_key(unit.part), {"dag_run": unit.dag_run, "counts": counts, "whole": read.whole})
    log.info("%s %s %s: %s", unit.mall, unit.category, unit.run_date, counts)
    return {"mall": unit.mall, "category": unit.category, **counts}


def _read(lake: Lake, unit: Unit) -> _Read:
    """The unit's raw parts that count, read by its mall's readers."""
    mall, reader = site(unit.mall)
    names = {
        kind: parts.read(lake, parts.raw(unit.mall, kind, unit.day)).get(unit.category, []) for kind in lake_keys.KINDS
    }
    whole = parts.read(lake, parts.whole(unit.mall, unit.day)).get(unit.category, [])
    read = _Read()
    for part in names["product"]:
        product_id = part.split("-", 1)[1]
        pages = captures.read(lake, unit.mall, "product", unit.day, part)
        product = reader.read_product(pages, mall, product_id, unit.day)
        lists = captures.read(lake, unit.mall, "reviews", unit.day, part) if part in names["reviews"] else []
        known = product if isinstance(product, Product) else None
        found = reader.read_reviews(lists, mall, product_id, unit.day, known)
        read.products += [product, *found.siblings]
        read.reviews += found.reviews
        read.pages.update(product=len(pages), reviews=len(lists))
        read.unread += part not in names["reviews"]
        # a list that was read in part, or down to a known review, is not as long as the mall says; never empty, though
        is_all = (part in whole and not reader.newest_first) or not found.reviews
        read.wanted_reviews += found.stated if is_all and found.stated is not None else len(found.reviews)
        if part in whole:
            # a refused one too: below it lies nothing new, and a replay of its day reads it again
            ids = [row.review_id for row in found.reviews if row.review_id]
            read.whole[product_id] = ids[: history.NEWEST] if reader.newest_first else []
    for part in names["ranking"]:
        pages = captures.read(lake, unit.mall, "ranking", unit.day, part)
        read.pages.update(ranking=len(pages))
        read.ranked += reader.read_ranking(pages, mall, unit.category, unit.day)
    return read


def _outcomes(read: _Read, unit: Unit) -> dict[str, Outcome]:
    visited = {row.product_id for row in read.products if isinstance(row, Refusal) or row.listed}
    # places below the limit of the run were seen but not asked for
    asked = [row for row in read.ranked if isinstance(row, Refusal) or row.product_id in visited]
    # a page of its own tells more than a sibling's line
    products = sorted(read.products, key=lambda row: isinstance(row, Product) and not row.listed)
    outcome = {
        "product": _sort_out(products, lambda row: row.product_id),
        "review": _sort_out(read.reviews, lambda row: row.review_id),
    }
    shown = {row.product_id for row in outcome["product"].rows}
    outcome = {"product_rank": _rank(asked, shown)} | outcome
    for entity, kind, records, wanted in (
        ("product_rank", "ranking", len(read.ranked), unit.max_ranks or len(asked)),
        ("product", "product", len(visited), len(visited)),
        ("review", "reviews", len(read.reviews), read.wanted_reviews),
    ):
        found = outcome[entity]
        found.pages, found.records, found.wanted = read.pages[kind], records, wanted
    outcome["review"].unread = read.unread
    return outcome


def _absent(rows: Sequence[Any]) -> dict[str, int]:
    """How many rows do not state each of their optional fields. Siblings are known by one line of another page."""
    stated = [row for row in rows if getattr(row, "listed", True)]
    names = optional_fields(type(stated[0])) if stated else []
    return {name: sum(getattr(row, name) is None for row in stated) for name in names}


def _sort_out[R: (Product, Review, RankingEntry)](
    items: Sequence[R | Refusal], key: Callable[[Any], str | None]
) -> Outcome:
    """Keep the first readable item of a key; refuse the first of a key that was never readable."""
    outcome = Outcome(captured=len(items))
    seen: set[str | None] = set()
    for item in items:
        if isinstance(item, Refusal):
            continue
        if key(item) in seen:
            outcome.duplicates += 1
        else:
            seen.add(key(item))
            outcome.rows.append(item)
    for item in items:
        if not isinstance(item, Refusal):
            continue
        if key(item) is not None and key(item) in seen:
            outcome.duplicates += 1
        else:
            seen.add(key(item))
            outcome.refused.append(item)
    return outcome


def _rank(entries: Sequence[RankingEntry | Refusal], shown: set[str]) -> Outcome:
    """The places of a category: a product once, one order over all of its rankings, none whose product was refused."""
    outcome = _sort_out(entries, lambda row: row.product_id)
    rows, outcome.rows = outcome.rows, []
    codes = list(dict.fromkeys(row.mall_category for row in rows))
    if len(codes) > 1:
        # several rankings of the mall make one of ours: their places alternate
        rows = sorted(rows, key=lambda row: (row.rank, codes.index(row.mall_category)))
        rows = [replace(row, rank=rank) for rank, row in enumerate(rows, start=1)]
    taken: set[int] = set()
    for row in rows:
        source = Source(row.captured_at, row.capture_key, row.capture_line)
        error = None
        if row.product_id not in shown:
            error = Unreadable("id", "product_refused", "its product could not be read", row.product_id)
        elif row.rank in taken:
            error = Unreadable("rank", "rank_taken", "another product has this place", row.rank)
        if error:
            outcome.refused.append(refusal("product_rank", row.mall, row.run_date, error, source, row.product_id))
        else:
            taken.add(row.rank)
            outcome.rows.append(row)
    return outcome


def totals(counts: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The counts of several units together, by entity."""
    summed = {entity: Outcome().counts() for entity in ENTITIES}
    for count in counts:
        for entity in ENTITIES:
            for name, value in count[entity].items():
                if isinstance(value, int):
                    summed[entity][name] += value
            reasons = Counter(summed[entity]["reasons"]) + Counter(count[entity]["reasons"])
            summed[entity]["reasons"] = dict(sorted(reasons.items()))
            for name, missing in count[entity].get("absent", {}).items():
                summed[entity]["absent"][name] = summed[entity]["absent"].get(name, 0) + missing
    return summed
