"""One client and its PostgreSQL session: reads the client's messages, changes what Redshift spells otherwise, runs the
statements that PostgreSQL does not have, and passes all else through.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
from collections.abc import Awaitable, Callable

from local.redshift import load, load_errors, unload, wire
from local.redshift.errors import CANCELED, DISK_FULL, INTERNAL, IO, SHUTDOWN, RedshiftError
from local.redshift.link import Expected, Link, ServerError, Told
from local.redshift.plan import Plan, plan_all
from local.redshift.s3 import Store
from local.redshift.upstream import Login, Streams

log = logging.getLogger(__name__)

Message = tuple[bytes, bytes]

_PREPARED_BY_SQL = Plan("pass", "")  # PREPARE makes statements that only PostgreSQL knows


class Session:
    """Runs from the end of the login to the end of the connection."""

    def __init__(self, client: Streams, upstream: Streams, login: Login, store: Store) -> None:
        self.reader, self.writer = client
        self.login = login
        self.store = store
        self.link = Link(upstream, self.writer)
        self._statements: dict[str, Plan] = {}
        self._portals: dict[str, Plan] = {}
        self._messages: asyncio.Queue[Message | None] = asyncio.Queue(64)
        self._special: asyncio.Task[None] | None = None
        self._left = False

    async def run(self) -> None:
        """Serve until one side leaves. Never raises for what a peer did."""
        upstream = asyncio.create_task(self.link.pump())
        serving = asyncio.create_task(self._serve())
        reading = asyncio.create_task(self._read())
        try:
            await asyncio.wait({upstream, serving}, return_when=asyncio.FIRST_COMPLETED)
            if not self._left:
                self._tell_the_end(upstream.done())
        finally:
            for task in (upstream, serving, reading):
                task.cancel()
            done = await asyncio.gather(upstream, serving, reading, return_exceptions=True)
            for problem in done:
                if isinstance(problem, Exception) and not isinstance(problem, OSError | EOFError):
                    log.error("a session ended with %r", problem, exc_info=problem)

    def cancel(self) -> None:
        """Stop what the gateway itself is doing for this session; PostgreSQL gets its own cancel request."""
        if self._special:
            self._special.cancel()

    def _tell_the_end(self, upstream_ended: bool) -> None:
        """The session cannot go on: say so, and end the answer, so that no driver waits for the rest of it."""
        error = RedshiftError(SHUTDOWN, "the PostgreSQL behind the gateway ended the connection")
        if not upstream_ended:
            error = RedshiftError(INTERNAL, "the gateway broke; its log tells where")
        with contextlib.suppress(OSError, RuntimeError):
            self.writer.write(wire.fields_message(b"E", error.fields("FATAL")) + wire.message(b"Z", b"I"))

    # the client's messages

    async def _read(self) -> None:
        """Read ahead of the work, so that a client that leaves is noticed during a long COPY."""
        try:
            while True:
                kind, body = await wire.read_message(self.reader)
                await self._messages.put((kind, body))
                if kind == b"X":
                    break
        except (OSError, EOFError):
            pass
        self._left = True
        self.cancel()
        await self._messages.put(None)

    async def _serve(self) -> None:
        treat: dict[bytes, Callable[[bytes], Awaitable[None]]] = {
            b"Q": self._query,
            b"P": self._parse,
            b"B": self._bind,
            b"E": self._execute,
            b"C": self._close,
            b"S": self._sync,
        }
        while message := await self._messages.get():
            kind, body = message
            if kind == b"X":
                break
            if kind in treat:
                await treat[kind](body)
            elif kind == b"D":
                self.link.send(wire.message(kind, body), Expected(b"D"))
            elif kind == b"F":
                self.link.send(wire.message(kind, body), Expected(b"Q"))
            else:
                self.link.send(wire.message(kind, body))
            if self._messages.empty():
                await self.link.writer.drain()
        self._left = True

    async def _sync(self, body: bytes) -> None:
        self.link.send(wire.SYNC, Expected(b"S"))

    async def _parse(self, body: bytes) -> None:
        name, place = wire.take_text(body)
        sql, place = wire.take_text(body, place)
        if self.link.skipping:
            return
        plans = plan_all(sql)
        if len(plans) > 1:  # PostgreSQL refuses this itself
            plans = [Plan("pass", sql)]
        plan = plans[0]
        if not await self._prepared(plan):
            return
        self._statements[name] = plan
        text = plan.text if plan.kind == "pass" else ""
        self.link.send(wire.parse(name, text, body[place:]), Expected(b"P"))

    async def _bind(self, body: bytes) -> None:
        portal, place = wire.take_text(body)
        statement, _ = wire.take_text(body, place)
        if not self.link.skipping:
            self._portals[portal] = self._statements.get(statement, _PREPARED_BY_SQL)
        self.link.send(wire.message(b"B", body), Expected(b"B"))

    async def _execute(self, body: bytes) -> None:
        portal, _ = wire.take_text(body)
        plan = self._portals.get(portal)
        if plan is None or plan.kind == "pass":
            self.link.send(wire.message(b"E", body), Expected(b"E"))
        else:
            await self._run_special(plan)

    async def _close(self, body: bytes) -> None:
        names = self._statements if body[:1] == b"S" else self._portals
        names.pop(wire.take_text(body, 1)[0], None)
        self.link.send(wire.message(b"C", body), Expected(b"C"))

    async def _query(self, body: bytes) -> None:
        """A simple query: in one piece if PostgreSQL can run it, else statement by statement in one transaction."""
        sql, _ = wire.take_text(body)
        plans = plan_all(sql)
        if all(plan.kind == "pass" for plan in plans):
            if await self._ready(plans):
                text = plans[0].text if len(plans) == 1 else ";\n".join(plan.text for plan in plans)
                self.link.send(
                    wire.message(b"Q", text.encode("utf-8", errors="surrogateescape") + b"\0"), Expected(b"Q")
                )
                return
        else:
            await self._run_script(plans)
        await self._sync(b"")

    async def _ready(self, plans: list[Plan]) -> bool:
        for plan in plans:
            if not await self._prepared(plan):
                return False
        return True

    async def _run_script(self, plans: list[Plan]) -> None:
        for plan in plans:
            if not await self._prepared(plan):
                return
            if plan.kind != "pass":
                await self._run_special(plan)
            else:
                with contextlib.suppress(Told):
                    await self.link.ask(plan.text, show=True)
            if self.link.skipping:
                return

    # what PostgreSQL does not have

    async def _prepared(self, plan: Plan) -> bool:
        """Whether a statement may go on; a refused one has been answered."""
        try:
            if plan.error:
                raise plan.error
            if plan.system_views:
                await load_errors.ensure(self.login)
        except RedshiftError as error:
            await self.fail(error)
            return False
        return True

    async def _run_special(self, plan: Plan) -> None:
        if self.link.skipping:
            return
        work = {"copy": load.run, "unload": unload.run, "truncate": _truncate}[plan.kind]
        self._special = asyncio.create_task(work(self, plan))
        try:
            await asyncio.wait({self._special})
            await self._judge(self._special)
        finally:
            if not self._special.done():
                self._special.cancel()
            self._special = None

    async def _judge(self, special: asyncio.Task[None]) -> None:
        if special.cancelled():
            await self.fail(RedshiftError(CANCELED, "canceling statement due to user request"))
            return
        problem = special.exception()
        if problem is None or isinstance(problem, Told):
            return
        if isinstance(problem, ServerError):
            self.writer.write(wire.fields_message(b"E", problem.fields))
        elif isinstance(problem, RedshiftError):
            await self.fail(problem)
        elif isinstance(problem, OSError):  # the temporary folder; where it is PostgreSQL's death, run() tells of it
            await self.fail(RedshiftError(DISK_FULL if problem.errno == errno.ENOSPC else IO, f"{problem}"))
        else:
            log.error("a statement broke the gateway", exc_info=problem)
            await self.fail(RedshiftError(INTERNAL, f"the gateway failed: {type(problem).__name__}: {problem}"))

    async def fail(self, error: RedshiftError) -> None:
        """Answer with an error, and put PostgreSQL's transaction into the state that goes with it."""
        fields = error.fields()
        if not self.link.skipping:
            try:
                await self.link.ask(error.statement())
            except ServerError as answered:
                if answered.fields.get("C") != error.sqlstate:  # the transaction had failed before, say
                    fields = answered.fields
            except Told:
                return
        self.writer.write(wire.fields_message(b"E", fields))

    def complete(self, tag: str, notice: str | None = None) -> None:
        """Tell the client that a statement of the gateway's own is done."""
        if notice:
            info = {"S": "INFO", "V": "INFO", "C": "00000", "M": notice}
            self.writer.write(wire.fields_message(b"N", info))
        self.writer.write(wire.message(b"C", wire.text(tag)))


async def _truncate(session: Session, plan: Plan) -> None:
    """TRUNCATE ends the transaction, as it does on Redshift: what came before it is committed too."""
    await session.link.ask(plan.text)
    if session.link.in_block:
        await session.link.ask("COMMIT")
        session.link.in_block = False
    session.complete("TRUNCATE TABLE")
