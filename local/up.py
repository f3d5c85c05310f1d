"""Starts the stack in order, waits for each part's health, and prepares what a first run needs.

Everything may run again: what runs stays, what is prepared is not prepared twice, what a kill -9 left is put right.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console

from local import broker, databases, nodes, prepare, services, supervisor
from local.credentials import Credentials
from local.ports import check_ports
from local.services import BY_NAME, CLUSTER, Service
from local.stack import WORKER_NODES, Stack, StackError

# seconds that a part may take until it works: 45 on two idle cores, over 180 where a dozen programs wanted them too
_PATIENCE = {"airflow-api-server": 400, "airflow-scheduler": 400, "airflow-dag-processor": 400}
_WORKER_PATIENCE = 400
# seconds between two tries to start; a service that was not up for a moment in that time will not be
_CRASHING = 15


class StartFailed(StackError):
    """A service did not become healthy; the message has the end of its log."""


@dataclass
class Starting:
    """One `up`: the stack, its secrets, and who is told."""

    stack: Stack
    names: tuple[str, ...]  # the services that are wanted
    console: Console
    secrets: Credentials

    def wants(self, *names: str) -> bool:
        """Whether all of these services are part of this start."""
        return set(names) <= set(self.names)

    def launch(self, *names: str) -> None:
        """Have services started, without waiting."""
        for name in names:
            if name in self.names:
                supervisor.start(self.stack, name)

    def wait(self, *names: str) -> None:
        """Wait until services work. Raises StartFailed."""
        for name in names:
            if name in self.names:
                began = time.monotonic()
                self._wait(BY_NAME[name])
                self.say(f"{name} works", time.monotonic() - began)

    def _wait(self, service: Service) -> None:
        patience = _WORKER_PATIENCE if service.node else _PATIENCE.get(service.name, 90)
        deadline = time.monotonic() + patience
        never_ran = time.monotonic() + _CRASHING
        with self.console.status(f"{service.name} is starting"):
            while True:
                now = supervisor.states(self.stack)[service.name]
                if now["statename"] == "RUNNING" and service.healthy(self.stack, self.secrets, now["start"]):
                    return
                if now["statename"] != "BACKOFF":
                    never_ran = time.monotonic() + _CRASHING
                late = time.monotonic() > min(deadline, never_ran)
                if late or now["statename"] == "FATAL":
                    log = self.stack.logs / f"{service.name}.log"
                    raise StartFailed(
                        f"{service.name} is {now['statename']} and does not work; {log} ends with\n{prepare.tail(log)}"
                    )
                time.sleep(0.3)  # each look asks the supervisor and the service, on the cores that the start needs

    def say(self, what: str, seconds: float | None = None) -> None:
        """One line of progress."""
        took = f" ({seconds:.1f} s)" if seconds is not None and seconds >= 0.1 else ""
        self.console.print(f"  {what}{took}", highlight=False)


def up(stack: Stack, console: Console, only: Iterable[str] | None = None, cluster: bool = False) -> None:
    """Start the stack, or some of its services; as one node, or as a cluster. Raises StackError with what to do."""
    _take_shape(stack, cluster)
    wanted = tuple(only) if only else tuple(service.name for service in services.of(stack))
    unknown = set(wanted) - set(BY_NAME)
    if unknown:
        raise StackError(f"unknown service {', '.join(sorted(unknown))}; there are {', '.join(BY_NAME)}")
    absent = [f"{name} ({BY_NAME[name].module})" for name in wanted if not BY_NAME[name].present()]
    if absent:
        raise StackError(f"this checkout lacks the code of {', '.join(absent)}")
    check_ports(stack, wanted)
    start = Starting(stack, wanted, console, prepare.state(stack))
    supervisor.ensure(stack)
    _data_stores(start)
    _services_with_tables(start)
    _airflow_and_web(start)


def _take_shape(stack: Stack, cluster: bool) -> None:
    """Be one node or a cluster from now on. What runs by the other executor is stopped first."""
    if cluster:
        broker.program()
    if stack.cluster != cluster and supervisor.running(stack):
        for service in (*reversed(CLUSTER), *(each for each in BY_NAME.values() if each.name.startswith("airflow-"))):
            supervisor.stop(stack, service)
    stack.cluster, stack.apart = cluster, cluster and nodes.can_be_apart()


def _data_stores(start: Starting) -> None:
    if start.wants("postgres"):
        prepare.cluster(start.stack, start.secrets)
    start.launch("postgres", "s3")
    start.wait("postgres", "s3")
    if start.wants("postgres"):
        databases.create(start.stack, start.secrets)
    if start.wants("s3"):
        prepare.bucket(start.stack, start.secrets)


def _services_with_tables(start: Starting) -> None:
    """Airflow's migration takes longest and runs beside the start of gateway and malls."""
    airflow = start.wants("postgres", "airflow-api-server")
    migrations = [prepare.airflow_tables(start.stack, start.secrets)] if airflow else []
    begun = [migration for migration in migrations if migration.begin()]
    start.launch("redshift", "malls")
    start.wait("redshift", "malls")
    if start.wants("postgres", "redshift"):
        own = prepare.own_tables(start.stack, start.secrets)
        begun += [own] if own.begin() else []
    for migration in begun:
        began = time.monotonic()
        with start.console.status(f"making the tables of {migration.tables}"):
            migration.finish()
        start.say(f"the tables of {migration.tables} are made", time.monotonic() - began)
    if airflow:
        databases.grant_airflow_tables(start.stack, start.secrets)


def _airflow_and_web(start: Starting) -> None:
    parts = ("airflow-api-server", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer", "web", "api")
    start.launch(*parts)
    first = ("broker", *WORKER_NODES)  # a worker is started inside its node
    others = tuple(service.name for service in CLUSTER if service.name not in first)
    start.launch(*first)
    start.wait(*first)
    start.launch(*others)
    start.wait(*parts)
    if start.wants("airflow-api-server"):
        prepare.pools(start.stack, start.secrets)
    start.wait(*others)
