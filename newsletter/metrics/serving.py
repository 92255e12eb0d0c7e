"""Let the figures be read while a send is at work: from a file, or over HTTP.

Neither stops a send: where a file cannot be written or a port is taken, the log says so.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from newsletter import journal
from newsletter.config import Metrics
from newsletter.metrics.exposition import CONTENT_TYPE, exposition
from newsletter.progress import Progress

BETWEEN_WRITES = 2.0  #: seconds
LONGEST_REQUEST = 8192  #: octets
PATIENCE = 5.0  #: seconds for one request
MOST_READERS = 8  #: at a time

_GONE = (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError)


@asynccontextmanager
async def served(settings: Metrics, folder: Path, progress: Progress) -> AsyncIterator[None]:
    """Serve the figures of *progress* as *settings* ask; a file is relative to *folder*."""
    async with AsyncExitStack() as stack:
        if settings.file:
            await stack.enter_async_context(_written(folder / settings.file, progress))
        if settings.port:
            await stack.enter_async_context(_listening(settings.host, settings.port, progress))
        yield


@asynccontextmanager
async def _written(file: Path, progress: Progress) -> AsyncIterator[None]:
    writing = asyncio.create_task(_keep_writing(file, progress))
    try:
        yield
    finally:
        writing.cancel()
        _fault_in_writing(file, progress)  # the last figures are those of the ledger


async def _keep_writing(file: Path, progress: Progress) -> None:
    told = ""
    async for _ in progress.snapshots(BETWEEN_WRITES):
        fault = _fault_in_writing(file, progress)
        if fault and fault != told:
            journal.warning("metrics not written", file=file, reason=fault)
        told = fault


def _fault_in_writing(file: Path, progress: Progress) -> str:
    """Write the figures in one go, so that a reader finds the old or the new ones."""
    new = file.with_name(f".{file.name}.{os.getpid()}")  # no .prom: a collector passes it over
    try:
        new.write_text(exposition(progress.snapshot()), encoding="utf-8")
        new.replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        return error.strerror or str(error)
    return ""


@asynccontextmanager
async def _listening(host: str, port: int, progress: Progress) -> AsyncIterator[None]:
    readers = asyncio.Semaphore(MOST_READERS)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(*_GONE), contextlib.closing(writer):
            if not readers.locked():
                async with readers, asyncio.timeout(PATIENCE):
                    asked = await reader.readuntil(b"\r\n\r\n")
                    writer.write(_response(asked, progress))
                    await writer.drain()

    try:
        server = await asyncio.start_server(answer, host, port, limit=LONGEST_REQUEST)
    except OSError as error:
        journal.warning("metrics not served", host=host, port=port, reason=error)
        yield
        return
    try:
        yield
    finally:
        server.close()


def _response(asked: bytes, progress: Progress) -> bytes:
    words = asked.split(b"\r\n", 1)[0].split(b" ")
    if words[0] == b"GET" and words[1:2] == [b"/metrics"]:
        status, kind, text = "200 OK", CONTENT_TYPE, exposition(progress.snapshot())
    else:
        status, kind, text = "404 Not Found", "text/plain", "the figures are at /metrics\n"
    body = text.encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body
