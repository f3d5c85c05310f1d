"""Work that would hold up other sessions (S3, Parquet, CSV) runs in threads; the event loop only passes bytes on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor

_POOL = ThreadPoolExecutor(16, thread_name_prefix="load")
_closing: set[asyncio.Task[None]] = set()


async def in_thread[T](work: Callable[[], T]) -> T:
    """The result of blocking work."""
    return await asyncio.get_running_loop().run_in_executor(_POOL, work)


async def stream(source: Callable[[], Generator[bytes]]) -> AsyncGenerator[bytes]:
    """The chunks of a generator that runs in a thread, one chunk ahead of the consumer.

    A consumer that stops early does not wait for a step that is under way (it may hang on S3 for some seconds): the
    generator is closed, and its temporary files go, once that step has ended.
    """
    loop = asyncio.get_running_loop()
    worker = ThreadPoolExecutor(1, thread_name_prefix="load")  # one: each thread would keep memory of its own
    chunks = source()
    step = loop.run_in_executor(worker, next, chunks, None)
    try:
        while (chunk := await asyncio.shield(step)) is not None:
            step = loop.run_in_executor(worker, next, chunks, None)
            yield chunk
    finally:
        task = asyncio.ensure_future(_close(step, chunks, worker))
        _closing.add(task)
        task.add_done_callback(_closing.discard)


async def _close(step: asyncio.Future[bytes | None], chunks: Generator[bytes], worker: ThreadPoolExecutor) -> None:
    with contextlib.suppress(Exception):
        await step
    with contextlib.suppress(Exception):
        await in_thread(chunks.close)
    worker.shutdown(wait=False)
