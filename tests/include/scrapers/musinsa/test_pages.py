"""Every folder of tests/pages/musinsa: saved pages (with invented data) and the records that must come of them.

A new case is a new folder. `expected.json` lists the records in order, with the fields that the case is about; a
refusal is written as its reason code under `refused`.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from include import settings
from include.scrapers.captures import Capture, Stored
from include.scrapers.errors import PageChanged
from include.scrapers.musinsa import pages, reviews
from include.scrapers.records import Refusal, Source
from include.settings import Mall
from local.malls import malls_toml

CASES = Path(__file__).parents[3] / "pages" / "musinsa"
DAY = date(2026, 11, 20)
MOMENT = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)


@pytest.fixture
def mall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mall:
    """The replica's settings."""
    file = tmp_path / "malls.toml"
    file.write_text(malls_toml(8095), encoding="utf-8")
    monkeypatch.setenv("OTTO_MALLS_FILE", str(file))
    return settings.mall("musinsa")


def stored(capture: Capture, line: int = 1) -> Stored:
    """A capture with its place in the lake."""
    return Stored(capture, Source(MOMENT, "raw/key.jsonl.gz", line))


def saved_page(case: Path) -> tuple[dict[str, Any], list[Stored]]:
    """A case's meta data and its captures."""
    meta = json.loads((case / "meta.json").read_text(encoding="utf-8"))
    captures = [
        stored(
            Capture(
                meta["reads"],
                page["url"],
                page["status"],
                MOMENT,
                (case / page["file"]).read_text(encoding="utf-8"),
            ),
            line,
        )
        for line, page in enumerate(meta["pages"], start=1)
    ]
    return meta, captures


def read(meta: dict[str, Any], captures: list[Stored], mall: Mall) -> list[Any]:
    """All that a case's reader makes of its captures."""
    if meta["reads"] == "ranking":
        return list(pages.read_ranking(captures, mall, meta["category"], DAY))
    if meta["reads"] == "product":
        return [pages.read_product(captures, mall, meta["product_id"], DAY)]
    found = reviews.read_reviews(captures, mall, meta["product_id"], DAY)
    return [*found.reviews, *found.siblings]


def plain(record: Any) -> dict[str, Any]:
    """A record as the JSON of expected.json writes it."""
    fields = {name: value if _is_plain(value) else str(value) for name, value in asdict(record).items()}
    return fields | {"refused": record.reason_code} if isinstance(record, Refusal) else fields


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float))


@pytest.mark.page
@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_a_saved_page_gives_the_expected_records(case: Path, mall: Mall) -> None:
    meta, captures = saved_page(case)
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))

    records = [plain(record) for record in read(meta, captures, mall)]

    assert len(records) == len(expected)
    for record, wanted in zip(records, expected, strict=True):
        assert {name: record.get(name, "absent") for name in wanted} == wanted


def test_there_are_saved_pages_of_every_kind() -> None:
    kinds = {json.loads((case / "meta.json").read_text(encoding="utf-8"))["reads"] for case in CASES.iterdir()}
    assert kinds == {"ranking", "product", "reviews"}


def test_nothing_personal_leaves_a_review_page(mall: Mall) -> None:
    meta, captures = saved_page(CASES / "reviews_with_fields_that_cannot_be_read")
    for record in read(meta, captures, mall):
        text = json.dumps(plain(record), ensure_ascii=False)
        assert "가상의별명" not in text
        assert "후기" not in text
        assert "abc" not in text


@pytest.mark.parametrize(
    "body",
    ["<html>점검 중</html>", "[]", '{"data": null}', '{"data": {"items": []}}'],
)
def test_an_answer_without_its_envelope_is_a_changed_page_and_no_empty_one(body: str, mall: Mall) -> None:
    ranking = stored(Capture("ranking", "http://client.x/api/home/web/v5/pans/ranking/sections/199", 200, MOMENT, body))
    lists = stored(Capture("reviews", "http://goods.x/api2/review/v1/view/list?goodsNo=1&page=0", 200, MOMENT, body))
    with pytest.raises(PageChanged):
        pages.read_ranking([ranking], mall, "tops", DAY)
    with pytest.raises(PageChanged):
        reviews.read_reviews([lists], mall, "1", DAY)


def test_a_product_page_without_its_data_is_a_changed_page(mall: Mall) -> None:
    document = stored(Capture("product", "http://www.x/products/1", 200, MOMENT, "<html></html>"))
    with pytest.raises(PageChanged, match="__NEXT_DATA__"):
        pages.read_product([document], mall, "1", DAY)
