"""S3 for COPY and UNLOAD: every call has a timeout and few retries, every fault a sentence. Called from threads.

Credentials come from the gateway's environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), never from a statement.
"""

from __future__ import annotations

import contextlib
import errno
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.redshift.errors import CONNECTION, DISK_FULL, INTERNAL, IO, RedshiftError
from local.redshift.options import Location

CONNECT_SECONDS = 3
READ_SECONDS = 10
_LARGEST_MANIFEST = 64 << 20


@dataclass(frozen=True)
class File:
    """One object to load."""

    location: Location
    size: int


class Store:
    """One endpoint."""

    def __init__(self, endpoint: str | None) -> None:
        self.endpoint = endpoint
        self._lock = threading.Lock()
        self._client: Any = None

    @property
    def client(self) -> Any:
        """The boto3 client, made when first needed: importing boto3 takes longer than starting the gateway."""
        with self._lock:
            if self._client is None:
                import boto3
                from botocore.config import Config

                self._client = boto3.client(
                    "s3",
                    endpoint_url=self.endpoint,
                    region_name="us-east-1" if self.endpoint else None,
                    config=Config(
                        connect_timeout=CONNECT_SECONDS,
                        read_timeout=READ_SECONDS,
                        retries={"total_max_attempts": 2, "mode": "standard"},
                        s3={"addressing_style": "path"} if self.endpoint else {},
                    ),
                )
            return self._client

    def list(self, prefix: Location) -> list[File]:
        """The objects below a prefix, in key order; folder marks are left out."""
        with _named(prefix):
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=prefix.bucket, Prefix=prefix.key)
            return [
                File(Location(prefix.bucket, entry["Key"]), entry["Size"])
                for page in pages
                for entry in page.get("Contents", ())
                if not entry["Key"].endswith("/")
            ]

    def size(self, location: Location) -> int | None:
        """The object's size; None if there is none."""
        with _named(location):
            try:
                return int(self.client.head_object(Bucket=location.bucket, Key=location.key)["ContentLength"])
            except self.client.exceptions.ClientError as error:
                if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
                    return None
                raise

    def manifest(self, location: Location) -> Any:
        """A JSON object."""
        with _named(location):
            answer = self.client.get_object(Bucket=location.bucket, Key=location.key)
            text = answer["Body"].read(_LARGEST_MANIFEST)
        try:
            return json.loads(text)
        except ValueError as error:
            raise RedshiftError(INTERNAL, f"the manifest {location.url} is not JSON: {error}") from error

    def download(self, location: Location, path: Path) -> None:
        """The object as a file: read whole before its rows are, so that a slow table never holds S3's connection."""
        with _named(location), path.open("wb") as sink:
            answer = self.client.get_object(Bucket=location.bucket, Key=location.key)
            received = 0
            for piece in answer["Body"].iter_chunks(1 << 20):
                sink.write(piece)
                received += len(piece)
        if received != answer["ContentLength"]:
            raise RedshiftError(
                INTERNAL, f"{location.url} broke off after {received} of {answer['ContentLength']} bytes"
            )

    def upload(self, path: Path, location: Location) -> None:
        """A file as an object."""
        from boto3.s3.transfer import TransferConfig

        with _named(location):
            self.client.upload_file(str(path), location.bucket, location.key, Config=TransferConfig(use_threads=False))

    def put(self, location: Location, body: bytes) -> None:
        """A small object."""
        with _named(location):
            self.client.put_object(Bucket=location.bucket, Key=location.key, Body=body)


@contextlib.contextmanager
def _named(location: Location) -> Iterator[None]:
    """Give every fault of S3 an SQLSTATE and the object's name."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

    try:
        yield
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        code = error.response["Error"].get("Code", "")
        text = error.response["Error"].get("Message", code)
        raise RedshiftError(
            INTERNAL, f"S3ServiceException:{text},Status {status},Error {code},{location.url}"
        ) from error
    except NoCredentialsError as error:
        raise RedshiftError(
            "28000", "the gateway has no S3 credentials", hint="Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for it."
        ) from error
    except (BotoCoreError, Boto3Error) as error:
        raise RedshiftError(
            CONNECTION, f"S3 does not answer for {location.url}: {error}", hint="Is the S3 server up? Then try again."
        ) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise RedshiftError(DISK_FULL, f"no space for {location.url} in the gateway's temporary folder") from error
        raise RedshiftError(IO, f"reading or writing {location.url} failed: {error}") from error


def files_of(store: Store, source: Location, *, manifest: bool, parquet: bool) -> list[File]:
    """What a COPY has to read. Raises RedshiftError for a missing file that must be there."""
    if not manifest:
        return _below(store, source, parquet)
    document = store.manifest(source)
    entries = document.get("entries") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) and "url" in entry for entry in entries):
        raise RedshiftError(INTERNAL, f'the manifest {source.url} has no list "entries" of objects with a url')
    files = []
    for entry in entries:
        location = Location.of(str(entry["url"]))
        declared = (entry.get("meta") or {}).get("content_length")
        if parquet and not isinstance(declared, int):
            raise RedshiftError(
                INTERNAL, f"the manifest {source.url} lacks meta.content_length for {location.url}: Parquet needs it"
            )
        size = store.size(location)
        if size is None and entry.get("mandatory"):
            raise RedshiftError(
                INTERNAL,
                f"S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey,{location.url}",
            )
        if size is not None and declared is not None and size != declared:
            raise RedshiftError(INTERNAL, f"{location.url} has {size} bytes; the manifest says {declared}")
        if size is not None:
            files.append(File(location, size))
    if not files:
        raise RedshiftError(INTERNAL, f"the manifest {source.url} names no file that exists: nothing to load")
    return files


def _below(store: Store, source: Location, parquet: bool) -> list[File]:
    files = [file for file in store.list(source) if file.size]
    if parquet:  # Redshift reads Parquet as Spectrum does, which passes hidden names over
        files = [file for file in files if file.location.key.rsplit("/", 1)[-1][:1] not in ("_", ".")]
    if not files:
        raise RedshiftError(
            INTERNAL, f"The specified S3 prefix '{source.key}' does not exist in bucket '{source.bucket}'"
        )
    return files
