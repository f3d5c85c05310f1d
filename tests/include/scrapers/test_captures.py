"""A stored capture comes back as it was, with what its request asked for."""

from __future__ import annotations

from include.scrapers import captures
from include.scrapers.captures import Capture
from tests.include.scrapers.fakes import DAY, MOMENT, FakeLake

POSTED = Capture("reviews", "https://api.x/graphql/List", 200, MOMENT, '{"data": {}}', '[{"variables": {"id": "7"}}]')
GOTTEN = Capture("reviews", "https://www.x/list?page=2", 404, MOMENT, "없는 페이지")


def test_captures_come_back_in_their_order_with_what_they_asked_for() -> None:
    lake = FakeLake()
    key = captures.store(lake, "musinsa", "reviews", DAY, "run-1", [POSTED, GOTTEN])
    found = captures.read(lake, "musinsa", "reviews", DAY, "run-1")
    assert [page.capture for page in found] == [POSTED, GOTTEN]
    assert [(page.source.capture_key, page.source.capture_line) for page in found] == [(key, 1), (key, 2)]


def test_a_part_that_was_stored_before_requests_were_kept_is_read() -> None:
    lake = FakeLake()
    key = captures.raw_key("musinsa", "reviews", DAY, "old")
    row = {"kind": "reviews", "url": "https://www.x", "status": 200, "fetched_at": MOMENT.isoformat(), "body": "{}"}
    lake.put_lines(key, [row])
    (page,) = captures.read(lake, "musinsa", "reviews", DAY, "old")
    assert page.capture.request_body is None
