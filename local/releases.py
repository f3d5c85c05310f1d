"""Going back to another release, and ending a hold, from the command line: straight in the serving database.

The same code as the DAG roll_back_release, but it needs neither the scheduler nor the api-server: whoever goes back is
in a hurry.
"""

from __future__ import annotations

import importlib
import os
import pwd

from rich.console import Console

from local import environment
from local.credentials import credentials
from local.services import connects
from local.stack import Stack, StackError


def roll_back(stack: Stack, release_id: int | None, reason: str, hold: bool, console: Console) -> int:
    """Make a kept release live again."""
    pointer, connection = _publisher(stack)
    with connection:
        try:
            outcome = pointer.roll_back(connection, release_id, reason, hold, _who())
        except pointer.NoSuchRelease as error:
            raise StackError(str(error)) from error
    console.print(f"release {outcome.release_id} is live: {outcome.reason}", highlight=False)
    if hold:
        console.print("publications stay ready, not live, until `make unhold`")
    return 0


def unhold(stack: Stack, console: Console) -> int:
    """Let publications become live again."""
    pointer, connection = _publisher(stack)
    with connection:
        pointer.set_hold(connection, False, _who(), "make unhold")
    console.print("the hold is ended: the next publication becomes live")
    return 0


def _publisher(stack: Stack):
    secrets = credentials(stack.state)
    dsn = stack.dsn("rds", "otto_publisher", secrets.otto_publisher)
    if not connects(dsn):
        raise StackError("the serving database does not answer; run `make up` first")
    # whatever imports Airflow finds this stack's, and makes no folder elsewhere
    os.environ.update(environment.airflow(stack, secrets))
    serving = importlib.import_module("include.serving")
    return importlib.import_module("include.publish.pointer"), serving.connect_to(dsn, "otto command line")


def _who() -> str:
    try:
        return f"{pwd.getpwuid(os.getuid()).pw_name} (command line)"
    except KeyError:
        return f"user {os.getuid()} (command line)"
