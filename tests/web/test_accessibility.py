"""Every kind of page before axe-core, in a real Chromium, on phone and desktop."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome

from tests.web import browser
from tests.web.browser import DESKTOP, PHONE, chromium

pytestmark = pytest.mark.slow

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core's script, from the wheel that carries it."""
    found = importlib.util.find_spec("axe_selenium_python")
    if found is None or found.origin is None:
        pytest.skip("axe-selenium-python is not installed: run make setup")
    return (Path(found.origin).parent / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def origin(site_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The site with a release."""
    with browser.site(site_dsn, tmp_path_factory.mktemp("site")) as running:
        yield running


def _violations(driver: Chrome, axe: str) -> list[Any]:
    driver.execute_script(axe)
    found = driver.execute_async_script(
        "const done = arguments[1]; axe.run(document, {runOnly: arguments[0]}).then(done)", _RULES
    )
    assert len(found["passes"]) > 15
    return [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found["violations"]]


@pytest.mark.parametrize(("size", "language"), [(PHONE, "ko"), (DESKTOP, "en")])
def test_no_page_breaks_a_rule(origin: str, axe: str, size: tuple[int, int], language: str) -> None:
    with chromium(size, language, scripts=True) as driver:
        for address in ("/", "/products/musinsa/1000000", "/nowhere"):
            driver.get(origin + address)
            assert _violations(driver, axe) == []
        driver.get(f"{origin}/")
        driver.find_element("id", "first-height").send_keys("172")
        driver.find_element("id", "first-weight").send_keys("68\n")
        driver.implicitly_wait(5)
        driver.find_element("css selector", ".change summary").click()
        assert _violations(driver, axe) == []
        for product_id in ("1000000", "1000002"):
            driver.get(f"{origin}/products/musinsa/{product_id}")
            driver.find_element("css selector", ".change summary").click()
            assert _violations(driver, axe) == []
