"""The servers of the tests are the real ones."""

import psycopg
import pytest

from include.lake import Lake, ObjectMissing

pytestmark = pytest.mark.slow


def test_postgres_answers_on_its_own_database(database: str) -> None:
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT current_setting('server_version_num')::int").fetchone()[0] >= 160000


def test_s3_gives_back_what_was_put(lake: Lake) -> None:
    lake.put_lines("a/b.jsonl.gz", [{"name": "한글\n둘"}])
    assert lake.get_lines("a/b.jsonl.gz") == [{"name": "한글\n둘"}]
    assert [key for key, _ in lake.list("a/")] == ["a/b.jsonl.gz"]
    with pytest.raises(ObjectMissing):
        lake.get("absent")
