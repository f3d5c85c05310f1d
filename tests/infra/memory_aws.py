"""S3 and SSM in memory, for tests that fork: a forked process must not share its parent's connections."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.release.build import Release
from infra.release.manifest import Pin, archive_key, manifest_key


class MemoryS3:
    """The two calls of the agent, on files: what a killed process has put stays put."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        try:
            return {"Body": io.BytesIO((self.folder / Key).read_bytes())}
        except FileNotFoundError as error:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": Key}}, "GetObject") from error

    def put_object(self, Bucket: str, Key: str, Body: bytes, **_: Any) -> None:  # noqa: N803
        path = self.folder / Key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Body)

    def add(self, release: Release) -> Pin:
        """Upload a release."""
        self.put_object("", archive_key(release.pin.commit), release.archive.read_bytes())
        self.put_object("", manifest_key(release.pin.commit), release.manifest.read_bytes())
        return release.pin

    def report(self, node: str = "node") -> dict[str, Any]:
        """The node's last report; empty where there is none."""
        path = self.folder / "nodes" / f"{node}.json"
        return json.loads(path.read_bytes()) if path.exists() else {}


class MemorySsm:
    """One parameter."""

    def __init__(self) -> None:
        self.value, self.version, self.away = "none", 0, False

    def point(self, pin: Pin | str) -> int:
        """Move it; gives its version."""
        self.value, self.version = str(pin), self.version + 1
        return self.version

    def get_parameter(self, Name: str) -> dict[str, Any]:  # noqa: N803
        if self.away:
            raise ClientError({"Error": {"Code": "InternalServerError", "Message": "away"}}, "GetParameter")
        return {"Parameter": {"Value": self.value, "Version": self.version}}
