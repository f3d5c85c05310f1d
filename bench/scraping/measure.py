"""The scraper's benchmarks in one table. QUICK=1 takes small amounts, for a machine that others use too."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from bench.row import Row
from bench.scraping.faithful import measure_faithfulness
from bench.scraping.manners import measure_manners
from bench.scraping.memory import measure_memory
from bench.scraping.speed import measure_speed, measure_workers
from bench.scraping.stage import stage

_QUICK = os.environ.get("QUICK") == "1"  # at least three products each: a replica knows only categories that it fills


def measure_scraping() -> list[Row]:
    """Speed, two workers, the pace, memory, faithfulness: each against replicas of its own."""
    with tempfile.TemporaryDirectory(prefix="otto-bench-") as name, stage(folder := Path(name)) as place:
        return [
            *measure_speed(place, folder, products=10 if _QUICK else 30, old_products=1 if _QUICK else 3, turns=2),
            *measure_workers(place, folder, products=20 if _QUICK else 40),
            *measure_manners(place, folder, products=4 if _QUICK else 12),
            *measure_memory(place, folder, pages=200 if _QUICK else 1_000),
            *measure_faithfulness(place, folder, products=10 if _QUICK else 200, reviews=600 if _QUICK else 20_000),
        ]
