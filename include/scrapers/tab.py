"""A browser tab with manners: it asks leave, keeps the pace, listens to refusals, and gives captures.

Every request that a page of ours makes is accounted to its host's pace before the page is opened or scrolled, and once
more when it is seen to leave: what left late is moved there, and what nobody foresaw is counted. What goes wrong is
told apart: a slow-down (429, 503) is waited for by all workers, a broken answer is asked for again, a lost browser is
replaced, a captcha or a row of 403s closes the mall.
"""

from __future__ import annotations

import logging
import random
import re
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import urlsplit

from include.scrapers.captures import Capture, Response
from include.scrapers.errors import BrowserLost, MallStopped, PageBroken, PageTimedOut, PageUnreachable, Slowed
from include.scrapers.pace import Pace, Slot
from include.scrapers.robots import Gate

log = logging.getLogger(__name__)

_TRIES = 4
_FORBIDDEN_IN_A_ROW = 3
_BREAKER_SECONDS = 1800.0
_PAGES_A_BROWSER = 250  # memory grows with pages; a new browser costs 3 s
_ANSWER_SECONDS = 20.0
_MOMENT_SECONDS = 1.0  # a host's moment is used so soon, or another one is taken
_NUDGE_SECONDS = (0.05, 0.1, 0.2, 0.4)  # a page that has just drawn its rows may need a second scroll
# A text in another encoding is full of these; one or two may stand in what a buyer has written.
_UNREADABLE, _MOST_UNREADABLE = "\ufffd", 20
_CAPTCHA = re.compile(r"captcha|cf-challenge|자동\s*등록\s*방지|로봇이\s*아닙니다", re.IGNORECASE)

# (origin's role, path, answers)
type Reads = tuple[tuple[str, str, int], ...]


class AnyBrowser(Protocol):
    """What a tab needs of a browser."""

    pages: int

    def open(self, url: str) -> None: ...
    def scroll(self, again: bool = False) -> None: ...
    def ask(self, url: str) -> None: ...
    def next_response(self, seconds: float) -> Response | None: ...
    def departures(self) -> Iterable[tuple[str, float]]: ...
    def is_loading(self) -> bool: ...
    def body(self, response: Response) -> str: ...
    def close(self) -> None: ...


