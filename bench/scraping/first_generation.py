"""A scraper in the style of the first generation, for comparison. Written once and left alone; it is not to be mended.

A new browser for each product, two seconds of sleep after each load, half a second after each scroll or click, and
every field fetched from the document by a call of its own. It reads Musinsa's replica: the product with its options,
then its reviews down to the end.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping

from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

_FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,1600")


def scrape(origins: Mapping[str, str], products: Iterable[str]) -> float:
    """Read some products and their reviews; gives the seconds that it took. Raises ValueError where it saw nothing."""
    began, found = time.monotonic(), []
    for product_id in products:
        folder = tempfile.mkdtemp(prefix="first-generation-")
        options = Options()
        options.binary_location = shutil.which("chromium") or "chromium"
        for flag in (*_FLAGS, f"--user-data-dir={folder}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        try:
            product = _product(driver, f"{origins['www']}/products/{product_id}")
            for review in _reviews(driver, f"{origins['www']}/review/goods/{product_id}?sort=up_cnt_desc"):
                found.append(product | review)
        finally:
            driver.quit()
            shutil.rmtree(folder, ignore_errors=True)
    if not any(review["option"] for review in found):
        raise ValueError("the first generation's scraper saw no review; the replica's pages have changed")
    return time.monotonic() - began


def _product(driver: webdriver.Chrome, url: str) -> dict[str, str | None]:
    driver.get(url)
    time.sleep(2)
    product = {
        "name": _text(driver, "//h1"),
        "brand": _text(driver, "//h1/preceding-sibling::p[1]"),
        "price": _text(driver, "//*[contains(text(), '원')]"),
    }
    try:
        driver.find_element(By.XPATH, "//button[contains(., '구매하기')]").click()
        time.sleep(0.5)
        driver.find_element(By.XPATH, "//li[@data-option-no]").click()
        time.sleep(0.5)
    except NoSuchElementException:
        pass
    sizes = [item.text for item in driver.find_elements(By.XPATH, "//li[@data-option-no]")]
    return product | {"sizes": "/".join(sizes)}


def _reviews(driver: webdriver.Chrome, url: str) -> list[dict[str, str | None]]:
    driver.get(url)
    time.sleep(2)
    found: dict[str, dict[str, str | None]] = {}
    without_growth = 0
    while without_growth < 3:
        before = len(found)
        for item in driver.find_elements(By.CSS_SELECTOR, "[data-content-id]"):
            number = item.get_attribute("data-content-id") or ""
            if number not in found:
                found[number] = _review(item)
        items = driver.find_elements(By.CSS_SELECTOR, "[data-content-id]")
        if items:
            driver.execute_script("arguments[0].scrollIntoView()", items[-1])
            time.sleep(0.5)
        without_growth = 0 if len(found) > before else without_growth + 1
    return list(found.values())


def _review(item: WebElement) -> dict[str, str | None]:
    return {
        "date": _text(item, "./p[1]/span[2]"),
        "stars": _text(item, "./p[2]"),
        "option": _text(item, ".//*[.='구매옵션']/following-sibling::*"),
        "body": _text(item, ".//*[.='체형정보']/following-sibling::*"),
        "answers": _text(item, ".//*[.='만족도']/following-sibling::*"),
        "text": _text(item, ".//p[last()]"),
    }


def _text(where: webdriver.Chrome | WebElement, path: str) -> str | None:
    try:
        return where.find_element(By.XPATH, path).text
    except NoSuchElementException:
        return None
