"""A disk that is really full, under S3 and under PostgreSQL: a clear refusal, nothing half done, and room mends it."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from botocore.exceptions import ClientError

from include.lake import Lake, ObjectMissing
from tests import servers
from tests.small_disk import small_postgres, small_s3

pytestmark = pytest.mark.slow


def test_a_full_lake_refuses_the_object_and_takes_it_once_there_is_room(tmp_path: Path) -> None:
    with small_s3(tmp_path, 16) as (endpoint, ballast):
        client = servers.s3_client(endpoint)
        client.create_bucket(Bucket="otto-lake")
        lake = Lake(client, "otto-lake")
        ballast.take(leaving_megabytes=1)
        with pytest.raises(ClientError, match="InsufficientStorage.*make room"):
            lake.put("raw/page", b"y" * 4_000_000)
        with pytest.raises(ObjectMissing):
            lake.get("raw/page")
        ballast.drop()
        lake.put("raw/page", b"y" * 4_000_000)
        assert lake.get("raw/page") == b"y" * 4_000_000


def test_a_full_database_refuses_the_load_whole_and_takes_it_once_there_is_room(tmp_path: Path) -> None:
    load = "INSERT INTO review SELECT repeat(md5(n::text), 30) FROM generate_series(1, 30000) AS n"
    with small_postgres(tmp_path, 160) as (cluster, ballast):
        dsn = cluster.dsn()
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("CREATE TABLE review (line TEXT)")
            connection.execute("INSERT INTO review VALUES ('known')")
            connection.execute("CHECKPOINT")
            ballast.take(leaving_megabytes=8)
            with pytest.raises(psycopg.OperationalError, match="No space left"):
                connection.execute(f"DELETE FROM review; {load}")  # one transaction
        ballast.drop()
        servers.wait_until(lambda: servers.answers(dsn), "PostgreSQL with room")
        with psycopg.connect(dsn, autocommit=True) as connection:
            assert connection.execute("SELECT line FROM review").fetchall() == [("known",)]
            connection.execute(load)
            assert connection.execute("SELECT count(*) FROM review").fetchone() == (30001,)
