"""What is around the agent fails: S3 in the middle of a pull, the node's disk. The node stays whole."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, EndpointConnectionError, ReadTimeoutError

from infra.release.manifest import archive_key, manifest_key
from local.stack import ROOT
from tests.infra.one_node import OneNode
from tests.small_disk import on_small_disk

pytestmark = pytest.mark.slow


class CutOff(io.RawIOBase):
    """A body of which a part comes, and then nothing more."""

    def __init__(self, content: bytes) -> None:
        self.parts = [content[: len(content) // 2]]

    def read(self, size: int = -1) -> bytes:
        if not self.parts:
            raise ReadTimeoutError(endpoint_url="http://s3")
        return self.parts.pop()


@pytest.mark.parametrize("when", ["manifest", "archive", "middle of the archive"])
def test_s3_away_during_a_pull_leaves_the_node_as_it_is_and_the_next_pull_completes(
    node: OneNode, quick: None, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    node.follow("first")
    before = node.lives()
    pin = node.s3.add(node.shelf["other words"])
    node.ssm.point(pin)
    given = node.s3.get_object

    def get_object(Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        answer = given(Bucket, Key)
        if when == "manifest" or (when == "archive" and Key == archive_key(pin.commit)):
            raise EndpointConnectionError(endpoint_url="http://s3")
        return answer if Key == manifest_key(pin.commit) else {"Body": CutOff(answer["Body"].read())}

    monkeypatch.setattr(node.s3, "get_object", get_object)
    with pytest.raises(BotoCoreError, match="http://s3"):
        node.agent.pull()
    assert (node.current(), node.lives()) == (node.folder("first"), before)
    assert list((node.root / "incoming").iterdir()) == []
    assert [path.name for path in (node.root / "releases").iterdir()] == [node.folder("first")]
    monkeypatch.undo()
    node.check_dags = lambda release: ["greet"]
    assert node.agent.pull() == "healthy"
    assert (node.current(), node.s3.report()["release"]) == (node.folder("other words"), str(pin))


def test_a_report_that_s3_does_not_take_is_given_by_the_next_pull(
    node: OneNode, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.follow("first")
    pin = node.s3.add(node.shelf["other words"])
    node.ssm.point(pin)

    def put_object(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="http://s3")

    with monkeypatch.context() as away:
        away.setattr(node.s3, "put_object", put_object)
        with pytest.raises(EndpointConnectionError):
            node.agent.pull()
    lives = node.lives()
    assert node.current() == node.folder("other words")
    assert node.s3.report()["release"] != str(pin)
    assert node.agent.pull() == "healthy"
    report = node.s3.report()
    assert (report["release"], report["state"], report["restarted"]) == (str(pin), "healthy", [])
    assert node.lives() == lives


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
