"""Puts a built release into the bucket, for good: what lies there under a commit's name is never replaced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from infra.release.build import Release
from infra.release.manifest import InvalidRelease, archive_key, manifest_key, sha256


def upload(s3: Any, bucket: str, release: Release) -> None:
    """Upload archive and manifest, the manifest last: who sees it sees a whole release. Harmless when repeated.

    Raises InvalidRelease where another release of the same name is there.
    """
    commit = release.pin.commit
    for key, path in ((archive_key(commit), release.archive), (manifest_key(commit), release.manifest)):
        _put_once(s3, bucket, key, path)


def _put_once(s3: Any, bucket: str, key: str, path: Path) -> None:
    from botocore.exceptions import ClientError

    content = path.read_bytes()
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=content, IfNoneMatch="*")
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("PreconditionFailed", "ConditionalRequestConflict"):
            raise
        there = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        if sha256(there) != sha256(content):
            raise InvalidRelease(
                f"s3://{bucket}/{key} holds another content already; a release is never replaced: make a new commit"
            ) from error
