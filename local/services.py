"""The services of the embedded stack: how each is run and how one knows that it works.

The order is the order of starting. A cluster (`make cluster`) has some more. docker-compose.yaml runs services of the
same names.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import httpx
import psycopg

from local import broker, environment, nodes, postgres, s3
from local.credentials import Credentials
from local.stack import QUEUES, WORKER_NODES, Stack

Health = Callable[[Stack, Credentials, float], bool]


@dataclass(frozen=True)
class Service:
    """One supervised program."""

    name: str
    port: str | None  # its name in Stack.ports
    command: Callable[[Stack], list[str]]
    environ: Callable[[Stack, Credentials], dict[str, str]]
    healthy: Health  # (stack, secrets, moment of its start) -> whether it does its work
    module: str | None = None  # the part of the repository that it runs
    stop_signal: str = "TERM"
    stop_seconds: int = 20
    stop_group: bool = True  # its children are told as well
    node: str | None = None  # the worker node that it runs on, in a cluster

    def url(self, stack: Stack) -> str | None:
        """Its address, for a person."""
        if self.port is None:
            return None
        if self.name == "redshift":
            return f"postgresql://127.0.0.1:{stack.ports[self.port]}/warehouse"
        scheme = {"postgres": "postgresql", "broker": "redis"}.get(self.name, "http")
        return f"{scheme}://127.0.0.1:{stack.ports[self.port]}"

    def present(self) -> bool:
        """Whether the repository holds the part that it runs."""
        if self.module is None:
            return True
        try:
            return importlib.util.find_spec(self.module) is not None
        except ModuleNotFoundError:
            return False


def cluster(stack: Stack, secrets: Credentials) -> postgres.Cluster:
    """The stack's PostgreSQL cluster, made when it is not there."""
    return postgres.prepare(stack.state / "postgres", stack.ports["postgres"], secrets.postgres)


