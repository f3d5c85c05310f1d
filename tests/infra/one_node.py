"""One node of processes whose AWS is in memory, and the releases that it is sent."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.node import dag_imports
from infra.node.agent import Agent
from infra.node.services import Role
from infra.node.settings import NodeSettings
from infra.release.build import Release
from tests.infra.memory_aws import MemoryS3, MemorySsm
from tests.infra.node import agent, services
from tests.infra.releases import SERVER, Repository

BROKEN_DAG = "import no_such_module\n"
BROKEN_SERVER = "raise SystemExit('the web server has lost its configuration')\n"


def shelf_of(folder: Path) -> dict[str, Release]:
    """Releases by what is special about them."""
    repository = Repository(folder / "git")
    changes: dict[str, dict[str, str]] = {
        "first": {},
        "other words": {"include/words.py": 'GREETING = "good morning"\n'},
        "other page": {"web/server.py": SERVER + "\n# another\n"},
        "third": {"include/words.py": 'GREETING = "good night"\n'},
        "broken dag": {"dags/broken.py": BROKEN_DAG},
        "broken server": {"web/server.py": BROKEN_SERVER, "dags/broken.py": ""},
    }
    made = {}
    for number, (name, files) in enumerate(changes.items()):
        repository.commit(**files)
        made[name] = repository.release(folder / str(number))
    return made


@dataclass
class OneNode:
    """A node with its AWS in memory."""

    root: Path
    s3: MemoryS3
    ssm: MemorySsm
    port: int
    shelf: dict[str, Release]
    check_dags: Callable[[Path], list[str]] = dag_imports.check

    @property
    def agent(self) -> Agent:
        settings = NodeSettings("node", "test", "bucket", self.root, health_seconds=6, steady_seconds=0.3)
        made = agent(settings, Role(services(self.port, self.tasks)), self.s3, self.ssm)
        made.check_dags = self.check_dags
        return made

    @property
    def tasks(self) -> Path:
        folder = self.root.with_name("tasks")
        folder.mkdir(exist_ok=True)
        return folder

    def follow(self, name: str) -> dict[str, Any]:
        """Point at a release and pull; gives the report."""
        self.ssm.point(self.s3.add(self.shelf[name]))
        self.agent.pull()
        return self.s3.report()

    def folder(self, name: str) -> str:
        """The folder that a release has on a node."""
        return self.shelf[name].pin.folder

    def current(self) -> str | None:
        link = self.agent.layout.linked("current")
        return link.name if link else None

    def served(self) -> dict[str, Any]:
        """What the web service says of itself."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5) as answer:
            return json.loads(answer.read())

    def lives(self) -> dict[str, str | None]:
        """Each service's life: changes when it is restarted."""
        one = self.agent
        return {s.name: one.control.alive(s, one.layout.state().instances.get(s.name, "")) for s in one.role.services}
