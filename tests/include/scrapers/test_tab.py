"""Manners of a tab, with a browser and a pace that only note what is asked of them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from include.scrapers import tab as tab_module
from include.scrapers.captures import Capture, Response
from include.scrapers.errors import BrowserLost, MallStopped, PageBroken, Slowed
from include.scrapers.pace import Slot
from include.scrapers.robots import Answer, Gate, RobotsRefused
from include.scrapers.tab import Tab
from include.settings import Mall

ORIGINS = {"www": "http://www.x", "goods": "http://goods.x"}
READS = (("goods", "/list", 2),)


def response(url: str, status: int = 200, is_document: bool = False, **headers: str) -> Response:
    """A response as the browser gives it."""
    return Response(url, status, headers, is_document, datetime(2026, 11, 20, tzinfo=UTC), url)


class FakeBrowser:
    """Gives canned responses; notes what it was asked."""

    def __init__(self, responses: Iterable[Response | None] = (), body: str = "{}", fails: int = 0) -> None:
        self.pages = 0
        self.done: list[str] = []
        self.responses = deque(responses)
        self.text = body
        self.fails = fails
        self.gone: list[tuple[str, float]] = []

    def open(self, url: str) -> None:
        self.pages += 1
        self.done.append(f"open {url}")
        if self.fails:
            self.fails -= 1
            raise BrowserLost("crashed")

    def scroll(self, again: bool = False) -> None:
        self.done.append("scroll again" if again else "scroll")

    def ask(self, url: str) -> None:
        self.done.append(f"ask {url}")

    def next_response(self, seconds: float) -> Response | None:
        return self.responses.popleft() if self.responses else None

    def departures(self) -> Iterable[tuple[str, float]]:
        gone, self.gone = self.gone, []
        return gone

    def is_loading(self) -> bool:
        return False

    def body(self, response: Response) -> str:
        return self.text

    def close(self) -> None:
        self.done.append("close")


class FakePace:
    """Notes slots and blocks."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, ...]] = []
        self.blocked: list[tuple[str, float]] = []
        self.slots: list[Slot] = []
        self.gone: list[tuple[str, float, Slot | None]] = []

    def take(self, *hosts: str) -> Slot:
        self.taken.append(hosts)
        self.slots.append(Slot(datetime(2026, 11, 20, tzinfo=UTC), time.monotonic()))
        return self.slots[-1]

    def left(self, departures: Iterable[tuple[str, float, Slot | None]]) -> None:
        self.gone += departures

    def block(self, host: str, seconds: float, reason: str) -> None:
        self.blocked.append((host, seconds))


def make(browser: FakeBrowser, robots: Answer | None = None) -> tuple[Tab, FakePace]:
    """A tab over a fake browser and an open (or given) robots.txt."""
    mall = Mall("musinsa", ORIGINS, {}, 1.0, (), (), (), "OttoSizeBot/0.1")
    pace = FakePace()
    gate = Gate(mall, lambda url, agent: robots or Answer(404, b"", {}))
    return Tab(lambda: browser, gate, pace, ORIGINS, answer_seconds=0.2), pace  # type: ignore[arg-type]


def receive(tab: Tab) -> Capture:
    """The next list answer."""
    return tab.receive("reviews", lambda url: "/list" in url)


def test_a_page_takes_its_time_from_every_host_that_it_asks() -> None:
    browser = FakeBrowser()
    tab, pace = make(browser)
    tab.open("http://www.x/review/1", READS)
    browser.gone = [("goods.x", 1.0), ("goods.x", 1.0)]
    tab.more("goods")
    assert pace.taken == [("www.x", "goods.x", "goods.x"), ("goods.x",)]
    assert browser.done == ["open http://www.x/review/1", "scroll"]


def test_what_leaves_is_told_to_the_pace_with_the_slot_that_was_taken_for_it() -> None:
    browser = FakeBrowser([response("http://goods.x/list")])
    tab, pace = make(browser)
    tab.open("http://www.x/review/1", READS)
    browser.gone = [("www.x", 1.1), ("goods.x", 1.5), ("goods.x", 1.6), ("goods.x", 1.7)]
    receive(tab)
    (slot,) = pace.slots
    assert pace.gone == [
        ("www.x", 1.1, slot),
        ("goods.x", 1.5, slot),
        ("goods.x", 1.6, slot),
        ("goods.x", 1.7, None),  # foreseen by nobody
    ]


def test_what_a_page_never_asked_for_is_no_slot_of_the_next_page_s() -> None:
    browser = FakeBrowser()
    tab, pace = make(browser)
    tab.open("http://www.x/review/1", READS)
    browser.gone = [("www.x", 1.1)]
    tab.open("http://www.x/review/2", READS)
    browser.gone = [("goods.x", 2.5)]
    tab.close()
    assert [(host, slot) for host, _, slot in pace.gone] == [("www.x", pace.slots[0]), ("goods.x", pace.slots[1])]


