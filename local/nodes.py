"""Worker nodes that are hosts of their own on this machine: a network namespace with nothing but its own loopback.

Each has one wire, a process of ours: it listens on the node's loopback at the ports of the web node and connects to
those on the web node's loopback. So a node reaches what it may reach and nothing else, no service listens anywhere but
on loopback, and a killed wire is a pulled cable. The namespace is that of the wire's first thread; a wire that comes
back joins the one that the node's workers are in.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

from local import processes
from local.stack import QUEUES, Stack, StackError

# what a worker needs of the web node; the page, the API and the measurements it does not
REACHABLE = ("postgres", "s3", "redshift", "malls", "airflow", "broker")

_SPACES = {"net": os.CLONE_NEWNET, "uts": os.CLONE_NEWUTS}
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 0x1


class NodeDown(StackError):
    """The node's wire is not there (yet)."""


def can_be_apart() -> bool:
    """Whether this user may make network namespaces: root, unless a container forbids it."""
    if os.geteuid() != 0:
        return False
    code = f"import os; os.unshare({os.CLONE_NEWNET | os.CLONE_NEWUTS})"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def enter(stack: Stack, node: str) -> None:
    """Move this process into the node's namespaces. Raises NodeDown."""
    pid = _inside(stack, node)
    if pid is None:
        raise NodeDown(f"{node} has no namespace yet; its wire is not up")
    for kind, flag in _SPACES.items():
        with Path(f"/proc/{pid}/ns/{kind}").open("rb") as space:
            os.setns(space.fileno(), flag)


def is_up(stack: Stack, node: str) -> bool:
    """Whether the node is there, apart from us."""
    return _inside(stack, node) is not None


def serve(stack: Stack, node: str) -> None:
    """Be the node's wire, until told to stop."""
    with Path("/proc/self/ns/net").open("rb") as outside:
        if _inside(stack, node) is None:
            os.unshare(os.CLONE_NEWNET | os.CLONE_NEWUTS)
            socket.sethostname(f"otto-{node}")
            _raise_loopback()
        else:
            enter(stack, node)
        listeners = {port: _listen(port) for port in (stack.ports[name] for name in REACHABLE)}
        threading.Thread(target=_connect, args=(outside.fileno(), listeners), daemon=True).start()
        signal.sigwait({signal.SIGTERM, signal.SIGINT})


def _inside(stack: Stack, node: str) -> int | None:
    """A process of the node that is in a namespace other than ours."""
    ours = Path("/proc/self/ns/net").readlink()
    for name in (node, *(f"{node}-{queue}" for queue in QUEUES)):
        for process in processes.of_stack(stack.state, name):
            with contextlib.suppress(OSError):
                if Path(f"/proc/{process.pid}/ns/net").readlink() != ours:
                    return process.pid
    return None


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _IFF_UP))


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(128)
    return listener


def _connect(outside: int, listeners: dict[int, socket.socket]) -> None:
    os.setns(outside, os.CLONE_NEWNET)  # of this thread alone: what it opens from now on is on the web node
    asyncio.run(_serve(listeners))


async def _serve(listeners: dict[int, socket.socket]) -> None:
    for port, listener in listeners.items():
        await asyncio.start_server(_relay(port), sock=listener)
    await asyncio.Event().wait()


def _relay(port: int):
    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.transport.abort()  # as a refused connection, a moment later
            return
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))

    return relay


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One direction, to its end."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        writer.transport.abort()
