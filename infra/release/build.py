"""Builds the release of a commit from git's own objects: what lies uncommitted in the checkout is not in it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from infra.release import archive
from infra.release.manifest import (
    LOCK,
    MANIFEST_NAME,
    File,
    InvalidRelease,
    Manifest,
    Pin,
    archive_key,
    sha256,
)

# What a node runs, and nothing else: no tests, no embedded stack, no documents.
PARTS = (
    *("dags", "plugins", "include", "ml", "web", "api", "airflow.cfg"),
    *("infra/__init__.py", "infra/release", "infra/node", "infra/systemd"),
)
_GIT_SECONDS = 60


@dataclass(frozen=True)
class Release:
    """A built release."""

    pin: Pin
    manifest: Path
    archive: Path


def build(repository: Path, target: Path, commit: str = "HEAD") -> Release:
    """Build the release of a commit into `target`. Raises InvalidRelease for a commit that cannot be one."""
    name = _git(repository, "rev-parse", "--verify", f"{commit}^{{commit}}").decode().strip()
    files = _files(repository, name)
    for needed in (LOCK, "airflow.cfg"):
        if needed not in files:
            raise InvalidRelease(f"commit {name} has no {needed}: no node could run it")
    content, listed = archive.pack(files)
    place = Path(archive_key(name)).name
    manifest = Manifest(name, File(place, len(content), sha256(content)), listed).dump()
    target.mkdir(parents=True, exist_ok=True)
    release = Release(Pin(name, sha256(manifest)), target / MANIFEST_NAME, target / place)
    release.archive.write_bytes(content)
    release.manifest.write_bytes(manifest)
    (target / "pin").write_text(f"{release.pin}\n", encoding="ascii")
    return release


def uncommitted(repository: Path) -> list[str]:
    """What of the parts is changed in the checkout but not committed."""
    text = _git(repository, "status", "--porcelain", "--", *PARTS).decode()
    return [line[3:] for line in text.splitlines()]


def _files(repository: Path, commit: str) -> dict[str, tuple[bytes, bool]]:
    listing = _git(repository, "ls-tree", "-r", "-z", "--full-tree", commit, "--", *PARTS).decode()
    entries: dict[str, tuple[str, bool]] = {}
    for line in listing.split("\0")[:-1]:
        facts, path = line.split("\t", 1)
        mode, kind, name = facts.split()
        if kind != "blob" or mode == "120000":
            raise InvalidRelease(f"{path} is a link or a submodule: a release holds plain files only")
        entries[path] = (name, mode == "100755")
    contents = _contents(repository, [name for name, _ in entries.values()])
    return {path: (contents[name], executable) for path, (name, executable) in entries.items()}


def _contents(repository: Path, names: list[str]) -> dict[str, bytes]:
    """The contents of objects, by one process, which answers with "NAME blob SIZE", the content, a line feed each."""
    answer = _git(repository, "cat-file", "--batch", text="\n".join(names).encode() + b"\n")
    found: dict[str, bytes] = {}
    start = 0
    while start < len(answer):
        head = answer.index(b"\n", start)
        name, _, size = answer[start:head].decode().split()
        found[name] = answer[head + 1 : head + 1 + int(size)]
        start = head + 2 + int(size)
    return found


def _git(repository: Path, *arguments: str, text: bytes = b"") -> bytes:
    command = ["git", "-C", str(repository), *arguments]
    done = subprocess.run(command, input=text, capture_output=True, timeout=_GIT_SECONDS, check=False)
    if done.returncode != 0:
        raise InvalidRelease(f"git {arguments[0]} says: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
