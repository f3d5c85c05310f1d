"""The PostgreSQL wire protocol, version 3: building and taking apart the few messages that the gateway looks into."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Mapping

SSL_REQUEST = 80877103
GSS_REQUEST = 80877104
CANCEL_REQUEST = 80877102
MAX_MESSAGE = 1 << 30

_HEAD = struct.Struct("!cI")

FLUSH = b"H\x00\x00\x00\x04"
SYNC = b"S\x00\x00\x00\x04"
TERMINATE = b"X\x00\x00\x00\x04"
COPY_DONE = b"c\x00\x00\x00\x04"
JSONB = 3802  # what PostgreSQL calls the type behind SUPER
SUPER = 4000  # what Redshift calls it


class WireError(ConnectionError):
    """The peer sent what the protocol does not allow."""


def message(kind: bytes, body: bytes = b"") -> bytes:
    """One message with its head."""
    return _HEAD.pack(kind, len(body) + 4) + body


def text(value: str) -> bytes:
    """A zero-terminated string."""
    return value.encode() + b"\0"


def take_text(body: bytes, start: int = 0) -> tuple[str, int]:
    """A zero-terminated string and the place after it."""
    end = body.index(b"\0", start)
    return body[start:end].decode("utf-8", errors="surrogateescape"), end + 1


async def read_message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Kind and body of the next message."""
    kind, length = _HEAD.unpack(await reader.readexactly(5))
    if not 4 <= length <= MAX_MESSAGE:
        raise WireError(f"a message of {length} bytes")
    return kind, await reader.readexactly(length - 4)


async def read_startup(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Code and body of a start-up packet."""
    (length,) = struct.unpack("!I", await reader.readexactly(4))
    if not 8 <= length <= 10_000 + 4:
        raise WireError(f"a start-up packet of {length} bytes")
    body = await reader.readexactly(length - 4)
    return struct.unpack_from("!I", body)[0], body[4:]


def startup(parameters: Mapping[str, str], version: int = 196608) -> bytes:
    """A start-up packet."""
    body = struct.pack("!I", version)
    body += b"".join(text(name) + text(value) for name, value in parameters.items()) + b"\0"
    return struct.pack("!I", len(body) + 4) + body


def startup_parameters(body: bytes) -> dict[str, str]:
    """The parameters of a start-up packet."""
    parts = body.rstrip(b"\0").split(b"\0")
    if len(parts) % 2:
        parts.append(b"")
    texts = [part.decode("utf-8", errors="replace") for part in parts]
    return dict(zip(texts[::2], texts[1::2], strict=True))


def fields(body: bytes) -> dict[str, str]:
    """The fields of an ErrorResponse or NoticeResponse."""
    return {
        part[:1].decode(): part[1:].decode("utf-8", errors="replace") for part in body.split(b"\0") if len(part) > 0
    }


def fields_message(kind: bytes, values: Mapping[str, str]) -> bytes:
    """An ErrorResponse (E) or NoticeResponse (N)."""
    return message(kind, b"".join(name.encode() + text(value) for name, value in values.items()) + b"\0")


def parse(name: str, sql: str, types: bytes = b"\0\0") -> bytes:
    """Parse; `types` is the count and the type numbers as they came."""
    return message(b"P", text(name) + sql.encode("utf-8", errors="surrogateescape") + b"\0" + types)


def bind(portal: str, statement: str) -> bytes:
    """Bind without parameters, results as text."""
    return message(b"B", text(portal) + text(statement) + b"\0\0\0\0\0\0")


def describe(kind: bytes, name: str) -> bytes:
    """Describe a statement (S) or portal (P)."""
    return message(b"D", kind + text(name))


def execute(portal: str) -> bytes:
    """Execute to the end."""
    return message(b"E", text(portal) + b"\0\0\0\0")


def close(kind: bytes, name: str) -> bytes:
    """Close a statement (S) or portal (P)."""
    return message(b"C", kind + text(name))


def row(body: bytes) -> list[str | None]:
    """The text values of a DataRow."""
    values: list[str | None] = []
    place = 2
    for _ in range(struct.unpack_from("!H", body)[0]):
        (length,) = struct.unpack_from("!i", body, place)
        place += 4
        values.append(None if length < 0 else body[place : place + length].decode())
        place += max(length, 0)
    return values


def columns(body: bytes) -> list[tuple[str, int, int]]:
    """Name, type number and type modifier of each column of a RowDescription."""
    found = []
    place = 2
    for _ in range(struct.unpack_from("!H", body)[0]):
        name, place = take_text(body, place)
        _, _, oid, _, modifier, _ = struct.unpack_from("!IhIhih", body, place)
        place += 18
        found.append((name, oid, modifier))
    return found


def with_super(body: bytes) -> bytes:
    """A RowDescription in which jsonb has Redshift's number of SUPER, so that drivers give it as text."""
    if struct.pack("!I", JSONB) not in body:
        return body
    changed = bytearray(body)
    place = 2
    for _ in range(struct.unpack_from("!H", body)[0]):
        place = body.index(b"\0", place) + 1
        if struct.unpack_from("!I", body, place + 6)[0] == JSONB:
            struct.pack_into("!I", changed, place + 6, SUPER)
        place += 18
    return bytes(changed)
