"""The demo pipeline on a stack of its own: wall time, the share in which no task worked, and memory.

Memory is proportional set size (shared pages are divided among their users), summed over every process that the stack
started, sampled once a second.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg

from bench.memory import Largest, proportional
from bench.row import Row, judged, reported
from local.pipeline_run import CHAIN
from tests.stack import RunningStack, running_stack

PRODUCTS, REVIEWS = 100, 10_000


def measure_pipeline() -> list[Row]:
    """Wall time, overhead share and memory of one demo run of 100 products and 10,000 reviews."""
    with tempfile.TemporaryDirectory(prefix="otto-bench-") as folder, running_stack(Path(folder)) as stack:
        with Largest(lambda: _proportional(stack), 1) as idle:
            time.sleep(60)  # the measured minute, not a wait
        with Largest(lambda: _proportional(stack), 1) as busy:
            started = datetime.now(UTC)
            stack.run_chain(seconds=1800)
        finished, working = _task_time(stack, started)
    wall = (finished - started).total_seconds()
    return [
        reported(f"pipeline, {PRODUCTS} products, about {REVIEWS} reviews: wall time", wall, "s"),
        judged("pipeline: share in which no task was working", 1 - working / wall, "share", 0.40, "less"),
        judged("stack idle: memory (PSS), largest of one minute", idle.largest / 1e9, "GB", 3.0, "less"),
        judged("stack busy: memory (PSS), largest of the run", busy.largest / 1e9, "GB", 6.0, "less"),
    ]


def _task_time(stack: RunningStack, since: datetime) -> tuple[datetime, float]:
    """(end of the last task, seconds in which at least one task was running) of the pipeline's runs since a moment."""
    with psycopg.connect(stack.dsn("airflow"), connect_timeout=5) as connection:
        spans = connection.execute(
            "SELECT start_date, end_date FROM task_instance"
            " WHERE dag_id = ANY(%s) AND start_date >= %s AND end_date IS NOT NULL ORDER BY start_date",
            [list(CHAIN), since],
        ).fetchall()
    if not spans:
        raise RuntimeError("no task of the pipeline ran")
    seconds, reached = 0.0, spans[0][0]
    for start, end in spans:
        begin = max(start, reached)
        if end > begin:
            seconds += (end - begin).total_seconds()
            reached = end
    return reached, seconds


def _proportional(stack: RunningStack) -> int:
    """Bytes. A browser that a task starts belongs to the task, and so to the stack."""
    found: dict[int, psutil.Process] = {}
    for process in stack.processes():
        with suppress(psutil.Error):
            found |= {one.pid: one for one in (process, *process.children(recursive=True))}
    return proportional(found)
