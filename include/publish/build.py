"""Builds one release beside the live one: partitions, COPY, keys, checks, attach, in one transaction.

One transaction, so that a publisher that is killed leaves nothing but its row in otto.release; and so that COPY FREEZE
is possible, which spares the readers of a new release the first-touch writes. The partitions are attached with a CHECK
equal to their bound (no scan) and under a short lock_timeout, so that no reader ever waits behind this.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from include.publish import binary, checks, events
from include.publish.bands import GENDERS, STATES, Bands
from include.publish.binary import Column, Number, Text
from include.publish.checks import CheckFailed
from include.publish.source import Source

log = logging.getLogger(__name__)

# Each partitioned table and its key after release_id.
PARENTS = {
    "release_product": ("mall", "product_id"),
    "release_rank": ("mall", "category", "rank"),
    "size_band": ("mall", "product_id", "gender", "height_cm", "weight_from_kg"),
}
# Further indexes of the parents, as the migrations have made them.
INDEXES = {"release_product": [("mall", "brand")], "release_rank": [("mall", "product_id")]}
_PRODUCT_TYPES = ["bigint", *["text"] * 6, "integer", "text", "text", "text[]", "text", "real", "integer", "date"]
_PRODUCT_TYPES += ["jsonb", "text[]"]
_RANK_TYPES = ["bigint", "text", "text", "integer", "text", "date"]
ATTACH_TRIES = 20


class AttachRefused(RuntimeError):
    """Other DDL held the parent table for longer than publishing is willing to wait."""


def build(connection: psycopg.Connection, source: Source, publisher: str, go_live: bool = False) -> int:
    """A checked release in state ready; gives its number. On any failure the release is failed, with the reason.

    Raises CheckFailed, AttachRefused, psycopg.Error. The caller holds the publisher's lock.
    """
    began = time.monotonic()
    release_id = _register(connection, source, publisher)
    try:
        with connection.transaction():
            _settle(connection)
            _check(connection, source, go_live)
            create_partitions(connection, release_id)
            copy_products(connection, release_id, source)
            copy_bands(connection, release_id, source.bands)
            add_keys(connection, release_id)
            check_stored(connection, release_id, source)
            attach_partitions(connection, release_id)
            mark_ready(connection, release_id, source, publisher, time.monotonic() - began)
    except Exception as error:
        _mark_failed(connection, release_id, publisher, error)
        raise
    rows = len(source.bands)
    log.info(
        "release %d: %d products, %d rows in %.1f s", release_id, len(source.products), rows, time.monotonic() - began
    )
    return release_id


def _settle(connection: psycopg.Connection) -> None:
    """How the transaction works: keys are sorted in memory, and one core is used, since the others are the readers'."""
    connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
    for setting in ("max_parallel_maintenance_workers", "max_parallel_workers_per_gather"):
        connection.execute(f"SET LOCAL {setting} = 0".encode())


def create_partitions(connection: psycopg.Connection, release_id: int) -> None:
    """The release's tables, not yet attached; the CHECK lets ATTACH skip its scan."""
    for parent in PARENTS:
        connection.execute(
            sql.SQL(
                "CREATE TABLE {} (LIKE {} INCLUDING CONSTRAINTS, CONSTRAINT of_release CHECK (release_id = {}))"
                # the rows are frozen and never change: a vacuum would do nothing but have every reader plan again
                " WITH (autovacuum_enabled = off)"
            ).format(partition(parent, release_id), table(parent), sql.Literal(release_id))
        )


def copy_products(connection: psycopg.Connection, release_id: int, source: Source) -> None:
    """The products and the ranking: some thousands of rows."""
    _copy_rows(connection, partition("release_product", release_id), _PRODUCT_TYPES, release_id, source.products)
    _copy_rows(connection, partition("release_rank", release_id), _RANK_TYPES, release_id, source.ranks)


