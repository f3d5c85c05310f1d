"""Ends what a killed supervisor leaves behind.

The kernel tells each service that the supervisor died (local/run.py), but not the services' children; a service whose
output pipe broke with the supervisor may fail while it stops: Airflow's scheduler then waits for its workers for ever.
This process waits for the supervisor's end, gives everybody some seconds, and ends the rest by their marks.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from pathlib import Path

from local import environment, processes
from local.stack import ROOT, Stack

_GRACE_SECONDS = 10


def start(stack: Stack, supervisor: int) -> None:
    """Have a reaper watch this supervisor."""
    subprocess.Popen(
        [sys.executable, "-m", "local", "reap", str(supervisor)],
        cwd=ROOT,
        env=environment.base(stack, "reaper"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def reap(state: Path, supervisor: int) -> None:
    """Wait until the supervisor is gone, then end its services."""
    _wait_for_end(supervisor)
    deadline = time.monotonic() + _GRACE_SECONDS
    while (left := processes.of_stack(state)) and time.monotonic() < deadline:
        time.sleep(0.5)
    processes.end(left, 5)


def _wait_for_end(pid: int) -> None:
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        select.select([descriptor], [], [])
    finally:
        os.close(descriptor)
