"""requirements.in, requirements.lock and docs/dependencies.md agree; so do the bake-off's own, beside them."""

import re

import pytest

from local.stack import ROOT

BAKEOFF = "ml/bakeoff-requirements"
LOCKS = {"requirements.in": "requirements.lock", f"{BAKEOFF}.in": f"{BAKEOFF}.lock"}


def _wanted(file: str) -> set[str]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return {re.split(r"[\[=<>]", line)[0].strip().lower() for line in lines if line.strip() and line[0] != "#"}


def test_every_direct_dependency_has_its_reason_and_no_other_is_explained() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([^`]+)` \| \S", text, re.MULTILINE)) == set().union(*map(_wanted, LOCKS))


@pytest.mark.parametrize("file", LOCKS)
def test_every_direct_dependency_is_locked_and_every_locked_one_has_hashes(file: str) -> None:
    text = (ROOT / LOCKS[file]).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    locked = {re.split(r"[\[=]", entry)[0].lower() for entry in entries}
    assert _wanted(file) <= locked
    assert [entry.split("\n")[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", LOCKS.values())
def test_the_lock_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert set(re.findall(r"(?:^|\s)(-[\w-]+)", text)) == {"--hash"}  # no option but hashes


def test_the_bake_off_runs_the_platforms_versions_and_the_platform_never_has_keras() -> None:
    pins = {file: dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE))
            for file in LOCKS.values()}  # fmt: skip
    platform, bakeoff = pins.values()
    both = platform.keys() & bakeoff.keys()
    assert {"numpy", "pandas", "scikit-learn", "xgboost-cpu"} <= both
    assert {name: bakeoff[name] for name in both} == {name: platform[name] for name in both}
    assert not platform.keys() & {"keras", "jax", "jaxlib"}
