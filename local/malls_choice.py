"""What the replica malls shall serve from now on. Another review file starts from an empty platform, and says so."""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from local import databases, supervisor
from local.credentials import credentials
from local.services import BY_NAME, cluster
from local.stack import MallOptions, Stack, StackError, chosen_ports


def apply(stack: Stack, options: argparse.Namespace, console: Console, keep: bool) -> None:
    """Set the stack's ports and mall options for a start.

    With `keep`, what is not said stays as it was; without, what is not said is the default (a demo says all it wants).
    """
    _choose_ports(stack)
    before = stack.malls
    chosen = _chosen(options, before if keep else MallOptions(), os.environ.get("OTTO_CALLER") or Path.cwd())
    if chosen == before:
        return
    _refuse_unreadable(chosen)
    stack.malls = chosen
    if stack.record.exists():
        if chosen.reviews_digest != before.reviews_digest:
            console.print(
                f"The malls serve {_words(chosen)} instead of {_words(before)} from now on:"
                " the lake, the warehouse and the serving database are emptied.",
                highlight=False,
                markup=False,
            )
            _empty(stack)
        else:
            supervisor.stop(stack, BY_NAME["malls"])
        stack.save()


def _choose_ports(stack: Stack) -> None:
    """The environment's ports; a running stack keeps those it has."""
    wanted = chosen_ports()
    if not supervisor.running(stack):
        stack.ports = wanted
        return
    said = {name: port for name, port in wanted.items() if os.environ.get(f"OTTO_{name.upper()}_PORT")}
    if not said.items() <= stack.ports.items():
        raise StackError(f"the stack in {stack.state} runs on other ports ({stack.ports}); run `make down` first")


def _chosen(options: argparse.Namespace, base: MallOptions, folder: str | Path) -> MallOptions:
    said = {
        name: getattr(options, name)
        for name in ("products", "reviews_per_product", "seed", "delay_ms")
        if getattr(options, name) is not None
    }
    chosen = replace(base, **said)
    if not options.reviews:
        return chosen
    path = (Path(folder) / options.reviews).resolve()
    try:
        with path.open("rb") as source:
            digest = hashlib.file_digest(source, "sha256").hexdigest()
    except OSError as error:
        raise StackError(f"the review file {path} cannot be read ({error.strerror}); REVIEWS names it") from error
    return replace(chosen, reviews=str(path), reviews_digest=digest)


def _refuse_unreadable(malls: MallOptions) -> None:
    """Before anything is emptied for it."""
    if malls.reviews is None:
        return
    from local.malls import review_file

    try:
        review_file.read(Path(malls.reviews))
    except review_file.ReviewFileError as error:
        raise StackError(f"the review file cannot be served: {error}; nothing was changed") from error


def _words(malls: MallOptions) -> str:
    return f"the reviews of {malls.reviews}" if malls.reviews else "a generated catalogue"


def _empty(stack: Stack) -> None:
    """Empty the lake, the warehouse and the serving database. Only PostgreSQL runs meanwhile."""
    secrets = credentials(stack.state)
    supervisor.shut_down(stack)
    shutil.rmtree(stack.state / "s3", ignore_errors=True)
    stack.stamps.pop("schema", None)
    if (stack.state / "postgres" / "PG_VERSION").exists():
        cluster(stack, secrets)
        supervisor.ensure(stack)
        supervisor.start(stack, "postgres")
        databases.wait_and_empty(stack, secrets)
    stack.save()
