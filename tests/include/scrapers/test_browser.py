"""The real browser: what the page receives is seen, a crash is named, nothing is left behind."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from include import settings
from include.scrapers import browser as browser_module
from include.scrapers.browser import Browser
from include.scrapers.errors import BrowserLost, PageUnreachable
from include.scrapers.tab import Tab
from tests.include.scrapers.conftest import Replica

pytestmark = pytest.mark.slow

AGENT = "OttoSizeBot/0.1 (test)"


class FreeWay:
    """A gate that lets all pass and a pace that never waits."""

    def check(self, url: str) -> None: ...

    def take(self, *hosts: str) -> None: ...

    def left(self, departures: object) -> None: ...


@pytest.fixture
def browser(replica: Replica) -> Iterator[Browser]:
    """A browser that may reach the replica's hosts."""
    with Browser(AGENT, ["*.musinsa.localhost"]) as running:
        yield running


def own_browsers() -> list[psutil.Process]:
    """Chromium and its driver among this process's descendants."""
    return [child for child in psutil.Process().children(recursive=True) if "chrom" in child.name()]


def own_folders() -> list[Path]:
    """Temporary folders of this process's browsers."""
    return list(Path(tempfile.gettempdir()).glob(f"otto-browser-{os.getpid()}-*"))


def test_the_page_what_it_asks_and_what_it_receives_are_seen_as_text(browser: Browser) -> None:
    origin = settings.mall("musinsa").origins["www"]
    browser.open(f"{origin}/main/musinsa/ranking?storeCode=musinsa&sectionId=199&categoryCode=001000&gf=A")
    seen = {}
    while (response := browser.next_response(5)) is not None:
        seen[response.url] = (response.is_document, response.status, browser.body(response))
        if "/sections/" in response.url:
            break
    documents = [body for is_document, _, body in seen.values() if is_document]
    assert len(documents) == 1
    assert "<html" in documents[0].lower()
    status, body = next(rest for url, (_, *rest) in seen.items() if "/sections/" in url)
    assert status == 200
    assert any("가" <= character <= "힣" for character in body)  # Korean came through whole

    product = json.loads(body)["data"]["modules"][1]["items"][0]["id"]
    browser.open(f"{origin}/products/{product}")
    posts = []
    while not posts:
        response = browser.next_response(5)
        assert response is not None
        posts = [response.request_body] if "inventories" in response.url else []
        assert posts or response.request_body is None
    assert list(json.loads(posts[0] or "")) == ["optionValueNos"]  # what a POST asked for is seen with its answer


def test_a_new_tab_takes_the_place_of_the_old_one_and_is_seen_as_well(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser_module, "_PAGES_A_TAB", 2)
    address = f"{settings.mall('musinsa').origins['www']}/main/musinsa/ranking?categoryCode=001000"
    tabs = []
    for _ in range(5):
        browser.open(address)
        seen = set()
        while len(seen) < 2:  # the document, and the list that its script asks for
            response = browser.next_response(5)
            assert response is not None
            assert browser.body(response)
            seen.add(response.is_document)
        while browser.next_response(0.3) is not None:  # what is late would be taken for the next page's
            pass
        tabs.append(browser._driver.window_handles)
    assert [len(open_now) for open_now in tabs] == [1] * 5
    assert len({open_now[0] for open_now in tabs}) == 3


def test_no_other_host_can_be_asked(browser: Browser) -> None:
    with pytest.raises(PageUnreachable, match="ERR_NAME_NOT_RESOLVED"):
        browser.open("http://www.example.com/")


def test_a_crashed_browser_is_named_and_nothing_is_left_of_it(replica: Replica) -> None:
    browser = Browser(AGENT, ["*.musinsa.localhost"])
    try:
        for process in own_browsers():
            process.kill()
        with pytest.raises(BrowserLost):
            browser.open(settings.mall("musinsa").origins["www"])
    finally:
        browser.close()
    assert own_browsers() == []
    assert own_folders() == []


@pytest.mark.parametrize("hung", ["chromedriver", "chromium"])
def test_a_driver_or_browser_that_hangs_is_replaced_and_the_page_is_read(
    replica: Replica, monkeypatch: pytest.MonkeyPatch, hung: str
) -> None:
    monkeypatch.setattr(browser_module, "_DRIVER_SECONDS", 6)
    monkeypatch.setattr(browser_module, "_PAGE_SECONDS", 3)
    origin = settings.mall("musinsa").origins["www"]
    page = f"{origin}/main/musinsa/ranking?storeCode=musinsa&sectionId=199&categoryCode=001000&gf=A"
    stopped: list[psutil.Process] = []

    def visit() -> str:
        tab.open(page, ())
        if not stopped:
            stopped.extend(process for process in own_browsers() if process.name().startswith(hung))
            for process in stopped:
                process.suspend()
            tab.open(page, ())
        return tab.receive("page", page.__eq__).body

    began = time.monotonic()
    free: Any = FreeWay()
    with Tab(lambda: Browser(AGENT, ["*.musinsa.localhost"]), free, free, {"www": origin}) as tab:
        assert "<html" in tab.patiently("a page", visit).lower()
    assert stopped
    assert time.monotonic() - began < 40
    assert not any(process.is_running() for process in stopped)
    assert own_browsers() == []
    assert own_folders() == []


def test_a_browser_that_a_setting_names_and_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTTO_CHROME", "/nowhere/chrome")
    with pytest.raises(BrowserLost, match="/nowhere/chrome"):
        Browser(AGENT, ["*.musinsa.localhost"])
    assert own_folders() == []


def test_a_browser_that_ends_as_it_starts_is_lost_so_that_another_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTTO_CHROME", "/bin/false")
    with pytest.raises(BrowserLost, match="the browser's start: session not created"):
        Browser(AGENT, ["*.musinsa.localhost"])
    assert own_browsers() == []
    assert own_folders() == []


def test_a_page_that_received_something_since_the_last_scroll_is_not_scrolled_again(browser: Browser) -> None:
    origin = settings.mall("musinsa").origins["www"]
    browser.open(f"{origin}/main/musinsa/ranking?storeCode=musinsa&sectionId=199&categoryCode=001000&gf=A")
    while browser.next_response(3) is not None:
        pass
    assert [host for host, _ in browser.departures()][0] == origin.split("//")[1].split(":")[0]
    place: Any = browser._driver
    place.execute_script("document.body.style.minHeight = '9000px'")  # room to scroll

    def scrolled(again: bool) -> bool:
        place.execute_script("scrollTo(0, 0)")
        browser.scroll(again)
        return place.execute_script("return scrollY") > 0

    assert scrolled(again=False)
    while browser.next_response(3) is not None:
        pass
    browser.scroll()
    assert scrolled(again=True)  # nothing has come since: the last scroll may have been lost
    browser.ask(f"{origin}/robots.txt")
    while browser.is_loading() and browser.next_response(3) is not None:
        pass
    assert not scrolled(again=True)
    assert scrolled(again=True)
