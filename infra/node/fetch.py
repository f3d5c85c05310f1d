"""Brings a release onto the node: download, verify, unpack, and only then give it its name."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from infra.node.layout import Layout
from infra.release import archive, manifest
from infra.release.manifest import InvalidRelease, Manifest, Pin

_RESERVE = 50_000_000  # bytes that stay free: logs and databases of the node need room, too


class DiskFull(Exception):
    """The node has no room for the release; nothing of it was kept."""


def fetch(s3: Any, bucket: str, pin: Pin, layout: Layout) -> Path:
    """The folder of the release, which is then whole and verified.

    Raises InvalidRelease, DiskFull; botocore's errors where S3 is away.
    """
    from botocore.exceptions import BotoCoreError

    folder = layout.release(pin)
    if layout.has(pin):
        os.utime(folder)
        return folder
    text = _object(s3, bucket, manifest.manifest_key(pin.commit))
    known = manifest.read(text, pin)
    _check_room(layout.incoming, known)
    place = layout.incoming / pin.folder
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    packed = layout.incoming / f"{pin.folder}.tar"
    try:
        _download(s3, bucket, manifest.archive_key(pin.commit), packed)
        archive.check(packed, known)
        for file, content in archive.contents(packed, known):
            _write(place / file.path, content, 0o755 if file.executable else 0o644)
        _write(place / manifest.MANIFEST_NAME, text, 0o644)
        _sync(place)
        shutil.rmtree(folder, ignore_errors=True)  # one without a manifest: never whole
        place.rename(folder)
    except BotoCoreError:  # S3's time-outs are OSErrors as well, and no full disk
        raise
    except OSError as error:
        raise DiskFull(f"no room for release {pin.commit} on this node: {error}") from error
    finally:
        packed.unlink(missing_ok=True)
        shutil.rmtree(place, ignore_errors=True)
    return folder


def known(release: Path) -> Manifest:
    """The manifest of a release that lies here."""
    text = (release / manifest.MANIFEST_NAME).read_bytes()
    commit = release.name.partition("-")[0]
    return manifest.read(text, Pin(commit, manifest.sha256(text)))


def _check_room(folder: Path, known: Manifest) -> None:
    needed = known.archive.size + sum(file.size for file in known.files) + _RESERVE
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DiskFull(f"release {known.commit} needs {needed} bytes on this node and {free} are free")


def _object(s3: Any, bucket: str, key: str) -> bytes:
    from botocore.exceptions import ClientError

    try:
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            raise InvalidRelease(f"s3://{bucket}/{key} is not there") from error
        raise


def _download(s3: Any, bucket: str, key: str, target: Path) -> None:
    from botocore.exceptions import ClientError

    try:
        body = s3.get_object(Bucket=bucket, Key=key)["Body"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            raise InvalidRelease(f"s3://{bucket}/{key} is not there") from error
        raise
    with target.open("wb") as sink:
        shutil.copyfileobj(body, sink, 1 << 20)


def _write(path: Path, content: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # a path of the manifest names each file once and no link is ever made, so that this never writes through one
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "wb") as sink:
        sink.write(content)
        sink.flush()
        os.fsync(sink.fileno())


def _sync(folder: Path) -> None:
    for each in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
