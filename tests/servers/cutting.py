"""A proxy before a real server that loses the reply to a final dot, or the dot itself.

    with Postfix() as postfix, Cutting(postfix.port, {3: Cut.REPLY, 4: Cut.DOT}) as relay:
        ...  # the third message is accepted and nobody says so; the fourth never ends

Messages are counted from 1 over all connections, when their final dot comes. What else the client
or the server says goes through as it is.
"""

import asyncio
import contextlib
import re
import socket
import threading
from collections.abc import Mapping
from enum import Enum, auto
from types import TracebackType
from typing import Self

_RCPT = re.compile(rb"RCPT TO:<([^>]*)>", re.I)


class Cut(Enum):
    REPLY = auto()  #: the server accepts it, and its reply gets lost
    DOT = auto()  #: the connection breaks before the dot


class Cutting:
    """Listens on `port` of 127.0.0.1 within its `with` block."""

    def __init__(self, behind: int, cuts: Mapping[int, Cut]) -> None:
        self.behind = behind
        self.cuts = dict(cuts)
        self.dots = 0
        self.cut: dict[str, Cut] = {}  #: to whom each message was that was cut

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="cutting proxy")
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        running: set[asyncio.Task[None]] = set()

        def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            running.add(asyncio.create_task(_Line(self, reader, writer).carry()))

        server = await asyncio.start_server(serve, sock=self._listener)
        await self._ended.wait()
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


class _Line:
    """One client and its connection to the server."""

    def __init__(
        self, proxy: Cutting, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._proxy, self._from_client, self._to_client = proxy, reader, writer
        self._asked = 1  #: what the server has to answer, with the greeting
        self._codes: list[bytes] = []  #: what it has answered
        self._answered = asyncio.Condition()
        self._is_muted = False  #: whether the client hears no more of the server
        self._recipient = ""

    async def carry(self) -> None:
        self._from_server, self._to_server = await asyncio.open_connection(
            "127.0.0.1", self._proxy.behind
        )
        replies = asyncio.create_task(self._carry_replies())
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, _Cut):
                await self._carry_commands()
        finally:
            self._to_client.transport.abort()
            self._to_server.close()
            replies.cancel()

    async def _carry_replies(self) -> None:
        async for line in self._from_server:
            if not self._is_muted:
                self._to_client.write(line)
            if line[3:4] == b" ":
                async with self._answered:
                    self._codes.append(line[:3])
                    self._answered.notify_all()
        self._to_client.close()

    async def _carry_commands(self) -> None:
        while True:
            line = await self._from_client.readuntil(b"\r\n")
            if found := _RCPT.match(line):
                self._recipient = found[1].decode()
            await self._ask(line)
            if line.upper() == b"DATA\r\n" and await self._answer() == b"354":
                await self._carry_text()

    async def _carry_text(self) -> None:
        while (line := await self._from_client.readuntil(b"\r\n")) != b".\r\n":
            self._to_server.write(line)
        self._proxy.dots += 1
        cut = self._proxy.cuts.get(self._proxy.dots)
        if cut:
            self._proxy.cut[self._recipient] = cut
            self._is_muted = True
        if cut is not Cut.DOT:
            await self._ask(line)
        if cut is Cut.REPLY:
            await self._answer()
        if cut:
            raise _Cut

    async def _ask(self, line: bytes) -> None:
        self._to_server.write(line)
        await self._to_server.drain()
        self._asked += 1

    async def _answer(self) -> bytes:
        """The code of the reply to what was asked last."""
        async with self._answered:
            await self._answered.wait_for(lambda: len(self._codes) >= self._asked)
        return self._codes[self._asked - 1]


class _Cut(Exception):
    """The connection is to be cut."""
