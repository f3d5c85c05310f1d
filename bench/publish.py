"""Publishing against PostgreSQL's own binary COPY of the same rows plus their primary key.

The whole of publishing is timed: reading the Parquet parts, the checks, the COPY, keys, statistics, attach, the move of
the pointer. The lake is in memory, since S3 is not what is measured. FULL=1 publishes ten million bands.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path

import psycopg
import pyarrow as pa

from bench.row import Row, judged
from include import lake as keys
from include import serving
from include.lake import Lake
from include.publish import binary, build, pointer, publication
from include.publish.bands import GENDERS, from_tables
from include.publish.build import PARENTS
from tests import servers
from tests.memory_s3 import MemoryS3
from tests.publish import invented

ROWS = 10_000_000 if os.environ.get("FULL") == "1" else 2_000_000
RUNS = 3
GOAL_RATE = 0.5
GOAL_BACK_SECONDS = 1.0
_RUN = ["S", "M", "L", "XL", "2XL"]


def large_lake(rows: int = 0, products_wanted: int = 0, genders: tuple[str, ...] = GENDERS) -> tuple[Lake, int]:
    """A day of at least so many bands and products; gives the lake and the number of products."""
    patterns = [invented.tables_of(invented.bands("musinsa", str(k), "unknown", _RUN)) for k in range(7)]
    products, tables, total = [], [], 0
    while total < rows or len(products) < products_wanted:
        product = invented.product(len(products), size_run=json.dumps(_RUN))
        for gender in genders:
            table = patterns[(len(products) + len(gender)) % len(patterns)]
            for column, value in (("product_id", product["product_id"]), ("gender", gender)):
                at = table.schema.get_field_index(column)
                table = table.set_column(at, column, pa.array([value] * len(table), pa.string()))
            tables.append(table)
            total += len(table)
        products.append(product)
    lake = Lake(MemoryS3(), "bench")
    invented.lay(lake, products=products, rows=invented.bands("musinsa", "1", "unknown", _RUN))
    folder = f"{keys.model_folder(invented.VERSION)}tables/"
    lake.put_table(f"{folder}0001.parquet", pa.concat_tables(tables[: len(tables) // 2]))
    lake.put_table(f"{folder}0000.parquet", pa.concat_tables(tables[len(tables) // 2 :]))
    return lake, len(products)


def measure_publishing() -> list[Row]:
    """The rate of publishing, and the time that going back takes."""
    lake, _ = large_lake(ROWS)
    bands = from_tables(lake.get_table(key) for key, _ in lake.list(f"{keys.model_folder(invented.VERSION)}tables/"))
    pieces = list(binary.encode(build.band_columns(1, bands), len(bands)))
    ours, theirs = [], []
    with (
        tempfile.TemporaryDirectory(prefix="otto-bench-") as folder,
        servers.postgres_server(Path(folder)) as cluster,
        serving.connect_to(cluster.dsn()) as connection,
    ):
        serving.migrate(connection)
        for run in range(RUNS):  # by turns, so that a busy machine slows both
            began = time.perf_counter()
            (published,) = publication.publish(connection, lake, [invented.DAY], by=f"bench {run}")
            ours.append(time.perf_counter() - began)
            theirs.append(_reference(connection, published.release_id, pieces))
        began = time.perf_counter()
        pointer.roll_back(connection, None, "bench", hold=False, by="bench")
        back = time.perf_counter() - began
    rate, bare = len(bands) / min(ours), len(bands) / min(theirs)
    return [
        judged(f"publish {len(bands):,} bands", rate, "rows/s", GOAL_RATE, "more", reference=bare),
        judged("going back to the release before", back, "s", GOAL_BACK_SECONDS, "less"),
    ]


def _reference(connection: psycopg.Connection, release_id: int, pieces: list[bytes]) -> float:
    """Seconds of a bare binary COPY of the same bytes into a new table, and its primary key."""
    with connection.cursor() as cursor:
        began = time.perf_counter()
        cursor.execute(f"CREATE TABLE bare (LIKE otto.size_band_{release_id})".encode())
        with cursor.copy("COPY bare FROM STDIN (FORMAT BINARY)") as copy:
            for piece in pieces:
                copy.write(piece)
        key = ", ".join(("release_id", *PARENTS["size_band"]))
        cursor.execute(f"ALTER TABLE bare ADD PRIMARY KEY ({key})".encode())
        seconds = time.perf_counter() - began
        cursor.execute("DROP TABLE bare")
    return seconds
