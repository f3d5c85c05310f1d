"""The API over the web tests' invented release."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import app
from tests.web.conftest import empty_dsn, site_dsn  # noqa: F401 (fixtures)
from web import database


@pytest.fixture
def client(site_dsn: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:  # noqa: F811
    """A caller of the API."""
    monkeypatch.setenv("OTTO_READER_DSN", site_dsn)
    with TestClient(app, raise_server_exceptions=False) as caller:
        yield caller
    database.close()
