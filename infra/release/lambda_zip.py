"""The zip file of the Lambda: its own code and the part that reads releases; the same bytes for the same files."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from infra.release.manifest import sha256

HANDLER = "deploy.handler.handle"
_SHARED = ("infra/__init__.py", "infra/release/__init__.py", "infra/release/manifest.py", "infra/release/archive.py")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # a zip file's first moment


def write_zip(root: Path, target: Path) -> Path:
    """Write the zip file, named by its sum: a stack that names another file gets another function."""
    content = zipped(root)
    target.mkdir(parents=True, exist_ok=True)
    path = target / f"deploy-{sha256(content)[:16]}.zip"
    path.write_bytes(content)
    return path


def zipped(root: Path) -> bytes:
    """Its bytes. Not compressed, as the release is not: compressors differ."""
    own = root / "infra" / "lambda"
    files = {path: path.relative_to(own).as_posix() for path in sorted((own / "deploy").glob("*.py"))}
    files |= {root / name: name for name in _SHARED}
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as bundle:
        for path, name in sorted(files.items(), key=lambda pair: pair[1]):
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.external_attr = 0o644 << 16
            bundle.writestr(entry, path.read_bytes())
    return sink.getvalue()
