"""A publisher that is killed with SIGKILL at one stage: `python -m tests.publish.killed STAGE DSN ENDPOINT BUCKET`.

A stage is a function of the publishing modules; the process dies when it is entered, or, with `after:` before the name,
when it has returned.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from include import serving
from include.lake import Lake
from include.publish import publication
from tests import servers
from tests.publish.invented import DAY


def deadly(function: Callable[..., Any], after: bool) -> Callable[..., Any]:
    """The function, and death before or after it."""

    def dying(*args: Any, **kwargs: Any) -> Any:
        if after:
            function(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    return dying


def arm(stage: str) -> None:
    """Make one stage deadly."""
    after, name = stage.startswith("after:"), stage.removeprefix("after:")
    module_name, function = name.split(".")
    module = importlib.import_module(f"include.publish.{module_name}")
    setattr(module, function, deadly(getattr(module, function), after))


def main() -> None:
    """Publish, and die on the way."""
    stage, dsn, endpoint, bucket = sys.argv[1:]
    arm(stage)
    with serving.connect_to(dsn, "to be killed") as connection:
        publication.publish(connection, Lake(servers.s3_client(endpoint), bucket), [DAY], by="killed")


if __name__ == "__main__":
    main()
