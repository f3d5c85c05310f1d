"""A TCP proxy whose network can go silent, for tests of what a lost network does."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator


class Proxy:
    """Forwards from `port` to a port of loopback. While silent it takes connections and bytes and passes nothing on."""

    def __init__(self, target: int) -> None:
        self.target = target
        self._talks = threading.Event()
        self._talks.set()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def go_silent(self) -> None:
        """From now on nothing comes through, and nobody is told."""
        self._talks.clear()

    def talk(self) -> None:
        """What was held back comes through, and all that follows."""
        self._talks.set()

    def cut(self) -> None:
        """Every connection is torn; new ones are welcome."""
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.talk()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target), timeout=10)
            except OSError:
                return
            self._sockets += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                self._talks.wait()
                sink.sendall(piece)
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def tcp_proxy(target: int) -> Iterator[Proxy]:
    """A proxy in front of a port of loopback."""
    proxy = Proxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
