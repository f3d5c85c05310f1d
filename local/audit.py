"""`make audit`: are there known vulnerabilities in what requirements.lock installs? Asks the OSV database.

Needs the network, so it is a step of continuous integration and not a test. Without an answer it fails and says so:
"could not ask" must never look like "nothing found".
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx

from local.stack import ROOT

SERVICE = "https://api.osv.dev/v1/querybatch"
_SECONDS = 30.0
_MOST_QUERIES = 1000  # of one question, by the service's documentation
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)

# vulnerability -> why it does not concern Otto; each with a date, so that it is looked at again
ACCEPTED: Mapping[str, str] = {}


class NoAnswer(RuntimeError):
    """The vulnerability service could not be asked; the message says why."""


def pins(lock: Path) -> list[tuple[str, str]]:
    """Name and version of everything that a lock installs."""
    return _PIN.findall(lock.read_text(encoding="utf-8"))


def vulnerabilities(packages: list[tuple[str, str]], service: str) -> dict[str, list[str]]:
    """Known vulnerabilities by `name version`, those accepted left out. Raises NoAnswer."""
    if not 0 < len(packages) <= _MOST_QUERIES:
        raise NoAnswer(f"the lock pins {len(packages)} packages; one question takes 1 to {_MOST_QUERIES}")
    queries = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in packages]
    try:
        answer = httpx.post(service, json={"queries": queries}, timeout=_SECONDS).raise_for_status()
        results = answer.json()["results"]
        found = [[vulnerability["id"] for vulnerability in result.get("vulns", ())] for result in results]
    except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoAnswer(f"{service} gave no usable answer: {type(error).__name__}: {error}") from error
    if len(found) != len(packages):
        raise NoAnswer(f"{service} answered for {len(found)} of {len(packages)} packages")
    named = zip(packages, found, strict=True)
    open_ones = {f"{name} {version}": [each for each in ids if each not in ACCEPTED] for (name, version), ids in named}
    return {package: ids for package, ids in open_ones.items() if ids}


def main() -> int:
    """0: nothing known, 1: something known, 2: could not ask."""
    packages = pins(ROOT / "requirements.lock")
    try:
        found = vulnerabilities(packages, os.environ.get("OTTO_AUDIT_SERVICE") or SERVICE)
    except NoAnswer as error:
        print(f"audit: not done: {error}", file=sys.stderr)
        return 2
    for package, ids in found.items():
        print(f"audit: {package}: {', '.join(ids)}")
    print(f"audit: {len(packages)} packages asked for, {len(found)} with known vulnerabilities")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
