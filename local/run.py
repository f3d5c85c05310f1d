"""Becomes one service: what the supervisor starts, again and again if need be.

It gathers the environment, ends what an earlier incarnation left behind, asks the kernel to stop the service when the
supervisor dies (kill -9 included), and turns into the service itself: the supervisor's child is the service.
"""

from __future__ import annotations

import ctypes
import os
import signal
from pathlib import Path

from local import environment, nodes, processes
from local.credentials import credentials
from local.services import BY_NAME, cluster
from local.stack import ROOT, Stack

_PR_SET_PDEATHSIG = 1


def run(stack: Stack, name: str) -> None:
    """Turn into the service `name`; does not return."""
    service = BY_NAME[name]
    secrets = credentials(stack.state)
    environ = environment.base(stack, name) | service.environ(stack, secrets)
    processes.end(processes.of_stack(stack.state, name))
    if name == "postgres":
        running = cluster(stack, secrets)
        remove_stale_lock(stack)
        command = running.command(death_signal=service.stop_signal)
    else:
        command = service.command(stack)
    if service.node and stack.apart:
        nodes.enter(stack, service.node)
    os.chdir(ROOT)
    die_with_parent(getattr(signal, f"SIG{service.stop_signal}"))
    os.execvpe(command[0], command, environ)  # noqa: S606 - no shell


def die_with_parent(number: int) -> None:
    """Have the kernel send `number` to this process when its parent ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, number) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")


def remove_stale_lock(stack: Stack) -> None:
    """Remove the lock file of a killed PostgreSQL whose process id belongs to something else by now.

    PostgreSQL itself only looks whether the id is in use, and would refuse to start.
    """
    lock = stack.state / "postgres" / "postmaster.pid"
    try:
        pid = int(lock.read_text(encoding="ascii").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    try:
        folder = Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return  # gone, or another user's: PostgreSQL sees that itself
    if folder != lock.parent.resolve():
        lock.unlink(missing_ok=True)
