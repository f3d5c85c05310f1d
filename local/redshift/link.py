"""The upstream half of a session: what PostgreSQL is expected to answer, and what of it the client may see.

The gateway slips statements of its own (a catalogue query, COPY FROM STDIN, COPY TO STDOUT) between the client's, in
the same session and transaction, by the extended protocol. PostgreSQL answers strictly in order, so a queue of
expected answers tells for each message whether it is the client's or ours.
"""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from local.redshift import wire
from local.redshift.upstream import Streams

SERVER_VERSION = "8.0.2"  # what Redshift says it is
_OWN = "redshift_gateway"  # name of our prepared statement and portal
_ENDS = {b"1": b"P", b"2": b"B", b"3": b"C", b"n": b"D", b"T": b"D", b"C": b"E", b"I": b"E", b"s": b"E"}
_BLOCK_OPENS = ("BEGIN", "START TRANSACTION")
_BLOCK_CLOSES = ("COMMIT", "ROLLBACK")


class ServerError(Exception):
    """PostgreSQL refused a statement of ours; `fields` is its ErrorResponse."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(fields.get("M", ""))
        self.fields = fields


class Told(Exception):
    """The statement failed, and the client has been told already."""


@dataclass
class Operation:
    """One statement of ours and what became of it."""

    done: asyncio.Future[str]
    opened: asyncio.Future[None]
    rows: list[list[str | None]] = field(default_factory=list)
    columns: list[tuple[str, int, int]] = field(default_factory=list)
    notices: list[dict[str, str]] = field(default_factory=list)
    on_data: Callable[[bytes], None] | None = None
    show: bool = False  # the client is to see its answers, and its error

    def fail(self, error: Exception) -> None:
        """Wake whoever waits."""
        for future in (self.opened, self.done):
            if not future.done():
                future.set_exception(error)
                future.exception()  # seen: nobody need wait for both


@dataclass
class Expected:
    """One answer that is to come: kind is the request's (P, B, C, D, E; S for Sync, Q for a simple query)."""

    kind: bytes
    show: bool = True
    operation: Operation | None = None
    show_no_data: bool = True


