"""The pages of 29CM in a real Chromium: lists that the page asks for, options in levels, reviews as blocks of lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.support.wait import WebDriverWait

from tests import servers

pytestmark = pytest.mark.slow

# A card is the nearest list entry around a link to one product and a price.
CARDS = (
    "return [...document.querySelectorAll('a[href*=\"/catalog/\"]')].map((link) => link.closest('li'))"
    ".filter((card, index, all) => all.indexOf(card) === index).map((card) => card.innerText)"
)
REVIEWS = "return [...document.querySelectorAll('li[data-review-id]')].map((block) => block.innerText)"


@pytest.fixture(scope="module")
def www(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("29cm")
    with servers.replica_malls(folder, malls="29cm", products=130, reviews_per_product=20, seed=3) as port:
        yield f"http://www.29cm.localhost:{port}"


@pytest.fixture
def wait(chromium: webdriver.Chrome) -> WebDriverWait[webdriver.Chrome]:
    return WebDriverWait(chromium, 20, poll_frequency=0.05)


def run(driver: webdriver.Chrome, script: str) -> Any:
    """What a script in the page gives."""
    return driver.execute_script(script)


def test_the_ranking_is_filled_by_the_page_and_goes_on_when_its_end_comes_near(
    chromium: webdriver.Chrome, www: str, wait: WebDriverWait
) -> None:
    chromium.get(f"{www}/best-products?period=DAILY&ranking=POPULARITY&gender=F&categoryLargeCode=268100100")
    cards = wait.until(lambda driver: run(driver, CARDS))
    assert len(cards) == 100
    assert sum("AD" in card.split("\n") for card in cards) == 1
    price = re.compile(r"(?:\d+% \| )?\d{1,3}(?:,\d{3})+")  # no currency
    assert all(any(price.fullmatch(line) for line in card.split("\n")) for card in cards)

    def grown(driver: webdriver.Chrome) -> list[str] | None:
        run(driver, "scrollTo(0, document.documentElement.scrollHeight)")
        return found if len(found := run(driver, CARDS)) > 100 else None

    assert len(wait.until(grown)) > 100


def test_a_category_has_pages_and_says_so_when_there_is_nothing_past_the_end(
    chromium: webdriver.Chrome, www: str, wait: WebDriverWait
) -> None:
    address = f"{www}/store/category/list?categoryLargeCode=268100100&sort=NEWEST&page="
    chromium.get(f"{address}1")
    assert len(wait.until(lambda driver: run(driver, CARDS))) == 50
    chromium.get(f"{address}9")
    text = "return document.querySelector('[role=status]')?.textContent"
    assert wait.until(lambda driver: run(driver, text)) == "선택한 필터의 검색 결과가 없습니다."
    assert run(chromium, CARDS) == []


def test_a_product_shows_its_options_level_by_level_and_its_reviews_as_lines_with_any_pair_missing(
    chromium: webdriver.Chrome, www: str, wait: WebDriverWait
) -> None:
    chromium.get(f"{www}/best-products?period=DAILY&categoryLargeCode=268100100")
    wait.until(lambda driver: run(driver, CARDS))
    chromium.get(run(chromium, "return document.querySelector('a[href*=\"/catalog/\"]').href"))
    assert "/products/" in chromium.current_url  # the old address of the product led to the new one

    total = wait.until(
        lambda driver: int("0" + run(driver, "return document.querySelector('h2').textContent.replace(/\\D/g, '')"))
    )
    assert total > 20
    wait.until(lambda driver: run(driver, "return document.querySelector('button') !== null"))
    run(chromium, "document.querySelector('button').click()")
    assert run(chromium, "return document.querySelector('[data-depth=\"0\"] li').offsetHeight > 0")

    def whole(driver: webdriver.Chrome) -> list[str] | None:
        run(driver, "scrollTo(0, document.documentElement.scrollHeight)")
        return found if len(found := run(driver, REVIEWS)) == total else None

    blocks = wait.until(whole)
    assert all(re.search(r"\d\d\.\d\d\.\d\d", block) for block in blocks)
    told = {tuple(name for name in ("옵션 :", "체형 :", "사이즈 :") if name in block) for block in blocks}
    assert ("옵션 :", "체형 :", "사이즈 :") in told
    assert len(told) > 1
    assert any(re.search(r"체형 : \d{3}cm, \d{2,3}kg", block) for block in blocks)
