"""Faithfulness: all products and reviews that the replicas serve are captured once, with all fields as they are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.row import Row, judged, reported
from bench.scraping.stage import Place, another_bucket, rank, replica, scrape_batches, workers
from include import serving
from include.lake import Lake, manifest_key, quarantine_folder
from include.scrapers import finish, parse, plan, scrape
from include.scrapers.plan import Unit
from include.scrapers.sites import SITES
from local.malls import catalogue
from local.malls.sites import SITES as REPLICAS

_SEED = 9
_WORKERS = 2
_JSON = ("size_options", "size_run", "sold_out", "size_chart")


def measure_faithfulness(place: Place, folder: Path, products: int, reviews: int) -> list[Row]:
    """All malls, `products` listed products each, about `reviews` reviews in all."""
    place, each = another_bucket(place), -(-reviews // (products * len(SITES)))
    with replica(folder, products=products, reviews_per_product=each, seed=_SEED) as malls:
        units = {mall: rank(place, mall) for mall in SITES}
        keys = [key for mall in SITES for key in scrape.plan_batches(place.lake(), units[mall], None)]
        with workers(_WORKERS) as pool:
            done = scrape_batches(pool, place, keys)
        served = malls.counts()["malls"]
    _stage(place, [unit for mall in SITES for unit in units[mall]])
    rows = [
        reported(
            f"faithfulness: pages a minute, {_WORKERS} workers",
            done.captures * 60 / (done.ended - done.began),
            "pages/min",
        )
    ]
    for mall in SITES:
        truth = catalogue.generate(products, products * each, _SEED, plan.today_in_seoul(), REPLICAS[mall].trade)
        rows += _compare(place.lake(), mall, truth, served[mall])
    return rows


def _stage(place: Place, units: list[Unit]) -> None:
    lake = place.lake()
    scrape.keep_raw(lake, units)
    for unit in units:
        parse.parse_unit(lake, unit)
    with serving.connect_to(place.dsn) as connection:
        finish.finish(lake, connection, units)


def _compare(lake: Lake, mall: str, truth: catalogue.Catalogue, served: Mapping[str, Any]) -> list[Row]:
    counts = {"products": sum(product.listed for product in truth.products.values()), "reviews": len(truth.reviews)}
    if (served["listed"], served["reviews"]) != tuple(counts.values()):
        raise ValueError(f"{mall}: the replica serves {served}, not what its catalogue says")
    return [
        judged(
            f"faithfulness: {mall}, {counts[name]:,} {name}: missing, doubled or differing {_words(found)}",
            sum(found.values()),
            name,
            0,
            "less",
        )
        for name, found in unlike_the_truth(lake, mall, truth).items()
    ]


def unlike_the_truth(lake: Lake, mall: str, truth: catalogue.Catalogue) -> dict[str, Counter[str]]:
    """What of today's staged and refused rows of a mall is not as its replica serves it: of the listed products and of
    the reviews, how many are missing, doubled, unknown or differ in which field.
    """
    products = {key: truth.expected_product(key) for key, product in truth.products.items() if product.listed}
    staged = [row for row in _staged(lake, mall, "product") if row["listed"]]
    reviews = {key: truth.expected_review(key) for key in truth.reviews}
    return {
        "products": _differences(staged, products, "product_id"),
        "reviews": _differences(_staged(lake, mall, "review") + _refused(lake, mall), reviews, "review_id"),
    }


def _differences(rows: Iterable[Mapping[str, Any]], truth: Mapping[str, Any], key: str) -> Counter[str]:
    """What is wrong, by its name: `missing`, `doubled`, `unknown`, or the field that differs."""
    found: Counter[str] = Counter()
    seen: Counter[str] = Counter(row[key] for row in rows)
    found["missing"] = sum(name not in seen for name in truth)
    found["doubled"] = sum(count - 1 for count in seen.values())
    for row in rows:
        expected = truth.get(row[key])
        if expected is None:
            found["unknown"] += 1
        elif isinstance(expected, str) or "reason_code" in row:
            found["reason_code"] += row.get("reason_code") != expected
        else:
            found.update(name for name, value in expected.items() if _plain(name, row[name]) != _plain(name, value))
    return found


def _plain(name: str, value: Any) -> Any:
    if name in _JSON and isinstance(value, str):
        value = json.loads(value)
    if name == "sold_out" and value is not None:
        return sorted(value)
    return float(value) if isinstance(value, (int, float, Decimal)) else value


def _staged(lake: Lake, mall: str, entity: str) -> list[dict[str, Any]]:
    rows = []
    for entry in lake.get_json(manifest_key(entity, plan.today_in_seoul()))["entries"]:
        rows += lake.get_table(entry["url"].removeprefix(lake.uri(""))).to_pylist()
    return [row for row in rows if row["mall"] == mall]


def _refused(lake: Lake, mall: str) -> list[dict[str, Any]]:
    folder = quarantine_folder("review", mall, plan.today_in_seoul())
    return [row for key, _ in lake.list(folder) if key.endswith(".jsonl.gz") for row in lake.get_lines(key)]


def _words(found: Counter[str]) -> str:
    return f"({', '.join(f'{name} {count}' for name, count in found.items() if count)})" if sum(found.values()) else ""
