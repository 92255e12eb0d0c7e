"""A fast mail server in a process of its own that notes whom it took mail for, before it says so.

    with counting(books, drop=0.001) as port: ...

Of some messages, by chance, it never says that it took them, and resets the line. It outlives
senders that are killed; `python -m tests.servers.counting` is that process.
"""

import argparse
import asyncio
import os
import random
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple


class Taken(NamedTuple):
    recipient: str
    message_id: str
    said: bool  #: whether it told the sender


@contextmanager
def counting(books: Path, *, drop: float = 0, delay: float = 0) -> Iterator[int]:
    """Runs the server and yields its port; replies to the dot come after up to *delay* seconds."""
    process, port = start(books, drop=drop, delay=delay)
    try:
        yield port
    finally:
        stop(process)


def start(
    books: Path, *, port: int = 0, drop: float = 0, delay: float = 0
) -> tuple[subprocess.Popen[str], int]:
    """Starts the server; it adds to *books*, which an earlier one may have begun."""
    numbers = {"--port": port, "--drop": drop, "--delay": delay}
    options = [str(word) for pair in numbers.items() for word in pair]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.servers.counting", "--books", books, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    return process, int(process.stdout.readline())


def stop(process: subprocess.Popen[str], how: signal.Signals = signal.SIGTERM) -> None:
    process.send_signal(how)
    process.communicate(timeout=10)


def read(books: Path) -> list[Taken]:
    """What a server has noted so far."""
    rows = (line.split() for line in books.read_text().splitlines()) if books.exists() else ()
    return [Taken(recipient, message_id, said == "1") for recipient, message_id, said in rows]


class _Session(asyncio.Protocol):
    def __init__(self, books: int, drop: float, delay: float) -> None:
        self._books, self._drop, self._delay = books, drop, delay
        self._buffer = bytearray()
        self._searched = 0
        self._recipient = b""
        self._in_message = False
        self._is_late = False  #: with a reply: what comes after waits for it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 counting.example.org ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._go_on()

    def _go_on(self) -> None:
        while not self._is_late:
            if not (self._take_message() if self._in_message else self._take_command()):
                return

    def _take_command(self) -> bool:
        end = self._buffer.find(b"\r\n")
        if end < 0:
            return False
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        match line[:4].upper():
            case b"EHLO":
                self._reply(b"250-counting.example.org\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
            case b"RCPT":
                self._recipient = line.partition(b"<")[2].partition(b">")[0]
                self._reply(b"250 2.1.5 Ok\r\n")
            case b"DATA":
                self._in_message, self._searched = True, 0
                self._reply(b"354 Go ahead\r\n")
            case b"QUIT":
                self._reply(b"221 2.0.0 Bye\r\n")
                self._transport.close()
            case _:
                self._reply(b"250 2.0.0 Ok\r\n")
        return True

    def _take_message(self) -> bool:
        end = self._buffer.find(b"\r\n.\r\n", self._searched)
        if end < 0:
            self._searched = max(0, len(self._buffer) - 4)
            return False
        head = bytes(self._buffer[: min(end, 4096)])
        del self._buffer[: end + 5]
        self._in_message = False
        self._book(head.partition(b"\r\nMessage-ID: ")[2].partition(b"\r\n")[0])
        return not self._transport.is_closing()

    def _book(self, message_id: bytes) -> None:
        dropped = random.random() < self._drop
        os.write(self._books, b"%s %s %d\n" % (self._recipient, message_id, not dropped))
        if dropped:
            self._reset()
        elif self._delay:
            self._is_late = True
            asyncio.get_running_loop().call_later(random.random() * self._delay, self._reply_late)
        else:
            self._reply(b"250 2.0.0 Taken\r\n")

    def _reply_late(self) -> None:
        self._is_late = False
        self._reply(b"250 2.0.0 Taken\r\n")
        self._go_on()

    def _reply(self, reply: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(reply)

    def _reset(self) -> None:
        connection: socket.socket = self._transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()


async def _serve(port: int, books: int, drop: float, delay: float) -> None:
    loop = asyncio.get_running_loop()
    listener = socket.create_server(("127.0.0.1", port), backlog=1000)
    # asyncio sees to that for sockets it makes itself; connections inherit it.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    await loop.create_server(lambda: _Session(books, drop, delay), sock=listener)
    print(listener.getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)  # until whoever started us has ended


def main() -> None:
    parser = argparse.ArgumentParser(description="A mail server that counts.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--books", type=Path, required=True)
    parser.add_argument("--drop", type=float, default=0, help="share of replies never given")
    parser.add_argument("--delay", type=float, default=0, help="most seconds before a reply")
    options = parser.parse_args()
    books = os.open(options.books, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    asyncio.run(_serve(options.port, books, options.drop, options.delay))


if __name__ == "__main__":
    main()
