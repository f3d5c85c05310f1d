"""Every folder of tests/pages: saved pages and the records that must come of them. A new case is a new folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from include import settings
from include.scrapers.sites import SITES
from tests.include.scrapers.saved_pages import PAGES, plain, read, saved_page

CASES = sorted(case for mall in SITES for case in (PAGES / mall).iterdir())


@pytest.mark.page
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_a_saved_page_gives_the_expected_records(case: Path, malls_file: Path) -> None:
    meta, captures = saved_page(case)
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))

    records = [plain(record) for record in read(meta, captures, settings.mall(case.parent.name))]

    assert len(records) == len(expected)
    for record, wanted in zip(records, expected, strict=True):
        assert {name: record.get(name, "absent") for name in wanted} == wanted


@pytest.mark.parametrize("mall", SITES)
def test_there_are_saved_pages_of_every_kind(mall: str) -> None:
    kinds = {json.loads((case / "meta.json").read_text(encoding="utf-8"))["reads"] for case in (PAGES / mall).iterdir()}
    assert kinds == {"ranking", "product", "reviews"}
