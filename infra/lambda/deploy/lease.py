"""One deploy at a time: a lease in S3, held by conditional writes; that of a killed deploy runs out."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

KEY = "deploys/lease.json"
_LOST = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey")


class Busy(Exception):
    """Another deploy is at work; the message says which and until when its lease runs."""


class LeaseLost(Exception):
    """This deploy was taken for dead and another has taken over: it must stop where it is."""


class Lease:
    """The right to move the pointer, for some seconds at a time."""

    def __init__(self, s3: Any, bucket: str, owner: str, seconds: float, now: Callable[[], float] = time.time) -> None:
        self.s3, self.bucket, self.owner, self.seconds, self.now = s3, bucket, owner, seconds, now
        self._etag = ""
        self._until = 0.0

    def take(self, patience: float, pause: float = 1.0) -> None:
        """Take it, waiting for a holder's end. Raises Busy after `patience` seconds."""
        give_up = self.now() + patience
        while not self._try():
            if self.now() >= give_up:
                holder, _ = self._holder()
                raise Busy(f"deploy {holder['owner']} is at work, its lease runs for {self._left(holder):.0f} s more")
            time.sleep(pause)

    def renew(self) -> None:
        """Hold it for another term. Raises LeaseLost."""
        if self._until - self.now() > self.seconds / 2:
            return
        try:
            self._put(self.now() + self.seconds, IfMatch=self._etag)
        except ClientError as error:
            if error.response["Error"]["Code"] in _LOST:
                raise LeaseLost("another deploy has taken over") from error
            raise

    def give_back(self) -> None:
        """End it now, if it is still ours."""
        try:
            self._put(0.0, IfMatch=self._etag)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _LOST:
                raise

    def _try(self) -> bool:
        holder, etag = self._holder()
        # an invocation that AWS repeats has the same id and goes on with its own lease
        if etag and holder["owner"] != self.owner and self._left(holder) > 0:
            return False
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        try:
            self._put(self.now() + self.seconds, **condition)
        except ClientError as error:
            if error.response["Error"]["Code"] in _LOST:
                return False
            raise
        return True

    def _holder(self) -> tuple[dict[str, Any], str]:
        try:
            answer = self.s3.get_object(Bucket=self.bucket, Key=KEY)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return {"owner": "", "until": 0.0}, ""
            raise
        return json.loads(answer["Body"].read()), answer["ETag"]

    def _left(self, holder: dict[str, Any]) -> float:
        return holder["until"] - self.now()

    def _put(self, until: float, **condition: str) -> None:
        body = json.dumps({"owner": self.owner, "until": until}).encode()
        self._etag = self.s3.put_object(Bucket=self.bucket, Key=KEY, Body=body, **condition)["ETag"]
        self._until = until
