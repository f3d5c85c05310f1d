"""This process's resident memory, for measurements: now, and at its peak since the last `forget`. From Linux's /proc.

getrusage would count the parent's peak, from before this program was begun. Where the system hides a figure it is None.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

_RESET_PEAK = "5"  # see proc_pid_clear_refs(5)


def forget() -> None:
    """Begin the peak anew; where the system does not allow it, the peak stays that since the start."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text(_RESET_PEAK, encoding="ascii")


def peak_mb() -> float | None:
    """The peak, in MB."""
    return _status("VmHWM")


def resident_mb() -> float | None:
    """What is held now, in MB."""
    return _status("VmRSS")


def _status(name: str) -> float | None:
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:")), None)