class Tab:
    """One browser at a time for one mall. Close it, or use it as a context manager."""

    def __init__(
        self,
        start: Callable[[], AnyBrowser],
        gate: Gate,
        pace: Pace,
        origins: Mapping[str, str],
        answer_seconds: float = _ANSWER_SECONDS,
    ) -> None:
        self._start = start
        self._gate = gate
        self._pace = pace
        self._origins = origins
        self._answer_seconds = answer_seconds
        self._browser: AnyBrowser | None = None
        self.address: str | None = None  # of the page that is open
        self._foreseen: list[tuple[str, Slot]] = []  # by host, what is to leave
        self._scrolled: str | None = None  # the host that the last scroll was to ask
        self._forbidden = 0
        self._failures = 0

    def __enter__(self) -> Tab:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the browser."""
        if self._browser is not None:
            try:
                self._account()
            finally:  # the browser ends even where the database is away
                self._browser.close()
                self._browser = None
                self.address = None

    def patiently[T](self, what: str, visit: Callable[[], T]) -> T:
        """Do a visit, again where that may help. Raises the last error, MallStopped, RobotsRefused or HostBlocked."""
        for attempt in range(1, _TRIES + 1):
            try:
                return visit()
            except (Slowed, PageBroken, PageUnreachable, BrowserLost) as error:
                if attempt == _TRIES:
                    if isinstance(error, Slowed):
                        self._stop(f"it asked for less {_TRIES} times in a row: {error}")
                    raise
                log.warning("%s, try %d of %d: %s", what, attempt, _TRIES, error)
                if isinstance(error, (BrowserLost, PageTimedOut)):
                    self.close()
                if not isinstance(error, Slowed):  # a slow-down has set its own wait for every worker
                    time.sleep(_jittered(0.5 * 2**attempt))
        raise AssertionError("unreachable")

    def open(self, url: str, reads: Reads) -> None:
        """Open a page that will ask for `reads`. Raises RobotsRefused, HostBlocked, PageUnreachable, BrowserLost."""
        self._gate.check(url)
        for role, path, _ in reads:
            self._gate.check(self._origins[role] + path)
        if self._browser is not None and self._browser.pages >= _PAGES_A_BROWSER:
            self.close()
        browser = self._ready()  # before the hosts' time is taken: a start takes seconds, in which others may ask
        self._account()
        self._foreseen.clear()  # what the last page was to ask for and did not
        self._scrolled = None
        self._take(_host(url), *(_host(self._origins[role]) for role, _, pages in reads for _ in range(pages)))
        self.address = None
        browser.open(url)
        self.address = url

    def ask(self, url: str) -> None:
        """Have the open page ask for an address, as a script does. Raises RobotsRefused, HostBlocked or BrowserLost."""
        self._gate.check(url)
        browser = self._ready()
        self._take(_host(url))
        browser.ask(url)

    def more(self, role: str, lists: int = 1) -> None:
        """Scroll for one more list response of an origin, or for as many as the page will then ask for by itself."""
        self._scrolled = _host(self._origins[role])
        browser = self._ready()
        if not browser.is_loading():  # else the page has asked for more by itself
            self._scroll(browser, lists)

    def receive(self, kind: str, wanted: Callable[[str], bool], nudge: bool = False) -> Capture:
        """The next response whose address is wanted. Raises PageBroken, Slowed, MallStopped.

        With `nudge` the page is scrolled again while it asks for nothing.
        """
        browser = self._ready()
        deadline = time.monotonic() + self._answer_seconds
        waits = iter(_NUDGE_SECONDS)
        while (left := deadline - time.monotonic()) > 0:
            step = next(waits, _NUDGE_SECONDS[-1])
            response = browser.next_response(min(step, left))
            # a document that nobody reads may still refuse us: a captcha, 403, 429
            if response is not None and (response.is_document or wanted(response.url)):
                capture = self._capture(kind, response)
                if wanted(response.url):
                    self._account()
                    return capture
            if response is None and nudge and not browser.is_loading():
                self._scroll(browser, again=True)
        raise PageBroken(f"the page gave no further {kind} answer within {self._answer_seconds:.0f} s")

    def _scroll(self, browser: AnyBrowser, lists: int = 1, again: bool = False) -> None:
        """Scroll, with a moment for each list that the page may then ask for: one that was taken and not used holds."""
        self._account()
        since = time.monotonic() - _MOMENT_SECONDS
        held = sum(host == self._scrolled and slot.due > since for host, slot in self._foreseen)
        if self._scrolled and held < lists:
            self._take(*[self._scrolled] * (lists - held))
        browser.scroll(again)

    def _take(self, *hosts: str) -> None:
        self._account()
        slot = self._pace.take(*hosts)
        self._foreseen += [(host, slot) for host in hosts]

    def _account(self) -> None:
        """Tell the pace what has left since it was last told."""
        departures = []
        for host, at in self._browser.departures() if self._browser else ():
            foreseen = next((one for one in self._foreseen if one[0] == host), None)
            if foreseen:
                self._foreseen.remove(foreseen)
            departures.append((host, at, foreseen[1] if foreseen else None))
        self._pace.left(departures)

    def _ready(self) -> AnyBrowser:
        if self._browser is None:
            self._browser = self._start()
        return self._browser

    def _capture(self, kind: str, response: Response) -> Capture:
        self._gate.check(response.url)  # a redirect may have led to another host
        host = _host(response.url)
        if response.error:
            raise PageBroken(f"{response.url}: {response.error}")
        if response.status in (429, 503):
            self._failures += 1
            asked = _retry_after(response.headers.get("retry-after"), response.received_at)
            seconds = asked if asked is not None else _jittered(min(60.0, 2.0**self._failures))
            self._pace.block(host, seconds, f"answered {response.status}")
            raise Slowed(f"{host} answered {response.status} and asks for {seconds:.0f} s")
        if response.status == 403:
            self._forbid(host)
        if response.status >= 500:
            raise PageBroken(f"{response.url} answered {response.status}")
        body = self._ready().body(response)
        if _is_cut_off(response, body):
            raise PageBroken(f"{response.url} was cut off after {len(body)} characters")
        if body.count(_UNREADABLE) > _MOST_UNREADABLE:
            raise PageBroken(f"{response.url}: {body.count(_UNREADABLE)} characters are not UTF-8")
        if response.is_document and response.status == 200 and _CAPTCHA.search(body[:4000]):
            self._stop(f"{host} shows a captcha")
        self._forbidden = self._failures = 0
        return Capture(kind, response.url, response.status, response.received_at, body, response.request_body)

    def _forbid(self, host: str) -> None:
        self._forbidden += 1
        if self._forbidden >= _FORBIDDEN_IN_A_ROW:
            self._stop(f"{host} answered 403 {self._forbidden} times in a row")
        raise PageBroken(f"{host} answered 403")

    def _stop(self, reason: str) -> None:
        """The circuit breaker: every host of the mall is left alone, by every worker."""
        hosts = sorted({_host(origin) for origin in self._origins.values()})
        for host in hosts:
            self._pace.block(host, _BREAKER_SECONDS, reason)
        raise MallStopped(f"{', '.join(hosts)} are left alone for {_BREAKER_SECONDS / 60:.0f} minutes: {reason}")


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _is_cut_off(response: Response, body: str) -> bool:
    """Whether an answer is shorter than it said, or JSON without its end: the browser hands over what came."""
    length = response.headers.get("content-length", "")
    if length.isdigit() and "content-encoding" not in response.headers and _UNREADABLE not in body:
        return len(body.encode()) < int(length)
    return "json" in response.headers.get("content-type", "") and not body.rstrip().endswith(("}", "]", '"'))


def _retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds of a Retry-After header, in its form as seconds or as a date; None where it is absent or unreadable."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


def _jittered(seconds: float) -> float:
    """About so long: workers that were refused together do not come back together."""
    return seconds * random.uniform(0.8, 1.2)  # noqa: S311 (no secret)
