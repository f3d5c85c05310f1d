"""The scraper's benchmarks. QUICK=1 takes small amounts, for a machine that others use too."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.row import Row
from bench.scraping.faithful import measure_faithfulness
from bench.scraping.manners import measure_manners
from bench.scraping.memory import measure_memory
from bench.scraping.speed import measure_speed, measure_workers
from bench.scraping.stage import Place, stage

_QUICK = os.environ.get("QUICK") == "1"  # at least three products each: a replica knows only categories that it fills


def speed() -> list[Row]:
    """Pages a minute, against the first generation and a bare loop."""
    with _folder() as (place, folder):
        return measure_speed(
            place, folder, products=10 if _QUICK else 30, old_products=1 if _QUICK else 3, turns=2 if _QUICK else 3
        )


def workers() -> list[Row]:
    """Two workers against one where every answer is late."""
    with _folder() as (place, folder):
        return measure_workers(place, folder, products=20 if _QUICK else 40)


def manners() -> list[Row]:
    """How much of the pace is used, and whether it is ever exceeded."""
    with _folder() as (place, folder):
        return measure_manners(place, folder, products=4 if _QUICK else 12)


def memory() -> list[Row]:
    """The browser's memory over many pages, and what it leaves behind."""
    with _folder() as (place, folder):
        return measure_memory(place, folder, pages=200 if _QUICK else 1_000)


def faithful() -> list[Row]:
    """All products and reviews of all malls against the truth."""
    with _folder() as (place, folder):
        return measure_faithfulness(place, folder, products=10 if _QUICK else 200, reviews=600 if _QUICK else 20_000)


@contextmanager
def _folder() -> Iterator[tuple[Place, Path]]:
    with tempfile.TemporaryDirectory(prefix="otto-bench-") as name, stage(Path(name)) as place:
        yield place, Path(name)
