"""The few settings of the size model that a machine may change."""

from __future__ import annotations

import os

from ml.errors import BadValues


def threads() -> int:
    """How many threads training uses (OTTO_ML_THREADS, default 2). Raises BadValues."""
    text = os.environ.get("OTTO_ML_THREADS", "2")
    if not text.isdigit() or int(text) < 1:
        raise BadValues(f"OTTO_ML_THREADS is {text!r}; write a whole number of threads, 1 or more")
    return int(text)
