"""The serving database's connection, migrations and scrape counts, on a real PostgreSQL."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from include import serving
from include.serving import MigrationChanged

pytestmark = pytest.mark.slow


def test_migrations_are_applied_once_and_can_be_seen(database: str) -> None:
    with serving.connect_to(database) as connection:
        names = [migration.name for migration in serving.migrations()]
        assert serving.migrate(connection) == names
        assert serving.migrate(connection) == []
        rows = connection.execute("SELECT name FROM ops.migration ORDER BY number").fetchall()
        assert [name for (name,) in rows] == names


def test_a_changed_migration_is_named(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ddl").mkdir()
    (tmp_path / "grants.sql").write_text("")
    file = tmp_path / "ddl" / "0001_one.sql"
    file.write_text("CREATE TABLE one (a INT)")
    monkeypatch.setattr(serving, "SQL_FOLDER", tmp_path)
    with serving.connect_to(database) as connection:
        serving.migrate(connection)
        file.write_text("CREATE TABLE one (a BIGINT)")
        with pytest.raises(MigrationChanged, match="0001_one"):
            serving.migrate(connection)


def test_what_became_of_each_migration_can_be_seen(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ddl").mkdir()
    (tmp_path / "grants.sql").write_text("")
    files = [tmp_path / "ddl" / f"000{number}_table.sql" for number in range(1, 5)]
    for number, file in enumerate(files[:3]):
        file.write_text(f"CREATE TABLE t{number} (a INT)")
    monkeypatch.setattr(serving, "SQL_FOLDER", tmp_path)
    with serving.connect_to(database) as connection:
        assert [each.state for each in serving.migration_states(connection)] == ["not applied"] * 3
        serving.migrate(connection)
        assert {each.state for each in serving.migration_states(connection)} == {"applied"}
        files[0].unlink()
        files[1].write_text("CREATE TABLE t1 (a BIGINT)")
        files[3].write_text("CREATE TABLE t3 (a INT)")
        states = serving.migration_states(connection)
    assert [(each.name, each.state) for each in states] == [
        ("0001_table", "applied by another version of Otto"),
        ("0002_table", "applied with another text"),
        ("0003_table", "applied"),
        ("0004_table", "not applied"),
    ]
    assert [each.applied_at is None for each in states] == [False, False, False, True]


def test_a_migration_that_fails_leaves_nothing(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ddl").mkdir()
    (tmp_path / "ddl" / "0001_one.sql").write_text("CREATE TABLE one (a INT); SELECT 1 / 0;")
    monkeypatch.setattr(serving, "SQL_FOLDER", tmp_path)
    with serving.connect_to(database) as connection:
        with pytest.raises(psycopg.errors.DivisionByZero):
            serving.migrate(connection)
        assert connection.execute("SELECT to_regclass('one')").fetchone() == (None,)
        assert connection.execute("SELECT count(*) FROM ops.migration").fetchone() == (0,)


def test_the_counts_of_a_scrape_are_replaced_by_a_later_run(database: str) -> None:
    counts = {"run_date": date(2026, 11, 22), "mall": "musinsa", "kind": "reviews"}
    with serving.connect_to(database) as connection:
        serving.migrate(connection)
        serving.record_scrape_run(connection, **counts, captured=10, parsed=9, refused=1)
        serving.record_scrape_run(connection, **counts, captured=20, parsed=20, refused=0)
        rows = connection.execute("SELECT captured, parsed, refused FROM ops.scrape_run").fetchall()
        assert rows == [(20, 20, 0)]


def test_the_reader_reads_the_views_and_nothing_else(database: str) -> None:
    with serving.connect_to(database) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'otto_reader'").fetchone():
            connection.execute("CREATE ROLE otto_reader LOGIN")
        serving.migrate(connection)
        connection.execute("SET ROLE otto_reader")
        for view in ("product", "product_rank", "size_table", "release_status"):
            assert connection.execute(f"SELECT count(*) FROM otto.{view}").fetchone() == (0,)
        for table in ("otto.live", "otto.release", "otto.size_band", "otto.release_event", "ops.pace", "ops.migration"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT 1 FROM {table}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM otto.product")


def test_the_airflow_connection_gives_psycopg_3_with_every_timeout(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = urlsplit(database)
    monkeypatch.setenv("AIRFLOW_CONN_RDS_DEFAULT", f"postgres://postgres@127.0.0.1:{parts.port}{parts.path}")
    with serving.connect("a test's run") as connection:
        assert connection.autocommit
        for setting, value in (
            ("statement_timeout", "10min"),
            ("lock_timeout", "10s"),
            ("application_name", "a test's run"),
            ("client_connection_check_interval", "2s"),
        ):
            assert connection.execute("SELECT current_setting(%s)", [setting]).fetchone() == (value,)
        assert connection.info.get_parameters()["connect_timeout"] == "5"
