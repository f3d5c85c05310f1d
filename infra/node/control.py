"""Starting and stopping services: by systemd on a node; the tests bring another `Control`."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Protocol

from infra.node.services import Service

_SECONDS = 120


class ServiceBroken(Exception):
    """A service does not start or does not work; the message names it and has the end of its log."""


class Control(Protocol):
    """What the agent asks of whatever runs the services."""

    def install(self, release: Path, services: tuple[Service, ...]) -> None:
        """Take over how the services are run from a release."""

    def alive(self, service: Service, instance: str) -> str | None:
        """A text that changes with every start of the running service; None when it does not run."""

    def start(self, service: Service, instance: str) -> None:
        """Have it run from `current`, anew: one that overlaps beside its older instances, which are let finish."""

    def stop(self, service: Service) -> None:
        """Have no instance of it run."""

    def log(self, service: Service, instance: str) -> str:
        """The end of its log."""


class Systemd:
    """Control by systemctl."""

    def __init__(self, units: Path = Path("/etc/systemd/system")) -> None:
        self.units = units

    def install(self, release: Path, services: tuple[Service, ...]) -> None:
        """Copy the units of the release that changed; plain ones start at boot by themselves."""
        changed = [unit for unit in sorted((release / "infra" / "systemd").glob("otto*")) if self._differs(unit)]
        for unit in changed:
            fresh = self.units / f".{unit.name}.new"
            shutil.copyfile(unit, fresh)
            fresh.replace(self.units / unit.name)
        if changed:
            self._run("daemon-reload")
        plain = [service.unit for service in services if not service.overlaps]
        self._run("enable", "--quiet", "otto.target", *plain)

    def alive(self, service: Service, instance: str) -> str | None:
        """InvocationID is new with each start, also with those that systemd does itself."""
        shown = self._run("show", "--property=ActiveState,InvocationID", "--value", _unit(service, instance)).split()
        return shown[1] if len(shown) == 2 and shown[0] == "active" else None

    def start(self, service: Service, instance: str) -> None:
        """An overlapping service's older instances get their SIGTERM, and nobody waits for them."""
        unit = _unit(service, instance)
        self._run("reset-failed", unit, check=False)
        self._run("restart", unit)
        if service.overlaps:
            older = [name for name in self._instances(service) if name != unit]
            if older:
                self._run("stop", "--no-block", *older)

    def stop(self, service: Service) -> None:
        """All instances of it."""
        names = self._instances(service) if service.overlaps else [service.unit]
        if names:
            self._run("stop", "--no-block", *names)

    def log(self, service: Service, instance: str) -> str:
        """From the journal."""
        command = ["journalctl", "-q", "-o", "cat", "-n", "15", "-u", _unit(service, instance)]
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False).stdout[-1500:]

    def _instances(self, service: Service) -> list[str]:
        pattern = service.unit.replace("@.", "@*.")
        shown = self._run("list-units", "--plain", "--no-legend", "--state=active,activating", pattern)
        return [line.split()[0] for line in shown.splitlines() if line.strip()]

    def _differs(self, unit: Path) -> bool:
        try:
            return (self.units / unit.name).read_bytes() != unit.read_bytes()
        except FileNotFoundError:
            return True

    def _run(self, *arguments: str, check: bool = True) -> str:
        try:
            done = subprocess.run(
                ["systemctl", *arguments], capture_output=True, text=True, timeout=_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise ServiceBroken(f"systemctl {' '.join(arguments)} did not end within {_SECONDS} s") from error
        if check and done.returncode != 0:
            raise ServiceBroken(f"systemctl {' '.join(arguments)}: {done.stderr.strip()[-500:]}")
        return done.stdout


def _unit(service: Service, instance: str) -> str:
    return service.unit.replace("@.", f"@{instance}.")
