"""A bare loop: the same documents opened and the same list responses triggered as in a recorded scrape, and no more.

No pace, no robots.txt, no reading of what came, no storing, and no listening to the network: the page itself tells when
the answer is there. It is what a scraper in this browser cannot be faster than.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from include.scrapers import browser, browser_folder
from include.scrapers.browser import Browser
from include.scrapers.captures import Response

_SECONDS = 30
# Scrolls to the end until the page has received the address so many times.
_WAIT = """
const [url, times, done] = arguments;
performance.setResourceTimingBufferSize(10000);
const there = () => performance.getEntriesByName(url).length >= times;
const end = () => { scrollBy(0, -8); scrollTo(0, document.documentElement.scrollHeight); };
let turn = 0;
const look = () => {
  if (there()) return done(true);
  if (turn++ % 20 === 0) end();
  setTimeout(look, 3);
};
look();
"""
_ASK = "fetch(arguments[0]).then((answer) => answer.text()); return null"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a scrape did: `open` or `ask` an address, or `receive` the answer of one."""

    verb: str
    url: str


class Recorder(Browser):
    """A browser that writes down what it was asked for and which answers were read."""

    def __init__(self, user_agent: str, hosts: Iterable[str], steps: list[Step]) -> None:
        super().__init__(user_agent, hosts)
        self._steps = steps

    def open(self, url: str) -> None:
        self._steps.append(Step("open", url))
        super().open(url)

    def ask(self, url: str) -> None:
        self._steps.append(Step("ask", url))
        super().ask(url)

    def body(self, response: Response) -> str:
        if not response.is_document:
            self._steps.append(Step("receive", response.url))
        return super().body(response)


def run(steps: Iterable[Step], user_agent: str) -> float:
    """Seconds for all steps in one browser, its start included. Raises TimeoutException where an answer stays out."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="otto-bare-"))
    driver = _start(folder, user_agent)
    try:
        times: Counter[str] = Counter()
        for step in steps:
            if step.verb == "open":
                driver.get(step.url)
                times.clear()
            elif step.verb == "ask":
                driver.execute_script(_ASK, step.url)
            else:
                times[step.url] += 1
                driver.execute_async_script(_WAIT, step.url, times[step.url])
        return time.monotonic() - began
    finally:
        driver.quit()
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, user_agent: str) -> webdriver.Chrome:
    """The scraper's browser: the same program, flags and preferences, without its ear on the network."""
    options = Options()
    options.binary_location = browser_folder.program(None, "chromium", "chromium-browser", "google-chrome")
    options.page_load_strategy = "eager"
    options.add_experimental_option("prefs", {"profile.managed_default_content_settings.images": 2})
    for flag in (*browser._FLAGS, f"--user-data-dir={folder}/profile", f"--user-agent={user_agent}", "--no-sandbox"):
        options.add_argument(flag)
    service = Service(browser_folder.program(None, "chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    driver.set_page_load_timeout(_SECONDS)
    driver.set_script_timeout(_SECONDS)
    return driver
