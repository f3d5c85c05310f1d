"""What runs, whether it works, and what is live: for people and, with --json, for programs (design: one code path)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table

from local import services, supervisor
from local.credentials import Credentials, credentials
from local.services import Service
from local.stack import Stack

_RELEASE = """\
SELECT release_id, state, run_date, products, rows, model_version
FROM otto.release_status
WHERE state = 'live'
"""


def status(stack: Stack) -> dict[str, Any]:
    """Services, the reader's addresses of the databases, and the live release."""
    states = supervisor.states(stack)
    running = any(state["statename"] == "RUNNING" for state in states.values())
    secrets = credentials(stack.state) if running else None

    def one(service: Service) -> dict[str, Any]:
        state = states[service.name]
        alive = state["statename"] == "RUNNING"
        healthy = bool(alive and secrets and service.healthy(stack, secrets, state["start"]))
        return {
            "name": service.name,
            "url": service.url(stack),
            "healthy": healthy,
            "pid": state["pid"] or None,
        }

    wanted = services.of(stack)
    with ThreadPoolExecutor(len(wanted)) as pool:
        rows = list(pool.map(one, wanted))
    databases = {name: stack.dsn(name, "otto_reader") for name in ("airflow", "warehouse", "rds")}
    return {"services": rows, "databases": databases, "release": live_release(databases["rds"]) if running else None}


def live_release(dsn: str) -> dict[str, Any] | None:
    """The live release, None where there is none (yet)."""
    try:
        with psycopg.connect(dsn, connect_timeout=3) as connection:
            row = connection.execute(_RELEASE).fetchone()
    except psycopg.Error:
        return None
    if row is None:
        return None
    names = ("release_id", "state", "run_date", "products", "rows", "model_version")
    return dict(zip(names, row, strict=True)) | {"run_date": row[2].isoformat()}


def show(found: dict[str, Any], console: Console) -> None:
    """The same as a table."""
    table = Table(box=None, pad_edge=False)
    for heading in ("service", "state", "process", "address"):
        table.add_column(heading)
    for row in found["services"]:
        word = "[green]works[/]" if row["healthy"] else ("[red]does not answer[/]" if row["pid"] else "[dim]stopped[/]")
        table.add_row(row["name"], word, str(row["pid"] or ""), row["url"] or "")
    console.print(table)
    release = found["release"]
    if release:
        console.print(
            f"live: release {release['release_id']} of {release['run_date']}, {release['products']} products,"
            f" {release['rows']} rows, model {release['model_version']}",
            highlight=False,
        )
    else:
        console.print("live: no release")


def open_page(secrets: Credentials, stack: Stack) -> str:
    """How to log in to Airflow."""
    return f"{stack.url('airflow')} (user admin, password {secrets.airflow_password})"
