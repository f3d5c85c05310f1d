"""The manifest of a release: what its archive holds, with the SHA-256 sum of everything.

A release is named by its commit and pinned by the sum of its manifest (`Pin`): who has the pin can check the manifest,
who has the manifest can check the archive and each file. Standard library only: the Lambda and the nodes' agent run it.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

FORMAT = 1
MANIFEST_NAME = "manifest.json"
LOCK = "infra/node/requirements.lock"  # the environment that the release runs in

# A release of ours is one megabyte. The bounds keep a wrong or hostile one from filling a node or the Lambda.
MOST_BYTES = 200_000_000
MOST_FILES = 20_000

_COMMIT = re.compile(r"[0-9a-f]{40}")
_SUM = re.compile(r"[0-9a-f]{64}")


class InvalidRelease(Exception):
    """A release that must not run anywhere; the message names the part and what is wrong with it."""


@dataclass(frozen=True)
class Pin:
    """One release, beyond doubt: its commit and the sum of its manifest. Written COMMIT@sha256:SUM."""

    commit: str
    manifest_sha256: str

    def __str__(self) -> str:
        return f"{self.commit}@sha256:{self.manifest_sha256}"

    @property
    def folder(self) -> str:
        """Its folder on a node."""
        return f"{self.commit}-{self.manifest_sha256[:12]}"

    @classmethod
    def parse(cls, text: str) -> Pin:
        """From its written form. Raises InvalidRelease."""
        commit, _, found = text.partition("@sha256:")
        if not _COMMIT.fullmatch(commit) or not _SUM.fullmatch(found):
            raise InvalidRelease(f"{text!r:.120} is no release; one is written COMMIT@sha256:SUM")
        return cls(commit, found)


@dataclass(frozen=True)
class File:
    """One file of the archive."""

    path: str
    size: int
    sha256: str
    executable: bool = False


@dataclass(frozen=True)
class Manifest:
    """What a release holds."""

    commit: str
    archive: File
    files: tuple[File, ...]

    def dump(self) -> bytes:
        """The bytes whose sum pins the release."""
        value = {"format": FORMAT, **asdict(self)}
        return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"

    def sum_of(self, path: str) -> str:
        """The sum of one file. Raises InvalidRelease where the release lacks it."""
        for file in self.files:
            if file.path == path:
                return file.sha256
        raise InvalidRelease(f"release {self.commit} has no {path}")


def archive_key(commit: str) -> str:
    """Where the archive lies in the bucket of the releases."""
    return f"releases/{commit}/otto-{commit}.tar"


def manifest_key(commit: str) -> str:
    """Where the manifest lies."""
    return f"releases/{commit}/{MANIFEST_NAME}"


def sha256(data: bytes) -> str:
    """The sum, in hex."""
    return hashlib.sha256(data).hexdigest()


def read(data: bytes, pin: Pin) -> Manifest:
    """A manifest that is the pinned one and makes sense. Raises InvalidRelease."""
    if sha256(data) != pin.manifest_sha256:
        raise InvalidRelease(
            f"the manifest of {pin.commit} has the sum {sha256(data)}, not the expected {pin.manifest_sha256}"
        )
    try:
        value = json.loads(data)
        manifest = _manifest(value)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidRelease(f"the manifest of {pin.commit} is not one of format {FORMAT}: {error!r:.200}") from error
    if manifest.commit != pin.commit:
        raise InvalidRelease(f"the manifest says it is of {manifest.commit:.50}, not of {pin.commit}")
    _check_bounds(manifest)
    return manifest


def check_path(path: str) -> None:
    """Raise InvalidRelease unless the path stays below the folder that it is unpacked into."""
    pure = PurePosixPath(path)
    plain = str(pure) == path and not pure.is_absolute() and ".." not in pure.parts
    if not plain or path in ("", ".") or "\\" in path or any(ord(letter) < 32 for letter in path):
        raise InvalidRelease(f"the path {path!r:.200} could lead out of the release's folder")


def _manifest(value: dict[str, Any]) -> Manifest:
    if value["format"] != FORMAT:
        raise ValueError(f"format {value['format']!r}")
    files = tuple(_file(each) for each in value["files"])
    return Manifest(str(value["commit"]), _file(value["archive"]), files)


def _file(value: dict[str, Any]) -> File:
    file = File(value["path"], value["size"], value["sha256"], value["executable"])
    if type(file.size) is not int or file.size < 0 or not _SUM.fullmatch(file.sha256):
        raise ValueError(f"{value!r:.200}")
    if type(file.path) is not str or type(file.executable) is not bool:
        raise ValueError(f"{value!r:.200}")
    return file


def _check_bounds(manifest: Manifest) -> None:
    paths = [file.path for file in manifest.files]
    for path in paths:
        check_path(path)
    if len(set(paths)) < len(paths):
        raise InvalidRelease(f"the manifest of {manifest.commit} names a path twice")
    total = sum(file.size for file in manifest.files)
    if len(paths) > MOST_FILES or max(total, manifest.archive.size) > MOST_BYTES:
        raise InvalidRelease(
            f"release {manifest.commit} has {len(paths)} files of {total} bytes, its archive {manifest.archive.size};"
            f" at most {MOST_FILES} files and {MOST_BYTES} bytes are taken"
        )
