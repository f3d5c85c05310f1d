"""A browser of somebody else's, had by OTTO_BROWSER_URL: the same manners, and nothing of it stays behind there.

The remote end is a ChromeDriver, which speaks the same protocol as a Grid; `make test-grid` has a Grid as well.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg
import pytest

from include import settings
from include.lake import Lake
from include.scrapers import browser as browser_module
from include.scrapers.browser import Browser, _by_way_of
from include.scrapers.errors import BrowserLost, PageTimedOut, PageUnreachable
from include.settings import SettingsError
from local.stack import ROOT
from tests import servers
from tests.include.scrapers.conftest import Replica, run_all
from tests.include.scrapers.remote_ends import ENDS, RemoteEnd, grid
from tests.include.scrapers.test_browser import AGENT, own_folders

HOSTS = ["*.musinsa.localhost"]


@pytest.fixture(scope="module", params=["chromedriver", pytest.param("grid", marks=pytest.mark.grid)])
def running_end(request: pytest.FixtureRequest) -> Iterator[RemoteEnd]:
    with ENDS[request.param]() as end:
        yield end


@pytest.fixture
def end(running_end: RemoteEnd, monkeypatch: pytest.MonkeyPatch) -> Iterator[RemoteEnd]:
    """A remote end that the settings name; it has no browser before the test nor after it."""
    monkeypatch.setenv("OTTO_BROWSER_URL", running_end.url)
    monkeypatch.setenv("OTTO_CHROME", "/nowhere/chrome")  # what would start one here would fail
    monkeypatch.setenv("OTTO_CHROMEDRIVER", "/nowhere/chromedriver")
    yield running_end
    running_end.wait_for(browsers=0)
    assert own_folders() == []


def _ranking() -> str:
    origin = settings.mall("musinsa").origins["www"]
    return f"{origin}/main/musinsa/ranking?storeCode=musinsa&sectionId=199&categoryCode=001000&gf=A"


@pytest.mark.slow
def test_a_remote_browser_has_our_manners_sees_what_the_page_receives_and_is_ended(
    end: RemoteEnd, replica: Replica
) -> None:
    with Browser(AGENT, HOSTS) as browser:
        assert len(end.browsers()) == 1
        line = end.browsers()[0].cmdline()
        assert set(browser_module._FLAGS) | {f"--user-agent={AGENT}"} <= set(line)
        browser.open(_ranking())
        seen = {}
        while (response := browser.next_response(5)) is not None:
            seen[response.url] = (response.is_document, response.status, browser.body(response))
            if "/sections/" in response.url:
                break
        assert len([url for url, (is_document, *_) in seen.items() if is_document]) == 1
        status, body = next(rest for url, (_, *rest) in seen.items() if "/sections/" in url)
        assert status == 200
        assert json.loads(body)["data"]["modules"]
        assert browser._driver.execute_script("return navigator.userAgent") == AGENT
        with pytest.raises(PageUnreachable, match="ERR_NAME_NOT_RESOLVED"):
            browser.open("http://www.example.com/")
    end.wait_for(browsers=0, seconds=10)


@pytest.mark.slow
def test_a_mall_is_read_whole_by_remote_browsers(
    end: RemoteEnd, lake: Lake, connection: psycopg.Connection, replica: Replica
) -> None:
    served = replica.counts()
    totals = run_all(lake, connection, date(2026, 11, 20))
    assert totals["product_rank"]["staged"] == served["listed"]
    assert totals["product"]["staged"] == served["products"]
    assert totals["review"]["staged"] + totals["review"]["quarantined"] == served["reviews"]


@pytest.mark.slow
def test_a_remote_end_that_hangs_is_named_and_given_up_in_time_and_the_next_browser_ends_what_it_had(
    end: RemoteEnd, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser_module, "_DRIVER_SECONDS", 4)
    monkeypatch.setattr(browser_module, "_END_SECONDS", 1)
    browser = Browser(AGENT, HOSTS)
    hung = [end.process, *end.process.children(recursive=True)]
    for process in hung:
        process.suspend()
    try:
        began = time.monotonic()
        with pytest.raises(BrowserLost, match="does not answer"):
            browser.open(_ranking())
        browser.close()
        assert time.monotonic() - began < 15
    finally:
        for process in hung:
            process.resume()
    with Browser(AGENT, HOSTS) as another:
        end.wait_for(browsers=1)
        another.open(_ranking())


def test_a_remote_end_that_takes_the_question_and_is_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser_module, "_DRIVER_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("OTTO_BROWSER_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()
        with pytest.raises(BrowserLost, match="the browser's start: the driver does not answer .*timed out"):
            Browser(AGENT, HOSTS)
        assert time.monotonic() - began < 5
    assert own_folders() == []


@pytest.mark.slow
def test_a_page_that_is_silent_is_told_from_a_remote_end_that_hangs(
    end: RemoteEnd, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser_module, "_PAGE_SECONDS", 2)
    replica.fault(kind="slow", times=1, seconds=8, path="/main/musinsa/ranking")
    try:
        with Browser(AGENT, HOSTS) as browser, pytest.raises(PageTimedOut):
            browser.open(_ranking())
    finally:
        replica.mend()


@pytest.mark.slow
def test_the_browser_of_a_killed_worker_is_ended_by_the_next_one(end: RemoteEnd, replica: Replica) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.include.scrapers.remote_ends"], cwd=ROOT, timeout=60, check=False
    )
    assert done.returncode == -9
    (left,) = end.browsers()
    with Browser(AGENT, HOSTS):
        end.wait_for(browsers=1, seconds=10)
        assert end.browsers() != [left]


@pytest.mark.slow
def test_a_remote_browser_that_died_is_lost_so_that_another_is_tried(end: RemoteEnd, replica: Replica) -> None:
    browser = Browser(AGENT, HOSTS)
    try:
        for process in end.browsers():
            process.kill()
        with pytest.raises(BrowserLost):
            browser.open(_ranking())
    finally:
        browser.close()


def test_a_grid_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTTO_BROWSER_URL", f"http://127.0.0.1:{servers.free_port()}/")
    with pytest.raises(BrowserLost, match="the browser's start: the driver does not answer .*refused"):
        Browser(AGENT, HOSTS)
    assert own_folders() == []


def test_a_session_without_a_websocket_is_named_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class WithoutBidi(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name that http.server asks for
            asked.append((self.command, self.path))
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            told = {"sessionId": "s-1", "capabilities": {"browserName": "chrome"}} if self.path == "/session" else None
            body = json.dumps({"value": told}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_DELETE = do_POST

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), WithoutBidi) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("OTTO_BROWSER_URL", f"http://127.0.0.1:{server.server_address[1]}")
        try:
            with pytest.raises(BrowserLost, match="a session without a webSocketUrl"):
                Browser(AGENT, HOSTS)
        finally:
            server.shutdown()
            thread.join()
    assert asked == [("POST", "/session"), ("DELETE", "/session/s-1")]
    assert own_folders() == []


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("grid:4444", "must be the address of a Selenium Grid"),
        ("http://", "must be the address of a Selenium Grid"),
        ("http://otto:secret@grid:4444", "holds a user name"),
    ],
)
def test_an_address_that_cannot_work_is_refused_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch, address: str, what: str
) -> None:
    monkeypatch.setenv("OTTO_BROWSER_URL", address)
    with pytest.raises(SettingsError, match=f"OTTO_BROWSER_URL {what}") as caught:
        settings.browser_url()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("grid_url", "published", "used"),
    [
        ("http://grid:4444", "ws://172.22.0.3:4444/session/1/se/bidi", "ws://grid:4444/session/1/se/bidi"),
        ("https://grid.otto/wd", "ws://10.0.0.1:4444/wd/session/1", "wss://grid.otto/wd/session/1"),
        ("http://127.0.0.1:9515", "ws://127.0.0.1:9515/session/1", "ws://127.0.0.1:9515/session/1"),
    ],
)
def test_the_websocket_is_reached_by_the_way_that_the_grid_is(grid_url: str, published: str, used: str) -> None:
    assert _by_way_of(grid_url, published) == used


@pytest.mark.slow
@pytest.mark.grid
def test_a_grid_that_believes_to_have_another_address_serves_all_the_same(
    replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    with grid(SE_NODE_GRID_URL="http://192.0.2.1:4444") as elsewhere:
        monkeypatch.setenv("OTTO_BROWSER_URL", elsewhere.url)
        with Browser(AGENT, HOSTS) as browser:
            browser.open(_ranking())
            assert browser.next_response(10) is not None


@pytest.mark.slow
@pytest.mark.grid
def test_a_grid_without_a_free_browser_says_so(replica: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    with grid(queue_seconds=15) as busy:
        monkeypatch.setenv("OTTO_BROWSER_URL", busy.url)
        with Browser(AGENT, HOSTS), Browser(AGENT, HOSTS):
            with pytest.raises(BrowserLost, match="the browser's start: Could not start a new session"):
                Browser(AGENT, HOSTS)
            assert len(busy.browsers()) == 2
        busy.wait_for(browsers=0)
        with Browser(AGENT, HOSTS) as free:
            free.open(_ranking())
