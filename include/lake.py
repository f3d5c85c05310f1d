"""The lake: S3, its keys, and six verbs. No decision is made here.

The key functions are the contract of docs/architecture.md; nothing else spells a key.
"""

from __future__ import annotations

import builtins
import gzip
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from include import settings

KINDS = ("ranking", "product", "reviews")
ENTITIES = ("product_rank", "product", "review")


class ObjectMissing(LookupError):
    """The lake has no object under the key that the message names."""


def raw_folder(mall: str, kind: str, run_date: date) -> str:
    """Folder of captured pages."""
    return f"raw/mall={mall}/kind={kind}/run_date={run_date:%Y-%m-%d}/"


def staged_folder(entity: str, mall: str, run_date: date) -> str:
    """Folder of typed rows."""
    return f"staged/{entity}/mall={mall}/run_date={run_date:%Y-%m-%d}/"


def quarantine_folder(entity: str, mall: str, run_date: date) -> str:
    """Folder of refused rows, each with its reason."""
    return f"quarantine/{entity}/mall={mall}/run_date={run_date:%Y-%m-%d}/"


def state_folder(mall: str, run_date: date) -> str:
    """Folder of the checkpoints of one mall and day."""
    return f"state/scrape/mall={mall}/run_date={run_date:%Y-%m-%d}/"


def manifest_key(entity: str, run_date: date) -> str:
    """What COPY reads for one entity and day."""
    return f"staged/manifests/{entity}/run_date={run_date:%Y-%m-%d}.json"


def joined_manifest_key(entity: str, run_dates: Sequence[date]) -> str:
    """What COPY reads for one entity in a run of several days: the days' manifests joined (COPY takes one)."""
    return f"staged/manifests/{entity}/run_dates={min(run_dates):%Y-%m-%d}_{max(run_dates):%Y-%m-%d}.json"


def unload_folder(entity: str, run_date: date) -> str:
    """Where the warehouse unloads one entity of one day (sample, product, product_rank)."""
    return f"unload/{entity}/run_date={run_date:%Y-%m-%d}/"


def model_folder(model_version: str) -> str:
    """Folder of one size model, its card, metrics, report and tables."""
    return f"models/size/{model_version}/"


def accepted_key(run_date: date | None = None) -> str:
    """The accepted model of one day, or of the newest accepted day."""
    return (
        "models/size/accepted.json" if run_date is None else f"models/size/accepted/run_date={run_date:%Y-%m-%d}.json"
    )


class Lake:
    """One bucket, through a boto3 S3 client."""

    def __init__(self, client: Any, bucket: str) -> None:
        self.client = client
        self.bucket = bucket

    @classmethod
    def from_connection(cls) -> Lake:
        """The lake of the Airflow connection aws_default."""
        from airflow.providers.amazon.aws.hooks.s3 import S3Hook

        return cls(S3Hook(aws_conn_id=settings.AWS_CONN_ID).get_conn(), settings.bucket())

    def uri(self, key: str) -> str:
        """s3://bucket/key."""
        return f"s3://{self.bucket}/{key}"

    def put(self, key: str, body: bytes, content_type: str = "application/octet-stream") -> None:
        """Write one object whole: a reader sees the old one or the new one."""
        self.client.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType=content_type)

    def get(self, key: str) -> bytes:
        """One object. Raises ObjectMissing."""
        try:
            return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except self.client.exceptions.NoSuchKey as error:
            raise ObjectMissing(f"{self.uri(key)} does not exist") from error

    def exists(self, key: str) -> bool:
        """Whether exactly this key is there."""
        return any(found == key for found, _ in self.list(key))

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        """(key, bytes) of every object under a prefix, in key order."""
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
            for entry in page.get("Contents", ()):
                yield entry["Key"], entry["Size"]

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; absent ones are no error."""
        batch = list(keys)
        for start in range(0, len(batch), 1000):
            objects = [{"Key": key} for key in batch[start : start + 1000]]
            answer = self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": objects, "Quiet": True})
            if answer.get("Errors"):
                raise OSError(f"the lake kept {len(answer['Errors'])} objects: {answer['Errors'][0]}")

    def put_json(self, key: str, value: Any) -> None:
        """A JSON object, UTF-8, keys in the order given."""
        self.put(key, json.dumps(value, ensure_ascii=False, indent=1).encode(), "application/json")

    def get_json(self, key: str) -> Any:
        """A JSON object. Raises ObjectMissing."""
        return json.loads(self.get(key))

    def put_lines(self, key: str, rows: Iterable[dict[str, Any]]) -> None:
        """Rows as gzip-compressed JSON lines."""
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        self.put(key, gzip.compress(text.encode(), mtime=0), "application/gzip")

    def get_lines(self, key: str) -> builtins.list[dict[str, Any]]:
        """The rows of a put_lines object. Raises ObjectMissing."""
        return [json.loads(line) for line in gzip.decompress(self.get(key)).decode().split("\n") if line]

    def put_table(self, key: str, table: pa.Table) -> None:
        """An Arrow table as Parquet."""
        sink = io.BytesIO()
        pq.write_table(table, sink, compression="snappy")
        self.put(key, sink.getvalue())

    def get_table(self, key: str) -> pa.Table:
        """A Parquet object as an Arrow table. Raises ObjectMissing."""
        return pq.read_table(io.BytesIO(self.get(key)))
