"""otto_reader as the embedded stack makes it reads the four views and can do nothing else, however it tries."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from include import serving
from include.publish import pointer
from include.publish.lock import publishing
from include.publish.pointer import NoSuchRelease
from local import databases, services
from local.credentials import credentials
from local.stack import Stack
from tests import servers

pytestmark = pytest.mark.slow

VIEWS = ("product", "product_rank", "size_table", "release_status")
TABLES = ("live", "release", "release_event", "release_product", "release_rank", "size_band", "size_band_1")
TABLES += ("publisher",)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack's own cluster with its roles and rights, and a migrated serving database with one partition."""
    folder = tmp_path_factory.mktemp("stack")
    folder.chmod(0o711)
    stack = Stack(folder, {"postgres": servers.free_port(), "redshift": servers.free_port()})
    secrets = credentials(folder)
    cluster = services.cluster(stack, secrets)
    databases.write_hba(stack)
    owner = stack.dsn("rds", "otto_publisher", secrets.otto_publisher)
    admin = stack.dsn("postgres", "postgres", secrets.postgres)
    with servers.process(cluster.command(), folder / "postgres.log", lambda: servers.answers(admin)):
        databases.create(stack, secrets)
        with serving.connect_to(owner) as connection:
            serving.migrate(connection)
            connection.execute("CREATE TABLE otto.size_band_1 PARTITION OF otto.size_band FOR VALUES IN (1)")
        yield stack


@pytest.fixture
def reader(stack: Stack) -> Iterator[psycopg.Connection]:
    """The reader, who has lifted the default that makes it read-only: any session may do that."""
    with psycopg.connect(stack.dsn("rds", "otto_reader"), autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        yield connection


def test_the_views_can_be_read_and_only_read(reader: psycopg.Connection) -> None:
    for view in VIEWS:
        assert reader.execute(f"SELECT count(*) FROM otto.{view}").fetchone() == (0,)
        for statement in (
            f"DELETE FROM otto.{view}",
            f"SELECT * FROM otto.{view} FOR UPDATE",
            f"DROP VIEW otto.{view}",
        ):
            # a view over two tables takes no DELETE from anybody
            with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)):
                reader.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        *(f"SELECT 1 FROM otto.{table}" for table in TABLES),
        *(f"SELECT 1 FROM ops.{table}" for table in ("pace", "scrape_run", "migration")),
        "UPDATE otto.live SET release_id = 1",
        "UPDATE otto.publisher SET pid = pg_backend_pid()",
        "BEGIN; LOCK TABLE otto.live",
        "BEGIN; LOCK TABLE otto.publisher",
        "BEGIN; LOCK TABLE otto.product IN SHARE ROW EXCLUSIVE MODE",
        "CREATE TABLE public.mine (a INT)",
        "CREATE TABLE otto.mine (a INT)",
        "CREATE TEMP TABLE mine (a INT)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION pg_temp.leak(text) RETURNS bool LANGUAGE sql AS 'SELECT true'",
        "CREATE ROLE mine",
        "ALTER ROLE otto_reader SUPERUSER",
        "SET ROLE otto_publisher",
        "SET SESSION AUTHORIZATION postgres",
        "GRANT SELECT ON otto.live TO otto_reader",
        "SELECT * FROM pg_authid",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_ls_dir('.')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'x')",
        "COPY otto.product TO '/tmp/stolen'",
        "COPY (SELECT 1) TO PROGRAM 'id'",
        "ALTER SYSTEM SET work_mem = '1GB'",
    ],
)
def test_nothing_else_can_be_done(reader: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(statement)


def test_no_lock_that_a_reader_can_take_holds_up_publishing(stack: Stack, reader: psycopg.Connection) -> None:
    owner = stack.dsn("rds", "otto_publisher", credentials(stack.state).otto_publisher)
    with serving.connect_to(owner) as connection, psycopg.connect(stack.dsn("rds", "otto_reader")) as held:
        for view in VIEWS:
            held.execute(f"LOCK TABLE otto.{view} IN ACCESS SHARE MODE")
        with publishing(connection):
            told = reader.execute("SELECT classid, objid FROM pg_locks WHERE locktype = 'advisory'").fetchall()
            assert told == []  # a reader could take one of these before the publisher does
            connection.execute("SET lock_timeout = '1s'")
            with pytest.raises(NoSuchRelease, match="no release before"):
                pointer.roll_back(connection, None, "a test", hold=False, by="test")
        assert serving.migrate(connection) == []


@pytest.mark.parametrize(
    ("database", "role"), [("rds", "otto_publisher"), ("rds", "postgres"), ("postgres", "otto_reader")]
)
def test_no_other_door_opens_without_its_password(stack: Stack, database: str, role: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(stack.dsn(database, role), connect_timeout=5)
