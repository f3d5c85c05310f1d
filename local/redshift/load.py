"""Runs COPY: the rows of S3's objects become a COPY FROM STDIN of the same session, in the same transaction."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

from local.redshift import load_errors, table, wire
from local.redshift.errors import INTERNAL, RedshiftError
from local.redshift.lexer import quoted
from local.redshift.link import Link, Operation, ServerError
from local.redshift.options import Copy
from local.redshift.plan import Plan
from local.redshift.s3 import files_of
from local.redshift.table import Column
from local.redshift.threads import in_thread, stream

if TYPE_CHECKING:
    from local.redshift.readers import Fault
    from local.redshift.rows import Rows
    from local.redshift.session import Session

_CONTEXT = re.compile(r"COPY .*?, line (\d+)(?:, column ([^:]+?))?(?:: \"(.*)\"|: null input)?$", re.DOTALL)
_SKIPPED = re.compile(r'line (\d+) for column "?(.+?)"?(?:: "(.*)"|: null input)?$', re.DOTALL)
# Redshift's load error codes for what PostgreSQL finds wrong, by the type of the column.
_CODES = {
    "integer": 1207,
    "smallint": 1207,
    "bigint": 1207,
    "numeric": 1207,
    "date": 1205,
    "timestamp": 1206,
    "boolean": 1210,
}


async def run(session: Session, plan: Plan) -> None:
    """One COPY. Raises RedshiftError; a refused row is in the load-error views by then."""
    command: Copy = plan.command
    columns = await table.columns_of(session.link, command)
    rows = await in_thread(lambda: _rows(session, command, columns))
    try:
        loaded = await _copy(session.link, rows)
    except (ServerError, RedshiftError) as error:
        raise error
    except Exception as error:
        fault = getattr(error, "fault", None)
        if fault is None:
            raise
        await _record(session, rows, [*rows.faults, fault])
        raise _refusal(command, fault) from error
    await _record(session, rows, rows.faults)
    if loaded and command.options.get("STATUPDATE") not in ("OFF", "FALSE"):
        # of a table last seen empty PostgreSQL expects a row: its next join would go row by row and never end. One
        # column tells it how many there are; the rest comes in the background.
        await session.link.ask(f"ANALYZE {command.table} ({quoted(columns[0].name)})")
    notice = f"Load into table '{command.table_name}' completed, {loaded} record(s) loaded successfully."
    session.complete("COPY", notice)


def _rows(session: Session, command: Copy, columns: list[Column]) -> Rows:
    from local.redshift.rows import Rows  # pyarrow takes half a second: only for those who load

    files = files_of(
        session.store, command.source, manifest="MANIFEST" in command.options, parquet=command.form == "PARQUET"
    )
    return Rows(command, columns, files, session.store)


async def _copy(link: Link, rows: Rows) -> int:
    """Feed the chunks. The first is made before the database is asked for anything: most faults cost nothing."""
    operation: Operation | None = None
    chunks = stream(rows.chunks)
    try:
        async for chunk in chunks:
            if operation is None:
                operation = await _open(link, rows)
            link.writer.write(b"d" + (len(chunk) + 4).to_bytes(4, "big"))
            link.writer.write(chunk)  # not writelines: in some releases of Python it never makes drain wait
            await link.writer.drain()
            if operation.done.done():  # refused: PostgreSQL no longer listens
                break
        if operation is None:
            return 0
        if not operation.done.done():
            link.writer.write(wire.COPY_DONE + wire.FLUSH)
        tag = await operation.done
    except ServerError as error:
        raise _located(error, rows) from error
    except BaseException:
        if operation:
            await _abort(link, operation)
        raise
    finally:
        await chunks.aclose()
    _note_skipped(operation, rows)
    return int(tag.rsplit(" ", 1)[-1])


async def _open(link: Link, rows: Rows) -> Operation:
    names = ", ".join(quoted(column.name) for column in rows.columns)
    options = "FORMAT text, ENCODING 'UTF8'"
    left = rows.tolerated - len(rows.faults)
    if left > 0:
        options += f", ON_ERROR ignore, REJECT_LIMIT {left}, LOG_VERBOSITY verbose"
    operation = link.operation()
    await link.start(f"COPY {rows.command.table} ({names}) FROM STDIN ({options})", operation)
    await operation.opened
    return operation


async def _abort(link: Link, operation: Operation) -> None:
    """End the COPY without its rows; the transaction has failed then, as the client will be told."""
    if not operation.done.done():
        link.writer.write(wire.message(b"f", wire.text("the load failed")) + wire.FLUSH)
    with contextlib.suppress(Exception):
        await operation.done


def _located(error: ServerError, rows: Rows) -> Exception:
    """PostgreSQL's error, as the file and line that it is about; any other error stays as it is."""
    from local.redshift.readers import Fault, LoadFailed

    match = _CONTEXT.search(error.fields.get("W", ""))
    if match is None or error.fields["C"][:2] not in ("22", "23"):
        return error
    file, line = rows.place(int(match.group(1)))
    column = (match.group(2) or error.fields.get("c", "")).strip('"')
    value = match.group(3) or ""
    return LoadFailed(Fault(file, line, column, _code(rows.columns, column), error.fields["M"], value))


def _code(columns: list[Column], name: str) -> int:
    for column in columns:
        if column.name == name:
            return _CODES.get(column.type.split("(")[0].split(" ")[0], 1200)
    return 1200


def _note_skipped(operation: Operation, rows: Rows) -> None:
    """The rows that PostgreSQL passed over under MAXERROR."""
    from local.redshift.readers import Fault

    for notice in operation.notices:
        if match := _SKIPPED.search(notice.get("M", "")):
            file, line = rows.place(int(match.group(1)))
            column = match.group(2)
            reason = f"Invalid value for type {_type(rows.columns, column)}"
            rows.faults.append(Fault(file, line, column, _code(rows.columns, column), reason, match.group(3) or ""))


def _type(columns: list[Column], name: str) -> str:
    return next((column.type for column in columns if column.name == name), "")


def _refusal(command: Copy, fault: Fault) -> RedshiftError:
    where = f"{fault.file}, line {fault.line}" + (f", column {fault.column}" if fault.column else "")
    return RedshiftError(
        INTERNAL,
        f"Load into table '{command.table_name}' failed: {where}: {fault.reason}. "
        "Check 'sys_load_error_detail' system table for details.",
        detail=f"Value: {fault.value[:200]}" if fault.value else None,
    )


async def _record(session: Session, rows: Rows, faults: list[Fault]) -> None:
    if faults:
        await load_errors.record(session.login, rows.command, rows.columns, faults)
