"""The few fixtures that every test may use. Servers start once a session, on free ports, and are stopped with it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import psycopg
import pytest

from include.lake import Lake
from local.postgres import Cluster
from tests import servers

# Where several run side by side (a file at a time each), the longest begin first: none is left alone at the end.
_LONGEST = (
    "tests/test_pipeline.py",
    "tests/local/test_whole_stack.py",
    "tests/include/scrapers/test_faults.py",
    "tests/include/scrapers/test_recovery.py",
    "tests/local/test_up.py",
    "tests/dags/test_runs.py",
    "tests/dags/test_scrape_malls.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the files of `_LONGEST` to the front."""
    places = {name: place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: places.get(item.nodeid.split("::")[0], len(places)))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One PostgreSQL cluster."""
    with servers.postgres_server(tmp_path_factory.mktemp("pg")) as running:
        yield running


@pytest.fixture
def database(cluster: Cluster) -> Iterator[str]:
    """The DSN of an empty database of the test's own."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(cluster.dsn(), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        yield cluster.dsn(name)
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def s3_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One S3 server."""
    with servers.s3_server(tmp_path_factory.mktemp("s3")) as endpoint:
        yield endpoint


@pytest.fixture
def lake(s3_endpoint: str) -> Lake:
    """An empty bucket of the test's own."""
    client = servers.s3_client(s3_endpoint)
    bucket = f"test-{secrets.token_hex(6)}"
    client.create_bucket(Bucket=bucket)
    return Lake(client, bucket)


@pytest.fixture(scope="session")
def gateway(cluster: Cluster, s3_endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a Redshift gateway before `cluster` and `s3_endpoint`."""
    with servers.redshift_gateway(cluster.port, s3_endpoint, tmp_path_factory.mktemp("redshift")) as port:
        yield port
