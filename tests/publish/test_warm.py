"""The first readers of a release find it in memory, where it fits beside the one that is live."""

from __future__ import annotations

import psycopg
import pytest

from bench.publish import large_lake
from include.publish import build, publication
from tests.publish.invented import DAY

pytestmark = pytest.mark.slow


def _in_memory(dsn: str, release_id: int) -> tuple[int, int]:
    """(pages in the database's memory, pages) of a release's bands and their key."""
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute("CREATE EXTENSION IF NOT EXISTS pg_buffercache")
        row = admin.execute(
            """
            SELECT
                sum((SELECT count(*) FROM pg_buffercache AS held
                     WHERE held.relfilenode = pg_relation_filenode(part.oid) AND held.relforknumber = 0
                         AND held.reldatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))),
                sum(pg_relation_size(part.oid) / current_setting('block_size')::int)
            FROM pg_class AS part
            WHERE part.relname = ANY(%(names)s)
            """,
            {"names": [f"size_band_{release_id}", f"size_band_{release_id}_pkey"]},
        ).fetchone()
        assert row
        return int(row[0]), int(row[1])


@pytest.mark.parametrize("fits", [True, False])
def test_a_release_is_read_into_memory_before_it_goes_live_where_it_fits(
    rds: psycopg.Connection, serving_dsn: str, monkeypatch: pytest.MonkeyPatch, fits: bool
) -> None:
    if not fits:
        monkeypatch.setattr(build, "_fits_beside_the_live_one", lambda *_: False)
    lake, _ = large_lake(products_wanted=700, genders=("unknown",))  # more than COPY leaves in memory by itself
    (published,) = publication.publish(rds, lake, [DAY], by="test")
    held, pages = _in_memory(serving_dsn, published.release_id)
    assert pages > 5_000
    assert (held > 0.98 * pages) == fits


def test_a_release_that_would_push_out_the_live_one_is_not(rds: psycopg.Connection) -> None:
    lake, _ = large_lake(products_wanted=3, genders=("unknown",))
    (published,) = publication.publish(rds, lake, [DAY], by="test")
    assert build._fits_beside_the_live_one(rds, published.release_id)
    rds.execute("CREATE VIEW pg_temp.pg_settings AS SELECT 'shared_buffers' AS name, '1' AS setting, '8kB' AS unit")
    rds.execute("SET search_path = pg_temp, pg_catalog")
    assert not build._fits_beside_the_live_one(rds, published.release_id)
