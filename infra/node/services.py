"""What a node runs: each service with the parts of a release that it is made of, and how one knows that it works."""

from __future__ import annotations

import hashlib
import json
import urllib.request
from dataclasses import dataclass
from typing import Any

from infra.release.manifest import LOCK, Manifest

_CODE = ("dags/", "include/", "ml/", "plugins/", "airflow.cfg")
_LAUNCH = ("infra/node/launch.py", "infra/node/services.py")


@dataclass(frozen=True)
class Service:
    """One service of a node; its unit is otto-NAME.service, or otto-NAME@.service where it overlaps."""

    name: str
    command: tuple[str, ...]  # arguments of the environment's python
    parts: tuple[str, ...]  # paths, or prefixes of paths, of the release: what it is restarted for
    health_url: str | None = None  # answers 200 when it works; None: it works while it runs
    health_part: str | None = None  # of the answer's JSON, whose status must be healthy
    # the new one starts beside the old one, which first finishes what it is at: workers
    overlaps: bool = False

    @property
    def unit(self) -> str:
        """The name of its unit file."""
        return f"otto-{self.name}{'@' if self.overlaps else ''}.service"

    def fingerprint(self, manifest: Manifest) -> str:
        """Changes exactly when the service must be restarted."""
        parts = (*self.parts, LOCK, f"infra/systemd/{self.unit}", *_LAUNCH)
        digest = hashlib.sha256()
        for file in manifest.files:
            if file.path.startswith(parts):
                digest.update(f"{file.path}\0{file.sha256}\n".encode())
        return digest.hexdigest()

    def works(self) -> bool:
        """Whether it answers as it should; True where it has nothing to answer with."""
        if self.health_url is None:
            return True
        try:
            with urllib.request.urlopen(self.health_url, timeout=5) as answer:  # noqa: S310 - a constant address
                text = answer.read(100_000)
                return answer.status == 200 and (self.health_part is None or self._part_works(json.loads(text)))
        except (OSError, ValueError):
            return False

    def _part_works(self, value: Any) -> bool:
        return isinstance(value, dict) and value.get(self.health_part, {}).get("status") == "healthy"


_AIRFLOW = "http://127.0.0.1:8080/api/v2/monitor/health"


def _worker(queue: str, concurrency: int, *more: str) -> Service:
    # the queue's name in the worker's, so that two of one node are told apart
    arguments = ("celery", "worker", "--queues", queue, "--concurrency", str(concurrency), *more)
    return Service(f"worker-{queue}", ("-m", "airflow", *arguments), _CODE, overlaps=True)


API_SERVER = Service(
    "api-server", ("-m", "airflow", "api-server"), ("plugins/", "include/", "airflow.cfg"), _AIRFLOW, "metadatabase"
)
SCHEDULER = Service(
    "scheduler", ("-m", "airflow", "scheduler"), ("plugins/", "include/", "airflow.cfg"), _AIRFLOW, "scheduler"
)
DAG_PROCESSOR = Service("dag-processor", ("-m", "airflow", "dag-processor"), _CODE, _AIRFLOW, "dag_processor")
TRIGGERER = Service("triggerer", ("-m", "airflow", "triggerer"), _CODE, _AIRFLOW, "triggerer")
WORKER_DEFAULT = _worker("default", 4)
# a browser takes half a gigabyte. The other worker's log server shows this one's logs too: they lie in one folder.
WORKER_BROWSER = _worker("browser", 2, "--skip-serve-logs")
WEB = Service(
    "web",
    ("-m", "gunicorn", "web.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4"),
    ("web/", "include/"),
    "http://127.0.0.1:8000/healthz",
)
API = Service(
    "api",
    ("-m", "uvicorn", "api.app:app", "--host", "0.0.0.0", "--port", "8001"),  # noqa: S104 - the security group bounds it
    ("api/", "web/", "include/"),
    "http://127.0.0.1:8001/v1/openapi.json",
)
GLANCES = Service("glances", ("-m", "glances", "-w", "--bind", "127.0.0.1"), (), "http://127.0.0.1:61208/api/4/status")

SERVICES = {
    service.name: service
    for service in (
        *(API_SERVER, SCHEDULER, DAG_PROCESSOR, TRIGGERER),
        *(WORKER_DEFAULT, WORKER_BROWSER, WEB, API, GLANCES),
    )
}


@dataclass(frozen=True)
class Role:
    """What the nodes of one kind run, in the order of starting."""

    services: tuple[Service, ...]
    imports_dags: bool = True
    # run in the new release before it becomes current, when its environment is another one than the last
    prepares: tuple[tuple[str, ...], ...] = ()


ROLES = {
    "airflow": Role(
        (API_SERVER, SCHEDULER, DAG_PROCESSOR, TRIGGERER, GLANCES), prepares=(("-m", "airflow", "db", "migrate"),)
    ),
    "worker": Role((WORKER_DEFAULT, WORKER_BROWSER, GLANCES)),
    "site": Role((WEB, API, GLANCES), imports_dags=False),
}
