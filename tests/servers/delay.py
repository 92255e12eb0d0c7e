"""A relay far away: a proxy in front of a server that delivers every byte so many seconds later.

Half of the round trip is spent each way. Bytes keep their order and their packets; nothing is
lost, and at most LINES connections are carried.
"""

import asyncio
import contextlib
import threading
from types import TracebackType
from typing import Self

LINES = 100


class Delayed:
    """`with Delayed(server.port, 0.02) as far:` far.port is that server, 20 ms there and back."""

    def __init__(self, to: int, seconds: float) -> None:
        self._to = to
        self._half = seconds / 2

    def __enter__(self) -> Self:
        ready: threading.Event = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="delay proxy")
        self._thread.start()
        ready.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    def _run(self, ready: threading.Event) -> None:
        asyncio.run(self._serve(ready))

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        lines: set[asyncio.Task[None]] = set()

        def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if len(lines) >= LINES:
                writer.transport.abort()
                return
            lines.add(asyncio.ensure_future(self._line(reader, writer)))

        server = await asyncio.start_server(carry, "127.0.0.1", 0)
        self.port: int = server.sockets[0].getsockname()[1]
        ready.set()
        await self._ended.wait()
        server.close()
        for line in lines:
            line.cancel()
        await asyncio.gather(*lines, return_exceptions=True)

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, server = await asyncio.open_connection("127.0.0.1", self._to)
        try:
            await asyncio.gather(self._pass(reader, server), self._pass(there, writer))
        finally:
            writer.transport.abort()
            server.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Each packet leaves half a round trip after it came, however many are on their way."""
        loop = asyncio.get_running_loop()
        on_their_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(1000)

        async def arrive() -> None:
            data = b"?"
            while data:
                due, data = await on_their_way.get()
                await asyncio.sleep(due - loop.time())
                writer.write(data)
                await writer.drain()
            with contextlib.suppress(OSError):
                writer.write_eof()

        arriving = asyncio.ensure_future(arrive())
        with contextlib.suppress(OSError):
            data = b"?"
            while data:
                data = await reader.read(1 << 18)
                await on_their_way.put((loop.time() + self._half, data))
            await arriving
        arriving.cancel()
