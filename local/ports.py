"""Are the ports free? Asked before anything starts, so that a taken one is a sentence and not a broken service."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from contextlib import suppress

import psutil

from local import processes, supervisor
from local.services import BY_NAME
from local.stack import Stack, StackError, port_variable


class PortTaken(StackError):
    """Something else listens on a port of ours."""


def check_ports(stack: Stack, names: Iterable[str]) -> None:
    """Raise PortTaken for a port that a service needs and something else has."""
    states = supervisor.states(stack)
    for name in names:
        service = BY_NAME[name]
        if service.port is None or states[name]["statename"] in ("RUNNING", "STARTING", "STOPPING"):
            continue
        port = stack.ports[service.port]
        if _taken(port) and not _ours(stack, name):
            raise PortTaken(
                f"port {port} on 127.0.0.1 is taken{_holder(port)}; {name} needs it."
                f" Stop what holds it, or set {port_variable(service.port)} to a free port"
            )


def _ours(stack: Stack, name: str) -> bool:
    # left by a killed supervisor: it ends before anything is started
    return bool(processes.of_stack(stack.state, name))


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that are closing hold nobody up
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _holder(port: int) -> str:
    """Who listens there, if one may know."""
    with suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("inet"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port
            if listens and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    return ""
