"""Runs UNLOAD: the query becomes a COPY TO STDOUT of the same session and transaction, its rows an object in S3."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.redshift.errors import INTERNAL, RedshiftError
from local.redshift.lexer import quoted
from local.redshift.options import Location, Unload
from local.redshift.plan import Plan
from local.redshift.threads import in_thread

if TYPE_CHECKING:
    from local.redshift.session import Session

_PIECE = 8 << 20  # bytes of CSV turned into Parquet at a time
_AHEAD = 2  # pieces waiting; PostgreSQL is not read further until one is written


async def run(session: Session, plan: Plan) -> None:
    """One UNLOAD. The object appears once the whole result is there. Raises RedshiftError."""
    command: Unload = plan.command
    columns = await session.link.describe(plan.text)
    if command.form == "PARQUET":
        _refuse_unnamed(columns)
    target = _target(command)
    await in_thread(lambda: _check_target(session, command))
    with tempfile.TemporaryDirectory(prefix="otto-unload-") as folder:
        path = Path(folder) / "object"
        rows = await _write(session, plan.text, command, columns, path)
        await in_thread(lambda: _publish(session, command, path, target, rows, columns))
    session.complete("UNLOAD", f"UNLOAD completed, {rows} record(s) unloaded successfully.")


def _refuse_unnamed(columns: list[tuple[str, int, int]]) -> None:
    names = [name for name, _, _ in columns]
    if "?column?" in names or len(set(names)) < len(names):
        raise RedshiftError("42701", "UNLOAD to PARQUET needs a name of its own for each column", hint="Use AS.")


def _target(command: Unload) -> Location:
    parallel = command.options.get("PARALLEL") not in ("OFF", "FALSE") or "PARALLEL" not in command.options
    name = "0000_part_00" if parallel else "000"
    suffix = ".parquet" if command.form == "PARQUET" else ""
    suffix += ".gz" if "GZIP" in command.options else ""
    return Location(command.target.bucket, f"{command.target.key}{name}{suffix}")


def _check_target(session: Session, command: Unload) -> None:
    if "ALLOWOVERWRITE" not in command.options and session.store.list(command.target):
        raise RedshiftError(
            INTERNAL,
            "Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, manually "
            "removing the target files in S3, or using the ALLOWOVERWRITE option.",
            detail=command.target.url,
        )


async def _write(session: Session, query: str, command: Unload, columns: list[tuple[str, int, int]], path: Path) -> int:
    """The result as a file; gives the number of rows. The threads never have more than a few pieces to hold."""
    from local.redshift.results import CsvFile, ParquetFile

    writer: Any = await in_thread(
        lambda: (ParquetFile if command.form == "PARQUET" else CsvFile)(path, columns, command)
    )
    pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
    held: list[bytes] = []
    size = 0
    flow = session.link.flow

    def hand_over() -> None:
        nonlocal size
        pieces.put_nowait(b"".join(held))
        held.clear()
        size = 0
        if pieces.qsize() >= _AHEAD:
            flow.clear()

    def take(data: bytes) -> None:
        nonlocal size
        held.append(data)
        size += len(data)
        if size >= _PIECE:
            hand_over()

    async def write_all() -> None:
        while (piece := await pieces.get()) is not None:
            flow.set()
            await in_thread(lambda piece=piece: writer.write(piece))  # type: ignore[misc]

    operation = session.link.operation()
    operation.on_data = take
    writing = asyncio.create_task(write_all())
    try:
        await session.link.start(writer.statement(query), operation)
        await asyncio.wait({writing, operation.done}, return_when=asyncio.FIRST_COMPLETED)
        if writing.done():
            operation.on_data = None  # the rest of the result is of no use
            flow.set()
        tag = await operation.done
        hand_over()
        pieces.put_nowait(None)
        flow.set()
        await writing
        await in_thread(writer.close)
    finally:
        operation.on_data = None
        flow.set()
        writing.cancel()
        with contextlib.suppress(Exception):
            await in_thread(writer.close)
    return int(tag.rsplit(" ", 1)[-1])


def _publish(
    session: Session, command: Unload, path: Path, target: Location, rows: int, columns: list[tuple[str, int, int]]
) -> None:
    session.store.upload(path, target)
    if "MANIFEST" in command.options:
        size = path.stat().st_size
        entry = {"url": target.url, "meta": {"content_length": size, "record_count": rows}}
        names = [{"name": name} for name, _, _ in columns]
        body = json.dumps({"entries": [entry], "schema": {"elements": names}}, ensure_ascii=False, indent=1).encode()
        session.store.put(Location(command.target.bucket, f"{command.target.key}manifest"), body)


def positional(query: str, columns: list[tuple[str, int, int]], expressions: list[str]) -> str:
    """COPY TO STDOUT of a query whose columns are named by place and cast one by one."""
    names = ", ".join(f"c{place}" for place in range(len(columns)))
    chosen = ", ".join(
        f"{expression} AS {quoted(name)}" for expression, (name, _, _) in zip(expressions, columns, strict=True)
    )
    return f"COPY (SELECT {chosen} FROM ({query}) AS q ({names})) TO STDOUT"  # noqa: S608 - the client's own query
