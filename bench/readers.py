"""Readers while release after release is published: two hundred reads a second, and one who holds a transaction open.

Blocks without releases alternate with blocks of releases, so that a busy machine slows both. PostgreSQL, the readers
and the publisher share this machine's cores. In production the publisher has a machine of its own: here its process,
but not its PostgreSQL backend, gives way to the others (nice).
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psycopg

from bench import marked
from bench.load import Reads, reading
from bench.row import Row, judged, reported
from include import serving
from include.publish import pointer
from include.publish.retention import KEPT_RELEASES, sweep
from tests import servers

FULL = os.environ.get("FULL") == "1"
PRODUCTS = 900 if FULL else 90  # some 2,400 bands each
RELEASES, BLOCKS = 50, 5
READS_A_SECOND = 200
QUIET_SECONDS = 10.0
HELD_SECONDS, REST_SECONDS = 3.0, 9.0
GOAL_EXTRA_MS, GOAL_BACK_SECONDS, GOAL_GROWTH = 20.0, 1.0, 1.05


def measure_readers() -> list[Row]:
    """What readers notice of fifty releases."""
    base = marked.source(PRODUCTS)
    with (
        tempfile.TemporaryDirectory(prefix="otto-bench-") as name,
        servers.postgres_server(Path(name)) as cluster,
        serving.connect_to(cluster.dsn()) as connection,
        marked.publishing(base) as publisher,
    ):
        serving.migrate(connection)
        publisher.publish(connection, "bench")
        quiet: list[tuple[float, float]] = []
        busy: list[tuple[float, float]] = []
        full = 0
        holder = Holder(cluster.dsn())
        with reading(cluster.dsn(), Path(name), READS_A_SECOND) as reads, holder:
            os.nice(10)
            for block in range(BLOCKS):
                quiet.append(_span(lambda: time.sleep(QUIET_SECONDS)))
                busy.append(_span(lambda at=block: _publish(publisher, connection, at)))
                full = full or (_size(connection) if (block + 1) * RELEASES // BLOCKS > KEPT_RELEASES else 0)
            began = time.perf_counter()
            pointer.roll_back(connection, None, "bench", hold=False, by="bench")
            back = time.perf_counter() - began
            time.sleep(1)
        sweep(connection)
        return _rows(len(base.bands), reads, quiet, busy, holder, back, _size(connection) / full)


def _publish(publisher: marked.Publisher, connection: psycopg.Connection, block: int) -> None:
    for number in range(RELEASES // BLOCKS):
        publisher.publish(connection, f"bench {block}.{number}")


def _rows(
    bands: int,
    reads: Reads,
    quiet: list[tuple[float, float]],
    busy: list[tuple[float, float]],
    holder: Holder,
    back: float,
    growth: float,
) -> list[Row]:
    for fault in (reads.faults + holder.faults)[:5]:
        print(fault)
    still, moved = reads.within(quiet), reads.within(busy)
    tails = [float(np.percentile(part, 99.9)) for part in (still, moved)]
    name = f"{RELEASES} releases of {bands:,} bands"
    return [
        judged(f"{name}: failed or mixed reads", len(reads.faults) + len(holder.faults), "reads", 0, "less"),
        reported(f"{name}: reads during them", len(moved), "reads"),
        reported(f"{name}: transactions held for {HELD_SECONDS:.0f} s", holder.held, "times"),
        reported(f"{name}: median read", float(np.median(moved)), "ms", float(np.median(still))),
        reported(f"{name}: 99.9th percentile", tails[1], "ms", tails[0]),
        judged(f"{name}: 99.9th percentile above that without", tails[1] - tails[0], "ms", GOAL_EXTRA_MS, "less"),
        judged(f"{name}: going back under these reads", back, "s", GOAL_BACK_SECONDS, "less"),
        judged(f"{name}: disk against ten releases", growth, "times", GOAL_GROWTH, "less"),
    ]


class Holder(threading.Thread):
    """A reader that holds a transaction for three seconds, again and again, and must see one release throughout."""

    def __init__(self, dsn: str) -> None:
        super().__init__(daemon=True)
        self.dsn = dsn
        self.stopping = threading.Event()
        self.held, self.faults = 0, list[str]()

    def __enter__(self) -> Holder:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.join(30)

    def run(self) -> None:
        """Hold, compare, let go."""
        with psycopg.connect(self.dsn) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            while not self.stopping.is_set():
                try:
                    first = marked.ask(connection, 0)
                    self.stopping.wait(HELD_SECONDS)
                    if any(marked.ask(connection, turn) != first for turn in range(3)):
                        self.faults.append("a transaction saw two releases")
                    connection.rollback()
                    self.held += 1
                    self.stopping.wait(REST_SECONDS)
                except Exception as error:
                    self.faults.append(f"held: {type(error).__name__}: {error}")
                    return


def _span(work) -> tuple[float, float]:  # noqa: ANN001
    began = time.monotonic()
    work()
    return began, time.monotonic()


def _size(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None
    return int(row[0])
