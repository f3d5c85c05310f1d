"""bff-api lets only so many questions through: faster ones are answered 403, without a word of when to come back.

The real one was seen to refuse questions that came less than two seconds apart. The replica's own pace is fifty pages a
second a host, so its limit stands as much above that as the real one above a polite visitor's.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

_LIMIT, _WINDOW_SECONDS = 60, 1.0


class Throttle:
    """A sliding window over the moments of the questions that were let through."""

    def __init__(self, limit: int = _LIMIT, now: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._now = limit, now
        self._moments: deque[float] = deque()

    def admits(self) -> bool:
        """Whether one more question is answered now."""
        now = self._now()
        while self._moments and self._moments[0] <= now - _WINDOW_SECONDS:
            self._moments.popleft()
        if len(self._moments) >= self._limit:
            return False
        self._moments.append(now)
        return True
