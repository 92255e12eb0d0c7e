"""One connection to the scripted server: SMTP, with the script asked at each verb."""

import asyncio
import base64
import socket
import struct
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tests.servers.script import (
    BOOK,
    CLOSE,
    Act,
    Action,
    Booked,
    Dribble,
    Sleep,
    Step,
    actions,
    reply_in,
)

if TYPE_CHECKING:
    from tests.servers.scripted import ScriptedServer

ACCEPTED = b"250 2.0.0 Ok: queued\r\n"

Hook = Step | Callable[["Session", bytes], Step | None]


class Over(Exception):
    """The session is over."""


class Session:
    """One connection; what a hook may look at."""

    def __init__(
        self,
        server: "ScriptedServer",
        number: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.server = server
        self.number = number  #: of this connection, from 1
        self.calls: Counter[str] = Counter()  #: by verb, on this connection
        self.sender: str | None = None
        self.recipients: list[str] = []
        self.encrypted = False
        self.logged_in = server.password is None
        self._reader = reader
        self._writer = writer
        self._buffer = bytearray()

    async def talk(self) -> None:
        await self._answer("connect", b"", b"220 scripted.example.org ESMTP\r\n")
        while True:
            line = await self._line()
            verb = line[:4].lower() if line[:8].upper() != b"STARTTLS" else b"starttls"
            await self._command(verb.decode("latin-1").strip(), line)

    async def _command(self, verb: str, line: bytes) -> None:
        match verb:
            case "ehlo" | "helo":
                self._forget()
                await self._answer(verb, line, self._greeting(verb))
            case "starttls" if self.server.tls and not self.encrypted:
                await self._starttls(line)
            case "auth" if self.server.password is not None:
                await self._auth(line)
            case "mail":
                await self._mail(line)
            case "rcpt":
                await self._rcpt(line)
            case "data":
                await self._data(line)
            case "rset":
                self._forget()
                await self._answer(verb, line, b"250 2.0.0 Ok\r\n")
            case "noop":
                await self._answer(verb, line, b"250 2.0.0 Ok\r\n")
            case "quit":
                await self._answer(verb, line, [b"221 2.0.0 Bye\r\n", CLOSE])
            case _:
                await self._answer(verb, line, b"500 5.5.2 Unknown command\r\n")

    def _greeting(self, verb: str) -> bytes:
        if verb == "helo":
            return b"250 scripted.example.org\r\n"
        words = ["scripted.example.org", *self.server.extensions]
        if self.server.tls and not self.encrypted:
            words.append("STARTTLS")
        elif self.server.password is not None:
            words.append("AUTH PLAIN LOGIN")
        lines = [f"250-{word}\r\n" for word in words[:-1]] + [f"250 {words[-1]}\r\n"]
        return "".join(lines).encode()

    async def _starttls(self, line: bytes) -> None:
        if not await self._answer("starttls", line, b"220 2.0.0 Go ahead\r\n"):
            return
        assert self.server.tls
        self._buffer.clear()  # what came before the handshake is nobody's command (RFC 3207)
        await self._writer.start_tls(self.server.tls)
        self.encrypted = True

    async def _auth(self, line: bytes) -> None:
        match line.split():
            case [_, mechanism, initial] if mechanism.upper() == b"PLAIN":
                words = base64.b64decode(initial).split(b"\0")[1:]
            case [_, mechanism] if mechanism.upper() == b"PLAIN":
                words = (await self._challenge(b"")).split(b"\0")[1:]
            case [_, mechanism] if mechanism.upper() == b"LOGIN":
                words = [await self._challenge(b"Username:"), await self._challenge(b"Password:")]
            case [_, mechanism, initial] if mechanism.upper() == b"LOGIN":
                words = [base64.b64decode(initial), await self._challenge(b"Password:")]
            case _:
                words = []
        known = [self.server.user.encode(), (self.server.password or "").encode()]
        ordinary = b"235 2.7.0 Welcome\r\n" if words == known else b"535 5.7.8 Wrong\r\n"
        self.logged_in = await self._answer("auth", line, ordinary)

    async def _challenge(self, prompt: bytes) -> bytes:
        await self._perform([b"334 " + base64.b64encode(prompt) + b"\r\n"])
        return base64.b64decode(await self._line())

    async def _mail(self, line: bytes) -> None:
        ordinary = b"250 2.1.0 Ok\r\n"
        if not self.logged_in:
            ordinary = b"530 5.7.0 Log in first\r\n"
        elif self.sender is not None:
            ordinary = b"503 5.5.1 Nested MAIL\r\n"
        if await self._answer("mail", line, ordinary):
            self._forget()
            self.sender = address(line)

    async def _rcpt(self, line: bytes) -> None:
        in_order = self.sender is not None
        ordinary = b"250 2.1.5 Ok\r\n" if in_order else b"503 5.5.1 MAIL first\r\n"
        if await self._answer("rcpt", line, ordinary):
            self.recipients.append(address(line))

    async def _data(self, line: bytes) -> None:
        ordinary = b"354 End with a dot\r\n" if self.recipients else b"554 5.5.1 No recipient\r\n"
        if not await self._answer("data", line, ordinary, good=b"3"):
            return
        self._buffer[:0] = b"\r\n"  # so that an empty message ends like any other
        text = await self._until(b"\r\n.\r\n") + b"\r\n"
        data = text.replace(b"\r\n.", b"\r\n")[2:]
        await self._answer(".", b".", ACCEPTED, data=data)
        self._forget()

    def _forget(self) -> None:
        self.sender = None
        self.recipients = []

    async def _answer(
        self,
        verb: str,
        line: bytes,
        ordinary: Step,
        *,
        good: bytes = b"2",
        data: bytes | None = None,
    ) -> bool:
        """Performs the hook or the ordinary step; says whether that is a good reply."""
        self.calls[verb] += 1
        hook = self.server.script.get(verb, ordinary)
        step = hook(self, line) if callable(hook) else hook
        acts = actions(ordinary if step is None else step)
        agreed = any(reply_in(action).startswith(good) for action in acts)
        if data is not None and (agreed or BOOK in acts):
            for recipient in self.recipients:
                self.server.book(Booked(self.sender or "", recipient, data))
        await self._perform(acts)
        return agreed

    async def _perform(self, acts: Sequence[Action]) -> None:
        for action in acts:
            match action:
                case bytes():
                    self._writer.write(action)
                case Dribble():
                    await self._dribble(action)
                case Sleep():
                    await asyncio.sleep(action.seconds)
                case Act.CLOSE:
                    raise Over
                case Act.DROP:
                    self._reset()
                    raise Over
            await self._writer.drain()

    async def _dribble(self, dribble: Dribble) -> None:
        for number in dribble.reply:
            self._writer.write(bytes([number]))
            await self._writer.drain()
            await asyncio.sleep(dribble.pause)

    def _reset(self) -> None:
        connection = self._writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def _line(self) -> bytes:
        line = await self._until(b"\r\n")
        self.server.commands.append(line)
        return line

    async def _until(self, mark: bytes) -> bytes:
        start = 0
        while (end := self._buffer.find(mark, start)) < 0:
            start = max(0, len(self._buffer) - len(mark))
            await asyncio.sleep(self.server.pause)
            chunk = await self._reader.read(65536)
            if not chunk:
                raise Over
            self.server.packets.append(chunk)
            self._buffer += chunk
        found = bytes(self._buffer[:end])
        del self._buffer[: end + len(mark)]
        return found


def address(line: bytes) -> str:
    return line.partition(b"<")[2].partition(b">")[0].decode("utf-8", "surrogateescape")
