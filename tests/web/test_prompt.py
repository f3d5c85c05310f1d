"""Slow and oversized forms, over a real pair of sockets."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.web import conftest as _django  # noqa: F401 (sets Django up)
from web.prompt import PromptForms

type Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """The visitor's end and the server's."""
    visitor, server = socket.socketpair()
    with visitor, server:
        yield visitor, server


def _answer(server: socket.socket, length: int) -> tuple[str, bytes]:
    told: list[str] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [environ["wsgi.input"].read()]

    with server.makefile("rb", buffering=0) as stream:
        environ = {"gunicorn.socket": server, "wsgi.input": stream, "CONTENT_LENGTH": str(length)}
        body = PromptForms(application, seconds=0.3)(environ, lambda status, headers: told.append(status))
    return told[0], b"".join(body)


def test_a_prompt_form_reaches_the_application_whole(pair: Pair) -> None:
    visitor, server = pair
    visitor.sendall(b"height=172&weight=68")
    assert _answer(server, 20) == ("200 OK", b"height=172&weight=68")


def test_a_form_that_stops_or_drips_is_hung_up_on(pair: Pair) -> None:
    visitor, server = pair
    stopping = threading.Event()

    def drip() -> None:
        with contextlib.suppress(BrokenPipeError):  # hung up on
            while not stopping.wait(0.05):
                visitor.sendall(b"x")

    dripping = threading.Thread(target=drip)
    dripping.start()
    began = time.monotonic()
    status, _ = _answer(server, 1000)
    stopping.set()
    dripping.join()
    assert status == "408 Request Timeout"
    assert time.monotonic() - began < 2
    server.settimeout(1)
    while server.recv(1000):  # nothing more comes: the server is not kept waiting for the rest
        pass


def test_a_form_of_megabytes_is_refused_unread(pair: Pair) -> None:
    _, server = pair
    assert _answer(server, 2_000_000)[0] == "413 Content Too Large"


def test_a_form_that_ends_early_is_passed_on_as_it_is(pair: Pair) -> None:
    visitor, server = pair
    visitor.sendall(b"height=1")
    visitor.shutdown(socket.SHUT_WR)
    assert _answer(server, 100) == ("200 OK", b"height=1")
