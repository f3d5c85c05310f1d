"""The browser: the only module that imports selenium.

A headless Chromium that is asked to open an address, to scroll and to ask, and that gives back what the page itself
received: documents and list responses, seen as WebDriver BiDi network events and fetched with network.getData
(docs/decisions). It is started here, or had from the Selenium Grid that OTTO_BROWSER_URL names; all else is the same.
Events arrive on selenium's own threads and in no certain order, so they only enter a queue; all decisions are made by
the caller's thread.
"""

from __future__ import annotations

import base64
import contextlib
import logging
import os
import queue
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from typing import Any
from urllib.parse import urlsplit

import urllib3.exceptions
from selenium import webdriver
from selenium.common.exceptions import TimeoutException, WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.remote_connection import RemoteConnection
from websocket import WebSocketException
from websocket import _abnf as websocket_frames

from include import settings
from include.scrapers import browser_folder
from include.scrapers.captures import Response
from include.scrapers.errors import BrowserLost, PageTimedOut, PageUnreachable
from include.scrapers.traffic import REDIRECTS, Traffic, is_data, is_document

log = logging.getLogger(__name__)

_PAGE_SECONDS = 30  # a page or script that takes longer has failed
_DRIVER_SECONDS = 60  # a driver that is silent for longer hangs; a Grid without a free browser says so before
_END_SECONDS = 5  # a Grid that does not end a session in this time is asked again by the next browser
_POLL_SECONDS = 0.002  # selenium polls for its answers; its default of 0.1 s would cap us at ten answers a second
_PAGES_A_TAB = 25
_MAX_BODY_BYTES = 20_000_000

_FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-dev-shm-usage",  # /dev/shm is 64 MB in containers
    "--window-size=1280,1600",  # a tall window: fewer scrolls for the same rows
)

# The page itself asks, so that the answer comes as its own. It reads the body: one that nobody reads is not sent whole.
_ASK = "fetch(arguments[0]).then((answer) => answer.text()).catch(() => undefined); return null"
# The page is scrolled as a reader would: a little up first, so that a page already at its end notices. It is scrolled
# again only where nothing has arrived since the last time, which the page knows before we do, or it would ask for more.
_SCROLL = """
performance.setResourceTimingBufferSize(100000);
const arrived = performance.getEntriesByType("resource").length;
if (arguments[0] === null || arguments[0] === arrived) {
    window.scrollBy(0, -8);
    window.scrollTo(0, document.documentElement.scrollHeight);
}
return arrived;
"""


def _is_utf8(utfbytes: str | bytes) -> bool:
    try:
        utfbytes.encode() if isinstance(utfbytes, str) else utfbytes.decode("utf-8")
    except UnicodeError:
        return False
    return True


# The websocket library, which selenium uses, looks at each byte in Python: 0.6 ms for a kilobyte, on the one thread by
# which every answer and event comes.
websocket_frames.validate_utf8 = _is_utf8


