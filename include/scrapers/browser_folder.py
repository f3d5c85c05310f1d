"""The folder of a browser: what it holds on this machine besides our own process, and how that is ended.

Each browser has one below the system's temporary folder, named after the process that it belongs to. So a browser whose
worker was killed is found by the next one and ended, here by its processes, on a Grid by its session.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from include.scrapers.errors import BrowserLost

log = logging.getLogger(__name__)

_PREFIX = "otto-browser-"
_DRIVER, _SESSION, _LEFT = "driver.pid", "session", "left"
_DEATH_SECONDS = 5  # what was killed is gone long before
_LEFT_SECONDS = 3600  # a Grid has ended a silent session long before


def make() -> Path:
    """A new folder of this process."""
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))


def note_driver(folder: Path, pid: int) -> None:
    """Keep in mind which process the driver is."""
    (folder / _DRIVER).write_text(str(pid), encoding="ascii")


def note_session(folder: Path, address: str, session_id: str) -> None:
    """Keep in mind which session of which Grid the browser is."""
    (folder / _SESSION).write_text(f"{address}\n{session_id}", encoding="utf-8")


def leave(folder: Path) -> None:
    """Leave the ending of a Grid's session, which could not be done now, to the next browser that starts here."""
    (folder / _LEFT).touch()


def sweep(end_session: Callable[[str, str], bool]) -> None:
    """End browsers that were left, or whose worker was killed, with their folders.

    `end_session` takes a Grid's address and a session's id and tells whether that is over.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            log.warning("the worker %s left a browser behind; ending it", owner)
        elif not (folder / _LEFT).exists():
            continue
        with contextlib.suppress(OSError, ValueError):
            address, session_id = (folder / _SESSION).read_text(encoding="utf-8").split("\n")
            is_young = time.time() - (folder / _SESSION).stat().st_mtime < _LEFT_SECONDS
            if not end_session(address, session_id) and is_young:
                leave(folder)
                continue
        end(folder)


def end(folder: Path) -> None:
    """Kill the driver and every browser process of the folder, by their ids, and remove it."""
    doomed: list[psutil.Process] = []
    with contextlib.suppress(OSError, ValueError, psutil.Error):
        driver = psutil.Process(int((folder / _DRIVER).read_text(encoding="ascii")))
        if "chromedriver" in driver.name():
            doomed = [driver, *driver.children(recursive=True)]
    mark = f"--user-data-dir={folder}/"
    for process in psutil.process_iter(["cmdline"]):
        if any(argument.startswith(mark) for argument in process.info["cmdline"] or ()):
            doomed.append(process)
    for process in doomed:
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + _DEATH_SECONDS
    while time.monotonic() < deadline and any(map(_lives, doomed)):
        time.sleep(0.002)
    shutil.rmtree(folder, ignore_errors=True)


def _lives(process: psutil.Process) -> bool:
    """Whether a process still holds anything. One that waits for its parent to take note of its end does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def program(named: str | None, *names: str) -> str:
    """The program that a setting names, else the first of `names` on PATH. Raises BrowserLost."""
    wanted = (named,) if named else names
    found = next(filter(None, map(shutil.which, wanted)), None)
    if found is None:
        raise BrowserLost(f"none of {', '.join(wanted)} is installed; `make setup` installs Chromium and its driver")
    return found
