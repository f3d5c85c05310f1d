"""A steady load of reads from processes of their own: `python -m bench.load DSN READS_A_SECOND THREADS OUT`.

An open loop: every read has the moment at which it is due, and its latency counts from there, so that a stall is felt
by all the reads that it delays. Ends when its standard input closes; writes one row a read to OUT.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bench.marked import ask
from web import database


@dataclass
class Reads:
    """What a load has seen: when each read was due (monotonic seconds), its latency in ms, and what went wrong."""

    due: np.ndarray = field(default_factory=lambda: np.empty(0))
    milliseconds: np.ndarray = field(default_factory=lambda: np.empty(0))
    faults: list[str] = field(default_factory=list)

    def within(self, spans: list[tuple[float, float]]) -> np.ndarray:
        """The latencies of the reads that were due in any of the spans."""
        chosen = np.zeros(len(self.due), dtype=bool)
        for begin, end in spans:
            chosen |= (self.due >= begin) & (self.due < end)
        return self.milliseconds[chosen]


@contextmanager
def reading(dsn: str, folder: Path, a_second: int, processes: int = 2, threads: int = 4) -> Iterator[Reads]:
    """Reads go on while the block runs; the result is filled when it ends."""
    outs = [folder / f"load-{number}.npz" for number in range(processes)]
    command = [sys.executable, "-m", "bench.load", dsn, str(a_second / processes), str(threads)]
    environment = os.environ | {"OTTO_READER_DSN": dsn}
    children = [
        subprocess.Popen([*command, str(out)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        for out in outs
    ]
    reads = Reads()
    try:
        for child in children:
            assert child.stdout is not None
            child.stdout.readline()  # it reads
        yield reads
    finally:
        for child in children:
            assert child.stdin is not None
            child.stdin.close()
        for child in children:
            child.wait(60)
    for out in outs:
        found = np.load(out)
        reads.due = np.concatenate([reads.due, found["due"]])
        reads.milliseconds = np.concatenate([reads.milliseconds, found["milliseconds"]])
        reads.faults += list(found["faults"])


def main() -> None:
    """Read until standard input closes."""
    _, a_second, threads, out = sys.argv[1:]
    numbers, stopping = int(threads), threading.Event()
    pause = numbers / float(a_second)
    rows: list[tuple[float, float]] = []
    faults: list[str] = []

    def work(lane: int) -> None:
        turns = itertools.count(lane * 1009)
        due = time.monotonic() + pause * lane / numbers
        while not stopping.is_set():
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                database.read(ask, next(turns))
            except Exception as error:
                faults.append(f"{type(error).__name__}: {error}")
            rows.append((due, (time.monotonic() - due) * 1000))
            due += pause

    lanes = [threading.Thread(target=work, args=(lane,)) for lane in range(numbers)]
    for turn in range(6):  # statements are prepared before the clock runs
        database.read(ask, turn)
    for lane in lanes:
        lane.start()
    print("reading", flush=True)
    sys.stdin.read()
    stopping.set()
    for lane in lanes:
        lane.join()
    database.close()
    due, milliseconds = np.array(rows).T
    np.savez(out, due=due, milliseconds=milliseconds, faults=np.array(faults, dtype=str))


if __name__ == "__main__":
    main()
