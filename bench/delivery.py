"""From invoking the Lambda to every node healthy: three nodes of processes on the emulator, the lock unchanged.

Each node imports every DAG before it switches, as it does in earnest. The three share this machine's cores here, and
have one each on AWS.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from bench.row import Row, judged, reported
from local.stack import ROOT

sys.path.append(str(ROOT / "infra" / "lambda"))  # where the Lambda's own package lies

from tests.infra.cloud import aws_server  # noqa: E402
from tests.infra.fleet import Fleet, running_fleet  # noqa: E402

NODES = 3
GOAL_SECONDS = 60


def measure_delivery() -> list[Row]:
    """Seconds of a deploy that changes the code, and of one that changes nothing."""
    with tempfile.TemporaryDirectory(prefix="otto-bench-") as name:
        folder = Path(name)
        with aws_server(folder) as endpoint, running_fleet(endpoint, folder) as fleet:
            pin = fleet.publish(**{"include/words.py": 'GREETING = "measured"\n'})
            changed = _seconds(fleet, str(pin))
            again = _seconds(fleet, str(pin))
    return [
        judged(f"deploy to {NODES} nodes, lock unchanged", changed, "s", GOAL_SECONDS, "less"),
        reported(f"deploy of the same release to {NODES} nodes", again, "s"),
    ]


def _seconds(fleet: Fleet, pin: str) -> float:
    fleet.import_dags(NODES)
    began = time.monotonic()
    report = fleet.invoke({"action": "deploy", "release": pin})
    took = time.monotonic() - began
    if report["outcome"] != "healthy":
        raise RuntimeError(f"the deploy ended {report['outcome']}: {report.get('cause')}")
    return took