class Browser:
    """One Chromium. Use it as a context manager; it leaves neither process nor file behind."""

    def __init__(self, user_agent: str, hosts: Iterable[str]) -> None:
        browser_folder.sweep(_end_session)
        self._grid = settings.browser_url()
        self._folder = browser_folder.make()
        self._traffic = Traffic()
        self._departures: queue.SimpleQueue[tuple[str, float]] = queue.SimpleQueue()
        self._arrived: int | None = None  # what the page had received when it was last scrolled
        self.pages = 0  # opened so far; the owner recycles a browser by it
        try:
            with _errors("the browser's start"):
                options = _options(user_agent, tuple(hosts))
                self._driver = self._start_there(options, self._grid) if self._grid else self._start_here(options)
                self._listen()
        except Exception:
            self.close()
            raise

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self, url: str) -> None:
        """Load a page up to its parsed document; its data may still be on the way. Raises PageUnreachable."""
        self._traffic = Traffic()
        with _errors(url):
            if self.pages and self.pages % _PAGES_A_TAB == 0:
                self._renew_tab()
            self.pages += 1
            self._driver.get(url)

    def scroll(self, again: bool = False) -> None:
        """Scroll to the end of the page; `again` where the last scroll may have been lost."""
        with _errors("scroll"):
            self._arrived = self._driver.execute_script(_SCROLL, self._arrived if again else None)

    def ask(self, url: str) -> None:
        """Have the open page ask for an address; the answer comes by next_response()."""
        with _errors(url):
            self._driver.execute_script(_ASK, url)

    def next_response(self, seconds: float) -> Response | None:
        """The next document or data response since open(); None where none came in time."""
        try:
            return self._traffic.responses.get(timeout=seconds)
        except queue.Empty:
            return None

    def departures(self) -> Iterator[tuple[str, float]]:
        """Documents and data asked for since the last call: the host, and when, in monotonic seconds."""
        with contextlib.suppress(queue.Empty):
            while True:
                yield self._departures.get_nowait()

    def is_loading(self) -> bool:
        """Whether data that the page asked for is still on the way, or here and not yet taken."""
        return self._traffic.is_loading()

    def body(self, response: Response) -> str:
        """The text of a response."""
        body = self._traffic.bodies.pop(response.request_id, None)
        if body is None:
            raise BrowserLost(f"{response.url}: its body was given away before")
        with _errors(response.url):
            return body.result(_DRIVER_SECONDS)

    def close(self) -> None:
        """End the browser, whatever state it is in. Nothing of it is kept, so one of our own is killed: a polite end
        takes a second, and one that hangs would not answer for minutes. A Grid's is ended by ending its session.
        """
        driver: Any = getattr(self, "_driver", None)  # none where it did not start
        ended = True
        if self._grid and driver is not None:
            ended = _end_session(self._grid, driver.session_id)
            with contextlib.suppress(Exception):
                connection = driver._websocket_connection  # a Grid that hangs does not close it
                connection.response_wait_timeout = _END_SECONDS
                connection.close()
        if ended:
            browser_folder.end(self._folder)
        else:
            browser_folder.leave(self._folder)
        # What selenium holds in this process. Its quit() would ask the dead driver, again and again; the thread that
        # listens has ended with the connection.
        with contextlib.suppress(Exception):
            if not self._grid:
                driver.service.stop()
            driver.command_executor.close()

    def _renew_tab(self) -> None:
        """Go on in a new tab: what the old one's pages have left in memory, some 4 MB each, goes with its process."""
        old = self._driver.current_window_handle
        self._driver.switch_to.new_window("tab")
        new = self._driver.current_window_handle
        self._driver.switch_to.window(old)
        self._driver.close()
        self._driver.switch_to.window(new)

    def _start_here(self, options: Options) -> webdriver.Chrome:
        options.binary_location = browser_folder.program(
            settings.chrome(), "chromium", "chromium-browser", "google-chrome"
        )
        options.add_argument(f"--user-data-dir={self._folder}/profile")
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")  # Chromium's sandbox refuses root
        # temporary files of browser and driver go where they are removed
        service = Service(
            browser_folder.program(settings.chromedriver(), "chromedriver"),
            env={**os.environ, "TMPDIR": str(self._folder)},
        )
        driver = webdriver.Chrome(options=options, service=service)
        browser_folder.note_driver(self._folder, service.process.pid)
        return driver

    def _start_there(self, options: Options, grid: str) -> webdriver.Remote:
        """Browser, profile and sandbox are the Grid's own."""
        # kept at once: whatever fails from here on, close() ends the session
        self._driver = driver = webdriver.Remote(
            grid, options=options, client_config=_connection_to(grid, _DRIVER_SECONDS)
        )
        browser_folder.note_session(self._folder, grid, str(driver.session_id))
        published = driver.caps.get("webSocketUrl")
        if not isinstance(published, str):
            raise BrowserLost(f"{grid} gives a session without a webSocketUrl: its node must allow BiDi")
        driver.caps["webSocketUrl"] = _by_way_of(grid, published)
        return driver

    def _listen(self) -> None:
        driver = self._driver
        patience: Any = driver.command_executor.client_config  # type: ignore[union-attr]
        patience.timeout = patience.websocket_timeout = _DRIVER_SECONDS
        patience.websocket_interval = _POLL_SECONDS
        driver.set_page_load_timeout(_PAGE_SECONDS)
        driver.set_script_timeout(_PAGE_SECONDS)
        network = driver.network
        self._collector = network.add_data_collector(data_types=["response"], max_encoded_data_size=_MAX_BODY_BYTES)[
            "collector"
        ]
        network.add_event_handler("before_request", self._on_request)
        network.add_event_handler("response_completed", self._on_response)
        network.add_event_handler("fetch_error", self._on_error)

    def _on_request(self, event: dict[str, Any]) -> None:  # selenium gives this one event as a plain dict
        request = event["request"]
        if is_data(request):
            self._traffic.asked.add(request["request"])
        if is_data(request) or is_document(request):
            self._departures.put((urlsplit(request["url"]).hostname or "", time.monotonic()))

    def _on_response(self, event: Any) -> None:
        request, response = event.request, event.response
        if response["status"] in REDIRECTS or not (is_document(request) or is_data(request)):
            return
        headers = {header["name"].lower(): header["value"].get("value", "") for header in response["headers"]}
        traffic = self._traffic
        body = traffic.bodies[request["request"]] = Future()
        traffic.end(request, response["url"], response["status"], headers)
        # Fetched on the event's own thread, while the page and the caller go on: a page's answers come together.
        try:
            body.set_result(self._fetch(request["request"]))
        except Exception as error:
            body.set_exception(error)  # raised where the body is wanted

    def _fetch(self, number: str) -> str:
        """A body, decoded as UTF-8: the malls' pages name no charset and Chromium would guess."""
        data = self._driver.network.get_data(
            data_type="response", collector=self._collector, disown=True, request=number
        )["bytes"]
        if data["type"] == "base64":
            return base64.b64decode(data["value"]).decode("utf-8", errors="replace")
        return data["value"]

    def _on_error(self, event: Any) -> None:
        if is_document(event.request) or is_data(event.request):
            self._traffic.end(event.request, event.request["url"], 0, {}, str(event.error_text))


