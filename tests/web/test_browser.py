"""The page in a real Chromium: phone and desktop, both languages, by keyboard, with and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tests.web import browser
from tests.web.browser import DESKTOP, PHONE, chromium, keep_picture, policy_breaches

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def origin(site_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The site with a release."""
    with browser.site(site_dsn, tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="module")
def empty_origin(empty_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The site before its first release."""
    with browser.site(empty_dsn, tmp_path_factory.mktemp("site")) as running:
        yield running


def _until(driver: Chrome, text: str) -> None:
    # a part that is just being exchanged goes stale under the question
    waiting = WebDriverWait(driver, 10, ignored_exceptions=[StaleElementReferenceException])
    waiting.until(lambda d: text in d.find_element(By.TAG_NAME, "body").text)


def _enter(driver: Chrome, height: str, weight: str) -> None:
    driver.find_element(By.ID, "first-height").send_keys(height)
    driver.find_element(By.ID, "first-weight").send_keys(weight, Keys.ENTER)


def _fits_the_screen(driver: Chrome) -> bool:
    return driver.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize(("size", "language"), [(PHONE, "ko"), (DESKTOP, "en")])
def test_from_the_first_visit_to_a_product_and_back(origin: str, size: tuple[int, int], language: str) -> None:
    share, one = {"ko": ("10명 중", "172 cm · 68 kg"), "en": ("of 10 people like you", "172 cm · 68 kg")}[language]
    with chromium(size, language) as driver:
        driver.get(f"{origin}/")
        keep_picture(driver, f"first-{language}")
        assert _fits_the_screen(driver)
        _enter(driver, "172", "68")
        _until(driver, share)
        assert one in driver.find_element(By.CSS_SELECTOR, ".who.chosen").text
        assert "172" not in driver.current_url
        assert _fits_the_screen(driver)
        keep_picture(driver, f"ranking-{language}")
        driver.find_element(By.CSS_SELECTOR, ".card h3 a").click()
        WebDriverWait(driver, 10).until(lambda d: d.find_elements(By.CSS_SELECTOR, ".map .spot"))
        keep_picture(driver, f"product-{language}")
        driver.find_element(By.CSS_SELECTOR, ".as-table summary").click()
        assert driver.find_element(By.CSS_SELECTOR, ".as-table td").is_displayed()
        assert _fits_the_screen(driver)
        driver.find_element(By.CSS_SELECTOR, ".back a").click()
        _until(driver, share)
        assert policy_breaches(driver) == []


def test_with_scripts_a_change_needs_no_full_reload(origin: str) -> None:
    with chromium(DESKTOP, "en") as driver:
        driver.get(f"{origin}/")
        driver.execute_script("window.stayed = true")
        _enter(driver, "172", "68")
        _until(driver, "of 10 people like you")
        driver.find_element(By.CSS_SELECTOR, ".change summary").click()
        height = driver.find_element(By.ID, "change-height")
        height.clear()
        height.send_keys("185", Keys.ENTER)
        _until(driver, "185 cm · 68 kg")
        driver.find_element(By.CSS_SELECTOR, ".wish button[value=loose]").click()
        _until(driver, "because you like it roomy")
        driver.find_element(By.CSS_SELECTOR, "#sort option[value=cheap]").click()
        WebDriverWait(driver, 10).until(lambda d: "sort=cheap" in d.current_url)
        assert driver.execute_script("return window.stayed") is True
        assert policy_breaches(driver) == []


def test_everything_works_without_scripts(origin: str) -> None:
    with chromium(PHONE, "ko", scripts=False) as driver:
        driver.get(f"{origin}/")
        _enter(driver, "160", "50")
        _until(driver, "160 cm · 50 kg")
        driver.find_element(By.CSS_SELECTOR, ".toggle").click()
        _until(driver, "모든 상품")
        driver.find_element(By.ID, "search").send_keys("리넨", Keys.ENTER)
        _until(driver, "‘리넨’ 검색 결과")
        driver.find_element(By.CSS_SELECTOR, ".language button").click()
        _until(driver, "Results for “리넨”")
        driver.find_element(By.CSS_SELECTOR, ".change summary").click()
        driver.find_element(By.CSS_SELECTOR, ".forget button").click()
        _until(driver, "Tell us height and weight")


def test_a_slip_of_the_finger_is_told_in_place(origin: str) -> None:
    with chromium(DESKTOP, "en") as driver:
        driver.get(f"{origin}/")
        _enter(driver, "17", "68")
        _until(driver, "Please write the height in centimetres")
        assert driver.find_element(By.ID, "first-weight").get_attribute("value") == "68"
        assert driver.find_element(By.ID, "first-height").get_attribute("aria-invalid") == "true"
        keep_picture(driver, "fault-en")


def test_the_form_can_be_filled_by_keyboard_alone(origin: str) -> None:
    with chromium(DESKTOP, "en") as driver:
        driver.get(f"{origin}/")
        driver.find_element(By.ID, "first-height").click()
        driver.switch_to.active_element.send_keys("172", Keys.TAB)
        driver.switch_to.active_element.send_keys("68", Keys.TAB)
        assert driver.switch_to.active_element.get_attribute("name") == "gender"
        driver.switch_to.active_element.send_keys(Keys.ARROW_LEFT)
        driver.switch_to.active_element.send_keys(Keys.TAB)
        driver.switch_to.active_element.send_keys(Keys.ENTER)
        _until(driver, "172 cm · 68 kg · Man")


def test_every_state_is_a_decent_page(origin: str, empty_origin: str, tmp_path: Path) -> None:
    with (
        browser.site("postgresql://otto_reader@127.0.0.1:9/rds", tmp_path) as away,
        chromium(PHONE, "ko") as driver,
    ):
        for name, address, heading in (
            ("no-release", f"{empty_origin}/", "아직 준비 중이에요"),
            ("away", f"{away}/", "잠시 연결할 수 없어요"),
            ("unknown-product", f"{origin}/products/musinsa/nope", "찾을 수 없어요"),
            ("not-found", f"{origin}/nowhere", "찾을 수 없어요"),
        ):
            driver.get(address)
            assert driver.find_element(By.TAG_NAME, "h1").text == heading
            assert _fits_the_screen(driver)
            keep_picture(driver, f"state-{name}")