def _http(port: str, path: str) -> Health:
    def healthy(stack: Stack, secrets: Credentials, since: float) -> bool:
        try:
            return httpx.get(f"{stack.url(port)}{path}", timeout=5, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    return healthy


def _airflow_part(part: str) -> Health:
    """Healthy by Airflow's own account, with a heartbeat of this start and not of an earlier one."""

    def healthy(stack: Stack, secrets: Credentials, since: float) -> bool:
        try:
            answer = httpx.get(f"{stack.url('airflow')}/api/v2/monitor/health", timeout=5, trust_env=False).json()
            state = answer[part]
            beat = datetime.fromisoformat(state[f"latest_{part}_heartbeat"]).timestamp()
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return False
        return state["status"] == "healthy" and beat >= since

    return healthy


def connects(dsn: str) -> bool:
    """Whether a database answers."""
    try:
        with psycopg.connect(dsn, connect_timeout=3) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.Error:
        return False


def _postgres_answers(stack: Stack, secrets: Credentials, since: float) -> bool:
    return connects(stack.dsn("postgres", "postgres", secrets.postgres))


def _gateway_answers(stack: Stack, secrets: Credentials, since: float) -> bool:
    return connects(stack.dsn("warehouse", "otto_reader"))


def _python(*arguments: str) -> list[str]:
    return [sys.executable, "-m", *arguments]


def _s3_environ(stack: Stack, secrets: Credentials) -> dict[str, str]:
    return s3.environment(stack.state / "s3", stack.ports["s3"])


def _gateway_command(stack: Stack) -> list[str]:
    upstream = f"127.0.0.1:{stack.ports['postgres']}"
    ports = ["--port", str(stack.ports["redshift"]), "--upstream", upstream, "--s3-endpoint", stack.url("s3")]
    return _python("local.redshift", *ports)


def _malls_command(stack: Stack) -> list[str]:
    return _python("local.malls", "--port", str(stack.ports["malls"]), *stack.malls.arguments())


def _web_command(stack: Stack) -> list[str]:
    address = f"127.0.0.1:{stack.ports['web']}"
    # one process with threads: the page only waits for the database; worker heartbeats need no disk
    bounds = ["--workers", "1", "--threads", "4", "--timeout", "30", "--worker-tmp-dir", "/dev/shm"]  # noqa: S108
    # its control socket would lie in the home folder, one for all stacks
    return _python("gunicorn", "web.wsgi:application", "--bind", address, "--no-control-socket", *bounds)


def _api_command(stack: Stack) -> list[str]:
    return _python("api", "--port", str(stack.ports["api"]))


def _airflow(name: str, part: str, *arguments: str, port: str | None = None) -> Service:
    healthy = _http("airflow", "/api/v2/version") if port else _airflow_part(part)
    return Service(
        name, port, lambda stack: _python("airflow", *arguments), environment.airflow, healthy, stop_seconds=30
    )


def _nothing(stack: Stack, secrets: Credentials) -> dict[str, str]:
    return {}


SERVICES = (
    # SIGINT is PostgreSQL's fast shutdown: SIGTERM would wait for its clients
    Service("postgres", "postgres", lambda stack: [], _nothing, _postgres_answers, stop_signal="INT", stop_seconds=30),
    Service("s3", "s3", lambda stack: s3.command(), _s3_environ, _http("s3", "/_ministack/health")),
    Service(
        "redshift",
        "redshift",
        _gateway_command,
        lambda stack, secrets: environment.gateway(secrets),
        _gateway_answers,
        module="local.redshift.__main__",
    ),
    Service("malls", "malls", _malls_command, _nothing, _http("malls", "/health"), module="local.malls.__main__"),
    _airflow("airflow-api-server", "", "api-server", port="airflow"),
    # their log servers would listen on every address, and the api-server reads the log files itself
    _airflow("airflow-scheduler", "scheduler", "scheduler", "--skip-serve-logs"),
    _airflow("airflow-dag-processor", "dag_processor", "dag-processor"),
    _airflow("airflow-triggerer", "triggerer", "triggerer", "--skip-serve-logs"),
    Service("web", "web", _web_command, environment.web, _http("web", "/healthz"), module="web.wsgi"),
    Service("api", "api", _api_command, environment.api, _http("api", "/healthz"), module="api.__main__"),
)

# by one name each node's workers and their queue are known to Celery, to the supervisor and to a person


def _wire(node: str) -> Service:
    def is_up(stack: Stack, secrets: Credentials, since: float) -> bool:
        return nodes.is_up(stack, node)

    return Service(node, None, lambda stack: _python("local", "node", node), _nothing, is_up)


def _worker(node: str, queue: str, slots: int) -> Service:
    celery = f"{queue}@{node}"
    # logs go to S3: a log server would listen on every address; two nodes have nothing to tell each other
    rest = ("--celery-hostname", celery, "--skip-serve-logs", "--without-mingle", "--without-gossip")

    def answers(stack: Stack, secrets: Credentials, since: float) -> bool:
        return broker.worker_answers(broker.url(stack.ports["broker"], secrets.broker), celery)

    return Service(
        f"{node}-{queue}",
        None,
        lambda stack: _python("airflow", "celery", "worker", "--queues", queue, "--concurrency", str(slots), *rest),
        lambda stack, secrets: environment.worker(stack, secrets, node),
        answers,
        stop_seconds=30,
        stop_group=False,  # the worker lets its tasks end; told themselves, they would break off
        node=node,
    )


def _broker_command(stack: Stack) -> list[str]:
    return broker.command(stack.state / "broker")


def _broker_answers(stack: Stack, secrets: Credentials, since: float) -> bool:
    return broker.answers(broker.url(stack.ports["broker"], secrets.broker))


def _glances_command(stack: Stack) -> list[str]:
    address = ["--bind", "127.0.0.1", "--port", str(stack.ports["glances"])]
    return _python("glances", "-w", *address, "--disable-check-update")


CLUSTER = (
    Service("broker", "broker", _broker_command, _nothing, _broker_answers),
    *(_wire(node) for node in WORKER_NODES),
    *(_worker(node, queue, slots) for node in WORKER_NODES for queue, slots in QUEUES.items()),
    Service("glances", "glances", _glances_command, _nothing, _http("glances", "/api/4/status")),
)

BY_NAME = {service.name: service for service in (*SERVICES, *CLUSTER)}


def of(stack: Stack) -> tuple[Service, ...]:
    """What this stack runs, in the order of starting."""
    if not stack.cluster:
        return SERVICES
    return (*SERVICES, *(each for each in CLUSTER if stack.apart or each.name not in WORKER_NODES))
