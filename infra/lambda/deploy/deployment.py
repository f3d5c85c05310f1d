"""One deploy, step by step. Killed between any two of them, the next invocation brings it to its end.

What makes that so: `proven` is only ever a release that every node was healthy on, `current` is moved by one write,
and nothing else decides what the nodes run. Whoever finds the two different goes on from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from deploy.fleet import Fleet, Nodes
from deploy.lease import Lease
from deploy.pointer import Pointer
from deploy.settings import Settings
from deploy.shelf import Shelf
from infra.release.manifest import InvalidRelease, Pin

AwsAway = (BotoCoreError, ClientError)


@dataclass
class Waiting:
    """What is known of the nodes while they switch."""

    version: int
    healthy: dict[str, dict[str, Any]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)  # node -> cause
    silent: set[str] = field(default_factory=set)


@dataclass
class Deployment:
    """The parts that a deploy works with."""

    settings: Settings
    shelf: Shelf
    pointer: Pointer
    fleet: Fleet
    lease: Lease
    remaining: Callable[[], float]  # seconds until the Lambda is ended
    notes: list[str] = field(default_factory=list)

    def run(self, pin: Pin) -> dict[str, Any]:
        """Bring the nodes to the release, or back. Raises InvalidRelease or NoNodes before anything was changed."""
        back = self.pointer.proven()
        nodes = self.fleet.nodes()
        try:
            self.shelf.verify(pin)
        except InvalidRelease as error:
            if pin == back or self.pointer.current() != pin:
                raise
            # a killed deploy has pointed at it already
            return {"release": str(pin), "previous": str(back), "nodes": {}} | self._take_back(back, nodes, str(error))
        if nodes.away:
            self.notes.append(f"away, will catch up by themselves: {', '.join(nodes.away)}")
        waiting = self._switch(pin, nodes, self.settings.health_seconds)
        report = {"release": str(pin), "previous": str(back) if back else None, "nodes": _told(waiting)}
        if not waiting.failed and not waiting.silent:
            self.lease.renew()
            self.shelf.accept(pin)
            self.pointer.prove(pin)
            return report | {"outcome": "healthy"}
        return report | self._take_back(back, nodes, _cause(waiting, self.settings.health_seconds))

    def _take_back(self, back: Pin | None, nodes: Nodes, cause: str) -> dict[str, Any]:
        if back is None:
            self.lease.renew()
            self.pointer.point(None)
            self.notes.append("there is no earlier release to go back to; the nodes keep what ran before, if anything")
            return {"outcome": "taken_back", "cause": cause}
        waiting = self._switch(back, nodes, self.settings.back_seconds)
        if waiting.failed or waiting.silent:
            self.notes.append(f"after going back: {_cause(waiting, self.settings.back_seconds)}")
        return {"outcome": "taken_back", "cause": cause, "nodes_after": _told(waiting)}

    def _switch(self, pin: Pin, nodes: Nodes, seconds: float) -> Waiting:
        self.lease.renew()
        waiting = Waiting(self.pointer.point(pin), silent=set(nodes.online))
        try:
            self.fleet.tell(nodes.online, f"otto release {pin.commit[:12]}")
        except AwsAway as error:
            # they look by themselves every few minutes: it takes longer, that is all
            self.notes.append(f"the nodes could not be told: {error}")
        deadline = time.monotonic() + min(seconds, max(self.remaining() - 30, 1))
        while waiting.silent and not waiting.failed and time.monotonic() < deadline:
            self._look(pin, waiting)
            if waiting.silent and not waiting.failed:
                time.sleep(self.settings.poll_seconds)
        return waiting

    def _look(self, pin: Pin, waiting: Waiting) -> None:
        try:
            self.lease.renew()
            for node in sorted(waiting.silent):
                report = self.fleet.report(node)
                if not report or report.get("release") != str(pin) or report.get("version", 0) < waiting.version:
                    continue
                if report.get("state") == "healthy":
                    waiting.healthy[node] = report
                elif report.get("state") == "failed":
                    waiting.failed[node] = str(report.get("cause", "no cause given"))[:1000]
        except AwsAway as error:
            self.notes = [*self.notes[-5:], f"while waiting: {error}"]
        waiting.silent -= waiting.healthy.keys() | waiting.failed.keys()


def _told(waiting: Waiting) -> dict[str, Any]:
    healthy = {
        node: {"state": "healthy", "restarted": report.get("restarted", []), "seconds": report.get("seconds")}
        for node, report in waiting.healthy.items()
    }
    failed = {node: {"state": "failed", "cause": cause} for node, cause in waiting.failed.items()}
    return healthy | failed | {node: {"state": "silent"} for node in sorted(waiting.silent)}


def _cause(waiting: Waiting, seconds: float) -> str:
    causes = [f"{node}: {cause}" for node, cause in sorted(waiting.failed.items())]
    if waiting.silent and not causes:
        causes = [f"{', '.join(sorted(waiting.silent))}: not healthy within {seconds:.0f} s"]
    return "; ".join(causes)
