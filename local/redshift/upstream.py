"""Connections to the PostgreSQL behind the gateway: logging in, and short errands on a connection of one's own."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from local.redshift import wire
from local.redshift.errors import CONNECTION, RedshiftError
from local.redshift.scram import Scram

CONNECT_SECONDS = 5
LOGIN_SECONDS = 20
ERRAND_SECONDS = 10

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class LoginRefused(ConnectionError):
    """PostgreSQL refused the session; `fields` is its own ErrorResponse."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(fields.get("M", "refused"))
        self.fields = fields


@dataclass
class Login:
    """Who a session is: enough to log in a second time."""

    host: str
    port: int
    parameters: dict[str, str]
    password: str | None = None


async def connect(host: str, port: int) -> Streams:
    """A TCP connection, within seconds. Raises RedshiftError that names the address."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            return await asyncio.open_connection(host, port, limit=1 << 20)
    except (OSError, TimeoutError) as error:
        raise RedshiftError(
            CONNECTION,
            f"the gateway cannot reach the PostgreSQL behind it at {host}:{port} ({error or type(error).__name__})",
            hint="Start PostgreSQL, then connect again.",
        ) from error


async def log_in(
    login: Login, ask_password: Callable[[], Awaitable[str]], streams: Streams
) -> list[tuple[bytes, bytes]]:
    """Log in; gives what PostgreSQL said from AuthenticationOk to its first ReadyForQuery.

    The password is asked for only if PostgreSQL wants one. Raises LoginRefused.
    """
    reader, writer = streams
    writer.write(wire.startup(login.parameters))
    greeting: list[tuple[bytes, bytes]] = []
    scram: Scram | None = None
    while True:
        kind, body = await wire.read_message(reader)
        if kind == b"E":
            raise LoginRefused(wire.fields(body))
        if kind != b"R":
            greeting.append((kind, body))
            if kind == b"Z":
                return greeting
            continue
        (code,) = struct.unpack_from("!I", body)
        if code == 0:
            greeting.append((kind, body))
            continue
        if login.password is None:
            login.password = await ask_password()
        if code == 3:
            writer.write(wire.message(b"p", wire.text(login.password)))
        elif code == 5:
            writer.write(wire.message(b"p", _md5(login.parameters["user"], login.password, body[4:8])))
        elif code == 10:
            scram = Scram(login.password)
            first = scram.first()
            writer.write(wire.message(b"p", b"SCRAM-SHA-256\0" + struct.pack("!I", len(first)) + first))
        elif code == 11 and scram:
            writer.write(wire.message(b"p", scram.final(body[4:])))
        elif code == 12 and scram:
            scram.verify(body[4:])
        else:
            raise RedshiftError("28000", f"PostgreSQL asks for authentication method {code}, which the gateway lacks")


def _md5(user: str, password: str, salt: bytes) -> bytes:
    inner = hashlib.md5((password + user).encode(), usedforsecurity=False).hexdigest()
    return b"md5" + hashlib.md5(inner.encode() + salt, usedforsecurity=False).hexdigest().encode() + b"\0"


async def errand(login: Login, sql: str) -> list[list[str | None]]:
    """Run SQL as the session's user on a connection of its own; gives the rows. Raises RedshiftError."""
    own = Login(login.host, login.port, {**_identity(login), "application_name": "redshift gateway"}, login.password)
    try:
        async with asyncio.timeout(ERRAND_SECONDS):
            streams = await connect(login.host, login.port)
            try:
                await log_in(own, _no_password, streams)
                return await _query(streams, sql)
            finally:
                with contextlib.suppress(OSError):
                    streams[1].write(wire.TERMINATE)
                    await streams[1].drain()
                streams[1].close()
    except (OSError, EOFError, TimeoutError, LoginRefused) as error:
        raise RedshiftError(CONNECTION, f"a second connection to PostgreSQL failed: {error}") from error


def _identity(login: Login) -> dict[str, str]:
    return {name: value for name, value in login.parameters.items() if name in ("user", "database")}


async def _no_password() -> str:
    raise RedshiftError("28P01", "PostgreSQL wants a password on the second connection that it did not want before")


async def _query(streams: Streams, sql: str) -> list[list[str | None]]:
    streams[1].write(wire.message(b"Q", wire.text(sql)))
    rows = []
    failed: dict[str, str] | None = None
    while True:
        kind, body = await wire.read_message(streams[0])
        if kind == b"D":
            rows.append(wire.row(body))
        elif kind == b"E":
            failed = wire.fields(body)
        elif kind == b"Z":
            break
    if failed:
        raise RedshiftError(failed["C"], failed["M"])
    return rows


async def send_raw(host: str, port: int, packet: bytes) -> None:
    """Send one packet (a cancel request) and wait until the server has taken it."""
    reader, writer = await connect(host, port)
    writer.write(packet)
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(CONNECT_SECONDS):
            await writer.drain()
            await reader.read()
    writer.close()
