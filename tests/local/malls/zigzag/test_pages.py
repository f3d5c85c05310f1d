"""Zigzag's pages in a real Chromium: virtualised rows, options that open level by level, texts that are cut off."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.wait import WebDriverWait

from local.malls import catalogue
from local.malls.buyers import SEOUL
from local.malls.catalogue import Catalogue
from local.malls.zigzag.sale import is_suspended
from local.malls.zigzag.trade import TRADE
from tests import servers

pytestmark = pytest.mark.slow

FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--window-size=700,1000")


@pytest.fixture(scope="module")
def mall() -> Catalogue:
    """What the replica serves."""
    return catalogue.generate(190, 190 * 5, 3, datetime.now(SEOUL).date(), TRADE)


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("malls")
    with servers.replica_malls(folder, malls="zigzag", products=190, reviews_per_product=5, seed=3) as port:
        yield f"http://zigzag.localhost:{port}"


@pytest.fixture(scope="module")
def chromium() -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    for flag in FLAGS:
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    driver.set_page_load_timeout(30)
    yield driver
    driver.quit()


def waiting(chromium: webdriver.Chrome) -> WebDriverWait:
    return WebDriverWait(chromium, 20, poll_frequency=0.05)


def test_the_list_keeps_few_rows_in_the_document_and_shows_every_product_while_scrolling(
    chromium: webdriver.Chrome, origin: str, mall: Catalogue
) -> None:
    ranking = mall.stock.rankings["547"]
    assert len(ranking) > 30
    chromium.get(f"{origin}/categories/-1?title=의류&category_id=-1&middle_category_id=547&sort=201")
    seen: set[str] = set()

    def scrolled(driver: webdriver.Chrome) -> bool:
        rows, links = driver.execute_script(
            "return [document.querySelectorAll('div[data-index]').length, "
            "[...document.querySelectorAll('a[href^=\"/catalog/products/\"]')].map((link) => link.pathname)]"
        )
        assert rows <= 12
        seen.update(link.rpartition("/")[2] for link in links)
        driver.execute_script("scrollBy(0, 500)")
        return seen >= set(ranking)

    waiting(chromium).until(scrolled)


def test_options_open_level_by_level_from_the_buy_bar(chromium: webdriver.Chrome, origin: str, mall: Catalogue) -> None:
    product = next(
        product
        for product in mall.products.values()
        if len(product.axes) > 1 and not is_suspended(product) and not product.out_of_stock
    )
    chromium.get(f"{origin}/catalog/products/{product.product_id}")
    click = "[...document.querySelectorAll('button')].find((one) => one.textContent === '구매하기').click()"
    texts = "return [...document.querySelectorAll('[role=dialog] li')].map((one) => one.textContent)"
    waiting(chromium).until(lambda driver: "구매하기" in driver.execute_script("return document.body.textContent"))
    chromium.execute_script(click)
    first = chromium.execute_script(texts)
    assert [text.removesuffix("(-1000)") for text in first] == list(product.axes[0].values)
    chromium.execute_script("document.querySelector('[role=dialog] li').click()")
    second = chromium.execute_script(texts)
    assert second == [f"{value} {product.price_krw:,}원" for value in product.axes[1].values]


def test_reviews_are_cut_off_and_their_bodies_and_badges_stand_without_separators(
    chromium: webdriver.Chrome, origin: str, mall: Catalogue
) -> None:
    product = max(mall.products, key=lambda number: len(mall.stock.reviews_of(number)))
    total = len(mall.stock.reviews_of(product))
    assert total > 20
    chromium.get(f"{origin}/review/list/{product}")

    def all_shown(driver: webdriver.Chrome) -> bool:
        driver.execute_script("scrollTo(0, document.documentElement.scrollHeight)")
        return driver.execute_script("return document.querySelectorAll('section > div').length") == total

    waiting(chromium).until(all_shown)
    before, after = chromium.execute_script(
        "const more = [...document.querySelectorAll('[role=button]')].find((one) => one.textContent === '…더보기');"
        "const box = more.parentElement, before = box.textContent; more.click(); return [before, box.textContent]"
    )
    assert before.endswith("…더보기")
    assert len(after) > len(before)
    text = chromium.execute_script("return document.querySelector('section').textContent")
    assert "cm" in text
    assert "kg상의 " in text
    assert "직진" in text
