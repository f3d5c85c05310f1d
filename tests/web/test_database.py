"""The pool over a database that goes away and comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from include import serving
from tests import servers
from web import database, queries
from web.database import DatabaseAway

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    database.close()


def test_the_pages_come_back_when_the_database_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_WAIT_SECONDS", 0.5)
    port = servers.free_port()
    with servers.postgres_server(tmp_path, port) as cluster:
        monkeypatch.setenv("OTTO_READER_DSN", cluster.dsn())
        with serving.connect_to(cluster.dsn()) as connection:
            serving.migrate(connection)
        assert database.read(queries.live_release) is None
    for _ in range(3):
        with pytest.raises(DatabaseAway):
            database.read(queries.live_release)
    time.sleep(3)  # longer than the pool goes on trying by itself
    with servers.postgres_server(tmp_path, port):
        _answers_again()


def test_a_database_that_is_not_up_yet_is_found_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_WAIT_SECONDS", 0.5)
    port = servers.free_port()
    monkeypatch.setenv("OTTO_READER_DSN", f"postgresql://postgres@127.0.0.1:{port}/postgres")
    with pytest.raises(DatabaseAway):
        database.read(queries.live_release)
    with servers.postgres_server(tmp_path, port) as cluster:
        with serving.connect_to(cluster.dsn()) as connection:
            serving.migrate(connection)
        _answers_again()


def test_a_reader_can_write_nothing(site_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTTO_READER_DSN", site_dsn)
    with pytest.raises(Exception, match="read-only transaction"):
        database.read(lambda connection: connection.execute("CREATE TABLE x (a INT)"))


def _answers_again(within: float = 8) -> None:
    deadline = time.monotonic() + within
    while True:
        try:
            database.read(queries.live_release)
            return
        except DatabaseAway:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
