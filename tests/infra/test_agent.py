"""The agent on one node of processes: what it switches, what it refuses, and that it survives any death."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.node import dag_imports
from infra.node.agent import Agent
from infra.node.dag_imports import DagsBroken
from infra.node.services import Role
from infra.node.settings import NodeSettings
from infra.release.build import Release
from infra.release.manifest import archive_key
from local.stack import ROOT
from tests.infra.memory_aws import MemoryS3, MemorySsm
from tests.infra.node import Processes, agent, services
from tests.infra.releases import SERVER, Repository
from tests.servers import free_port, wait_until
from tests.small_disk import on_small_disk

pytestmark = pytest.mark.slow

BROKEN_DAG = "import no_such_module\n"
BROKEN_SERVER = "raise SystemExit('the web server has lost its configuration')\n"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Release]:
    """Releases by what is special about them."""
    folder = tmp_path_factory.mktemp("shelf")
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


@pytest.fixture
def node(tmp_path: Path, shelf: dict[str, Release]) -> Iterator[OneNode]:
    made = OneNode(tmp_path / "node", MemoryS3(tmp_path / "s3"), MemorySsm(), free_port(), shelf)
    yield made
    Processes(made.root).end_all()


@pytest.fixture
def quick(node: OneNode) -> None:
    """Without the import of the DAGs, which takes seconds and has tests of its own."""
    node.check_dags = lambda release: ["greet"]


def test_a_fresh_node_runs_the_release_and_reports_so(node: OneNode, quick: None) -> None:
    report = node.follow("first")
    assert (report["state"], report["release"], report["version"]) == ("healthy", str(node.shelf["first"].pin), 1)
    assert report["restarted"] == ["web", "worker-default"]
    assert node.current() == node.folder("first")
    assert Path(f"/proc/{node.served()['pid']}/cwd").resolve().name == node.folder("first")
    assert all(node.lives().values())
    assert (node.root / "agent").resolve().name == node.folder("first")


def test_the_same_release_again_restarts_nothing_and_answers_the_new_word(node: OneNode, quick: None) -> None:
    node.follow("first")
    before = node.lives()
    report = node.follow("first")
    assert (report["state"], report["version"], report["restarted"]) == ("healthy", 2, [])
    assert node.lives() == before


def test_only_what_changed_is_restarted(node: OneNode, quick: None) -> None:
    node.follow("first")
    before = node.lives()
    assert node.follow("other words")["restarted"] == ["worker-default"]
    assert node.lives()["web"] == before["web"]
    between = node.lives()
    assert node.follow("other page")["restarted"] == ["web"]
    assert node.lives()["worker-default"] == between["worker-default"]
    assert node.current() == node.folder("other page")


def test_a_running_task_survives_the_deploy_while_the_new_worker_takes_new_ones(node: OneNode, quick: None) -> None:
    node.follow("first")
    (node.tasks / "long.task").touch()
    wait_until((node.tasks / "long.running").exists, "the old worker has its task")
    old = node.lives()["worker-default"]
    assert node.follow("other words")["state"] == "healthy"
    assert Path(f"/proc/{str(old).split()[0]}").exists()  # still at its task, told to end after it
    (node.tasks / "short.task").touch()
    (node.tasks / "short.go").touch()
    wait_until((node.tasks / "short.done").exists, "the new worker takes tasks")
    (node.tasks / "long.go").touch()
    wait_until((node.tasks / "long.done").exists, "the old worker finishes")
    wait_until(lambda: node.agent.control.alive(node.agent.role.services[1], "gone") is None, "the old worker ends")


def test_a_dag_that_does_not_import_never_becomes_current_and_is_named(node: OneNode, quick: None) -> None:
    node.follow("first")
    before = node.lives()
    node.check_dags = dag_imports.check
    report = node.follow("broken dag")
    assert report["state"] == "failed"
    assert "DagsBroken" in report["cause"]
    assert "broken.py: ModuleNotFoundError: No module named 'no_such_module'" in report["cause"]
    assert (node.current(), node.lives()) == (node.folder("first"), before)


def test_a_refused_word_is_not_tried_again_but_a_new_one_is(node: OneNode) -> None:
    tried: list[str] = []

    def refuse(release: Path) -> list[str]:
        tried.append(release.name)
        raise DagsBroken("greet.py: broken")

    node.check_dags = refuse
    node.follow("first")
    node.agent.pull()
    assert node.s3.report()["cause"].startswith("DagsBroken: greet.py: broken")
    assert len(tried) == 1
    assert node.follow("first")["version"] == 2
    assert len(tried) == 2


def test_a_service_that_does_not_start_takes_the_node_back_with_the_end_of_its_log(node: OneNode, quick: None) -> None:
    node.follow("first")
    report = node.follow("broken server")
    assert report["state"] == "failed"
    assert "not healthy within 6 s: web" in report["cause"]
    assert "lost its configuration" in report["cause"]
    assert f"back on {node.folder('first')[:12]}" in report["cause"]
    assert node.current() == report["current"] == node.folder("first")
    assert all(node.lives().values())
    assert Path(f"/proc/{node.served()['pid']}/cwd").resolve().name == node.folder("first")


def test_a_first_release_that_does_not_start_leaves_nothing_current(node: OneNode, quick: None) -> None:
    report = node.follow("broken server")
    assert "nothing runs here" in report["cause"]
    assert node.current() is None
    wait_until(lambda: not any(node.lives().values()), "the other service is stopped")
    assert node.follow("first")["state"] == "healthy"


def test_a_wrong_sum_or_a_missing_file_never_becomes_current(node: OneNode, quick: None) -> None:
    node.follow("first")
    key = node.s3.folder / archive_key(node.shelf["third"].pin.commit)
    node.s3.add(node.shelf["third"])
    content = key.read_bytes()
    version = 1
    for bad, cause in ((content.replace(b"good night", b"good grief"), "has the sum"), (content[:2000], "bytes")):
        key.write_bytes(bad)
        version = node.ssm.point(node.shelf["third"].pin)
        assert node.agent.pull() == "failed"
        assert cause in node.s3.report()["cause"]
    key.unlink()
    node.ssm.point(node.shelf["third"].pin)
    assert node.agent.pull() == "failed"
    assert "is not there" in node.s3.report()["cause"]
    assert version == 3
    assert node.current() == node.folder("first")
    assert [path.name for path in (node.root / "releases").iterdir()] == [node.folder("first")]
    assert list((node.root / "incoming").iterdir()) == []


def test_three_releases_are_kept_and_going_back_downloads_nothing(node: OneNode, quick: None) -> None:
    names = ("first", "other words", "other page", "third")
    for name in names:
        assert node.follow(name)["state"] == "healthy"
    kept = {path.name for path in (node.root / "releases").iterdir()}
    assert kept == {node.folder(name) for name in names[1:]}
    node.s3.get_object = None  # type: ignore[assignment] - nothing may be read
    node.ssm.point(node.shelf["other page"].pin)
    assert node.agent.pull() == "healthy"
    assert node.current() == node.folder("other page")


def test_a_node_that_was_off_catches_up_and_without_aws_starts_what_it_has(node: OneNode, quick: None) -> None:
    node.follow("first")
    Processes(node.root).end_all()
    wait_until(lambda: not any(node.lives().values()), "the node is off")
    node.ssm.away = True
    with pytest.raises(ClientError):
        node.agent.pull()
    wait_until(lambda: all(node.lives().values()), "its services run")
    node.ssm.away = False
    assert node.follow("other words")["state"] == "healthy"


def test_a_pointer_that_moves_during_a_pull_is_followed_at_once(node: OneNode, shelf: dict[str, Release]) -> None:
    node.s3.add(shelf["other words"])

    def move(release: Path) -> list[str]:
        if node.ssm.version == 1:
            node.ssm.point(shelf["other words"].pin)
        return ["greet"]

    node.check_dags = move
    assert node.follow("first")["version"] == 2
    assert node.current() == node.folder("other words")


def test_killed_at_any_line_the_next_run_brings_the_node_to_a_whole_release(node: OneNode, quick: None) -> None:
    """Every 23rd line of the agent, until a pull gets to its end."""
    node.follow("first")
    names = ("first", "other words")
    pins = [str(node.s3.add(node.shelf[name])) for name in names]
    arguments = [str(node.root), str(node.s3.folder), str(node.port), str(node.tasks), *pins]
    command = [sys.executable, "-m", "tests.infra.deaths", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    deaths = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(deaths) > 12
    assert [death for death in deaths if not death["whole"]] == []
    assert {death["current"] for death in deaths} == {node.folder(name) for name in names}
    # whatever the last one has left: the next pull ends well, and one process of each service runs
    assert node.follow("other page")["state"] == "healthy"
    assert all(node.lives().values())
    assert str(node.served()["pid"]) in str(node.lives()["web"])


def test_a_full_disk_leaves_the_node_where_it_was_and_the_next_pull_completes(node: OneNode, tmp_path: Path) -> None:
    """In a file system that is really small: once the node sees it beforehand, once it runs full in the middle."""
    seed = tmp_path / "disk.seed"
    seed.mkdir()
    script = f"""
