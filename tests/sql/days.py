"""Days of a warehouse under test: stage rows in the lake, load them as the DAG does, read what came of it."""

from __future__ import annotations

import secrets
from collections import defaultdict
from datetime import date
from typing import Any

from include import lake as lake_keys
from include import settings, warehouse
from include.lake import Lake
from include.scrapers import records


class Days:
    """One empty warehouse and one empty lake."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake

    def stage(self, *rows: records.Record, run_date: date) -> None:
        """Write the rows of one day as the scraper does: a part and a manifest an entity."""
        by_entity: dict[str, dict[str, list[records.Record]]] = {
            entity: defaultdict(list) for entity in lake_keys.ENTITIES
        }
        for row in rows:
            by_entity[records.ENTITY_OF[type(row)]][row.mall].append(row)
        for entity, by_mall in by_entity.items():
            entries = [self._part(entity, mall, run_date, found) for mall, found in by_mall.items()]
            self.lake.put_json(lake_keys.manifest_key(entity, run_date), {"entries": entries})

    def _part(self, entity: str, mall: str, run_date: date, rows: list[records.Record]) -> dict[str, Any]:
        key = f"{lake_keys.staged_folder(entity, mall, run_date)}{secrets.token_hex(4)}.parquet"
        self.lake.put_table(key, records.to_table(entity, rows))
        length = next(size for found, size in self.lake.list(key) if found == key)
        return {"url": self.lake.uri(key), "mandatory": True, "meta": {"content_length": length}}

    def copy(self, *run_dates: date) -> list[str]:
        """Plan, COPY and check staging. Gives the warnings."""
        for plan in warehouse.plan_copies(self.lake, run_dates):
            copy_staged(plan)
        return warehouse.check_staging(run_dates)

    def load(self, *run_dates: date) -> list[dict[str, Any]]:
        """All of load_warehouse. Gives the reports of the samples."""
        self.copy(*run_dates)
        for run_date in run_dates:
            warehouse.merge(run_date)
        return [warehouse.build_samples(run_date) for run_date in run_dates]

    def rows(self, query: str) -> list[tuple]:
        """The answer to a query, in a transaction of its own."""
        with warehouse.transaction() as cursor:
            cursor.execute(query)
            return [tuple(row) for row in cursor.fetchall()]

    def empty(self, *tables: str) -> None:
        """Remove every row of the tables."""
        with warehouse.transaction() as cursor:
            for table in tables:
                cursor.execute(f"DELETE FROM {table}")


def copy_staged(plan: dict[str, str]) -> None:
    """What the task copy_staged of load_warehouse runs."""
    from airflow.providers.amazon.aws.transfers.s3_to_redshift import S3ToRedshiftOperator

    S3ToRedshiftOperator(
        task_id="copy_staged",
        schema="staging",
        method="REPLACE",
        redshift_conn_id=settings.REDSHIFT_CONN_ID,
        aws_conn_id=settings.COPY_CONN_ID,
        copy_options=["MANIFEST", "FORMAT AS PARQUET"],
        autocommit=True,
        **plan,
    ).execute({})
