"""The bucket of the releases: fetching and verifying one, the list of those that were healthy, the audit records."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.release import archive, manifest
from infra.release.manifest import InvalidRelease, Pin


class Shelf:
    """What lies there."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self.s3, self.bucket = s3, bucket

    def verify(self, pin: Pin) -> None:
        """Read the whole release and check every byte. Raises InvalidRelease."""
        known = manifest.read(self._read(manifest.manifest_key(pin.commit)), pin)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "archive.tar"
            path.write_bytes(self._read(manifest.archive_key(pin.commit)))
            archive.check(path, known)

    def accept(self, pin: Pin) -> None:
        """Remember that a release was healthy on every node: only such a one can be gone back to by its name."""
        self._write(_accepted_key(pin.commit), {"release": str(pin)})

    def accepted(self, commit: str) -> Pin:
        """The healthy release of that commit. Raises InvalidRelease."""
        key = _accepted_key(commit)
        try:
            value = json.loads(self._read(key))
        except InvalidRelease as error:
            raise InvalidRelease(
                f"{commit!r:.60} was never healthy on the nodes: there is no going back to it"
            ) from error
        return Pin.parse(value["release"])

    def audit(self, key: str, record: dict[str, Any]) -> None:
        """Write an audit record."""
        self._write(key, record)

    def _read(self, key: str) -> bytes:
        try:
            answer = self.s3.get_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                raise InvalidRelease(f"s3://{self.bucket}/{key} is not there") from error
            raise
        if answer["ContentLength"] > manifest.MOST_BYTES:
            raise InvalidRelease(f"s3://{self.bucket}/{key} has {answer['ContentLength']} bytes")
        return answer["Body"].read()

    def _write(self, key: str, value: dict[str, Any]) -> None:
        body = json.dumps(value, indent=1, ensure_ascii=False).encode()
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType="application/json")


def _accepted_key(commit: str) -> str:
    # the commit of an event is a stranger's text until it is known
    Pin.parse(f"{commit}@sha256:{'0' * 64}")
    return f"deploys/accepted/{commit}.json"
