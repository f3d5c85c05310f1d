"""The agent: brings this node to the release that the pointer names, or leaves it on the one that worked.

Killed at any line, its next run goes on: what is half-done lies in `incoming` or lacks its mark, the switch is one
rename, what was started from what stands in state.json, and a release counts as proven only after its services worked.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.node import dag_imports, environments, fetch
from infra.node.control import Control, ServiceBroken
from infra.node.dag_imports import DagsBroken
from infra.node.environments import EnvironmentFailed
from infra.node.fetch import DiskFull
from infra.node.layout import Layout
from infra.node.services import Role, Service
from infra.node.settings import NodeSettings
from infra.release.manifest import LOCK, InvalidRelease, Pin

log = logging.getLogger(__name__)

# no later try of the same word can mend these
_LASTING = (InvalidRelease, DagsBroken, ServiceBroken)
_PASSING = (DiskFull, EnvironmentFailed)
_PREPARE_SECONDS = 300


@dataclass
class Agent:
    """One node's agent on these clients."""

    settings: NodeSettings
    role: Role
    control: Control
    s3: Any
    ssm: Any
    prepare_environment: Callable[[Path, Path, str], Path] = environments.prepare
    check_dags: Callable[[Path], list[str]] = dag_imports.check
    layout: Layout = field(init=False)

    def __post_init__(self) -> None:
        self.layout = Layout(self.settings.root)

    def pull(self) -> str:
        """Follow the pointer until it stands still; gives the state: idle, healthy or failed.

        Raises botocore's errors where AWS does not answer: what runs stays as it is.
        """
        with self._alone():
            self.layout.prepare()
            self._start_what_should_run()
            followed = None
            while (word := self._word()) != followed:
                followed = word
                pin, version = word
                outcome = self._follow(pin, version) if pin else "idle"
            return outcome

    def _word(self) -> tuple[Pin | None, int]:
        from botocore.exceptions import ClientError

        try:
            answer = self.ssm.get_parameter(Name=f"{self.settings.prefix}/current")["Parameter"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ParameterNotFound":
                return None, 0
            raise
        return None if answer["Value"] == "none" else Pin.parse(answer["Value"]), int(answer["Version"])

    def _follow(self, pin: Pin, version: int) -> str:
        refused = self.layout.state().refused
        if refused.get("version") == version and refused.get("release") == str(pin):
            return self._report(pin, version, "failed", cause=refused["cause"])
        began = time.monotonic()
        try:
            release = self._stage(pin)
            restarted = self._switch(release, version)
            self._prove(release)
        except (*_LASTING, *_PASSING) as error:
            cause = f"{type(error).__name__}: {error}"
            log.error("release %s: %s", pin, cause)
            cause += self._go_back(version)
            if isinstance(error, _LASTING):
                state = self.layout.state()
                state.refused = {"version": version, "release": str(pin), "cause": cause}
                self.layout.save(state)
            return self._report(pin, version, "failed", cause=cause)
        took = round(time.monotonic() - began, 1)
        return self._report(pin, version, "healthy", restarted=restarted, seconds=took)

    def _stage(self, pin: Pin) -> Path:
        """The release in its folder, with its environment, all its DAGs imported once."""
        release = fetch.fetch(self.s3, self.settings.bucket, pin, self.layout)
        if self.layout.linked("current") == release and self.layout.state().proven == release.name:
            return release
        environment = self.prepare_environment(release / LOCK, self.layout.environments, self.settings.python)
        environments.link(release, environment)
        if self.role.imports_dags:
            self.check_dags(release)
        current = self.layout.linked("current")
        if current is None or os.path.realpath(current / "venv") != os.path.realpath(environment):
            for arguments in self.role.prepares:
                self._prepare(release, arguments)
        return release

    def _prepare(self, release: Path, arguments: tuple[str, ...]) -> None:
        command = [str(release / "venv/bin/python"), "-m", "infra.node", "run", *arguments]
        try:
            done = subprocess.run(
                command, cwd=release, capture_output=True, text=True, timeout=_PREPARE_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise EnvironmentFailed(f"{' '.join(arguments)} did not end within {_PREPARE_SECONDS} s") from error
        if done.returncode != 0:
            raise EnvironmentFailed(f"{' '.join(arguments)}: {(done.stdout + done.stderr).strip()[-800:]}")

    def _switch(self, release: Path, version: int) -> list[str]:
        """Make it current and restart what it changes; gives the names of the restarted services."""
        manifest = fetch.known(release)
        if self.layout.linked("current") != release:
            self.layout.flip("current", release)
        self.control.install(release, self.role.services)
        restarted = []
        for service in self.role.services:
            state = self.layout.state()
            wanted = service.fingerprint(manifest)
            runs = self.control.alive(service, state.instances.get(service.name, ""))
            if state.fingerprints.get(service.name) == wanted and runs:
                continue
            self._start(service, version, wanted)
            restarted.append(service.name)
        return restarted

    def _start(self, service: Service, version: int, fingerprint: str) -> None:
        state = self.layout.state()
        # the moment makes it another instance also when one word is followed twice
        state.instances[service.name] = f"{version}-{int(time.time() * 1000)}"
        state.fingerprints.pop(service.name, None)
        self.layout.save(state)
        self.control.start(service, state.instances[service.name])
        state.fingerprints[service.name] = fingerprint
        self.layout.save(state)

    def _prove(self, release: Path) -> None:
        """Wait until every service works and goes on working. Raises ServiceBroken."""
        instances = self.layout.state().instances
        deadline = time.monotonic() + self.settings.health_seconds
        steady_since, last = time.monotonic(), None
        while True:
            lives = {each.name: self.control.alive(each, instances[each.name]) for each in self.role.services}
            broken = [each for each in self.role.services if lives[each.name] is None or not each.works()]
            if broken or lives != last:
                steady_since, last = time.monotonic(), lives
            elif time.monotonic() - steady_since >= self.settings.steady_seconds:
                break
            if time.monotonic() > deadline:
                worst = broken or list(self.role.services)
                tails = [f"{each.name}: {self.control.log(each, instances[each.name]).strip()}" for each in worst]
                raise ServiceBroken(
                    f"not healthy within {self.settings.health_seconds:.0f} s:"
                    f" {', '.join(each.name for each in worst)}; their logs end with: {' | '.join(tails)[-900:]}"
                )
            time.sleep(0.25)
        state = self.layout.state()
        state.proven, state.refused = release.name, {}
        self.layout.save(state)
        self.layout.flip("agent", release)
        self.layout.prune(release.name)

    def _go_back(self, version: int) -> str:
        """Return to the release that worked here; gives what the report adds of it."""
        current, proven = self.layout.linked("current"), self.layout.state().proven
        if current is None or current.name == proven:
            return ""
        if proven is None:
            self.layout.drop_link("current")
            for service in self.role.services:
                self.control.stop(service)
            return " (nothing runs here: there is no earlier release)"
        try:
            release = self.layout.releases / proven
            self._switch(release, version)
            self._prove(release)
        except (*_LASTING, *_PASSING) as error:
            return f" (and the release before does not work any more either: {error})"
        return f" (this node is back on {proven[:12]})"

    def _start_what_should_run(self) -> None:
        """After a boot: the services of the current release, whether AWS answers or not."""
        release = self.layout.linked("current")
        if release is None:
            return
        state = self.layout.state()
        for service in self.role.services:
            if not self.control.alive(service, state.instances.get(service.name, "")):
                log.warning("%s does not run; starting it", service.name)
                self._start(service, 0, service.fingerprint(fetch.known(release)))

    def _report(self, pin: Pin, version: int, state: str, **more: Any) -> str:
        current = self.layout.linked("current")
        report = {
            "node": self.settings.node,
            "release": str(pin),
            "version": version,
            "state": state,
            "current": current.name if current else None,
            "at": datetime.now(UTC).isoformat(),
            **more,
        }
        key = f"nodes/{self.settings.node}.json"
        body = json.dumps(report, indent=1, ensure_ascii=False).encode()
        self.s3.put_object(Bucket=self.settings.bucket, Key=key, Body=body, ContentType="application/json")
        return state

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.settings.root.mkdir(parents=True, exist_ok=True)
        with (self.settings.root / ".agent.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