def copy_bands(connection: psycopg.Connection, release_id: int, bands: Bands) -> None:
    """The bands, by batches of bytes."""
    target = partition("size_band", release_id)
    with connection.cursor() as cursor, cursor.copy(_copy_statement(target)) as copy:
        for piece in binary.encode(band_columns(release_id, bands), len(bands)):
            copy.write(piece)


def band_columns(release_id: int, bands: Bands) -> list[Column]:
    """The columns of otto.size_band, in its order."""
    return [
        Number(np.full(len(bands), release_id, dtype=np.int64)),
        Text(bands.product, [mall for mall, _ in bands.products]),
        Text(bands.product, [product_id for _, product_id in bands.products]),
        Text(bands.gender, GENDERS),
        Number(bands.height_cm),
        Number(bands.weight_from_kg),
        Number(bands.weight_to_kg),
        Text(bands.state, STATES),
        Text(bands.size, bands.labels),
        Number(bands.probability, np.isnan(bands.probability)),
        Text(bands.runner_up, bands.labels),
        Number(bands.runner_up_probability, np.isnan(bands.runner_up_probability)),
        Number(bands.reviews),
    ]


def add_keys(connection: psycopg.Connection, release_id: int) -> None:
    """Primary keys after the rows (cheaper), and the planner's statistics."""
    for parent, key in PARENTS.items():
        name = partition(parent, release_id)
        columns = sql.SQL(", ").join(map(sql.Identifier, ("release_id", *key)))
        connection.execute(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY ({})").format(name, columns))
        for others in INDEXES.get(parent, ()):
            # the parent has the same index: made here, ATTACH adopts it instead of building it under its lock
            listed = sql.SQL(", ").join(map(sql.Identifier, ("release_id", *others)))
            connection.execute(sql.SQL("CREATE INDEX ON {} ({})").format(name, listed))
        connection.execute(sql.SQL("ANALYZE {}").format(name))


def check_stored(connection: psycopg.Connection, release_id: int, source: Source) -> None:
    """What the database holds against what was checked. Raises CheckFailed."""
    bands = source.bands
    if _fits_beside_the_live_one(connection, release_id):
        # read by the key, so that the first readers find key and rows in memory
        connection.execute("SET LOCAL enable_seqscan = off")
    stored = connection.execute(
        sql.SQL(
            """
            SELECT
                count(*),
                coalesce(sum(height_cm), 0),
                coalesce(sum(weight_from_kg), 0),
                coalesce(sum(weight_to_kg), 0),
                coalesce(sum(reviews), 0),
                count(size_label),
                count(runner_up),
                coalesce(sum(probability::FLOAT8), 0)
            FROM {}
            WHERE release_id = {}
            """
        ).format(partition("size_band", release_id), sql.Literal(release_id))
    ).fetchone()
    numbers = (bands.height_cm, bands.weight_from_kg, bands.weight_to_kg, bands.reviews)
    expected = [len(bands), *(int(column.sum(dtype=np.int64)) for column in numbers)]
    expected += [int((bands.size >= 0).sum()), int((bands.runner_up >= 0).sum())]
    share = float(np.nansum(bands.probability, dtype=np.float64))
    if stored is None or list(map(int, stored[:-1])) != expected or abs(stored[-1] - share) > 1e-6 * max(share, 1):
        raise CheckFailed(f"the database holds {stored}, the size tables {(*expected, share)}")
    for parent, rows in (("release_product", source.products), ("release_rank", source.ranks)):
        found = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(partition(parent, release_id))).fetchone()
        if found != (len(rows),):
            raise CheckFailed(f"the database holds {found} rows of {parent}, the lake {len(rows)}")


def _fits_beside_the_live_one(connection: psycopg.Connection, release_id: int) -> bool:
    """Whether two such releases have room in the database's own memory: a larger one would push out the live one."""
    row = connection.execute(
        """
        SELECT 2 * pg_total_relation_size(%s::regclass) <= setting::bigint * pg_size_bytes(unit)
        FROM pg_settings
        WHERE name = 'shared_buffers'
        """,
        [partition("size_band", release_id).as_string(connection)],
    ).fetchone()
    return bool(row and row[0])


