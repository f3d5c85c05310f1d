"""A long scrape in one worker: the browser's memory, the processes and the files that it leaves behind.

Memory is proportional set size (shared pages are divided among their users), summed over the driver and every process
of the browser, sampled twice a second.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

import psutil

from bench.memory import Largest, proportional
from bench.row import Row, judged
from bench.scraping.stage import Place, another_bucket, batch, rank, ranked, replica, scrape_batch

GOAL_MEGABYTES = 900
_REVIEWS = 100  # a product, on average: about ten pages a product


def measure_memory(place: Place, folder: Path, pages: int, mall: str = "musinsa") -> list[Row]:
    """One tab for all products, so that its browser is only renewed where the tab itself does so."""
    place, products = another_bucket(place), -(-pages // 10)
    own = folder / "t"  # short: the browser's socket lies below it, and a socket's path may have 107 characters
    own.mkdir()
    with replica(folder, malls=mall, products=products, reviews_per_product=_REVIEWS, seed=8):
        units = rank(place, mall)
        key = batch(place, units, ranked(place, units)[:products])
        before, tempfile.tempdir = tempfile.tempdir, str(own)
        try:
            with Largest(lambda: proportional(process.pid for process in _browsers()), 0.5) as browsers:
                done = scrape_batch(place, key)
        finally:
            tempfile.tempdir = before
    left = [process for process in _browsers() if process.is_running()]
    files = list(own.iterdir())
    name = f"{done.captures} pages in one tab"
    return [
        judged(f"{name}: browser memory (PSS), largest", browsers.largest / 1e6, "MB", GOAL_MEGABYTES, "less"),
        judged(f"{name}: browser processes and zombies left", len(left), "processes", 0, "less"),
        judged(f"{name}: files left in the temporary folder", len(files), "files", 0, "less"),
    ]


def _browsers() -> list[psutil.Process]:
    """The drivers and browser processes below this one, zombies included."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if "chrom" in process.name():
                found.append(process)
    return found
