"""ministack with a guard in front: an object that the disk has no room for is refused, not acknowledged.

ministack keeps objects on disk, but answers 200 where the write fails, with a warning in its log, and has forgotten the
object at its next start. S3 acknowledges what it has stored, and Otto relies on that.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

# bytes that stay free beyond the object itself: its metadata file, the copy that is renamed into place
_RESERVE = 1_000_000

_REFUSAL = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InsufficientStorage</Code><Message>the disk below {folder}'
    " has {free} bytes left and the object needs {needed}; make room and try again</Message></Error>"
)


class DiskGuard:
    """An ASGI application that passes everything on but a write without room."""

    def __init__(self, app: Callable[..., Awaitable[None]], folder: Path) -> None:
        self.app = app
        self.folder = folder

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] == "http" and scope["method"] in ("PUT", "POST"):
            length = dict(scope["headers"]).get(b"content-length", b"0")
            needed = (int(length) if length.isdigit() else 0) + _RESERVE
            free = shutil.disk_usage(self.folder).free
            if free < needed and not _removes(scope):
                await _refuse(send, _REFUSAL.format(folder=self.folder, free=free, needed=needed))
                return
        await self.app(scope, receive, send)


def _removes(scope: dict[str, Any]) -> bool:
    """Whether the request deletes many objects: the way to make room."""
    return scope["method"] == "POST" and scope["query_string"].split(b"=")[0] == b"delete"


async def _refuse(send: Any, text: str) -> None:
    body = text.encode()
    headers = [(b"content-type", b"application/xml"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 507, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def main() -> None:
    """Serve until stopped; the environment of local.s3 says where."""
    from ministack import app as ministack

    ministack.app = DiskGuard(ministack.app, Path(os.environ["S3_DATA_DIR"]))
    ministack.main()


if __name__ == "__main__":
    main()
