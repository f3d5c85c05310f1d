"""Finding and ending what a stack left behind.

A supervisor stops process groups. Airflow gives each task a group of its own, and a LocalExecutor whose scheduler was
killed waits for work for ever; so every process of a stack carries two marks in its environment, by which exactly the
stack's own processes are found, children included.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import psutil

from local.environment import SERVICE_MARK, STATE_MARK


def of_stack(state: Path, service: str | None = None) -> list[psutil.Process]:
    """Processes that carry the marks of this state folder (and service), with all their descendants, but not ours."""
    found: dict[int, psutil.Process] = {}
    spared = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            marks = process.environ()
            if marks.get(STATE_MARK) == str(state) and service in (None, marks.get(SERVICE_MARK)):
                for member in (process, *process.children(recursive=True)):
                    found[member.pid] = member
    return [process for pid, process in found.items() if pid not in spared and _alive(process)]


def end(processes: list[psutil.Process], seconds: float = 10) -> None:
    """Ask them to stop, then make them."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, staying = psutil.wait_procs(processes, timeout=seconds)
    for process in staying:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(staying, timeout=5)


def _alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
