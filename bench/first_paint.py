"""How soon a visitor sees something: first contentful paint in a real Chromium, with nothing in its cache.

A phone is imitated as Lighthouse does it: a quarter of this machine's speed, 1.6 Mbit/s, 150 ms a round trip. The goal
is what web.dev calls good: 1.8 s.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from bench.row import Row, judged, reported
from bench.web_page import fill
from tests import servers
from tests.web import browser

LOADS = 7
GOAL_SECONDS = 1.8
_SLOW = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
_PAGES = {"the first visit": "/", "ranking of 40 products": "/", "product": "/products/musinsa/1000000"}
_PAINT = """
const [done] = arguments;
const found = () => performance.getEntriesByName('first-contentful-paint')[0];
const tell = () => {
  const parts = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
  done([found().startTime, parts.reduce((sum, each) => sum + each.transferSize, 0)]);
};
new PerformanceObserver(() => { if (found() && document.readyState === 'complete') tell(); })
  .observe({type: 'paint', buffered: true});
"""


def measure_first_paint() -> list[Row]:
    """Each page on an imitated phone and on this machine as it is."""
    with (
        tempfile.TemporaryDirectory(prefix="otto-bench-") as name,
        servers.postgres_server(Path(name)) as cluster,
    ):
        fill(cluster.dsn())
        with browser.site(cluster.dsn(), Path(name)) as origin:
            return [
                row
                for size, slow in ((browser.PHONE, True), (browser.DESKTOP, False))
                for row in _device(origin, size, slow)
            ]


def _device(origin: str, size: tuple[int, int], slow: bool) -> list[Row]:
    rows = []
    device = "slow phone" if slow else "desktop"
    with browser.chromium(size, "ko") as driver:
        for title, address in _PAGES.items():
            if title == "ranking of 40 products":
                _enter_a_body(driver, origin)
            if slow:
                driver.execute_cdp_cmd("Emulation.setCPUThrottlingRate", {"rate": 4})
                driver.execute_cdp_cmd("Network.enable", {})
                driver.execute_cdp_cmd("Network.emulateNetworkConditions", _SLOW)
            loads = [_load(driver, origin + address) for _ in range(LOADS)]
            seconds, transferred = np.median(np.array(loads), axis=0)
            what = f"first paint, {title}, {device}"
            rows.append(
                judged(what, seconds / 1000, "s", GOAL_SECONDS, "less") if slow else reported(what, seconds / 1000, "s")
            )
            if slow:
                rows.append(reported(f"transferred for {title}", transferred / 1024, "kB"))
    return rows


def _load(driver: Chrome, address: str) -> Any:
    driver.execute_cdp_cmd("Network.clearBrowserCache", {})
    driver.get(address)
    return driver.execute_async_script(_PAINT)


def _enter_a_body(driver: Chrome, origin: str) -> None:
    driver.get(origin)
    driver.find_element(By.ID, "first-height").send_keys("172")
    driver.find_element(By.ID, "first-weight").send_keys("68", Keys.ENTER)
    WebDriverWait(driver, 20).until(lambda d: d.find_elements(By.CSS_SELECTOR, ".who.chosen"))