def attach_partitions(connection: psycopg.Connection, release_id: int) -> None:
    """Make the partitions part of their parents; the views do not show them before the pointer moves."""
    for parent in PARENTS:
        attach = sql.SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES IN ({})").format(
            table(parent), partition(parent, release_id), sql.Literal(release_id)
        )
        for _ in range(ATTACH_TRIES):
            try:
                with connection.transaction():  # a savepoint: a refused lock undoes this attempt only
                    connection.execute("SET LOCAL lock_timeout = '500ms'")
                    connection.execute(attach)
                break
            except psycopg.errors.LockNotAvailable:
                time.sleep(0.2)
        else:
            raise AttachRefused(f"otto.{parent} was held by other DDL for {ATTACH_TRIES} tries; publish again")


def mark_ready(connection: psycopg.Connection, release_id: int, source: Source, publisher: str, seconds: float) -> None:
    """The release may become live from now on."""
    metrics = {
        "publisher": publisher,
        "ranks": len(source.ranks),
        "ranks_without_product": source.ranks_without_product,
        "links_left_out": source.links_left_out,
        "build_seconds": round(seconds, 3),
    }
    connection.execute(
        """
        UPDATE otto.release
        SET state = 'ready', products = %s, rows = %s, metrics = metrics || %s
        WHERE release_id = %s
        """,
        [len(source.products), len(source.bands), Jsonb(metrics), release_id],
    )
    events.record(connection, release_id, "ready", publisher)


def table(name: str) -> sql.Identifier:
    """otto.name."""
    return sql.Identifier("otto", name)


def partition(parent: str, release_id: int) -> sql.Identifier:
    """The table that holds one release's rows of a parent."""
    return table(f"{parent}_{release_id}")


def _register(connection: psycopg.Connection, source: Source, publisher: str) -> int:
    with connection.transaction():
        row = connection.execute(
            """
            INSERT INTO otto.release (run_date, model_version, state, metrics)
            VALUES (%s, %s, 'building', %s)
            RETURNING release_id
            """,
            [source.run_date, source.model_version, Jsonb({"publisher": publisher})],
        ).fetchone()
        assert row is not None
        events.record(connection, row[0], "build", publisher)
    return row[0]


def _check(connection: psycopg.Connection, source: Source, go_live: bool) -> None:
    checks.check_bands(source.bands, source.size_runs)
    checks.check_ranks(len(source.ranks) + source.ranks_without_product, source.ranks_without_product)
    last = connection.execute("SELECT products, rows FROM otto.release JOIN otto.live USING (release_id)").fetchone()
    if not go_live:  # a person who asks for this release by hand has seen its size
        checks.check_against_last(len(source.products), len(source.bands), last)


def _mark_failed(connection: psycopg.Connection, release_id: int, publisher: str, error: Exception) -> None:
    if connection.closed:
        return  # the database is gone; the next publisher's sweep marks the release
    reason = f"{type(error).__name__}: {error}"[:2000]
    try:
        with connection.transaction():
            connection.execute(
                "UPDATE otto.release SET state = 'failed', reason = %s WHERE release_id = %s", [reason, release_id]
            )
            events.record(connection, release_id, "failed", publisher, reason)
    except psycopg.Error as failure:  # a full disk, say: what went wrong first is what must be told
        log.warning("release %d could not be marked as failed: %s", release_id, failure)


def _copy_statement(target: sql.Identifier) -> sql.Composed:
    return sql.SQL("COPY {} FROM STDIN (FORMAT BINARY, FREEZE)").format(target)


def _copy_rows(
    connection: psycopg.Connection,
    target: sql.Identifier,
    types: Sequence[str],
    release_id: int,
    rows: Iterable[tuple[Any, ...]],
) -> None:
    with connection.cursor() as cursor, cursor.copy(_copy_statement(target)) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row((release_id, *row))
