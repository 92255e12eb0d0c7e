"""One connection to the relay, and the handing over of one message after the other on it.

Every phase is known by name, so that "before the dot" and "after the dot" never blur: a relay
that never saw the final dot cannot have accepted; one that may have seen it leaves the delivery
in doubt. After any fault the connection is dropped for good, never re-synchronised.

A relay with PIPELINING (RFC 2920) gets the final dot of one message and MAIL, RCPT and DATA of
the next in one write: one round trip a message. Without it, the same commands go one by one.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping

from newsletter.reply import Phase, Reply
from newsletter.smtp.commands import Offered, Parcel, Unfit, commands
from newsletter.smtp.wire import Wire

__all__ = ["Connection", "Handed", "Lost", "Parcel", "Unfit"]

# Seconds: RFC 5321 section 4.5.3.2. The one after the dot must not be shorter: a relay that
# accepts after we gave up makes duplicates (RFC 1047).
TIMEOUTS = {
    Phase.MAIL: 300.0,
    Phase.RCPT: 300.0,
    Phase.DATA: 120.0,
    Phase.BODY: 180.0,  #: without progress
    Phase.DOT: 600.0,
}
RESET_TIMEOUT = 20.0
CONFIRMED = 1.0  #: in which a relay that answered a dot has answered what was written behind it
QUIT_TIMEOUT = 2.0
MOST_REFUSED = 8  #: Exim closes after 10 commands beside messages, Postfix after 20 errors

Handed = tuple[Phase, Reply]

_DOT, _RESET = b".\r\n", b"RSET\r\n"
_YES = {Phase.MAIL: 2, Phase.RCPT: 2, Phase.DATA: 3}  #: the first digit of it
_GONE = (OSError, EOFError)


class Lost(Exception):
    """The conversation broke off in *phase*; after `Phase.DOT` the outcome is unknown."""

    def __init__(self, phase: Phase, reason: str) -> None:
        self.phase = phase
        super().__init__(reason)


class Connection:
    """A logged-in connection; one message at a time."""

    def __init__(
        self, wire: Wire, extensions: Mapping[str, str], certificate_expires: float | None = None
    ) -> None:
        self._wire = wire
        self._offered = Offered.of(extensions)
        self.certificate_expires = certificate_expires  #: Unix time; None: no TLS
        self.is_open = True
        self.carried = 0  #: messages that the relay took on it
        self.answered_in = 0.0  #: seconds from the last final dot to its reply
        self.one_by_one = False  #: whether commands go singly, whatever the relay offers
        self._phase = Phase.MAIL
        self._begun: Parcel | None = None  #: its MAIL, RCPT and DATA are written
        self._unasked: list[bytes] = []  #: commands that wait for the reply before them
        self._cleaning: tuple[bytes, ...] = ()  #: what has to go before the next MAIL
        self._refused = 0
        self._loop = asyncio.get_running_loop()
        self._opened = self._used = self._dotted = self._loop.time()

    @property
    def extensions(self) -> frozenset[str]:
        """What the relay offered, in lower case."""
        return self._offered.words

    @property
    def largest(self) -> int | None:
        """How many octets a message may have, where the relay says so."""
        return self._offered.largest

    @property
    def has_begun(self) -> bool:
        """Whether the relay waits for a message that was named to it behind the last dot."""
        return self._begun is not None

    @property
    def answered(self) -> int:
        """How many messages the relay took or refused on it."""
        return self.carried + self._refused

    @property
    def pipelines(self) -> bool:
        """Whether it takes commands before it has answered those before."""
        return "pipelining" in self._offered.words and not self.one_by_one

    def is_fresh(self, oldest: float, longest_idle: float) -> bool:
        """Whether the relay can be expected to be listening still; the limits are seconds."""
        now = self._loop.time()
        young = now - self._opened < oldest and now - self._used < longest_idle
        return self.is_open and young and self._refused < MOST_REFUSED

    async def hand_over(
        self, parcel: Parcel, intend: Callable[[], Awaitable[None]], then: Parcel | None = None
    ) -> Handed:
        """Hand *parcel* over; begin *then* behind its dot, where the relay takes groups.

        *intend* is awaited after the body and before the dot: when it fails, the dot is never
        written. Returns the reply that settled the matter, and the phase it answers; raises
        `Lost` when none came, and `Unfit` before anything is said. Where *parcel* is refused
        before its dot, *then* is not begun. What was begun has to be handed over next.
        """
        group = () if parcel is self._begun else commands(parcel, self._offered)
        following = self._group_behind(then)
        self._phase = Phase.MAIL
        try:
            if group:
                self._begin(group)
            self._begun = None
            if refused := await self._opened_up():
                return refused
            self._phase = Phase.BODY
            if not self._wire.has_unread:
                await self._wire.pour(parcel.data, TIMEOUTS[Phase.BODY])
            if not self._wire.has_unread:
                await intend()
            if self._wire.has_unread:  # or it would pass for the reply to the dot
                return await self._early_reply()
            self._phase = Phase.DOT
            self._dotted = self._loop.time()
            self._wire.write(_DOT + following)
            self._begun = then if following else None
            return await self._settled()
        except (*_GONE, ValueError) as error:
            self.drop()
            raise Lost(self._phase, _reason(error)) from error
        except BaseException:
            self.drop()  # cancelled, or the intent could not be kept: never the dot, never reuse
            raise
        finally:
            self._used = self._loop.time()

    async def quit(self) -> None:
        """Say goodbye if the relay listens; no outcome depends on it."""
        try:
            if self.is_open and not self._begun and _DOT not in self._cleaning:
                with contextlib.suppress(*_GONE, ValueError):
                    self._wire.write(b"QUIT\r\n")
                    await self._wire.read_reply(QUIT_TIMEOUT)
        finally:
            self.drop()

    def drop(self) -> None:
        """Close the connection now, whatever was under way on it."""
        self.is_open = False
        self._begun = None
        self._wire.abort()

    def _group_behind(self, then: Parcel | None) -> bytes:
        if then is None or not self.pipelines:
            return b""
        try:
            return b"".join(commands(then, self._offered))
        except Unfit:  # it says so when its own turn comes
            return b""

    def _begin(self, group: tuple[bytes, ...]) -> None:
        if not self.is_open:
            raise EOFError("the connection is closed")
        if self._begun:
            raise ValueError("another message was begun on this connection")
        self._wire.expect_silence()
        group = (*self._cleaning, *group)
        if self.pipelines:
            self._wire.write(b"".join(group))
        else:
            self._unasked = list(group)

    async def _opened_up(self) -> Handed | None:
        """Return None once the relay waits for the body, or else what it refused, and how."""
        await self._clean_up()
        refused: Handed | None = None
        try:
            for phase, yes in _YES.items():
                answer = await self._answer(phase, TIMEOUTS[phase])
                if answer.code // 100 not in (yes, 4, 5):
                    raise self._confused(f"no reply to {phase.upper()}: {answer}")
                if answer.code >= 400:
                    refused = refused or self._refusal(phase, answer)
                elif refused:
                    self._take_back(refused[0], phase)
                if not self.is_open or (refused and not self.pipelines):
                    break
        except _GONE:
            if not refused:
                raise
            self.drop()  # the refusal stands, whatever becomes of the connection
        if refused and self._wire.unread and self._wire.unread[0].code != 421:
            raise self._confused(f"a reply too many: {self._wire.unread[0]}")
        return refused

    def _confused(self, reason: str) -> ValueError:
        """Replies that fit no question are nobody's: they say nothing of this message."""
        self._phase = Phase.MAIL
        return ValueError(reason)

    def _refusal(self, phase: Phase, answer: Reply) -> Handed:
        self._refused += 1
        self._cleaning = (_RESET,)
        self._unasked.clear()
        return phase, answer

    def _take_back(self, refused: Phase, taken: Phase) -> None:
        """The relay takes in *taken* what it *refused* the need for; RFC 2920 section 3.1."""
        if (refused, taken) == (Phase.RCPT, Phase.DATA):
            self._cleaning = (_DOT, _RESET)  # a message for nobody
        else:  # a dot would send an empty mail from nobody
            raise self._confused(f"{refused.upper()} refused, and {taken.upper()} taken")

    async def _clean_up(self) -> None:
        """Read what the relay says to the end of a refused transaction."""
        cleaning, self._cleaning = self._cleaning, ()
        for command in cleaning:
            answer = await self._answer(Phase.MAIL, RESET_TIMEOUT)
            if (answer.code < 400) is (command is _DOT):
                raise ValueError(f"no end of the message before: {answer}")

    async def _early_reply(self) -> Handed:
        """A reply that comes before the dot is the relay's refusal of what it has seen."""
        early = await self._answer(Phase.BODY, TIMEOUTS[Phase.BODY])
        self.drop()
        if early.code < 400:
            raise ValueError(f"a reply that nobody asked for: {early}")
        return Phase.BODY, early

    async def _settled(self) -> Handed:
        """Return the reply to the dot, unless what came with it shows that it is another's."""
        asked = len(_YES) if self._begun else 0
        answer = await self._answer(Phase.DOT, TIMEOUTS[Phase.DOT])
        self.answered_in = self._loop.time() - self._dotted
        if self._begun:
            await self._wire.heard(asked, CONFIRMED)
        if answer.code // 100 == 3 or self._may_be_anothers(answer, asked):
            raise ValueError(f"this may answer something else than the final dot: {answer}")
        if answer.code >= 400:
            self._refused += 1
        else:
            self.carried += 1
        return Phase.DOT, answer

    def _may_be_anothers(self, answer: Reply, asked: int) -> bool:
        """Whether what came behind *answer* leaves open which reply was to the dot.

        The one to DATA is unlike all others: where it comes early, a reply before it is missing.
        With one too many, either of the first two may have been to the dot.
        """
        codes = [reply.code for reply in self._wire.unread]
        if 421 in codes:  # a goodbye may come at any time
            del codes[codes.index(421) :]
        if not codes:
            return False
        is_one_short = len(codes) < asked and codes[-1] // 100 == 3
        are_too_many = len(codes) > asked or (len(codes) == asked and codes[-1] < 300)
        return is_one_short or (are_too_many and (answer.code < 400) is not (codes[0] < 400))

    async def _answer(self, phase: Phase, seconds: float) -> Reply:
        self._phase = phase
        if self._unasked:
            self._wire.expect_silence()  # or every reply would answer the question before
            self._wire.write(self._unasked.pop(0))
        answer = await self._wire.read_reply(seconds)
        if answer.code == 421:  # RFC 5321 section 3.8: the relay closes the line
            self.drop()
        return answer


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