def test_a_scroll_takes_a_moment_for_each_list_that_may_follow_and_another_only_where_none_is_held() -> None:
    browser = FakeBrowser()
    tab, pace = make(browser)
    tab.open("http://www.x/review/1", ())
    tab.more("goods", lists=2)
    browser.gone = [("goods.x", 1.0)]
    browser.responses.extend([None, None, response("http://goods.x/list")])
    tab.receive("reviews", lambda url: True, nudge=True)
    assert pace.taken[1:] == [("goods.x", "goods.x")]  # one of the two is still there
    browser.gone = [("goods.x", 1.0)]
    browser.responses.extend([None, response("http://goods.x/list")])
    tab.receive("reviews", lambda url: True, nudge=True)
    assert pace.taken[1:] == [("goods.x", "goods.x"), ("goods.x",)]
    assert browser.done[1:] == ["scroll", "scroll again", "scroll again", "scroll again"]


def test_a_browser_ends_where_the_pace_cannot_be_told() -> None:
    browser = FakeBrowser()
    tab, pace = make(browser)
    tab.open("http://www.x/review/1", ())

    def left(departures: object) -> None:
        raise ConnectionError("the database is away")

    pace.left = left  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        tab.close()
    assert browser.done[-1] == "close"
    tab.close()


def test_a_page_that_has_asked_by_itself_is_not_scrolled_for_more() -> None:
    browser = FakeBrowser()
    tab, pace = make(browser)
    tab.open("http://www.x/review/1", ())
    browser.is_loading = lambda: True  # type: ignore[method-assign]
    tab.more("goods")
    assert (browser.done, len(pace.taken)) == (["open http://www.x/review/1"], 1)


def test_a_browser_is_there_before_any_host_s_time_is_taken_for_it() -> None:
    browser = FakeBrowser()
    tab, pace = make(browser)
    started_at: list[int] = []
    tab._start = lambda: started_at.append(len(pace.taken)) or browser  # type: ignore[func-returns-value]
    tab.open("http://www.x/review/1", READS)
    tab.close()
    tab.ask("http://goods.x/list?page=0")
    assert started_at == [0, 1]
    assert len(pace.taken) == 2


def test_a_page_is_not_opened_when_a_host_whose_answer_it_reads_is_closed() -> None:
    browser = FakeBrowser()
    tab, pace = make(browser, Answer(200, b"User-agent: *\nDisallow: /list", {}))
    with pytest.raises(RobotsRefused, match=r"goods\.x"):
        tab.open("http://www.x/review/1", READS)
    assert browser.done == []
    assert pace.taken == []


def test_an_address_that_the_page_is_made_to_ask_for_needs_leave_and_takes_its_time() -> None:
    browser = FakeBrowser()
    tab, pace = make(browser, Answer(200, b"User-agent: *\nDisallow: /closed", {}))
    tab.ask("http://goods.x/list?page=0")
    with pytest.raises(RobotsRefused, match=r"goods\.x"):
        tab.ask("http://goods.x/closed")
    assert browser.done == ["ask http://goods.x/list?page=0"]
    assert ("goods.x",) in pace.taken


def test_a_tab_knows_which_page_is_open() -> None:
    browser = FakeBrowser()
    tab, _ = make(browser)
    tab.open("http://www.x/1", ())
    assert tab.address == "http://www.x/1"
    browser.fails = 1
    with pytest.raises(BrowserLost):
        tab.open("http://www.x/2", ())
    assert tab.address is None
    tab.open("http://www.x/3", ())
    tab.close()
    assert tab.address is None


def test_an_answer_becomes_a_capture_and_others_are_passed_over() -> None:
    tab, _ = make(FakeBrowser([response("http://goods.x/other"), None, response("http://goods.x/list?page=0")], "[]"))
    capture = receive(tab)
    assert (capture.kind, capture.url, capture.status, capture.body) == (
        "reviews",
        "http://goods.x/list?page=0",
        200,
        "[]",
    )


def test_a_page_that_asks_for_nothing_is_scrolled_again_and_given_up_in_the_end() -> None:
    browser = FakeBrowser()
    tab, _ = make(browser)
    with pytest.raises(PageBroken, match="no further reviews answer"):
        tab.receive("reviews", lambda url: True, nudge=True)
    assert "scroll again" in browser.done


def test_429_closes_the_host_for_as_long_as_it_asks() -> None:
    answer = Response("http://goods.x/list", 429, {"retry-after": "7"}, False, datetime.now(UTC), "1")
    tab, pace = make(FakeBrowser([answer]))
    with pytest.raises(Slowed):
        receive(tab)
    assert pace.blocked == [("goods.x", 7.0)]


