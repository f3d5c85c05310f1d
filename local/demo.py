"""The whole platform once, for a newcomer: start, scrape, load, train, publish, and where to look at it."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import httpx
import psycopg
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from local.airflow_api import Airflow, AirflowRefused
from local.credentials import AIRFLOW_USER, credentials
from local.pipeline_run import CHAIN, Step, follow
from local.stack import Stack, StackError
from local.status import live_release
from local.up import up

_COUNTS = (
    ("warehouse", "reviews in the warehouse", "SELECT count(*) FROM core.review"),
    ("warehouse", "products in the warehouse", "SELECT count(*) FROM core.product"),
    ("warehouse", "samples of the model", "SELECT count(*) FROM mart.sample"),
)
_EVERY_RANK = 10_000  # the parameter's largest value
_STYLE = {"success": "green", "failed": "red", "running": "cyan", "queued": "yellow", "waiting": "dim"}


def demo(stack: Stack, console: Console, conf: dict[str, Any] | None = None) -> int:
    """Start everything, run the four DAGs by the real scheduler, and say what came out; 1 where a mall failed and the
    others went on. Raises StackError."""
    began = time.monotonic()
    console.print("Otto is starting", highlight=False)
    up(stack, console)
    api = open_airflow(stack)
    console.print("The scheduler runs the four DAGs", highlight=False)
    # a review file has one ranking of all its products, however many
    everything = {"max_ranks": _EVERY_RANK} if stack.malls.reviews else {}
    steps = follow_shown(api, everything | (conf or {}), console)
    _account(stack, api, steps[0], console)
    summary(stack, steps, time.monotonic() - began, console)
    return tell_failures(steps, console)


def tell_failures(steps: list[Step], console: Console) -> int:
    """What failed while the rest went on to its end, last of all so that it is seen; 1 where there is any."""
    failed = [step for step in steps if step.failure]
    for step in failed:
        console.print("\n[bold red]Not everything went well.[/] The rest went on to its end.", highlight=False)
        console.print(step.failure, style="red", highlight=False, markup=False)
    return 1 if failed else 0


def open_airflow(stack: Stack) -> Airflow:
    """Airflow's API, once it has parsed the four DAGs. Raises StackError."""
    if not stack.record.exists():
        raise StackError("there is no stack here yet; run `make up` first")
    api = Airflow(stack.url("airflow"), AIRFLOW_USER, credentials(stack.state).airflow_password)
    try:
        api.wait_for_dags(set(CHAIN))
    except httpx.HTTPError as error:
        raise StackError(f"Airflow does not answer at {api.url} ({error}); run `make up` first") from error
    except AirflowRefused as error:
        raise StackError(str(error)) from error
    return api


def follow_shown(api: Airflow, conf: dict[str, Any], console: Console) -> list[Step]:
    """Follow the chain: a live table on a terminal, one line a change elsewhere."""
    if not console.is_terminal:
        return follow(api, conf, _Lines(console))
    with Live(console=console, refresh_per_second=4, transient=False) as live:
        return follow(api, conf, lambda steps: live.update(table(steps)))


def table(steps: list[Step]) -> Table:
    """The chain as a table."""
    shown = Table(box=None, pad_edge=False, expand=False)
    for heading, least in (("DAG", 20), ("state", 8), ("tasks", 8), ("time", 7), ("now", 30)):
        shown.add_column(heading, min_width=least, no_wrap=True, overflow="ellipsis")
    for step in steps:
        tasks = f"{step.finished}/{step.tasks.total()}" if step.tasks else ""
        now = Text(step.now if step.state == "running" else "")  # task names have brackets
        style = _STYLE.get(step.state, "")
        took = f"{step.seconds:.0f} s" if step.started else ""
        shown.add_row(step.dag_id, f"[{style}]{step.state}[/]" if style else step.state, tasks, took, now)
    return shown


class _Lines:
    """Prints what changed since the last look."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.said: dict[str, tuple[str, int, int, bool]] = {}

    def __call__(self, steps: list[Step]) -> None:
        for step in steps:
            now = (step.state, step.finished, step.tasks.total(), bool(step.retrying))
            if step.run_id is not None and self.said.get(step.dag_id) != now:
                self.said[step.dag_id] = now
                what = f": {step.now}" if step.now else ""
                self.console.print(
                    f"  {step.dag_id} {step.state}, {now[1]} of {now[2]} tasks, {step.seconds:.0f} s{what}",
                    highlight=False,
                    markup=False,
                )


def _account(stack: Stack, api: Airflow, scraped: Step, console: Console) -> None:
    """What became of every review that the malls serve, up to the warehouse."""
    served = httpx.get(f"{stack.url('malls')}/__control/counts", timeout=30).json()["reviews"]
    path = f"/dags/{scraped.dag_id}/dagRuns/{scraped.run_id}/taskInstances/finish_run/xcomEntries/return_value"
    review = api.call("GET", path)["value"]["review"]
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in sorted(review["reasons"].items()))
    console.print()
    for count, what in (
        (served, "reviews served by the malls"),
        (review["captured"], "captured (a review that two pages show counts twice)"),
        (review["duplicates"], "of them duplicates"),
        (review["quarantined"], f"of them quarantined{f': {reasons}' if reasons else ''}"),
        (review["staged"], "of them staged for the warehouse"),
    ):
        console.print(f"  {count:>9,}  {what}", highlight=False)
    if unread := review.get("unread"):
        console.print(f"  {unread:>9,}  products whose reviews were read on an earlier day", highlight=False)


def summary(stack: Stack, steps: list[Step], seconds: float, console: Console) -> None:
    """What came out, how long it took, and the addresses."""
    secrets = credentials(stack.state)
    for database, what, statement in _COUNTS:
        with suppress(psycopg.Error), psycopg.connect(stack.dsn(database, "otto_reader"), connect_timeout=5) as reader:
            row = reader.execute(statement).fetchone()
            console.print(f"  {row[0] if row else 0:>9,}  {what}", highlight=False)
    release = live_release(stack.dsn("rds", "otto_reader"))
    if release is None:
        raise StackError("all four DAGs ended well, but no release is live; look at publish_size_tables in Airflow")
    console.print(f"  {release['products']:>9,}  products published", highlight=False)
    console.print(f"  {release['rows']:>9,}  rows of size tables published", highlight=False)
    console.print(
        f"\nRelease {release['release_id']} of {release['run_date']} is {release['state']},"
        f" size model {release['model_version']}.",
        highlight=False,
    )
    times = ", ".join(f"{step.dag_id} {step.seconds:.0f} s" for step in steps)
    console.print(f"It took {seconds:.0f} s: {times}.\n", highlight=False)
    console.print(f"  Sizes for a body    {stack.url('web')}/", highlight=False)
    console.print(f"  The same as JSON    {stack.url('api')}/v1/openapi.json", highlight=False)
    console.print(f"  Status as JSON      {stack.url('web')}/status.json", highlight=False)
    console.print(f"  Airflow             {stack.url('airflow')}/", highlight=False)
    console.print(f"                      user {AIRFLOW_USER}, password {secrets.airflow_password}", highlight=False)
    console.print("\n`make status` shows what runs, `make down` stops it.", highlight=False)