@contextlib.contextmanager
def _errors(what: str) -> Iterator[None]:
    """Give selenium's errors our names."""
    try:
        yield
    except TimeoutException as error:
        raise PageTimedOut(f"{what}: no answer within {_PAGE_SECONDS} s") from error
    except WebDriverException as error:
        text = (error.msg or "").split("\n")[0]
        if "net::ERR" in text:
            raise PageUnreachable(f"{what}: {text}") from error
        raise BrowserLost(f"{what}: {text or type(error).__name__}") from error
    except (urllib3.exceptions.HTTPError, WebSocketException, OSError) as error:
        raise BrowserLost(f"{what}: the driver does not answer ({error!r:.200})") from error


def _options(user_agent: str, hosts: tuple[str, ...]) -> Options:
    """What a browser is like, wherever it runs."""
    options = Options()
    options.enable_bidi = True
    options.page_load_strategy = "eager"
    options.add_experimental_option("prefs", {"profile.managed_default_content_settings.images": 2})
    # Only the mall's own hosts resolve: nothing else is asked, by the page or by the browser.
    rules = ", ".join(["MAP * ~NOTFOUND", *(f"EXCLUDE {host}" for host in sorted(set(hosts)))])
    for flag in (*_FLAGS, f"--user-agent={user_agent}", f"--host-resolver-rules={rules}"):
        options.add_argument(flag)
    return options


def _connection_to(grid: str, seconds: int) -> ClientConfig:
    """One try, bounded: a silent Grid that is asked again and again would not be silent sooner."""
    return ClientConfig(
        grid, timeout=seconds, init_args_for_pool_manager={"init_args_for_pool_manager": {"retries": False}}
    )


def _by_way_of(grid: str, published: str) -> str:
    """The websocket's address at the host that the Grid is reached by: it publishes the one that it sees itself."""
    known, own = urlsplit(grid), urlsplit(published)
    return own._replace(scheme="wss" if known.scheme == "https" else "ws", netloc=known.netloc).geturl()


def _end_session(grid: str, session_id: str) -> bool:
    """End a Grid's browser; gives whether it is over."""
    connection = RemoteConnection(client_config=_connection_to(grid, _END_SECONDS))
    try:
        answer = connection.execute(Command.QUIT, {"sessionId": session_id})
        if answer.get("status", 0) < 400 or "invalid session id" in str(answer["value"]):
            return True
        log.warning("%s did not end the session %s: %.200s", grid, session_id, answer["value"])
    except (urllib3.exceptions.HTTPError, OSError) as error:
        log.warning("%s did not end the session %s within %d s: %r", grid, session_id, _END_SECONDS, error)
    finally:
        connection.close()
    return False
