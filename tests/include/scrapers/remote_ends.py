"""Remote ends of WebDriver, reached by nothing but their address: a ChromeDriver, a Selenium Grid where its jar is."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
import yaml

from local.stack import ROOT
from tests import servers

_NOBODY = 65534


@dataclass
class RemoteEnd:
    """A server that has browsers for others."""

    url: str
    process: psutil.Process

    def browsers(self) -> list[psutil.Process]:
        """The browsers' first processes, which it has running now."""
        found = []
        for child in self.process.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                line = child.cmdline()
                if "--headless=new" in line and not any(part.startswith("--type=") for part in line):
                    found.append(child)
        return found

    def wait_for(self, browsers: int, seconds: float = 30) -> None:
        servers.wait_until(lambda: len(self.browsers()) == browsers, f"{browsers} browsers", seconds)


@contextlib.contextmanager
def chromedriver() -> Iterator[RemoteEnd]:
    """A ChromeDriver of somebody else: where we are root, it is not, and knows nothing of our folders."""
    home = Path(tempfile.mkdtemp(prefix="remote-end-"))
    port = servers.free_port()
    command = ["chromedriver", f"--port={port}"]
    if os.geteuid() == 0:
        os.chown(home, _NOBODY, _NOBODY)
        command = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", *command]
    environ = {**os.environ, "HOME": str(home), "TMPDIR": str(home)}
    try:
        with _running(command, port, home.with_suffix(".log"), environ) as end:
            yield end
    finally:
        shutil.rmtree(home, ignore_errors=True)
        home.with_suffix(".log").unlink(missing_ok=True)


@contextlib.contextmanager
def grid(queue_seconds: int = 45, **environ: str) -> Iterator[RemoteEnd]:
    """The Grid of docker-compose.yaml: its command, its settings and its file, with the jar that is named."""
    jar = os.environ.get("OTTO_SELENIUM_SERVER")
    if not jar:
        pytest.fail("OTTO_SELENIUM_SERVER must name Selenium's server (a jar); `make test-grid` says more")
    home, port = Path(tempfile.mkdtemp(prefix="remote-end-")), servers.free_port()
    service = yaml.safe_load((ROOT / "docker-compose.yaml").read_text(encoding="utf-8"))["services"]["grid"]
    text = (ROOT / "local/grid.toml").read_text(encoding="utf-8")
    assert "session-request-timeout = 45\n" in text
    text = text.replace("session-request-timeout = 45\n", f"session-request-timeout = {queue_seconds}\n")
    if os.geteuid() == 0:  # what the image's own wrapper of Chromium does
        assert "/usr/bin/chromium" in text
        wrapper = home / "chromium"
        wrapper.write_text('#!/bin/sh\nexec /usr/bin/chromium --no-sandbox "$@"\n', encoding="utf-8")
        wrapper.chmod(0o755)
        text = text.replace("/usr/bin/chromium", str(wrapper))
    settings = home / "grid.toml"
    settings.write_text(text, encoding="utf-8")
    places = {"/opt/selenium/selenium-server.jar": jar, "/otto/grid.toml": str(settings)}
    command = [places.get(part, part).replace("${OTTO_GRID_PORT:-4444}", str(port)) for part in service["command"]]
    own = {name: value.replace("${OTTO_GRID_PORT:-4444}", str(port)) for name, value in service["environment"].items()}
    try:
        with _running(command, port, home / "grid.log", {**os.environ, **own, **environ}) as end:
            yield end
    finally:
        shutil.rmtree(home, ignore_errors=True)


ENDS = {"chromedriver": chromedriver, "grid": grid}


@contextlib.contextmanager
def _running(command: list[str], port: int, log: Path, environ: dict[str, str]) -> Iterator[RemoteEnd]:
    url = f"http://127.0.0.1:{port}"

    def ready() -> bool:
        with contextlib.suppress(httpx.HTTPError, ValueError, KeyError):
            return httpx.get(f"{url}/status", timeout=2).json()["value"]["ready"]
        return False

    with servers.process(command, log, ready, environ) as process:
        yield RemoteEnd(url, psutil.Process(process.pid))


def die_with_a_browser() -> None:
    """Have a browser and be killed: run as a process of its own."""
    from include.scrapers.browser import Browser

    Browser("OttoSizeBot/0.1 (test)", ["*.musinsa.localhost"])
    os.kill(os.getpid(), 9)


if __name__ == "__main__":
    sys.exit(die_with_a_browser())
