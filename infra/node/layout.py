"""The node's folder: verified releases, the environments that they run in, and the link that says which one runs.

releases/FOLDER        one verified release each; FOLDER/venv leads to its environment
environments/SUM       one for each lock; a file `complete` in it, written last, says that it is whole
current -> releases/…  what the services are started from
agent -> releases/…    what the agent is started from: the last release that was healthy on this node
incoming/              half downloads; nothing is ever run from here
state.json             what the agent remembers
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from infra.release.manifest import MANIFEST_NAME, Pin

_KEPT = 3


@dataclass
class State:
    """What the agent remembers between its runs."""

    proven: str | None = None  # folder of the release that was healthy here last
    # the word that could not be followed: {"version", "release", "cause"}
    refused: dict[str, Any] = field(default_factory=dict)
    fingerprints: dict[str, str] = field(default_factory=dict)  # service -> of what it was started from
    instances: dict[str, str] = field(default_factory=dict)  # service -> the instance that was started last


class Layout:
    """Reads and changes the folder; every change is whole or not there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.releases, self.environments = root / "releases", root / "environments"
        self.incoming = root / "incoming"

    def prepare(self) -> None:
        """Make the folders; remove what a killed agent left half-done."""
        shutil.rmtree(self.incoming, ignore_errors=True)
        for folder in (self.releases, self.environments, self.incoming):
            folder.mkdir(parents=True, exist_ok=True)

    def release(self, pin: Pin) -> Path:
        """The folder of a release, there or not."""
        return self.releases / pin.folder

    def has(self, pin: Pin) -> bool:
        """Whether the release lies here, verified: a folder gets its name last."""
        return (self.release(pin) / MANIFEST_NAME).exists()

    def linked(self, name: str) -> Path | None:
        """What the link `current` or `agent` leads to."""
        try:
            target = (self.root / name).readlink()
        except FileNotFoundError:
            return None
        return self.root / target

    def flip(self, name: str, release: Path) -> None:
        """Have the link lead to a release, in one step."""
        fresh = self.root / f".{name}.new"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(release.relative_to(self.root))
        fresh.replace(self.root / name)
        self._sync(self.root)

    def drop_link(self, name: str) -> None:
        """Remove a link."""
        (self.root / name).unlink(missing_ok=True)

    def state(self) -> State:
        """The memory; a lost or broken one is an empty one: everything is then started anew and proven again."""
        try:
            known = json.loads((self.root / "state.json").read_text(encoding="utf-8"))
            return State(**known)
        except (FileNotFoundError, ValueError, TypeError):
            return State()

    def save(self, state: State) -> None:
        """Write the memory whole."""
        fresh = self.root / ".state.json.new"
        with fresh.open("w", encoding="utf-8") as sink:
            json.dump(asdict(state), sink, indent=1)
            sink.flush()
            os.fsync(sink.fileno())
        fresh.replace(self.root / "state.json")

    def prune(self, proven: str) -> list[str]:
        """Keep the three newest releases, the linked ones among them, and their environments; gives what went."""
        linked = {path.name for name in ("current", "agent") if (path := self.linked(name))} | {proven}
        by_age = sorted(self.releases.iterdir(), key=lambda folder: folder.stat().st_mtime_ns, reverse=True)
        by_use = sorted(by_age, key=lambda folder: folder.name not in linked)
        gone = by_use[max(_KEPT, len(linked)) :]
        for folder in gone:
            shutil.rmtree(folder, ignore_errors=True)
        used = {os.path.realpath(folder / "venv") for folder in self.releases.iterdir()}
        for folder in self.environments.iterdir():
            if os.path.realpath(folder) not in used:
                shutil.rmtree(folder, ignore_errors=True)
        return [folder.name for folder in gone]

    def _sync(self, folder: Path) -> None:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
