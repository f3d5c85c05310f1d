"""Servers on a disk that is really small: a tmpfs in a mount namespace of the server alone."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from local import postgres, s3
from tests import servers


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
        """Fill the disk but for this much."""
        room = os.statvfs(self.path.parent)
        self.path.write_bytes(b"x" * (room.f_bavail * room.f_frsize - int(leaving_megabytes * 1e6)))

    def drop(self) -> None:
        """Make room again."""
        self.path.unlink()


@contextlib.contextmanager
def small_s3(folder: Path, megabytes: int) -> Iterator[tuple[str, Ballast]]:
    """An S3 server whose objects lie on a disk of so many megabytes; gives its endpoint."""
    port = servers.free_port()
    environment = s3.environment(folder / "s3", port)
    (folder / "s3" / "objects.seed").mkdir()
    command = on_small_disk(s3.command(), folder / "s3" / "objects", megabytes)
    with servers.process(
        command, folder / "s3.log", lambda: servers.http_ok(s3.health_url(port)), environment
    ) as child:
        yield f"http://127.0.0.1:{port}", Ballast(child.pid, folder / "s3" / "objects")


@contextlib.contextmanager
def small_postgres(folder: Path, megabytes: int) -> Iterator[tuple[postgres.Cluster, Ballast]]:
    """PostgreSQL whose data lie on a disk of so many megabytes."""
    cluster = postgres.prepare(folder / "pg", servers.free_port())
    cluster.data.rename(folder / "pg.seed")
    cluster.data.mkdir()
    command = on_small_disk(cluster.command(), cluster.data, megabytes)

    with servers.process(command, folder / "pg.log", lambda: servers.answers(cluster.dsn())) as child:
        yield cluster, Ballast(child.pid, cluster.data)
