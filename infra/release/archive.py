"""The archive of a release: a plain tar, the same bytes for the same files, read with suspicion.

Not compressed: the bytes of a compressed one depend on the version of the compressor, and a megabyte is nothing to S3.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from infra.release.manifest import File, InvalidRelease, Manifest, check_path, sha256


def pack(files: Mapping[str, tuple[bytes, bool]]) -> tuple[bytes, tuple[File, ...]]:
    """The archive of these files (path -> content, executable) and what the manifest says of them."""
    sink = io.BytesIO()
    listed = []
    with tarfile.open(fileobj=sink, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in sorted(files):
            check_path(path)
            content, executable = files[path]
            entry = tarfile.TarInfo(path)
            # the rest of TarInfo's defaults: no owner, no time, a regular file
            entry.size, entry.mode = len(content), 0o755 if executable else 0o644
            tar.addfile(entry, io.BytesIO(content))
            listed.append(File(path, len(content), sha256(content), executable))
    return sink.getvalue(), tuple(listed)


def contents(archive: Path, manifest: Manifest) -> Iterator[tuple[File, bytes]]:
    """Every file of the archive, each checked against the manifest. Raises InvalidRelease.

    Whoever takes all of it knows that the archive holds exactly what the manifest names. Nothing is written.
    """
    missing = {file.path: file for file in manifest.files}
    try:
        with tarfile.open(archive, mode="r:") as tar:
            for entry in tar:
                file = _expected(entry, missing)
                content = _content(tar, entry)
                if sha256(content) != file.sha256:
                    raise InvalidRelease(f"{file.path} has the sum {sha256(content)}, the manifest says {file.sha256}")
                yield file, content
    except (tarfile.TarError, EOFError, OverflowError) as error:
        raise InvalidRelease(f"the archive of {manifest.commit} is not a whole tar file: {error}") from error
    if missing:
        raise InvalidRelease(f"the archive of {manifest.commit} lacks {', '.join(sorted(missing)[:5])}")


def check(archive: Path, manifest: Manifest) -> None:
    """Raise InvalidRelease unless the archive is the manifest's, byte for byte."""
    if archive.stat().st_size != manifest.archive.size:
        raise InvalidRelease(
            f"the archive of {manifest.commit} has {archive.stat().st_size} bytes, the manifest says"
            f" {manifest.archive.size}"
        )
    if (found := _sum(archive)) != manifest.archive.sha256:
        raise InvalidRelease(
            f"the archive of {manifest.commit} has the sum {found}, the manifest says {manifest.archive.sha256}"
        )
    for _ in contents(archive, manifest):
        pass


def _expected(entry: tarfile.TarInfo, missing: dict[str, File]) -> File:
    if not entry.isreg() or entry.issym() or entry.islnk():
        raise InvalidRelease(f"{entry.name!r:.200} in the archive is no plain file: links and devices are refused")
    check_path(entry.name)
    file = missing.pop(entry.name, None)
    if file is None:
        raise InvalidRelease(f"{entry.name!r:.200} is in the archive twice, or is not in the manifest")
    if entry.size != file.size:
        raise InvalidRelease(f"{file.path} has {entry.size} bytes, the manifest says {file.size}")
    return file


def _content(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    stream = tar.extractfile(entry)
    content = stream.read() if stream else b""
    if len(content) != entry.size:
        raise InvalidRelease(f"{entry.name} is cut off in the archive")
    return content


def _sum(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