class Link:
    """Talks to PostgreSQL for one session."""

    def __init__(self, streams: Streams, client: asyncio.StreamWriter) -> None:
        self.reader, self.writer = streams
        self.client = client
        self.expected: deque[Expected] = deque()
        self.skipping = False  # PostgreSQL ignores everything until the next Sync
        self.in_block = False  # between BEGIN and COMMIT
        self.flow = asyncio.Event()  # cleared: read no more of PostgreSQL's answer for now
        self.flow.set()
        self._ended = False

    # requests

    def send(self, message: bytes, *answers: Expected) -> None:
        """Send one message of the client's, or ours, and expect these answers."""
        for answer in answers:
            if answer.kind in (b"S", b"Q"):
                self.skipping = False
            elif self.skipping:
                continue
            self.expected.append(answer)
        self.writer.write(message)

    def operation(self) -> Operation:
        """A new operation of this event loop."""
        loop = asyncio.get_running_loop()
        return Operation(loop.create_future(), loop.create_future())

    async def start(self, sql: str, operation: Operation, *, show: bool = False, run: bool = True) -> None:
        """Send one statement of ours. Raises Told in a failed pipeline, OSError where PostgreSQL is gone."""
        if self.skipping:
            raise Told
        if self._ended:
            raise ConnectionResetError("PostgreSQL ended the connection")
        operation.show = show
        hidden = (operation,)
        self.send(wire.close(b"S", _OWN), Expected(b"C", False, *hidden))
        self.send(wire.close(b"P", _OWN), Expected(b"C", False, *hidden))
        self.send(wire.parse(_OWN, sql), Expected(b"P", False, *hidden))
        if run:
            self.send(wire.bind(_OWN, _OWN), Expected(b"B", False, *hidden))
            if show:
                self.send(wire.describe(b"P", _OWN), Expected(b"D", True, operation, show_no_data=False))
            self.send(wire.execute(_OWN), Expected(b"E", show, *hidden))
        else:
            self.send(wire.describe(b"S", _OWN), Expected(b"D", False, *hidden))
        self.writer.write(wire.FLUSH)
        await self.writer.drain()

    async def ask(self, sql: str, *, show: bool = False) -> list[list[str | None]]:
        """Run one statement to its end; gives its rows. Raises ServerError, Told."""
        operation = self.operation()
        await self.start(sql, operation, show=show)
        await operation.done
        return operation.rows

    async def describe(self, sql: str) -> list[tuple[str, int, int]]:
        """The columns that a query would give. Raises ServerError, Told."""
        operation = self.operation()
        await self.start(sql, operation, run=False)
        await operation.done
        return operation.columns

    # answers

    async def pump(self) -> None:
        """Pass PostgreSQL's answers to the client until PostgreSQL ends the connection."""
        buffer = bytearray()
        try:
            while data := await self.reader.read(1 << 18):
                buffer += data
                taken = self._pass_on(buffer)
                del buffer[:taken]
                await self.client.drain()
                await self.flow.wait()
        finally:
            self._ended = True
            for waiting in self.expected:
                if waiting.operation:
                    waiting.operation.fail(ConnectionResetError("PostgreSQL ended the connection"))

    def _pass_on(self, buffer: bytearray) -> int:
        """Treat all whole messages of the buffer; what the client may see goes out in as few writes as can be."""
        out: list[bytes] = []
        place = run = 0
        while len(buffer) - place >= 5:
            end = place + 1 + struct.unpack_from("!I", buffer, place + 1)[0]
            if end > len(buffer):
                break
            head = self.expected[0] if self.expected else None
            kind = bytes(buffer[place : place + 1])
            if kind != b"D" or (head and not head.show):
                body = bytes(buffer[place + 5 : end])
                shown = self._answer(kind, body, head)
                if shown is not None:
                    out += (bytes(buffer[run:place]), shown)
                    run = end
            place = end
        out.append(bytes(buffer[run:place]))
        if answer := b"".join(out):
            self.client.write(answer)
        return place

    def _answer(self, kind: bytes, body: bytes, head: Expected | None) -> bytes | None:
        """What the client sees in place of one message: None for the message itself, else another one or nothing."""
        if kind == b"S":
            return self._status(body)
        if head is None or kind == b"A":
            return None
        if kind == b"N":
            if not head.show and head.operation:
                head.operation.notices.append(wire.fields(body))
            return None if head.show else b""
        if kind == b"E":
            return self._failure(body, head)
        if kind == b"Z":
            self.expected.popleft()
            self.in_block = body != b"I"
            return None if head.show else b""
        if head.operation:
            self._note(kind, body, head.operation)
        if head.kind != b"Q" and _ENDS.get(kind) == head.kind:
            self.expected.popleft()
            self._settle(kind, body, head)
        if not head.show or (kind == b"n" and not head.show_no_data):
            return b""
        if kind == b"C":
            self._track_block(body)
        if kind == b"T" and (changed := wire.with_super(body)) is not body:
            return wire.message(b"T", changed)
        return None

    def _note(self, kind: bytes, body: bytes, operation: Operation) -> None:
        if kind == b"D":
            operation.rows.append(wire.row(body))
        elif kind == b"d" and operation.on_data:
            operation.on_data(body)
        elif kind == b"T":
            operation.columns = wire.columns(body)
        elif kind in (b"G", b"H") and not operation.opened.done():
            operation.opened.set_result(None)

    def _settle(self, kind: bytes, body: bytes, head: Expected) -> None:
        """The operation ends with its Execute, or with its Describe if it is not to be run."""
        operation = head.operation
        if operation and (head.kind == b"E" or (head.kind == b"D" and not head.show)) and not operation.done.done():
            operation.done.set_result(body[:-1].decode() if kind == b"C" else "")

    def _track_block(self, body: bytes) -> None:
        tag = body[:-1].decode()
        if tag in _BLOCK_OPENS:
            self.in_block = True
        elif tag in _BLOCK_CLOSES:
            self.in_block = False

    def _failure(self, body: bytes, head: Expected) -> bytes | None:
        seen = head.show or (head.operation is not None and head.operation.show)
        shown = _as_redshift(body) if seen else b""
        if head.kind in (b"Q", b"S"):
            return shown
        self.skipping = True
        while self.expected:
            if self.expected[0].kind in (b"Q", b"S"):
                self.skipping = False
                break
            dropped = self.expected.popleft()
            if dropped.operation:
                told = seen or dropped.operation is not head.operation
                dropped.operation.fail(Told() if told else ServerError(wire.fields(body)))
        return shown

    def _status(self, body: bytes) -> bytes | None:
        if body.startswith(b"server_version\0"):
            return wire.message(b"S", wire.text("server_version") + wire.text(SERVER_VERSION))
        return None


def _as_redshift(body: bytes) -> bytes | None:
    """An ErrorResponse that Redshift words otherwise; None for one to be left alone."""
    if b"MMERGE command cannot affect row a second time\0" not in body:
        return None
    return wire.fields_message(b"E", wire.fields(body) | {"M": "Found multiple matches to update the same tuple."})
