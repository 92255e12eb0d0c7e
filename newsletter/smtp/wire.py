"""The bytes of one connection: complete replies in, anything out.

The reply parser is incremental and bounded, whatever way the relay cuts its replies into packets.
"""

import asyncio
from collections import deque

from newsletter import reply
from newsletter.reply import Reply

LONGEST_LINE = 4096  #: octets; RFC 5321 section 4.5.3.1.5 says 512
MOST_LINES = 100  #: of one reply
MOST_UNREAD = 10  #: replies that nobody asked for


class Wire(asyncio.Protocol):
    """Replies are read in the order they came; a fault or the end of the line comes after them."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._buffer = bytearray()
        self._lines: list[bytes] = []
        self._replies: deque[Reply] = deque()
        self._fault: Exception | None = None
        self._waiting: asyncio.Future[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        transport.set_protocol(self)
        transport.set_write_buffer_limits(high=0)  # drained: nothing of it is with us any more
        if transport.is_closing():
            self.connection_lost(None)

    @property
    def has_unread(self) -> bool:
        """Whether there is a reply, or a fault, that has not been read yet."""
        return bool(self._replies or self._fault or self._buffer or self._lines)

    def expect_silence(self) -> None:
        """Raise what is wrong if the relay said anything that nobody asked for, or went away."""
        if self._fault and not self._replies:
            raise self._fault
        if self.has_unread:
            said = f": {self._replies[0]}" if self._replies else ""
            raise ValueError(f"a reply that nobody asked for{said}")

    def write(self, data: bytes) -> None:
        """Send *data* as soon as the network takes it."""
        self._transport.write(data)

    async def drained(self) -> None:
        """Wait until the network has taken what was written."""
        await self._writable.wait()
        if self._fault and not self._replies:
            raise self._fault

    async def read_reply(self) -> Reply:
        """Return the next reply; `EOFError`, `OSError` or `ValueError` when there will be none."""
        while not self._replies:
            if self._fault:
                raise self._fault
            self._waiting = asyncio.get_running_loop().create_future()
            try:
                await self._waiting
            finally:
                self._waiting = None
        return self._replies.popleft()

    def abort(self) -> None:
        """Close now, without a goodbye."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Cut what arrived into lines, and lines into replies."""
        if self._fault:
            return
        self._buffer += data
        try:
            while (end := self._buffer.find(b"\n")) >= 0:
                self._take_line(bytes(self._buffer[:end]))
                del self._buffer[: end + 1]
            if len(self._buffer) > LONGEST_LINE:
                raise ValueError("a reply line without end")
        except ValueError as error:
            self._end(error)
        self._wake()

    def _take_line(self, line: bytes) -> None:
        self._lines.append(line.rstrip(b"\r"))
        if len(line) > LONGEST_LINE or len(self._lines) > MOST_LINES:
            raise ValueError("a reply without end")
        if line[3:4] != b"-":
            lines, self._lines = self._lines, []
            self._replies.append(reply.parse(lines))
            if len(self._replies) > MOST_UNREAD:
                raise ValueError("replies that nobody asked for")

    def connection_lost(self, error: Exception | None) -> None:
        """Let whoever waits for a reply know that none will come."""
        self._end(error or EOFError("the relay closed the connection"))

    def pause_writing(self) -> None:
        """Called by asyncio when the network takes no more."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Called by asyncio when the network takes bytes again."""
        self._writable.set()

    def _end(self, fault: Exception) -> None:
        self._fault = self._fault or fault
        self._writable.set()
        self._wake()

    def _wake(self) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)
