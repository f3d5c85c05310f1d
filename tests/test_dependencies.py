"""requirements.in, requirements.lock and docs/dependencies.md agree."""

import re

from local.stack import ROOT


def _wanted() -> set[str]:
    lines = (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
    return {re.split(r"[\[=<>]", line)[0].strip().lower() for line in lines if line.strip() and line[0] != "#"}


def test_every_direct_dependency_has_its_reason_and_no_other_is_explained() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([^`]+)` \| \S", text, re.MULTILINE)) == _wanted()


def test_every_direct_dependency_is_locked_and_every_locked_one_has_hashes() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    locked = {re.split(r"[\[=]", entry)[0].lower() for entry in entries}
    assert _wanted() <= locked
    assert [entry.split("\n")[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_lock_names_no_index() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert set(re.findall(r"(?:^|\s)(-[\w-]+)", text)) == {"--hash"}  # no option but hashes
