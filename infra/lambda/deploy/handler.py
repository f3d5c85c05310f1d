"""The Lambda's entry. It always ends with a report, which is also the audit record; only a killed one leaves none.

Events: {"action": "deploy", "release": "COMMIT@sha256:SUM"}; {"action": "roll_back", "commit": "COMMIT"} for a release
that was healthy before; {"action": "watch"}, sent by a schedule, which finishes what a killed deploy has left.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config

from deploy.deployment import AwsAway, Deployment
from deploy.fleet import Fleet, NoNodes
from deploy.lease import Busy, Lease, LeaseLost
from deploy.pointer import Pointer
from deploy.settings import Settings
from deploy.shelf import Shelf
from infra.release.manifest import InvalidRelease, Pin

_REFUSALS = (InvalidRelease, NoNodes)


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One invocation; gives the report: outcome (healthy, taken_back, refused, busy, settled, failed), cause, nodes."""
    config = Config(connect_timeout=3, read_timeout=20, retries={"total_max_attempts": 3, "mode": "standard"})
    clients = {name: boto3.client(name, config=config) for name in ("s3", "ssm", "ec2")}
    remaining = lambda: context.get_remaining_time_in_millis() / 1000  # noqa: E731 - the context's own unit is ms
    return Run(Settings.of(), clients, context.aws_request_id, remaining).report(event)


class Run:
    """One invocation's work on these clients (s3, ssm, ec2)."""

    def __init__(self, settings: Settings, clients: dict[str, Any], request_id: str, remaining: Any) -> None:
        s3, ssm, ec2 = clients["s3"], clients["ssm"], clients["ec2"]
        self.settings, self.request_id = settings, request_id
        self.shelf = Shelf(s3, settings.bucket)
        self.pointer = Pointer(ssm, settings.prefix)
        self.lease = Lease(s3, settings.bucket, request_id, settings.lease_seconds)
        fleet = Fleet(ec2, ssm, s3, settings.bucket, settings.document)
        self.deployment = Deployment(settings, self.shelf, self.pointer, fleet, self.lease, remaining)

    def report(self, event: dict[str, Any]) -> dict[str, Any]:
        """Do what the event asks for."""
        began = time.monotonic()
        report: dict[str, Any] = {"action": str(event.get("action"))[:20], "at": datetime.now(UTC).isoformat()}
        report |= self._guarded(event, report)
        report["seconds"] = round(time.monotonic() - began, 1)
        report["notes"] = self.deployment.notes
        if report["outcome"] not in ("settled", "busy"):
            self._audit(report)
        return report

    def _guarded(self, event: dict[str, Any], report: dict[str, Any]) -> dict[str, Any]:
        try:
            if event.get("action") == "watch" and self.pointer.current() == self.pointer.proven():
                return {"outcome": "settled"}
            # what a killed deploy holds runs out meanwhile
            self.lease.take(self.settings.lease_seconds + 10, self.settings.poll_seconds)
        except Busy as error:
            return {"outcome": "busy", "cause": str(error)}
        except AwsAway as error:
            return {"outcome": "failed", "cause": f"AWS does not answer: {error}; nothing was changed"}
        try:
            outcome = self._run(event, report)
        except LeaseLost as error:
            return {"outcome": "failed", "cause": str(error)}
        except _REFUSALS as error:
            outcome = {"outcome": "refused", "cause": str(error)}
        except AwsAway as error:
            outcome = {"outcome": "failed", "cause": f"AWS does not answer: {error}; the watch finishes what is begun"}
        self._give_back()
        return outcome

    def _run(self, event: dict[str, Any], report: dict[str, Any]) -> dict[str, Any]:
        pin = self._wanted(event)
        if pin is None:
            return {"outcome": "settled"}
        report["release"] = str(pin)
        self.shelf.audit(self._key(report), report | {"outcome": "begun"})
        return self.deployment.run(pin)

    def _wanted(self, event: dict[str, Any]) -> Pin | None:
        action = event.get("action")
        if action == "deploy":
            return Pin.parse(str(event.get("release", "")))
        if action == "roll_back":
            return self.shelf.accepted(str(event.get("commit", "")))
        if action == "watch":
            current = self.pointer.current()
            return None if current == self.pointer.proven() else current or self.pointer.proven()
        raise InvalidRelease(f"the action {action!r:.40} is none of deploy, roll_back and watch")

    def _give_back(self) -> None:
        try:
            self.lease.give_back()
        except AwsAway as error:
            self.deployment.notes.append(f"the lease runs out by itself: {error}")

    def _audit(self, report: dict[str, Any]) -> None:
        try:
            self.shelf.audit(self._key(report), report)
        except AwsAway as error:
            report["notes"].append(f"the audit record could not be written: {error}")

    def _key(self, report: dict[str, Any]) -> str:
        moment = report["at"][:19].replace(":", "").replace("-", "")
        return f"deploys/audit/{moment}Z-{report.get('release', 'none')[:12]}-{self.request_id}.json"
