"""An SMTP server that behaves as badly as its script says and keeps honest books.

    with ScriptedServer({"rcpt": b"550 5.1.1 Unknown\r\n", ".": [BOOK, DROP]}) as server:
        ...
        assert server.messages == [("ceo@example.org", "ann@example.org", b"Subject: ...")]

A script gives some verbs (`connect`, `ehlo`, `starttls`, `auth`, `mail`, `rcpt`, `data`, `.`,
`rset`, `noop`, `quit`) a hook; all others get the ordinary reply. A hook is an action, a list of
actions (an empty list is silence), or a function of the session and the command line that returns
one of these, or None for the ordinary reply. A message is booked before anything of the reply to
its dot is written: when that reply is a 2xx, or when BOOK is among the actions.

The server runs in a thread of its own, so that it serves any client.
`python -m tests.servers.scripted --port 0 --books FILE` runs it as a process that outlives a sender
that is killed: it prints its port, and ends when its standard input does.
"""

import argparse
import asyncio
import contextlib
import json
import select
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.script import BOOK, CLOSE, DROP, Booked, Dribble, Sleep, Step
from tests.servers.session import ACCEPTED, Hook, Over, Session, address

__all__ = [
    "ACCEPTED",
    "BOOK",
    "CLOSE",
    "DROP",
    "Booked",
    "Dribble",
    "Hook",
    "ScriptedServer",
    "Session",
    "Sleep",
    "Step",
    "for_recipient",
    "on_call",
    "read_books",
]

EXTENSIONS = ("PIPELINING", "SIZE 10485760", "8BITMIME", "ENHANCEDSTATUSCODES")


class ScriptedServer:
    """Listens on `port` of `host` within its `with` block."""

    def __init__(
        self,
        script: Mapping[str, Hook] | None = None,
        *,
        extensions: Sequence[str] = EXTENSIONS,
        tls: ssl.SSLContext | None = None,
        user: str = "newsletter",
        password: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        pause: float = 0.0,
        on_booked: Callable[[Booked], None] = lambda booked: None,
    ) -> None:
        self.script = dict(script or {})
        self.extensions = extensions
        self.tls = tls
        self.user = user
        self.password = password
        self.host = host
        self.port = port
        self.pause = pause  #: seconds before each look at what came
        self.on_booked = on_booked
        self.messages: list[Booked] = []
        self.commands: list[bytes] = []  #: every line that was no message text
        self.packets: list[bytes] = []  #: everything, as it was read
        self.connections = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server((self.host, self.port), backlog=1000)
        # asyncio sees to that for sockets it makes itself; connections inherit it.
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = self._listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="scripted SMTP server")
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

    def book(self, booked: Booked) -> None:
        self.messages.append(booked)
        self.on_booked(booked)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        async with asyncio.TaskGroup() as sessions:
            running: set[asyncio.Task[None]] = set()

            def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                running.add(sessions.create_task(self._session(reader, writer)))

            server = await asyncio.start_server(serve, sock=self._listener)
            try:
                await self._ended.wait()
            finally:
                server.close()
            for task in running:
                task.cancel()

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        connection: socket.socket = writer.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio forgets it here
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, Over):
            try:
                await Session(self, self.connections, reader, writer).talk()
            except asyncio.CancelledError:
                writer.transport.abort()  # TLS would wait for a goodbye
                raise
            finally:
                writer.close()


def on_call(steps: Mapping[int, Step]) -> Hook:
    """A step for the n-th call only, counted from 1 over all connections."""
    calls = 0

    def hook(session: Session, line: bytes) -> Step | None:
        nonlocal calls
        calls += 1
        return steps.get(calls)

    return hook


def for_recipient(steps: Mapping[str, Step]) -> Hook:
    """A step for some recipients only; fit for `rcpt` and everything after it."""

    def hook(session: Session, line: bytes) -> Step | None:
        if line[:4].upper() == b"RCPT":
            return steps.get(address(line))
        return steps.get("".join(session.recipients[-1:]))

    return hook


def read_books(path: Path) -> list[Booked]:
    """What a server that ran as a process has booked so far."""
    rows = (json.loads(line) for line in path.read_text().splitlines())
    return [Booked(sender, recipient, data.encode("latin-1")) for sender, recipient, data in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description="A scripted SMTP server as a process.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--books", type=Path, required=True)
    parser.add_argument("--delay-dot", type=float, default=0, metavar="MS")
    parser.add_argument("--lifetime", type=float, default=600, metavar="SECONDS")
    options = parser.parse_args()
    script: dict[str, Hook] = {".": [Sleep(options.delay_dot / 1000), ACCEPTED]}
    with options.books.open("ab", buffering=0) as books:

        def write(booked: Booked) -> None:
            row = [booked.sender, booked.recipient, booked.data.decode("latin-1")]
            books.write(json.dumps(row).encode() + b"\n")

        with ScriptedServer(script, port=options.port, on_booked=write) as server:
            print(server.port, flush=True)
            select.select([sys.stdin], [], [], options.lifetime)


if __name__ == "__main__":
    main()
