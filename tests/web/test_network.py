"""The network between the web layer and the database is lost: an honest page in bounded time, and back by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests import servers
from tests.tcp_proxy import Proxy, tcp_proxy
from tests.web import browser
from web import database
from web.database import BoundedConnection, Unanswered

pytestmark = pytest.mark.slow

# A thread of the server may first wait for an answer (4 s) or a connection (2 s) of the request before.
BOUND_SECONDS = 15


def _through(dsn: str, proxy: Proxy) -> str:
    return make_conninfo(**(conninfo_to_dict(dsn) | {"port": proxy.port}))


@pytest.fixture
def site(site_dsn: str, tmp_path: Path) -> Iterator[tuple[str, Proxy]]:
    """The page, whose database lies behind a proxy."""
    port = int(conninfo_to_dict(site_dsn)["port"])
    with tcp_proxy(port) as proxy, browser.site(_through(site_dsn, proxy), tmp_path) as origin:
        yield origin, proxy


def _get(address: str) -> tuple[int, str, float]:
    began = time.monotonic()
    answer = httpx.get(address, headers={"accept-language": "en"}, timeout=2 * BOUND_SECONDS)
    return answer.status_code, answer.text, time.monotonic() - began


def _back(origin: str) -> bool:
    return _get(f"{origin}/")[0] == 200


def test_the_page_says_so_in_bounded_time_and_comes_back(site: tuple[str, Proxy]) -> None:
    origin, proxy = site
    assert _back(origin)
    proxy.go_silent()
    with ThreadPoolExecutor(6) as visitors:
        answers = list(visitors.map(_get, [f"{origin}/", f"{origin}/products/musinsa/1000000"] * 3))
    assert [status for status, _, _ in answers] == [503] * 6
    assert all("The size database does not answer" in text for _, text, _ in answers)
    assert max(seconds for _, _, seconds in answers) < BOUND_SECONDS
    assert _get(f"{origin}/healthz")[0] == 200
    assert _get(f"{origin}/readyz")[0] == 503
    proxy.talk()
    servers.wait_until(lambda: _back(origin), "the page after the network came back", 20)


def test_torn_connections_are_replaced_unnoticed(site: tuple[str, Proxy]) -> None:
    origin, proxy = site
    assert _back(origin)
    proxy.cut()
    assert _back(origin)


def test_a_statement_without_an_answer_ends_and_closes_its_connection(
    site_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_ANSWER_SECONDS", 0.3)
    with tcp_proxy(int(conninfo_to_dict(site_dsn)["port"])) as proxy:
        connection = BoundedConnection.connect(_through(site_dsn, proxy), autocommit=True)
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute("SELECT 1 / 0")
        assert connection.execute("SELECT 1").fetchone() == (1,)
        proxy.go_silent()
        with pytest.raises(Unanswered):
            connection.execute("SELECT 1")
        assert connection.closed
