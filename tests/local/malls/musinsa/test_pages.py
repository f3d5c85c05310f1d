"""The pages in a real Chromium: lists that recycle their nodes, and scrolling that loads everything there is."""

from collections.abc import Iterator

import pytest
from selenium import webdriver
from selenium.webdriver.support.wait import WebDriverWait

from tests import servers

pytestmark = pytest.mark.slow

LINKS = "return [...document.querySelectorAll('a[href*=\"/products/\"]')].map((link) => link.href)"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("malls")
    with servers.replica_malls(folder, products=130, reviews_per_product=10, seed=3) as running:
        yield running


def _ranking(port: int, code: str) -> str:
    query = f"storeCode=musinsa&sectionId=199&categoryCode={code}&gf=A"
    return f"http://www.musinsa.localhost:{port}/main/musinsa/ranking?{query}"


def test_the_ranking_keeps_few_links_in_the_document_and_shows_all_while_scrolling(
    chromium: webdriver.Chrome, port: int
) -> None:
    chromium.get(_ranking(port, "000000"))
    wait = WebDriverWait(chromium, 20, poll_frequency=0.05)
    wait.until(lambda driver: len(driver.execute_script(LINKS)) >= 132)
    seen: set[str] = set()

    def scrolled(driver: webdriver.Chrome) -> bool:
        links = driver.execute_script(LINKS)
        assert len(links) <= 144
        seen.update(links)
        driver.execute_script("scrollBy(0, 600)")
        return len(seen) == 130

    wait.until(scrolled)


def test_scrolling_loads_every_review_of_a_product_into_a_fixed_number_of_nodes(
    chromium: webdriver.Chrome, port: int
) -> None:
    chromium.get(_ranking(port, "000000"))
    wait = WebDriverWait(chromium, 20, poll_frequency=0.05)
    wait.until(lambda driver: driver.execute_script(LINKS))
    product_id = chromium.execute_script(LINKS)[0].rpartition("/")[2]
    chromium.get(f"http://www.musinsa.localhost:{port}/review/goods/{product_id}?sort=up_cnt_desc")
    total = wait.until(
        lambda driver: int(driver.execute_script("return document.querySelector('h1').textContent")[3:] or 0)
    )
    assert total > 40
    seen: set[str] = set()
    shown = (
        "return [...document.querySelectorAll('div.gtm-impression-content[data-content-id]')]"
        ".filter((node) => node.offsetParent).map((node) => node.dataset.contentId)"
    )

    def scrolled(driver: webdriver.Chrome) -> bool:
        ids = driver.execute_script(shown)
        assert len(ids) == len(set(ids)) <= 14
        seen.update(ids)
        driver.execute_script("scrollBy(0, 700)")
        return len(seen) == total

    wait.until(scrolled)


def test_a_cut_off_review_is_opened_by_its_button(chromium: webdriver.Chrome, port: int) -> None:
    text = "return document.querySelector('[class*=ExpandableContent__Text]')"
    chromium.get(_ranking(port, "000000"))
    wait = WebDriverWait(chromium, 20, poll_frequency=0.05)
    wait.until(lambda driver: driver.execute_script(LINKS))
    product_id = chromium.execute_script(LINKS)[0].rpartition("/")[2]
    chromium.get(f"http://www.musinsa.localhost:{port}/review/goods/{product_id}?sort=up_cnt_desc")

    def button_found(driver: webdriver.Chrome) -> bool:
        driver.execute_script("scrollBy(0, 500)")
        return driver.execute_script("return document.querySelector('[class*=ExpandableContent__More]') !== null")

    wait.until(button_found)
    lengths = chromium.execute_script(
        "const button = document.querySelector('[class*=ExpandableContent__More]');"
        "const row = button.closest('.gtm-impression-content').parentElement;"
        "const before = row.querySelector('[class*=ExpandableContent__Text]').textContent;"
        "button.click();"
        "const after = row.querySelector('[class*=ExpandableContent__Text]').textContent;"
        "return [before.length, after.length, before.endsWith('…')]"
    )
    assert chromium.execute_script(text) is not None
    assert lengths[0] == 121
    assert lengths[1] > 150
    assert lengths[2]


def test_the_product_page_shows_options_and_chart(chromium: webdriver.Chrome, port: int) -> None:
    chromium.get(_ranking(port, "003000"))
    wait = WebDriverWait(chromium, 20, poll_frequency=0.05)
    wait.until(lambda driver: driver.execute_script(LINKS))
    chromium.get(chromium.execute_script(LINKS)[0])
    wait.until(lambda driver: driver.execute_script("return document.querySelector('[class*=Chart__Title]')"))
    options = chromium.execute_script("return document.querySelectorAll('li[data-option-no]').length")
    hidden = "return document.querySelector('[class*=Option__Sheet]').hidden"
    assert options > 0
    assert chromium.execute_script(hidden) is True
    chromium.execute_script("document.querySelector('[class*=Product__Buy]').click()")
    assert chromium.execute_script(hidden) is False


def test_a_ranking_that_fails_says_so_and_recovers_at_the_next_scroll(chromium: webdriver.Chrome, port: int) -> None:
    order = {
        "kind": "status",
        "status": 503,
        "times": 1,
        "host": "client",
        "path": "/api/home/web/v5/pans/ranking/sections",
    }
    servers.httpx.post(f"http://127.0.0.1:{port}/__control/faults", json=order, timeout=5).raise_for_status()
    chromium.get(_ranking(port, "002000"))
    wait = WebDriverWait(chromium, 20, poll_frequency=0.05)
    wait.until(lambda driver: driver.execute_script("return document.querySelector('[role=status]') !== null"))
    assert chromium.execute_script(LINKS) == []
    chromium.execute_script("dispatchEvent(new Event('scroll'))")
    wait.until(lambda driver: driver.execute_script(LINKS))
    assert chromium.execute_script("return document.querySelector('[role=status]')") is None
