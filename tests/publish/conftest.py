"""A migrated serving database and a lake with invented days."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from include import serving


@pytest.fixture
def serving_dsn(database: str) -> str:
    """The DSN of a migrated serving database."""
    with serving.connect_to(database) as connection:
        serving.migrate(connection)
    return database


@pytest.fixture
def rds(serving_dsn: str) -> Iterator[psycopg.Connection]:
    """A publisher's connection."""
    with serving.connect_to(serving_dsn, "publisher") as connection:
        yield connection
