"""The bytes of one connection: complete replies in, anything out.

The reply parser is incremental and bounded, whatever way the relay cuts its replies into packets.
"""

import asyncio
import contextlib
import functools
from collections import deque

from newsletter import reply
from newsletter.reply import Reply
from newsletter.smtp.watch import Watch

LONGEST_LINE = 4096  #: octets; RFC 5321 section 4.5.3.1.5 says 512
MOST_LINES = 100  #: of one reply
MOST_UNREAD = 10  #: replies; a group of ours asks for six at most
CHUNK = 65536  #: octets written at once, for TLS would encrypt any number of them into memory


class Wire(asyncio.Protocol):
    """Replies are read in the order they came; a fault or the end of the line comes after them."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.unread: deque[Reply] = deque()
        self._transport = transport
        self._watch = Watch(transport, self._end)
        self._loop = asyncio.get_running_loop()
        self._buffer = b""
        self._lines: list[bytes] = []
        self._fault: Exception | None = None
        self._waiting: asyncio.Future[None] | None = None
        self._is_full = False
        transport.set_protocol(self)
        # Not full: nothing of it is with us any more. TLS is full at its limit, so it cannot be 0.
        transport.set_write_buffer_limits(high=1, low=0)
        if transport.is_closing():
            self.connection_lost(None)

    @property
    def has_unread(self) -> bool:
        """Whether there is a reply, part of one, or a fault, that has not been read yet."""
        return bool(self.unread or self._fault or self._buffer or self._lines)

    def expect_silence(self) -> None:
        """Raise what is wrong if the relay said anything that nobody asked for, or went away."""
        if self._fault and not self.unread:
            raise self._fault
        if self.has_unread:
            said = f": {self.unread[0]}" if self.unread else ""
            raise ValueError(f"a reply that nobody asked for{said}")

    def write(self, data: bytes) -> None:
        """Send *data* as soon as the network takes it."""
        if not self._transport.is_closing():  # uvloop would raise; the loss is told by and by
            self._transport.write(data)

    async def pour(self, data: bytes, seconds: float) -> None:
        """Send *data*; return when the network has taken it all, or the relay says something.

        Raises `TimeoutError` when nothing moved for so many *seconds*.
        """
        for start in range(0, len(data), CHUNK):
            self.write(data[start : start + CHUNK])
            if self._is_full:
                self._watch.start(seconds, unsent=self._transport.get_write_buffer_size())
                try:
                    while self._is_full and not self.has_unread:
                        await self._news()
                finally:
                    self._watch.stop()
            if self.has_unread:
                return

    async def read_reply(self, seconds: float) -> Reply:
        """Return the next reply; `EOFError`, `OSError` or `ValueError` when there will be none."""
        if not self.unread:
            self._watch.start(seconds)
            try:
                while not self.unread:
                    if self._fault:
                        raise self._fault
                    await self._news()
            finally:
                self._watch.stop()
        return self.unread.popleft()

    async def heard(self, number: int, seconds: float) -> None:
        """Wait until *number* replies can be read, or none will come, but no longer than that."""
        if len(self.unread) >= number:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while len(self.unread) < number and not self._fault:
                    await self._news()

    def abort(self) -> None:
        """Close now, without a goodbye."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Cut what arrived into lines, and lines into replies."""
        if self._fault:
            return
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        try:
            for line in lines:
                self._take_line(line)
            if len(self._buffer) > LONGEST_LINE:
                raise ValueError("a reply line without end")
        except ValueError as error:
            self._end(error)
        self._wake()

    def _take_line(self, line: bytes) -> None:
        if len(line) > LONGEST_LINE or len(self._lines) >= MOST_LINES:
            raise ValueError("a reply without end")
        if line[3:4] == b"-":
            self._lines.append(line.rstrip(b"\r"))
            return
        if self._lines:
            lines, self._lines = self._lines, []
            self.unread.append(reply.parse([*lines, line.rstrip(b"\r")]))
        else:
            self.unread.append(_parsed(line))
        if len(self.unread) > MOST_UNREAD:
            raise ValueError("replies that nobody asked for")

    def connection_lost(self, error: Exception | None) -> None:
        """Let whoever waits for a reply know that none will come."""
        self._end(error or EOFError("the relay closed the connection"))

    def pause_writing(self) -> None:
        """Called by asyncio when the network takes no more."""
        self._is_full = True

    def resume_writing(self) -> None:
        """Called by asyncio when the network takes bytes again."""
        self._is_full = False
        self._wake()

    def _end(self, fault: Exception) -> None:
        self._fault = self._fault or fault
        self._wake()

    async def _news(self) -> None:
        self._waiting = self._loop.create_future()
        try:
            await self._waiting
        finally:
            self._waiting = None

    def _wake(self) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)


@functools.lru_cache(64)  # most replies are one line that came a thousand times before
def _parsed(line: bytes) -> Reply:
    return reply.parse([line.rstrip(b"\r")])
