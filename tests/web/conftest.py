"""The web layer over a real PostgreSQL with an invented release."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import django
import psycopg
import pytest
from django.test import Client

from include import serving
from include.lake import Lake
from include.publish import publication
from local.postgres import Cluster
from tests import servers
from tests.publish import invented
from web import database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "web.settings.development")
django.setup()

HOSTILE = "<script>alert(1)</script> \"'>&amp; {{ name }} ‮"
TODAY = datetime.now(ZoneInfo("Asia/Seoul")).date()


def products() -> list[dict]:
    """Tops of two malls, one without reviews, one with a hostile name, one sold out in every size."""
    rows = [invented.product(number, category="tops") for number in range(4)]
    rows[1] |= {"name": HOSTILE, "brand": HOSTILE}
    rows[2] |= {"reviews": 0, "size_chart": None}
    rows[3] |= {"sold_out": rows[3]["size_run"]}
    rows.append(invented.product(4, category="dress", mall="zigzag"))
    return rows


@pytest.fixture(scope="session")
def empty_dsn(cluster: Cluster) -> Iterator[str]:
    """A migrated serving database without any release."""
    yield from _database(cluster)


@pytest.fixture(scope="session")
def site_dsn(cluster: Cluster, s3_endpoint: str) -> Iterator[str]:
    """A serving database with a live release of today."""
    s3 = servers.s3_client(s3_endpoint)
    bucket = f"test-{secrets.token_hex(6)}"
    s3.create_bucket(Bucket=bucket)
    lake = Lake(s3, bucket)
    for dsn in _database(cluster):
        with serving.connect_to(dsn) as connection:
            invented.lay(lake, TODAY, products=products())
            publication.publish(connection, lake, [TODAY], by="test")
        yield dsn


@pytest.fixture
def client(site_dsn: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A browser that has not been here before and reads English."""
    monkeypatch.setenv("OTTO_READER_DSN", site_dsn)
    yield Client(headers={"accept-language": "en"})
    database.close()


@pytest.fixture
def visitor(client: Client) -> Client:
    """One who has entered 172 cm, 68 kg, male."""
    client.post("/body", {"height": "172", "weight": "68", "gender": "male"})
    return client


def _database(cluster: Cluster) -> Iterator[str]:
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(cluster.dsn(), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        with serving.connect_to(cluster.dsn(name)) as connection:
            serving.migrate(connection)
        yield cluster.dsn(name)
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
