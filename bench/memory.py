"""Memory of processes while something runs: proportional set size (shared pages divided among their users)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path


def proportional(pids: Iterable[int]) -> int:
    """Bytes of all these processes together; one that has ended meanwhile counts nothing."""
    total = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue  # it ended between the listing and the reading
        total += next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:")), 0)
    return total


class Largest:
    """The largest of the samples that are taken while the block runs."""

    def __init__(self, sample: Callable[[], int], seconds: float) -> None:
        self.largest = 0
        self._sample, self._seconds = sample, seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Largest:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)

    def _run(self) -> None:
        while not self._stop.is_set():
            self.largest = max(self.largest, self._sample())
            self._stop.wait(self._seconds)
