"""Small releases for tests: a git repository with a real DAG and two services that are real processes."""

from __future__ import annotations

import subprocess
from pathlib import Path

from infra.release.build import Release, build

DAG = """
import pendulum
from airflow.sdk import dag, task

from include.words import GREETING


@dag(schedule=None, start_date=pendulum.datetime(2026, 11, 1))
def greet():
    @task
    def say():
        return GREETING

    say()


greet()
"""

SERVER = """
import http.server, json, os, pathlib, sys

HERE = pathlib.Path(__file__).parent.resolve()


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"release": HERE.name, "pid": os.getpid()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *rest):
        pass


http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""

# takes tasks (files of a folder) one at a time and, told to end, finishes the one that it has: a warm shutdown
WORKER = """
import os, pathlib, signal, sys, time

folder = pathlib.Path(sys.argv[1])
ending = False


def end(*_):
    global ending
    ending = True


signal.signal(signal.SIGTERM, end)
while not ending:
    for task in sorted(folder.glob("*.task")):
        try:
            mine = task.rename(task.with_suffix(".running"))
        except FileNotFoundError:
            continue
        while not mine.with_suffix(".go").exists():
            time.sleep(0.02)
        mine.rename(mine.with_suffix(".done"))
        break
    time.sleep(0.02)
"""

FILES = {
    "dags/greet.py": DAG,
    "plugins/README.md": "none yet\n",
    "include/__init__.py": "",
    "include/words.py": 'GREETING = "hello"\n',
    "ml/__init__.py": "",
    "web/server.py": SERVER,
    "api/__init__.py": "",
    "ml/worker.py": WORKER,
    "airflow.cfg": "[core]\nload_examples = False\n",
    "infra/node/requirements.lock": "# nothing\n",
    "infra/__init__.py": "",
    "infra/systemd/otto-web.service": "[Unit]\n",
}
_OURS = ("infra/node", "infra/release")
_ROOT = Path(__file__).parents[2]


class Repository:
    """A git repository whose every commit can be built."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self._git("init", "-q", "-b", "main")
        for part in _OURS:
            for path in sorted((_ROOT / part).rglob("*.py")):
                self._write(path.relative_to(_ROOT).as_posix(), path.read_text(encoding="utf-8"))
        self.commit(**FILES)

    def commit(self, **files: str) -> None:
        """Commit these contents, by path."""
        for path, text in files.items():
            self._write(path, text)
        self._git("add", "-A")
        self._git("-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-q", "--allow-empty", "-m", "change")

    def remove(self, path: str) -> None:
        """Commit that a file is gone."""
        (self.folder / path).unlink()
        self.commit()

    def release(self, target: Path) -> Release:
        """Build the newest commit."""
        return build(self.folder, target)

    def _write(self, path: str, text: str) -> None:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")

    def _git(self, *arguments: str) -> None:
        subprocess.run(["git", "-C", str(self.folder), *arguments], check=True, capture_output=True, timeout=60)
