"""python -m local.redshift --port 5439 --upstream 127.0.0.1:5442 --s3-endpoint http://127.0.0.1:9100"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import importlib.abc
import logging
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from local.redshift.s3 import Store
from local.redshift.server import Gateway, address

_ARENA_MAX = -8  # of mallopt(3)
_FOLDER = "otto-redshift-"


class _NoPandas(importlib.abc.MetaPathFinder):
    """pyarrow imports pandas if it can, for nothing that the gateway needs: 70 MB and a second."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        """Refuse pandas, leave all else to the next finder."""
        if fullname == "pandas":
            raise ModuleNotFoundError("the gateway does without pandas", name=fullname)


def _stay_small() -> None:
    """Before pyarrow is loaded: no pandas, one memory pool that gives back, few malloc arenas."""
    sys.meta_path.insert(0, _NoPandas())
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 2)


def _remove_leftovers() -> None:
    """A gateway that was killed in the middle of a COPY has left its objects behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*-*"):
        pid = folder.name.removeprefix(_FOLDER).split("-")[0]
        if pid.isdigit() and not _runs(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    _stay_small()
    parser = argparse.ArgumentParser(prog="python -m local.redshift", description="A stand-in for Amazon Redshift.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (loopback)")
    parser.add_argument("--port", type=int, default=5439)
    parser.add_argument("--upstream", type=address, required=True, help="host:port of the PostgreSQL behind it")
    parser.add_argument("--s3-endpoint", default=None, help="S3 endpoint; Amazon's own if left out")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("botocore").setLevel(logging.WARNING)
    gateway = Gateway(*arguments.upstream, Store(arguments.s3_endpoint))
    _remove_leftovers()
    tempfile.tempdir = tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-")
    status = 0
    try:
        with contextlib.suppress(asyncio.CancelledError, KeyboardInterrupt):
            asyncio.run(_serve(gateway, arguments.host, arguments.port))
    except OSError as error:
        logging.error("%s", error)
        status = 1
    finally:
        shutil.rmtree(tempfile.tempdir, ignore_errors=True)
        logging.shutdown()
    os._exit(status)  # not held up by a thread that waits for S3


async def _serve(gateway: Gateway, host: str, port: int) -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await gateway.serve(host, port)


if __name__ == "__main__":
    main()
