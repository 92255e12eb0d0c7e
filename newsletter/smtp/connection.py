"""One connection to the relay, and the handing over of one message on it.

Every phase is known by name, so that "before the dot" and "after the dot" never blur: a relay
that never saw the final dot cannot have accepted; one that may have seen it leaves the delivery
in doubt. After any fault the connection is dropped for good, never re-synchronised.

Pipelined groups (RFC 2920) will be written here: `body . | MAIL RCPT DATA`.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from newsletter.message import Envelope
from newsletter.reply import Phase, Reply
from newsletter.smtp.wire import Wire

# Seconds: RFC 5321 section 4.5.3.2. The one after the dot must not be shorter: a relay that
# accepts after we gave up makes duplicates (RFC 1047).
TIMEOUTS = {
    Phase.MAIL: 300.0,
    Phase.RCPT: 300.0,
    Phase.DATA: 120.0,
    Phase.BODY: 180.0,
    Phase.DOT: 600.0,
}
RESET_TIMEOUT = 20.0
QUIT_TIMEOUT = 2.0

Handed = tuple[Phase, Reply]

_NO_REPLY = (OSError, EOFError, ValueError, TimeoutError)


class Lost(Exception):
    """The conversation broke off in *phase*; after `Phase.DOT` the outcome is unknown."""

    def __init__(self, phase: Phase, reason: str) -> None:
        self.phase = phase
        super().__init__(reason)


class Connection:
    """A logged-in connection; one message at a time."""

    def __init__(self, wire: Wire, extensions: frozenset[str]) -> None:
        self._wire = wire
        self.extensions = extensions
        self.is_open = True
        self._opened = self._used = asyncio.get_running_loop().time()

    def is_fresh(self, oldest: float, longest_idle: float) -> bool:
        """Whether the relay can be expected to be listening still; the limits are seconds."""
        now = asyncio.get_running_loop().time()
        young = now - self._opened < oldest and now - self._used < longest_idle
        return self.is_open and young

    async def hand_over(
        self, envelope: Envelope, data: bytes, intend: Callable[[], Awaitable[None]]
    ) -> Handed:
        """Send *data*, CRLF-ended and without lines that begin with a dot.

        *intend* is awaited after the body and before the final dot: when it fails, the dot is
        never written. Returns the reply that settled the matter, and the phase it answers;
        raises `Lost` when none came.
        """
        phase = Phase.MAIL
        try:
            for phase, command, hoped in (
                (Phase.MAIL, f"MAIL FROM:<{envelope.sender}>", 2),
                (Phase.RCPT, f"RCPT TO:<{envelope.recipient}>", 2),
                (Phase.DATA, "DATA", 3),
            ):
                answer = await self._ask(phase, command.encode("ascii") + b"\r\n")
                if answer.code // 100 != hoped:
                    await self._reset()
                    return phase, answer
            phase = Phase.BODY
            if early := await self._write_body(data):
                return phase, early
            await intend()
            if early := await self._early_reply():  # or it would pass for the reply to the dot
                return phase, early
            phase = Phase.DOT
            answer = await self._ask(phase, b".\r\n")
            if answer.code // 100 == 3:
                raise ValueError(f"no reply to a final dot: {answer}")
            return phase, answer
        except _NO_REPLY as error:
            self.drop()
            raise Lost(phase, _reason(error, phase)) from error
        except BaseException:
            self.drop()  # cancelled, or the intent could not be kept: never the dot, never reuse
            raise
        finally:
            self._used = asyncio.get_running_loop().time()

    async def quit(self) -> None:
        """Say goodbye if the relay listens; no outcome depends on it."""
        if self.is_open:
            with contextlib.suppress(*_NO_REPLY):
                self._wire.write(b"QUIT\r\n")
                async with asyncio.timeout(QUIT_TIMEOUT):
                    await self._wire.read_reply()
        self.drop()

    def drop(self) -> None:
        """Close the connection now, whatever was under way on it."""
        self.is_open = False
        self._wire.abort()

    async def _ask(self, phase: Phase, data: bytes) -> Reply:
        self._wire.expect_silence()  # or every reply would answer the question before
        self._wire.write(data)
        return await self._answer(phase)

    async def _answer(self, phase: Phase) -> Reply:
        async with asyncio.timeout(TIMEOUTS[phase]):
            answer = await self._wire.read_reply()
        if answer.code == 421:  # RFC 5321 section 3.8: the relay closes the line
            self.drop()
        return answer

    async def _write_body(self, data: bytes) -> Reply | None:
        """Write *data*, all of it."""
        self._wire.write(data)
        async with asyncio.timeout(TIMEOUTS[Phase.BODY]):
            await self._wire.drained()
        return await self._early_reply()

    async def _early_reply(self) -> Reply | None:
        """A reply that comes before the dot is the relay's refusal of what it has seen."""
        if not self._wire.has_unread:
            return None
        early = await self._answer(Phase.BODY)
        self.drop()
        return early

    async def _reset(self) -> None:
        """Clear a failed transaction; the refusal stands whatever becomes of the connection."""
        if not self.is_open:
            return
        with contextlib.suppress(*_NO_REPLY):
            self._wire.expect_silence()
            self._wire.write(b"RSET\r\n")
            async with asyncio.timeout(RESET_TIMEOUT):
                if (await self._wire.read_reply()).code == 250:
                    return
        self.drop()


def _reason(error: Exception, phase: Phase) -> str:
    said = getattr(error, "strerror", None) or str(error)
    return said or f"nothing came within {TIMEOUTS[phase]:.0f} seconds"
