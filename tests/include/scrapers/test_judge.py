"""A mall's counts of a run against its earlier days, on a real database."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from include import serving
from include.scrapers import judge
from include.scrapers.bands import OutOfBand
from include.scrapers.parse import parse_unit
from include.scrapers.plan import Unit
from tests.include.scrapers.fakes import DAY, FakeLake, card, document, put_raw, ranking, review, review_list

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("malls_file")]

UNIT = Unit("musinsa", "tops", DAY.isoformat(), "run")


def parsed(option: str = "M", name: str = "goodsOption") -> FakeLake:
    """A lake with a run of one product and thirty reviews, whose option stands in a field of that name."""
    rows = [{key: value for key, value in review(n, "10").items() if key != "goodsOption"} for n in range(1, 31)]
    lists = [review_list("10", *(row | {name: option} for row in rows), total=30)]
    lake = FakeLake()
    put_raw(lake, "raw", "tops", [ranking("001", card("10", 1))], {"10": ([document("10")], lists)}, whole=["10"])
    parse_unit(lake, UNIT)
    return lake


def remember(connection: psycopg.Connection, lake: FakeLake, days: int) -> None:
    """The counts of this run, as those of so many days before it."""
    counts = lake.get_json(UNIT.state_key(UNIT.part))["counts"]
    for back in range(1, days + 1):
        for entity, kind in judge.KIND_OF.items():
            row = vars(judge.counts_of(counts[entity]))
            serving.record_scrape_run(connection, run_date=DAY - timedelta(days=back), mall="musinsa", kind=kind, **row)


def test_a_renamed_field_that_reads_as_not_stated_fails_the_mall_with_the_numbers(
    connection: psycopg.Connection,
) -> None:
    remember(connection, parsed(), 5)
    assert judge.judge(parsed(), connection, [UNIT]) == []
    renamed = parsed(name="goodsOptionName")
    with pytest.raises(OutOfBand, match=r"musinsa is not as usual on 2026-11-20: .*without size_label: 1\.00 of 30"):
        judge.judge(renamed, connection, [UNIT])
    accepted = judge.judge(renamed, connection, [UNIT], accept=True)
    assert [words.split(":")[0] for words in accepted][:1] == ["reviews without size_option"]


def test_a_spelling_that_is_refused_fails_the_mall_and_too_few_runs_do_not(connection: psycopg.Connection) -> None:
    refused = parsed(option="24.10.24")
    remember(connection, parsed(), 4)
    assert judge.judge(refused, connection, [UNIT]) == []
    remember(connection, parsed(), 5)
    with pytest.raises(OutOfBand, match=r"reviews refused: 1\.00 of 30, usual 0\.00 to"):
        judge.judge(refused, connection, [UNIT])


def test_runs_of_the_day_itself_and_of_other_malls_are_no_history(connection: psycopg.Connection) -> None:
    remember(connection, parsed(), 4)
    for mall, day in (("musinsa", DAY), ("29cm", DAY - timedelta(days=1))):
        serving.record_scrape_run(
            connection, run_date=day, mall=mall, kind="reviews", captured=30, parsed=30, refused=0
        )
    assert judge.judge(parsed(option="24.10.24"), connection, [UNIT]) == []
