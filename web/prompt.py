"""Forms arrive promptly: whoever sends one drop by drop is hung up on, since it holds a thread of the server meanwhile.

A load balancer waits for the whole head of a request but passes its body on as it comes, so that this is our affair.
"""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings

SECONDS = 5.0  # a form is some hundred bytes

type Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class PromptForms:
    """Reads the body before the application is asked; 408 where it does not come in time, 413 where it is too large."""

    def __init__(self, application: Application, seconds: float = SECONDS) -> None:
        self.application = application
        self.seconds = seconds

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        line = environ.get("gunicorn.socket")  # another server has buffers of its own
        length = environ.get("CONTENT_LENGTH") or "0"
        if line is None or not length.isdigit() or int(length) == 0:
            return self.application(environ, start_response)
        if int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return _refuse(line, start_response, "413 Content Too Large")
        try:
            environ["wsgi.input"] = io.BytesIO(self._read(line, environ["wsgi.input"], int(length)))
        except TimeoutError:
            return _refuse(line, start_response, "408 Request Timeout")
        return self.application(environ, start_response)

    def _read(self, line: socket.socket, stream: Any, length: int) -> bytes:
        deadline = time.monotonic() + self.seconds
        body = bytearray()
        try:
            while len(body) < length:
                line.settimeout(max(deadline - time.monotonic(), 0.001))
                part = stream.read(1)  # the stream would wait for all of a larger piece
                if not part:
                    break
                body += part
                if time.monotonic() > deadline:
                    raise TimeoutError
        finally:
            line.settimeout(None)
        return bytes(body)


def _refuse(line: socket.socket, start_response: Callable[..., Any], status: str) -> Iterable[bytes]:
    line.shutdown(socket.SHUT_RD)  # or the server would wait for the rest before it lets the thread go
    start_response(status, [("Content-Type", "text/plain"), ("Cache-Control", "no-store")])
    return [f"{status}\n".encode()]
