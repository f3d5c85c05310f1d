"""The process supervisor: supervisord from PyPI, one for each stack, spoken to over its unix socket.

It starts nothing by itself (`up` does, in order), restarts what dies, keeps one rotating log a service and stops whole
process groups. Its configuration holds no secret: each program is `python -m local run NAME`.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import shlex
import socket
import subprocess
import sys
import time
import xmlrpc.client
from pathlib import Path
from typing import Any

from local import environment, processes, reaper
from local.services import BY_NAME, Service
from local.stack import ROOT, Stack, StackError, write_private

_UNKNOWN = {"statename": "STOPPED", "pid": 0, "start": 0, "spawnerr": ""}


class SupervisorGone(StackError):
    """No supervisor answers for this state folder."""


class _UnixTransport(xmlrpc.client.Transport):
    """XML-RPC over a unix socket, with a time-out: the client of the supervisor package has none."""

    def __init__(self, path: Path, seconds: float) -> None:
        super().__init__()
        self.path = path
        self.seconds = seconds

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("localhost", timeout=self.seconds)
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.sock.settimeout(self.seconds)
        connection.sock.connect(str(self.path))
        return connection


def call(stack: Stack, method: str, *arguments: Any, seconds: float = 10) -> Any:
    """One call of supervisord's interface. Raises SupervisorGone; xmlrpc.client.Fault for a refused call."""
    with xmlrpc.client.ServerProxy("http://localhost", transport=_UnixTransport(stack.socket, seconds)) as proxy:
        try:
            return getattr(proxy.supervisor, method)(*arguments)
        except (OSError, http.client.HTTPException) as error:
            raise SupervisorGone(f"no supervisor answers at {stack.socket} ({error})") from error


def running(stack: Stack) -> bool:
    """Whether this stack's supervisor answers."""
    try:
        call(stack, "getState")
    except SupervisorGone:
        return False
    return True


def states(stack: Stack) -> dict[str, dict[str, Any]]:
    """What supervisord says of each service: statename, pid, start (seconds), spawnerr."""
    try:
        known = {row["name"]: row for row in call(stack, "getAllProcessInfo")}
    except SupervisorGone:
        known = {}
    return {name: known.get(name, _UNKNOWN) for name in BY_NAME}


def ensure(stack: Stack) -> None:
    """Have a supervisor running. What an earlier one left behind, killed for instance, is ended first."""
    if running(stack):
        return
    processes.end(processes.of_stack(stack.state))
    stack.socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if stack.socket.parent != stack.state and stack.socket.parent.stat().st_uid != os.geteuid():
        raise StackError(f"{stack.socket.parent} belongs to somebody else; set OTTO_STATE to a shorter path")
    for stale in (stack.socket, stack.state / "supervisord.pid"):
        stale.unlink(missing_ok=True)
    write_private(stack.supervisor_config, configuration(stack))
    command = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(stack.supervisor_config)]
    with (stack.logs / "supervisord-start.log").open("wb") as sink:
        child = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment.base(stack, "supervisor") | {"PYTHONWARNINGS": "ignore"},
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    deadline = time.monotonic() + 20
    while not running(stack):
        if child.poll() is not None or time.monotonic() > deadline:
            text = (stack.logs / "supervisord-start.log").read_text(encoding="utf-8", errors="replace")
            raise StackError(f"supervisord did not start; {stack.logs / 'supervisord.log'} says why\n{text[-1000:]}")
        time.sleep(0.05)
    reaper.start(stack, child.pid)


def start(stack: Stack, name: str) -> None:
    """Have one service started; harmless when it runs."""
    state = states(stack)[name]["statename"]
    if state == "BACKOFF":  # it has failed for a while and waits long between tries: begin again
        call(stack, "stopProcess", name)
    if state not in ("STARTING", "RUNNING", "STOPPING"):
        call(stack, "startProcess", name, False)


def stop(stack: Stack, service: Service) -> None:
    """Stop one service, and whatever of it outlived its process group; harmless when it does not run."""
    if states(stack)[service.name]["statename"] in ("STARTING", "RUNNING", "BACKOFF", "STOPPING"):
        try:
            call(stack, "stopProcess", service.name, seconds=service.stop_seconds + 15)
        except xmlrpc.client.Fault as fault:
            if "NOT_RUNNING" not in fault.faultString:
                raise
    processes.end(processes.of_stack(stack.state, service.name))


def shut_down(stack: Stack) -> None:
    """Stop every service, the last started first, and the supervisor; leaves no process."""
    with contextlib.suppress(SupervisorGone):  # never there, or gone meanwhile: what counts is what it started
        for service in reversed(BY_NAME.values()):
            stop(stack, service)
        call(stack, "shutdown")
        deadline = time.monotonic() + 20
        while running(stack) and time.monotonic() < deadline:
            time.sleep(0.05)
    processes.end(processes.of_stack(stack.state))
    if stack.socket.parent != stack.state and stack.socket.parent.exists():
        stack.socket.unlink(missing_ok=True)
        stack.socket.parent.rmdir()


def configuration(stack: Stack) -> str:
    """supervisord.conf."""
    daemon = {
        "logfile": _plain(stack.logs / "supervisord.log"),
        "logfile_maxbytes": "2MB",
        "logfile_backups": "1",
        "pidfile": _plain(stack.state / "supervisord.pid"),
        "childlogdir": _plain(stack.logs),
        "identifier": "otto",
        "silent": "true",
    }
    if os.geteuid() == 0:
        daemon["user"] = "root"
    factory = "supervisor.rpcinterface:make_main_rpcinterface"
    parts = [
        _section("unix_http_server", {"file": _plain(stack.socket), "chmod": "0700"}),
        _section("supervisord", daemon),
        _section("rpcinterface:supervisor", {"supervisor.rpcinterface_factory": factory}),
    ]
    return "\n\n".join([*parts, *(_program(stack, service) for service in BY_NAME.values())]) + "\n"


def _program(stack: Stack, service: Service) -> str:
    command = shlex.join([sys.executable, "-m", "local", "run", service.name])
    options = {
        "command": _plain(command),
        "directory": _plain(ROOT),
        "autostart": "false",
        "autorestart": "true",
        "startsecs": "1",
        "startretries": "60",  # PostgreSQL refuses until the last child of a killed one is gone; others wait for it
        "stopsignal": service.stop_signal,
        "stopwaitsecs": str(service.stop_seconds),
        "stopasgroup": "true" if service.stop_signal == "TERM" and service.stop_group else "false",
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": _plain(stack.logs / f"{service.name}.log"),
        "stdout_logfile_maxbytes": "10MB",
        "stdout_logfile_backups": "2",
    }
    return _section(f"program:{service.name}", options)


def _section(name: str, options: dict[str, str]) -> str:
    return f"[{name}]\n" + "\n".join(f"{option}={value}" for option, value in options.items())


def _plain(value: object) -> str:
    """supervisord expands %(name)s in values."""
    return str(value).replace("%", "%%")
