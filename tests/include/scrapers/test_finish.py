"""The parts that count, the manifests, and the counts of the whole day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from include import serving
from include.lake import manifest_key
from include.scrapers import finish, history, parts
from include.scrapers.parse import parse_unit
from include.scrapers.plan import Unit
from tests.include.scrapers.fakes import DAY, FakeLake, card, document, put_raw, ranking, review, review_list

pytestmark = pytest.mark.usefixtures("malls_file")


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[int, int, int]]:
    """What would stand in ops.scrape_run."""
    rows: dict[str, tuple[int, int, int]] = {}

    def record(connection: Any, *, kind: str, captured: int, parsed: int, refused: int, **_: Any) -> None:
        rows[kind] = (captured, parsed, refused)

    monkeypatch.setattr(serving, "record_scrape_run", record)
    return rows


def scrape(lake: FakeLake, dag_run: str, category: str, *products: str) -> Unit:
    """A run that has captured and parsed one category; each product has one review."""
    unit = Unit("musinsa", category, "2026-11-20", dag_run)
    numbered = {product: review(int(product), product) for product in products}
    pages = {product: ([document(product)], [review_list(product, numbered[product])]) for product in products}
    places = [ranking("001", *(card(p, n) for n, p in enumerate(products, 1)))]
    put_raw(lake, unit.run, category, places, pages, whole=products)
    parse_unit(lake, unit)
    return unit


def manifest(lake: FakeLake, entity: str) -> list[str]:
    """The keys that COPY would read."""
    entries = lake.get_json(manifest_key(entity, DAY))["entries"]
    for entry in entries:
        assert entry["mandatory"] is True
        assert entry["meta"]["content_length"] == len(lake.objects[entry["url"].removeprefix("s3://lake/")])
    return [entry["url"].rsplit("/", 1)[1] for entry in entries]


def test_a_run_replaces_its_own_categories_and_keeps_the_others(recorded: dict) -> None:
    lake = FakeLake()
    tops, bottoms = scrape(lake, "run 1", "tops", "1", "2"), scrape(lake, "run 1", "bottoms", "3")
    finish.finish(lake, None, [tops, bottoms])  # type: ignore[arg-type]
    assert recorded == {"ranking": (3, 3, 0), "product": (3, 3, 0), "reviews": (3, 3, 0)}

    again = scrape(lake, "run 2", "tops", "4")
    finish.finish(lake, None, [again])  # type: ignore[arg-type]

    assert parts.read(lake, parts.staged("musinsa", "review", DAY)) == {
        "bottoms": [bottoms.part],
        "tops": [again.part],
    }
    assert manifest(lake, "review") == sorted([f"{bottoms.part}.parquet", f"{again.part}.parquet"])
    assert recorded == {"ranking": (2, 2, 0), "product": (2, 2, 0), "reviews": (2, 2, 0)}


def test_nothing_counts_before_the_end(recorded: dict) -> None:
    lake = FakeLake()
    scrape(lake, "run 1", "tops", "1")
    assert parts.read(lake, parts.staged("musinsa", "review", DAY)) == {}
    assert not lake.exists(manifest_key("review", DAY))


def test_an_entity_without_rows_has_an_empty_manifest(recorded: dict) -> None:
    lake = FakeLake()
    unit = Unit("musinsa", "tops", "2026-11-20", "run 1")
    put_raw(lake, unit.run, "tops", [ranking("001", card("1", 1))], {"1": ([document("1")], [review_list("1")])})
    parse_unit(lake, unit)
    finish.finish(lake, None, [unit])  # type: ignore[arg-type]
    assert manifest(lake, "review") == []
    assert manifest(lake, "product") == [f"{unit.part}.parquet"]


def test_finishing_twice_changes_nothing(recorded: dict) -> None:
    lake = FakeLake()
    unit = scrape(lake, "run 1", "tops", "1", "2")
    finish.finish(lake, None, [unit])  # type: ignore[arg-type]
    before = dict(lake.objects)
    finish.finish(lake, None, [unit])  # type: ignore[arg-type]
    assert lake.objects == before


def test_what_was_read_is_known_from_the_next_day_on_once_it_counts(recorded: dict) -> None:
    lake = FakeLake()
    tops, bottoms = scrape(lake, "run 1", "tops", "1", "2"), scrape(lake, "run 1", "bottoms", "3")
    assert history.before(lake, "musinsa", DAY + timedelta(days=1)) == {}
    finish.finish(lake, None, [tops])  # type: ignore[arg-type]
    finish.finish(lake, None, [bottoms])  # type: ignore[arg-type]
    assert set(history.before(lake, "musinsa", DAY + timedelta(days=1))) == {"1", "2", "3"}
    assert history.before(lake, "musinsa", DAY) == {}
