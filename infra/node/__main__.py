"""The command line on a node: `python3 -m infra.node VERB`.

pull follows the pointer (the unit otto-agent and its timer); launch NAME turns into a service (the other units);
run ARGUMENTS… runs the release's python with Airflow's environment; status prints what this node runs.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Run one verb; gives the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    match arguments:
        case ["pull"]:
            return _pull()
        case ["launch", name]:
            from infra.node.launch import launch

            launch(name, Path.cwd())
        case ["run", *rest] if rest:
            from infra.node.launch import become, environment, read_secret

            release = Path.cwd().resolve()
            become(release, tuple(rest), environment("run", release, os.environ, read_secret))
        case ["status"]:
            return _status()
        case _:
            print(__doc__, file=sys.stderr)  # noqa: T201 - a command line
            return 2
    return 0


def _pull() -> int:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    from infra.node.agent import Agent
    from infra.node.control import Systemd
    from infra.node.services import ROLES
    from infra.node.settings import NodeSettings

    settings = NodeSettings.of()
    config = Config(connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 3, "mode": "standard"})
    s3, ssm = (boto3.client(name, config=config) for name in ("s3", "ssm"))
    try:
        state = Agent(settings, ROLES[settings.role], Systemd(), s3, ssm).pull()
    except (BotoCoreError, ClientError) as error:
        logging.getLogger(__name__).error("AWS does not answer, what runs stays: %s", error)
        return 75  # EX_TEMPFAIL: the timer tries again
    return 0 if state in ("healthy", "idle") else 1


def _status() -> int:
    from infra.node.layout import Layout
    from infra.node.settings import NodeSettings

    layout = Layout(NodeSettings.of().root)
    current, state = layout.linked("current"), layout.state()
    value = {"current": current.name if current else None, "proven": state.proven, "refused": state.refused}
    print(json.dumps(value, indent=1))  # noqa: T201 - a command line
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
