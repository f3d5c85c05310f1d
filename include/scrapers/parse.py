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
from include.scrapers import captures, parts
from include.scrapers.errors import CountsDisagree
from include.scrapers.fields import Unreadable, refusal
from include.scrapers.plan import Unit
from include.scrapers.records import Product, RankingEntry, Refusal, Review, Source, to_table
from include.scrapers.sites import site

log = logging.getLogger(__name__)


@dataclass
class Outcome:
    """What became of the items of one entity."""

    rows: list[Any] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    captured: int = 0
    duplicates: int = 0

    def counts(self) -> dict[str, Any]:
        """Counts, and the refusals by reason code."""
        return {
            "captured": self.captured,
            "staged": len(self.rows),
            "quarantined": len(self.refused),
            "duplicates": self.duplicates,
            "reasons": dict(sorted(Counter(row.reason_code for row in self.refused).items())),
        }


def parse_unit(lake: Lake, unit: Unit) -> dict[str, Any]:
    """Read one unit's raw parts and write its staged and quarantined parts; gives the counts by entity."""
    outcomes = _read(lake, unit)
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
    lake.put_json(unit.state_key(unit.part), {"dag_run": unit.dag_run, "counts": counts})
    log.info("%s %s %s: %s", unit.mall, unit.category, unit.run_date, counts)
    return {"mall": unit.mall, "category": unit.category, **counts}


def _read(lake: Lake, unit: Unit) -> dict[str, Outcome]:
    mall, reader = site(unit.mall)
    names = {
        kind: parts.read(lake, parts.raw(unit.mall, kind, unit.day)).get(unit.category, []) for kind in lake_keys.KINDS
    }
    products: list[Product | Refusal] = []
    reviews: list[Review | Refusal] = []
    for part in names["product"]:
        product_id = part.split("-", 1)[1]
        pages = captures.read(lake, unit.mall, "product", unit.day, part)
        product = reader.read_product(pages, mall, product_id, unit.day)
        lists = captures.read(lake, unit.mall, "reviews", unit.day, part) if part in names["reviews"] else []
        known = product if isinstance(product, Product) else None
        found = reader.read_reviews(lists, mall, product_id, unit.day, known)
        products += [product, *found.siblings]
        reviews += found.reviews
    visited = {part.split("-", 1)[1] for part in names["product"]}
    ranked = [
        entry
        for part in names["ranking"]
        for entry in reader.read_ranking(
            captures.read(lake, unit.mall, "ranking", unit.day, part), mall, unit.category, unit.day
        )
        # places below the limit of the run were seen but not asked for
        if isinstance(entry, Refusal) or entry.product_id in visited
    ]
    # a page of its own tells more than a sibling's line
    products.sort(key=lambda row: isinstance(row, Product) and not row.listed)
    outcome = {
        "product": _sort_out(products, lambda row: row.product_id),
        "review": _sort_out(reviews, lambda row: row.review_id),
    }
    shown = {row.product_id for row in outcome["product"].rows}
    return {"product_rank": _rank(ranked, shown)} | outcome


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
            for name in ("captured", "staged", "quarantined", "duplicates"):
                summed[entity][name] += count[entity][name]
            reasons = Counter(summed[entity]["reasons"]) + Counter(count[entity]["reasons"])
            summed[entity]["reasons"] = dict(sorted(reasons.items()))
    return summed
