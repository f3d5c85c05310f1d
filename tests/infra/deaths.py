"""Kills the agent at one line after another: `python -m tests.infra.deaths ROOT S3 PORT TASKS PIN PIN`.

A process of its own, since only one without threads may fork. Each pull runs in a child that is gone at its line as by
kill -9: no clean-up of its own runs. Prints one JSON line a death: what is current and whether that is whole.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from infra.node.services import Role
from infra.node.settings import NodeSettings
from infra.release.manifest import Pin
from tests.infra.memory_aws import MemoryS3, MemorySsm
from tests.infra.node import agent, services

# not the runner of the tests: systemd starts a unit as a whole
_OURS = ("infra/node/agent.py", "infra/node/layout.py", "infra/node/fetch.py")
_STEP = 23  # lines: coprime to the lengths of the loops, so that different lines of each are met


def main(root: Path, s3: Path, port: str, tasks: Path, pins: list[str]) -> None:
    """Until a pull comes to its own end."""
    settings = NodeSettings("node", "test", "bucket", root, health_seconds=6, steady_seconds=0.2)
    ssm = MemorySsm()
    one = agent(settings, Role(services(int(port), tasks)), MemoryS3(s3), ssm)
    one.check_dags = lambda release: ["greet"]
    line = 1
    while True:
        current = one.layout.linked("current")
        target = next(pin for pin in map(Pin.parse, pins) if current is None or pin.folder != current.name)
        shutil.rmtree(one.layout.release(target), ignore_errors=True)  # it is to be fetched again
        ssm.version += 100
        ssm.point(target)
        child = os.fork()
        if child == 0:
            sys.settrace(_die_at(line))
            one.pull()
            os._exit(0)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
            return
        current = one.layout.linked("current")
        whole = current is not None and all((current / part).exists() for part in ("manifest.json", "venv/bin/python"))
        print(json.dumps({"line": line, "current": current and current.name, "whole": whole}), flush=True)
        line += _STEP


def _die_at(line: int) -> Callable[..., Any]:
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        if not frame.f_code.co_filename.endswith(_OURS):
            return None
        if event == "line":
            count += 1
            if count == line:
                os._exit(9)
        return trace

    return trace


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4]), sys.argv[5:])