@pytest.mark.parametrize(("text", "seconds"), [("7", 7.0), ("0", 0.0), ("DATE", 30.0), ("soon", None), (None, None)])
def test_retry_after_is_read_as_seconds_and_as_a_date(text: str | None, seconds: float | None) -> None:
    now = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
    value = format_datetime(now + timedelta(seconds=30), usegmt=True) if text == "DATE" else text
    assert tab_module._retry_after(value, now) == seconds


@pytest.mark.parametrize(
    ("headers", "body", "cut"),
    [
        ({"content-length": "9"}, '{"a": 1}', True),
        ({"content-length": "8"}, '{"a": 1}', False),
        ({"content-length": "5", "content-encoding": "gzip"}, '{"a": 1}', False),
        ({"content-type": "application/json"}, '{"a": 1, "b', True),
        ({"content-type": "application/json"}, '{"a": 1}\n', False),
        ({"content-type": "text/html"}, "<html>", False),
    ],
)
def test_an_answer_that_was_cut_off_is_broken_and_asked_for_again(headers: dict, body: str, cut: bool) -> None:
    answer = Response("http://goods.x/list", 200, headers, False, datetime.now(UTC), "1")
    tab, _ = make(FakeBrowser([answer], body))
    if cut:
        with pytest.raises(PageBroken, match="was cut off"):
            receive(tab)
    else:
        assert receive(tab).body == body


def test_a_mall_that_asks_for_less_again_and_again_is_left_alone() -> None:
    tab, pace = make(FakeBrowser([response("http://goods.x/list", 503)] * 4))
    with pytest.raises(MallStopped, match="it asked for less 4 times in a row"):
        tab.patiently("reviews", lambda: receive(tab))
    assert pace.blocked[-2:] == [("goods.x", 1800.0), ("www.x", 1800.0)]


def test_503_without_retry_after_waits_longer_each_time() -> None:
    tab, pace = make(FakeBrowser([response("http://goods.x/list", 503)] * 3))
    for _ in range(3):
        with pytest.raises(Slowed):
            receive(tab)
    assert [seconds for _, seconds in pace.blocked] == [pytest.approx(usual, rel=0.2) for usual in (2, 4, 8)]


def test_the_third_403_in_a_row_closes_the_mall() -> None:
    tab, pace = make(FakeBrowser([response("http://goods.x/list", 403)] * 3))
    for _ in range(2):
        with pytest.raises(PageBroken, match="403"):
            receive(tab)
    with pytest.raises(MallStopped, match="403 3 times in a row"):
        receive(tab)
    assert pace.blocked == [("goods.x", 1800.0), ("www.x", 1800.0)]


def test_403s_that_are_not_in_a_row_do_not_close_the_mall() -> None:
    statuses = [403, 403, 200, 403, 403]
    tab, pace = make(FakeBrowser([response("http://goods.x/list", status) for status in statuses]))
    for status in statuses:
        if status == 200:
            receive(tab)
        else:
            with pytest.raises(PageBroken):
                receive(tab)
    assert pace.blocked == []


def test_a_captcha_closes_the_mall_at_once() -> None:
    page = response("http://www.x/list", is_document=True)
    tab, pace = make(FakeBrowser([page], "<html><div class='g-recaptcha'>"))
    with pytest.raises(MallStopped, match="captcha"):
        receive(tab)
    assert pace.blocked == [("goods.x", 1800.0), ("www.x", 1800.0)]


def test_a_captcha_in_a_document_that_nobody_reads_closes_the_mall_too() -> None:
    tab, _ = make(FakeBrowser([response("http://www.x/main", is_document=True)], "<div class='g-recaptcha'>"))
    with pytest.raises(MallStopped, match="captcha"):
        receive(tab)


def test_a_lost_browser_is_replaced_and_the_visit_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tab_module.time, "sleep", lambda seconds: None)
    browser = FakeBrowser(fails=1)
    tab, _ = make(browser)
    tab.patiently("page", lambda: tab.open("http://www.x/1", ()))
    assert browser.done == ["open http://www.x/1", "close", "open http://www.x/1"]


def test_a_visit_that_keeps_failing_ends_with_its_last_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tab_module.time, "sleep", lambda seconds: None)
    browser = FakeBrowser(fails=99)
    tab, _ = make(browser)
    with pytest.raises(BrowserLost):
        tab.patiently("page", lambda: tab.open("http://www.x/1", ()))
    assert browser.done.count("open http://www.x/1") == 4


def test_a_worn_browser_is_replaced() -> None:
    browser = FakeBrowser()
    tab, _ = make(browser)
    for _ in range(251):
        tab.open("http://www.x/1", ())
    assert browser.done.count("close") == 1
    assert browser.done[-2:] == ["close", "open http://www.x/1"]


def test_a_browser_is_not_replaced_under_the_page_that_it_has_open() -> None:
    browser = FakeBrowser([response("http://goods.x/list")])
    tab, _ = make(browser)
    for _ in range(250):
        tab.open("http://www.x/1", ())
    receive(tab)
    tab.ask("http://goods.x/list")
    assert "close" not in browser.done
