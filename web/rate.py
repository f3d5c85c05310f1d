"""How many requests one address may send. In memory of one process: it stops a runaway script, not an attack.

A bucket for each address fills steadily and may be emptied at once; whoever finds it empty is asked to wait.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

# Enough for every visitor of an evening; the oldest bucket is full again by the time it is forgotten.
_MOST_ADDRESSES = 10_000


class Buckets:
    """One token bucket an address."""

    def __init__(self, a_minute: int, at_once: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.a_second = a_minute / 60
        self.at_once = at_once
        self.clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._changing = threading.Lock()

    def take(self, address: str) -> float:
        """Take one; 0 if there was one, else the seconds until there is."""
        with self._changing:
            now = self.clock()
            level, then = self._levels.pop(address, (float(self.at_once), now))
            level = min(self.at_once, level + (now - then) * self.a_second)
            self._levels[address] = (max(level - 1, 0.0) if level >= 1 else level, now)
            if len(self._levels) > _MOST_ADDRESSES:
                self._levels.popitem(last=False)
        return 0.0 if level >= 1 else (1 - level) / self.a_second
