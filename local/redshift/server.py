"""The listening side: start-up packets, the password, cancel requests; then a Session takes over."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import struct
import urllib.parse

from local.redshift import upstream, wire
from local.redshift.errors import RedshiftError
from local.redshift.link import SERVER_VERSION
from local.redshift.s3 import Store
from local.redshift.session import Session
from local.redshift.upstream import Login, LoginRefused, Streams

log = logging.getLogger(__name__)

# Start-up parameters of Redshift's drivers that PostgreSQL does not know and would end the session for.
_DROPPED = {
    "client_protocol_version", "driver_version", "os_version", "driver_discovery_version", "plugin_name", "idp_type",
    "provider_name", "identity_namespace", "token_type", "idc_client_display_name", "idc_region", "idp_host",
    "access_key_id", "secret_access_key", "session_token",
}  # fmt: skip
# What Redshift does where PostgreSQL has a choice: a backslash escapes in a string; a transaction sees one snapshot;
# joins and sorts of a day's rows stay in memory.
_REDSHIFT_WAYS = {
    "standard_conforming_strings": "off",
    "escape_string_warning": "off",
    "default_transaction_isolation": "repeatable read",
    "work_mem": "64MB",
    "jit": "off",
}
_PASSWORD_SECONDS = 60


class Gateway:
    """Accepts connections and remembers the sessions by the key with which a client may cancel them."""

    def __init__(self, host: str, port: int, store: Store) -> None:
        self.host = host
        self.port = port
        self.store = store
        self._sessions: dict[bytes, Session] = {}
        self._tasks: set[asyncio.Task[None] | None] = set()

    async def serve(self, listen_host: str, listen_port: int) -> None:
        """Serve until cancelled."""
        server = await asyncio.start_server(self._accept, listen_host, listen_port, limit=1 << 20)
        log.info("the Redshift gateway listens on %s:%d", listen_host, listen_port)
        try:
            await asyncio.Future()
        finally:
            server.close()
            for task in list(self._tasks):
                if task:
                    task.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._tasks.add(task)
        try:
            await self._start((reader, writer))
        except (OSError, EOFError, TimeoutError) as error:
            log.debug("a connection ended: %r", error)
        except Exception:
            log.exception("a connection broke the gateway")
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(5):
                    await writer.wait_closed()

    async def _start(self, client: Streams) -> None:
        code, body = await wire.read_startup(client[0])
        while code in (wire.SSL_REQUEST, wire.GSS_REQUEST):  # loopback only: no encryption to offer
            client[1].write(b"N")
            code, body = await wire.read_startup(client[0])
        if code == wire.CANCEL_REQUEST:
            await self._cancel(body)
            return
        parameters = {n: v for n, v in wire.startup_parameters(body).items() if n not in _DROPPED}
        login = Login(self.host, self.port, parameters | _REDSHIFT_WAYS)
        try:
            await self._open(client, login)
        except LoginRefused as refused:
            client[1].write(wire.fields_message(b"E", refused.fields))
        except RedshiftError as error:
            client[1].write(wire.fields_message(b"E", error.fields("FATAL")))

    async def _open(self, client: Streams, login: Login) -> None:
        async def ask_password() -> str:
            client[1].write(wire.message(b"R", struct.pack("!I", 3)))
            async with asyncio.timeout(_PASSWORD_SECONDS):
                kind, body = await wire.read_message(client[0])
            if kind != b"p":
                raise wire.WireError(f"a message {kind!r} in place of the password")
            return wire.take_text(body)[0]

        streams = await upstream.connect(self.host, self.port)
        key = b""
        try:
            async with asyncio.timeout(_PASSWORD_SECONDS + upstream.LOGIN_SECONDS):
                greeting = await upstream.log_in(login, ask_password, streams)
            key = next((body for kind, body in greeting if kind == b"K"), b"")
            session = Session(client, streams, login, self.store)
            self._sessions[key] = session
            client[1].write(b"".join(wire.message(kind, _as_redshift(kind, body)) for kind, body in greeting))
            await session.run()
        finally:
            self._sessions.pop(key, None)
            with contextlib.suppress(OSError):
                streams[1].write(wire.TERMINATE)
                streams[1].close()

    async def _cancel(self, body: bytes) -> None:
        if session := self._sessions.get(body):
            session.cancel()
        packet = struct.pack("!II", len(body) + 8, wire.CANCEL_REQUEST) + body
        with contextlib.suppress(RedshiftError):
            await upstream.send_raw(self.host, self.port, packet)


def _as_redshift(kind: bytes, body: bytes) -> bytes:
    if kind == b"S" and body.startswith(b"server_version\0"):
        return wire.text("server_version") + wire.text(SERVER_VERSION)
    return body


def address(value: str) -> tuple[str, int]:
    """host:port. Raises ValueError."""
    parts = urllib.parse.urlsplit(f"//{value}")
    if not parts.hostname or not parts.port:
        raise ValueError(f"{value!r} is not host:port")
    return parts.hostname, parts.port