import json, os, sys
from pathlib import Path
from infra.node import fetch
from infra.node.services import Role
from infra.node.settings import NodeSettings
from tests.infra.memory_aws import MemoryS3, MemorySsm
from tests.infra.node import Processes, agent, services

root, s3, ssm = Path({str(tmp_path / "disk")!r}) / "node", MemoryS3(Path({str(node.s3.folder)!r})), MemorySsm()
settings = NodeSettings("node", "test", "bucket", root, health_seconds=6, steady_seconds=0.2)
one = agent(settings, Role(services({node.port}, Path({str(node.tasks)!r}))), s3, ssm)
one.check_dags = lambda release: ["greet"]
ballast, seen = root.parent / "ballast", []

def pull(pin):
    ssm.point(pin)
    state = one.pull()
    current = one.layout.linked("current")
    seen.append([state, current and current.name, s3.report().get("cause"), sorted(os.listdir(root / "incoming"))])

first, second = sys.argv[1:]
fetch._RESERVE = 0
pull(first)
fetch._RESERVE = 50_000_000
pull(second)
fetch._RESERVE = -1 << 40
room = os.statvfs(root)
ballast.write_bytes(b"x" * (room.f_bavail * room.f_frsize - 60_000))
pull(second)
ballast.unlink()
pull(second)
print(json.dumps(seen))
Processes(root).end_all()
"""
    pins = [str(node.s3.add(node.shelf[name])) for name in ("first", "other words")]
    command = on_small_disk([sys.executable, "-c", script, *pins], tmp_path / "disk", 4)
    (tmp_path / "disk").mkdir()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    whole, foreseen, full, after = json.loads(done.stdout.strip().splitlines()[-1])
    first, second = (node.folder(name) for name in ("first", "other words"))
    assert whole == ["healthy", first, None, []]
    assert foreseen[:2] == full[:2] == ["failed", first]
    assert "DiskFull" in foreseen[2]
    assert "are free" in foreseen[2]
    assert "No space left on device" in full[2]
    assert full[3] == []
    assert after == ["healthy", second, None, []]
