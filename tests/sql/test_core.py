"""Staging to core: what a day brings, what a second load changes, and what an older day may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from include import warehouse
from include.checks import ChecksFailed
from tests.sql.days import Days
from tests.sql.rows import DAY, place, product, review

pytestmark = pytest.mark.slow

NEXT = DAY + timedelta(days=1)

TABLES = ("core.product", "core.product_rank", "core.review", "mart.size_run", "mart.sample", "mart.excluded")


def everything(days: Days) -> dict[str, list[tuple]]:
    """Every row of core and mart, in one order."""
    return {table: sorted(days.rows(f"SELECT * FROM {table}"), key=repr) for table in TABLES}


def test_a_day_loaded_twice_gives_the_same_rows(days: Days) -> None:
    days.stage(place(), product(), review("1"), review("2", fit="small"), run_date=DAY)
    days.load(DAY)
    once = everything(days)
    days.load(DAY)
    assert everything(days) == once
    assert [len(rows) for rows in once.values()] == [1, 1, 2, 4, 2, 0]


def test_every_column_arrives_as_it_was_staged(days: Days) -> None:
    full = review("9", size_alias="095", fit="large", fit_slight=True, rating=4, size_option="[16] 라이트/M[095]")
    days.stage(product(sold_out='["XL"]', size_chart='[{"label": "M", "parts": {"총장": 69.5}}]'), full, run_date=DAY)
    days.load(DAY)
    assert days.rows(
        "SELECT product_id, gender, height_cm, weight_kg, size_option, size_label, size_alias, size_ruler, size_order,"
        " fit, fit_slight, rating, reviewed_on, captured_at, capture_line, first_run_date, last_run_date"
        " FROM core.review"
    ) == [
        (
            "100", "male", Decimal("175.0"), Decimal("69.0"), "[16] 라이트/M[095]", "M", "095", "letter", 3.0,
            "large", True, 4, date(2026, 11, 1), datetime(2026, 11, 20, 1, tzinfo=UTC), 1, DAY, DAY,
        )
    ]  # fmt: skip
    assert days.rows("SELECT name, price_krw, sold_out, size_chart, listed FROM core.product") == [
        ("맨투맨 100", 39000, '["XL"]', '[{"label": "M", "parts": {"총장": 69.5}}]', True)
    ]


def test_a_newer_day_replaces_the_row_and_keeps_its_first_day(days: Days) -> None:
    days.stage(product(price_krw=1000), review("1", size_label="S"), run_date=DAY)
    days.stage(product(price_krw=2000, run_date=NEXT), review("1", size_label="L", run_date=NEXT), run_date=NEXT)
    days.load(DAY)
    days.load(NEXT)
    assert days.rows("SELECT size_label, first_run_date, last_run_date FROM core.review") == [("L", DAY, NEXT)]
    assert days.rows("SELECT price_krw, first_run_date, last_run_date FROM core.product") == [(2000, DAY, NEXT)]


def test_an_older_day_loaded_later_only_moves_the_first_day_back(days: Days) -> None:
    days.stage(product(price_krw=1000), review("1", size_label="S"), run_date=DAY)
    days.stage(product(price_krw=2000, run_date=NEXT), review("1", size_label="L", run_date=NEXT), run_date=NEXT)
    days.load(NEXT)
    days.load(DAY)
    assert days.rows("SELECT size_label, first_run_date, last_run_date FROM core.review") == [("L", DAY, NEXT)]
    assert days.rows("SELECT price_krw, first_run_date, last_run_date FROM core.product") == [(2000, DAY, NEXT)]


def test_the_order_of_days_does_not_matter_to_core(days: Days) -> None:
    days.stage(place(), product(), review("1"), review("2"), run_date=DAY)
    days.stage(
        place(run_date=NEXT, product_id="101"),
        product("101", run_date=NEXT),
        review("2", run_date=NEXT, size_label="L"),
        review("3", run_date=NEXT),
        run_date=NEXT,
    )
    days.load(DAY)
    days.load(NEXT)
    in_order = {table: rows for table, rows in everything(days).items() if table.startswith("core")}
    days.empty(*TABLES)
    days.load(NEXT)
    days.load(DAY)
    assert {table: rows for table, rows in everything(days).items() if table.startswith("core")} == in_order


def test_several_days_of_one_run_are_loaded_oldest_first(days: Days) -> None:
    days.stage(place(), product(), review("1"), run_date=DAY)
    days.stage(place(run_date=NEXT), product(run_date=NEXT), review("2", run_date=NEXT), run_date=NEXT)
    days.load(DAY, NEXT)
    assert sorted(days.rows("SELECT run_date, review_id FROM mart.sample")) == [(DAY, "1"), (NEXT, "1"), (NEXT, "2")]
    assert sorted(days.rows("SELECT run_date, rank FROM core.product_rank")) == [(DAY, 1), (NEXT, 1)]


def test_a_ranking_that_became_shorter_leaves_no_tail(days: Days) -> None:
    days.stage(product(), *(place(rank) for rank in range(1, 6)), run_date=DAY)
    days.load(DAY)
    days.stage(product(), place(1), place(2, category="outer"), run_date=DAY)
    days.load(DAY)
    assert sorted(days.rows("SELECT category, rank FROM core.product_rank")) == [("outer", 2), ("tops", 1)]


def test_a_row_that_a_replay_takes_back_leaves_core(days: Days) -> None:
    days.stage(product(), product("101"), review("1"), review("2"), run_date=DAY)
    days.load(DAY)
    days.stage(product(), review("1"), run_date=DAY)
    days.load(DAY)
    assert days.rows("SELECT review_id FROM core.review") == [("1",)]
    assert days.rows("SELECT product_id FROM core.product") == [("100",)]


def test_a_row_of_another_day_survives_the_replay_of_a_day_without_it(days: Days) -> None:
    days.stage(product(), review("1"), run_date=DAY)
    days.load(DAY)
    days.stage(product(run_date=NEXT), review("2", run_date=NEXT), run_date=NEXT)
    days.load(NEXT)
    days.stage(product(run_date=NEXT), run_date=NEXT)
    days.load(NEXT)
    assert days.rows("SELECT review_id FROM core.review") == [("1",)]


def test_an_empty_day_empties_staging_and_loads_nothing(days: Days) -> None:
    days.stage(place(), product(), review("1"), run_date=DAY)
    days.load(DAY)
    days.stage(run_date=NEXT)
    assert warehouse.plan_copies(days.lake, [NEXT]) == []
    days.load(NEXT)
    assert days.rows("SELECT COUNT(*) FROM staging.review") == [(0,)]
    assert days.rows("SELECT review_id FROM core.review") == [("1",)]


def test_malls_with_the_same_numbers_stay_apart(days: Days) -> None:
    days.stage(
        *(build(mall=mall) for mall in ("musinsa", "29cm", "zigzag") for build in (place, product, review)),
        run_date=DAY,
    )
    days.load(DAY)
    assert len(days.rows("SELECT mall FROM core.review")) == 3
    assert sorted(days.rows("SELECT mall, size_index FROM mart.sample")) == [("29cm", 1), ("musinsa", 1), ("zigzag", 1)]


def test_a_review_shown_under_two_colours_is_stored_once_and_counted(days: Days) -> None:
    later = datetime(2026, 11, 20, 2, tzinfo=UTC)
    days.stage(product(), review("1", rating=1), review("1", rating=5, captured_at=later), run_date=DAY)
    warnings = days.copy(DAY)
    report = warehouse.merge(DAY)
    assert report["rows"]["review"] == {"staged": 2, "duplicates": 1, "loaded": 1}
    assert days.rows("SELECT rating FROM core.review") == [(5,)]
    assert warnings == [
        "staging.review: a review is staged more than once for a day; the newest capture counts: "
        "1 rows, such as musinsa/1/2026-11-20"
    ]


def test_a_sibling_that_a_ranking_lists_too_counts_as_listed(days: Days) -> None:
    later = datetime(2026, 11, 20, 2, tzinfo=UTC)
    days.stage(product(), product(listed=False, captured_at=later), run_date=DAY)
    days.load(DAY)
    assert days.rows("SELECT listed FROM core.product") == [(True,)]


def test_a_row_of_a_foreign_day_stops_the_load_before_core(days: Days) -> None:
    days.stage(product(), review("1"), replace(review("2"), run_date=NEXT), run_date=DAY)
    with pytest.raises(ChecksFailed, match="staging.review: a staged review is of a day .* 1 rows, such as musinsa/2/"):
        days.copy(DAY)


def test_values_that_our_own_parser_may_not_write_stop_the_load(days: Days) -> None:
    days.stage(
        *(review("1", gender="남성"), review("2", fit="loose"), review("3", rating=6)),
        *(review("4", fit_slight=True), review("5", size_ruler=None), review("6", height_cm=Decimal("0.0"))),
        *(product("7", category="hats"), product("8", gender="male"), product("9", price_krw=-1)),
        place(rank=0),
        run_date=DAY,
    )
    with pytest.raises(ChecksFailed) as failure:
        days.copy(DAY)
    assert str(failure.value).split("; ") == [
        "staging.product_rank: a staged place has an impossible rank or an unknown category: "
        "1 rows, such as musinsa/tops/2026-11-20/0",
        "staging.product: a staged product has a category or a gender that is not one of ours: "
        "2 rows, such as musinsa/7/2026-11-20, musinsa/8/2026-11-20",
        "staging.product: a staged product has a gender marked implied and no gender, or a price below zero: "
        "1 rows, such as musinsa/9/2026-11-20",
        "staging.review: a staged review has a gender, fit or rating that is not one of ours: "
        "3 rows, such as musinsa/1/2026-11-20, musinsa/2/2026-11-20, musinsa/3/2026-11-20",
        'staging.review: a staged review has a size label without a ruler, or "slightly" without small or large: '
        "2 rows, such as musinsa/4/2026-11-20, musinsa/5/2026-11-20",
        "staging.review: a staged height or weight is not above zero: 1 rows, such as musinsa/6/2026-11-20",
    ]


def test_a_failed_check_leaves_core_as_it_was(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    days.stage(product(), review("1"), run_date=DAY)
    days.load(DAY)
    before = everything(days)
    days.stage(product(run_date=NEXT), review("2", run_date=NEXT), run_date=NEXT)
    days.copy(NEXT)
    monkeypatch.setattr(warehouse.checks, "run", _fail)
    with pytest.raises(ChecksFailed):
        warehouse.merge(NEXT)
    with pytest.raises(ChecksFailed):
        warehouse.build_samples(DAY)
    assert everything(days) == before


def _fail(*_) -> list[str]:
    raise ChecksFailed("for the test")


def test_a_ranking_far_smaller_than_its_last_days_is_reported(days: Days) -> None:
    for ago in range(5, 0, -1):
        day = DAY - timedelta(days=ago)
        days.stage(product(run_date=day), *(place(rank, run_date=day) for rank in range(1, 5)), run_date=day)
        days.load(day)
    days.stage(product(), place(1), run_date=DAY)
    days.copy(DAY)
    assert any(
        "less than half" in warning and "musinsa/tops/1" in warning for warning in warehouse.merge(DAY)["warnings"]
    )


def test_a_ranked_product_without_a_row_is_reported_and_not_unloaded(days: Days) -> None:
    days.stage(place(1, "100"), place(2, "999"), product("100"), run_date=DAY)
    days.copy(DAY)
    assert any("musinsa/tops/2/999" in warning for warning in warehouse.merge(DAY)["warnings"])
