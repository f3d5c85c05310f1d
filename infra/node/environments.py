"""The Python environment of a release, made from its lock with hash checking, once for each lock."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

COMPLETE = "complete"
_SECONDS = 900


class EnvironmentFailed(Exception):
    """The environment could not be made; the message has the end of what the installer said."""


def prepare(lock: Path, environments: Path, python: str) -> Path:
    """The environment of this lock, made where it is not there yet. Raises EnvironmentFailed.

    An environment cannot be moved, so that it is made in its place and marked when it is whole.
    """
    target = environments / hashlib.sha256(lock.read_bytes()).hexdigest()
    if (target / COMPLETE).exists():
        return target
    shutil.rmtree(target, ignore_errors=True)
    installer = environments / f".{target.name}.uv.lock"
    try:
        installer.write_text(_entry(lock.read_text(encoding="utf-8"), "uv"), encoding="utf-8")
        _run([python, "-m", "venv", str(target)])
        own = str(target / "bin" / "python")
        pip = [own, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes"]
        _run([*pip, "-r", str(installer)])
        try:
            uv = [str(target / "bin" / "uv"), "pip", "install", "-q", "--python", own, "--require-hashes"]
            # compiled once: services and the import of the DAGs may not write here, and would compile at each start
            _run([*uv, "--compile-bytecode", "-r", str(lock)])
        except EnvironmentFailed:
            # uv does not read pip's settings: where it cannot reach the packages, pip does it, in minutes
            _run([*pip, "-r", str(lock)])
        (target / COMPLETE).touch()
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        raise EnvironmentFailed(f"no environment for {lock}: {error}") from error
    except EnvironmentFailed:
        shutil.rmtree(target, ignore_errors=True)
        raise
    finally:
        installer.unlink(missing_ok=True)
    return target


def link(release: Path, environment: Path) -> None:
    """Have release/venv lead to its environment."""
    fresh = release / ".venv.new"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(os.path.relpath(environment, release))
    fresh.replace(release / "venv")


def _entry(lock: str, package: str) -> str:
    lines: list[str] = []
    inside = False
    for line in lock.splitlines():
        if not line[:1].isspace():
            inside = line.startswith(f"{package}==")
        if inside:
            lines.append(line)
    if not lines:
        raise EnvironmentFailed(f"the lock does not name {package}")
    return "\n".join(lines) + "\n"


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise EnvironmentFailed(f"{command[0]} did not end within {_SECONDS} s") from error
    if done.returncode != 0:
        raise EnvironmentFailed(f"{' '.join(command[:4])} …: {(done.stdout + done.stderr).strip()[-800:]}")
