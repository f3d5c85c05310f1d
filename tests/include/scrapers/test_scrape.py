"""What a run asks of a mall, from its plan to the raw pages that count; the visits are stood in for."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from include.scrapers import history, parts, scrape, sites
from include.scrapers.plan import Unit
from include.scrapers.until import Until
from tests.include.scrapers.fakes import DAY, FakeLake, document, review_list

pytestmark = pytest.mark.usefixtures("malls_file")

UNIT = Unit("musinsa", "tops", DAY.isoformat(), "run")
YESTERDAY = DAY - timedelta(days=1)


class PatientTab:
    """A tab that does each visit once."""

    def patiently(self, what: str, visit: Any) -> Any:
        return visit()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Until]:
    """The products whose reviews were visited, and where the visit was told to stop. Product 404 is gone."""
    found: dict[str, Until] = {}

    def visit_product(tab: Any, mall: Any, product: str) -> list:
        return [document(product, status=404 if product == "404" else 200)]

    def visit_reviews(tab: Any, mall: Any, product: str, until: Until) -> list:
        found[product] = until
        return [review_list(product)]

    site = replace(sites.SITES["musinsa"], visit_product=visit_product, visit_reviews=visit_reviews)
    monkeypatch.setitem(sites.SITES, "musinsa", site)
    return found


def run(lake: FakeLake, *products: str, max_reviews: int | None = None) -> None:
    """One run over these ranked products."""
    lake.put_json(UNIT.state_key(f"{UNIT.part}-ranking"), {"dag_run": "run", "products": list(products)})
    for batch in scrape.plan_batches(lake, [UNIT], max_reviews):
        scrape.scrape_products(lake, lambda mall: nullcontext(PatientTab()), batch)  # type: ignore[arg-type,return-value]
    scrape.keep_raw(lake, [UNIT])


def kept(lake: FakeLake, key: str) -> list[str]:
    """The products whose parts a key names."""
    return [part.split("-")[1] for part in parts.read(lake, key)["tops"]]


def test_a_product_that_was_read_within_a_week_is_visited_without_its_reviews(asked: dict[str, Until]) -> None:
    lake = FakeLake()
    history.write(lake, "musinsa", DAY - timedelta(days=7), {"1": []})
    history.write(lake, "musinsa", YESTERDAY, {"2": []})
    run(lake, "1", "2", "3", "404")
    assert asked == {"1": Until(), "3": Until()}
    assert kept(lake, parts.raw("musinsa", "product", DAY)) == ["1", "2", "3", "404"]
    assert kept(lake, parts.raw("musinsa", "reviews", DAY)) == ["1", "3", "404"]
    assert kept(lake, parts.whole("musinsa", DAY)) == ["1", "3"]


def test_where_the_newest_come_first_every_product_is_read_down_to_what_is_known(
    asked: dict[str, Until], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sites.SITES, "musinsa", replace(sites.SITES["musinsa"], newest_first=True))
    lake = FakeLake()
    history.write(lake, "musinsa", YESTERDAY, {"1": ["12", "11"]})
    run(lake, "1", "2")
    assert asked == {"1": Until(None, frozenset({"12", "11"})), "2": Until()}


def test_a_second_run_of_the_day_reads_what_the_first_one_read(asked: dict[str, Until]) -> None:
    lake = FakeLake()
    history.write(lake, "musinsa", DAY, {"1": []})
    run(lake, "1")
    assert asked == {"1": Until()}


def test_a_list_that_was_read_up_to_a_limit_is_not_whole(asked: dict[str, Until]) -> None:
    lake = FakeLake()
    run(lake, "1", max_reviews=20)
    assert asked == {"1": Until(20)}
    assert (kept(lake, parts.raw("musinsa", "reviews", DAY)), kept(lake, parts.whole("musinsa", DAY))) == (["1"], [])


@pytest.mark.parametrize(
    ("products", "sizes"), [(0, []), (1, [1]), (25, [25]), (26, [13, 13]), (34, [17, 17]), (100, [25] * 4)]
)
def test_products_are_cut_into_few_batches_of_about_one_size(products: int, sizes: list[int]) -> None:
    ranked = [str(number) for number in range(products)]
    batches = scrape.batched(ranked)
    assert [len(batch) for batch in batches] == sizes
    assert [product for batch in batches for product in batch] == ranked


def test_a_product_that_is_read_while_the_one_before_cannot_be_stored_is_the_last(
    asked: dict[str, Until], monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = FakeLake()
    put = lake.put_lines

    def put_lines(key: str, rows: Any) -> None:
        if "-2.jsonl" in key:
            raise OSError("no room")
        put(key, rows)

    monkeypatch.setattr(lake, "put_lines", put_lines)
    with pytest.raises(OSError, match="no room"):
        run(lake, "1", "2", "3", "4")
    assert list(asked) == ["1", "2", "3"]
    assert [key for key, _ in lake.list("state/") if "-product-" in key] == [UNIT.state_key(f"{UNIT.run}-product-1")]


def test_what_was_read_before_a_visit_failed_is_stored_all_the_same(
    asked: dict[str, Until], monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = FakeLake()
    whole = sites.SITES["musinsa"]

    def visit_product(tab: Any, mall: Any, product: str) -> list:
        if product == "2":
            raise RuntimeError("broken")
        return whole.visit_product(tab, mall, product)

    monkeypatch.setitem(sites.SITES, "musinsa", replace(whole, visit_product=visit_product))
    with pytest.raises(RuntimeError, match="broken"):
        run(lake, "1", "2")
    assert [key for key, _ in lake.list("state/") if "-product-" in key] == [UNIT.state_key(f"{UNIT.run}-product-1")]
