"""SCRAM-SHA-256 as a client: the gateway asks its own client for a clear-text password and logs in with it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets


class ScramError(ConnectionError):
    """The server does not know the password either, or is not the server it seems to be."""


class Scram:
    """One exchange: first(), then final(server first), then verify(server final)."""

    def __init__(self, password: str) -> None:
        self._password = password.encode()
        self._nonce = secrets.token_urlsafe(18)
        self._bare = f"n=,r={self._nonce}"  # PostgreSQL takes the user from the start-up packet
        self._server_key = b""
        self._dialogue = b""

    def first(self) -> bytes:
        """The client's first message."""
        return f"n,,{self._bare}".encode()

    def final(self, server_first: bytes) -> bytes:
        """The client's proof."""
        parts = dict(part.split("=", 1) for part in server_first.decode().split(","))
        if not parts["r"].startswith(self._nonce):
            raise ScramError("the server's SCRAM nonce does not continue ours")
        salted = hashlib.pbkdf2_hmac("sha256", self._password, base64.b64decode(parts["s"]), int(parts["i"]))
        client_key = _hmac(salted, b"Client Key")
        bare = f"c=biws,r={parts['r']}"
        self._dialogue = f"{self._bare},{server_first.decode()},{bare}".encode()
        self._server_key = _hmac(salted, b"Server Key")
        signature = _hmac(hashlib.sha256(client_key).digest(), self._dialogue)
        proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        return f"{bare},p={base64.b64encode(proof).decode()}".encode()

    def verify(self, server_final: bytes) -> None:
        """Whether the server knew the password as well."""
        expected = b"v=" + base64.b64encode(_hmac(self._server_key, self._dialogue))
        if not hmac.compare_digest(server_final.split(b",")[0], expected):
            raise ScramError("the server's SCRAM signature is wrong")


def _hmac(key: bytes, value: bytes) -> bytes:
    return hmac.new(key, value, "sha256").digest()
