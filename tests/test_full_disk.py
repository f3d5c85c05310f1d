"""A disk that is really full, under S3 and under PostgreSQL: one clear error, nothing half done, and the retry works.

The disk is a small tmpfs in a mount namespace of the server alone.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from botocore.exceptions import ClientError

from include.lake import Lake, ObjectMissing
from local import postgres, s3
from tests import servers

pytestmark = pytest.mark.slow


def on_small_disk(command: list[str], folder: Path, megabytes: int) -> list[str]:
    """The command, run where `folder` is a small file system; works as root and as an ordinary user."""
    space = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-m", "--map-current-user", "--keep-caps"]
    mount = (
        'mount -t tmpfs -o size="$1"m,mode=0700 otto "$0" && cp -a "$0".seed/. "$0"/'
        ' && { chown --reference="$0".seed "$0" || true; } && shift && exec "$@"'
    )
    return [*space, "sh", "-c", mount, str(folder), str(megabytes), *command]


class Ballast:
    """A file that fills the server's small disk, reached through the server's own view of the file system."""

    def __init__(self, pid: int, folder: Path) -> None:
        self.path = Path(f"/proc/{pid}/root") / folder.relative_to("/") / "ballast"

    def take(self, leaving_megabytes: float) -> None:
        room = os.statvfs(self.path.parent)
        self.path.write_bytes(b"x" * (room.f_bavail * room.f_frsize - int(leaving_megabytes * 1e6)))

    def drop(self) -> None:
        self.path.unlink()


@contextlib.contextmanager
def small_s3(folder: Path, megabytes: int) -> Iterator[tuple[str, Ballast]]:
    port = servers.free_port()
    environment = s3.environment(folder / "s3", port)
    (folder / "s3" / "objects.seed").mkdir()
    command = on_small_disk(s3.command(), folder / "s3" / "objects", megabytes)
    with servers.process(
        command, folder / "s3.log", lambda: servers.http_ok(s3.health_url(port)), environment
    ) as child:
        yield f"http://127.0.0.1:{port}", Ballast(child.pid, folder / "s3" / "objects")


@contextlib.contextmanager
def small_postgres(folder: Path, megabytes: int) -> Iterator[tuple[str, Ballast]]:
    cluster = postgres.prepare(folder / "pg", servers.free_port())
    cluster.data.rename(folder / "pg.seed")
    cluster.data.mkdir()
    command = on_small_disk(cluster.command(), cluster.data, megabytes)

    with servers.process(command, folder / "pg.log", lambda: servers.answers(cluster.dsn())) as child:
        yield cluster.dsn(), Ballast(child.pid, cluster.data)


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
    with small_postgres(tmp_path, 160) as (dsn, ballast):
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
