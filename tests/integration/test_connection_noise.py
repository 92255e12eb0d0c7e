"""A reply too many or too few, anywhere: nobody is accepted or refused on another's reply."""

import asyncio
import socket
from dataclasses import dataclass, field
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.reply import Phase
from newsletter.smtp import connection as room
from newsletter.smtp.connection import Connection, Handed, Lost
from newsletter.smtp.wire import Wire
from tests.integration.campaigns import person, run
from tests.integration.lines import at_once, parcel
from tests.servers.session import address

FATES = ["taken", "unknown", "refused"]
EXTRA = [
    b"250 2.0.0 Ok\r\n",
    b"354 Go\r\n",
    b"550 5.1.1 No\r\n",
    b"421 4.3.2 Bye\r\n",
    b"503 x\r\n",
]


@dataclass
class Relay(asyncio.Protocol):
    """Does what it is told in good order, but for one of its replies.

    It answers all that came in one packet in one packet, as real ones do.
    """

    fates: list[str]
    at: int  #: which of its replies
    extra: bytes  #: goes out before that reply; empty: that reply is left out
    books: list[str] = field(default_factory=list)
    _unread: bytes = b""
    _replies: int = 0
    _said: bytes = b""
    _recipient: str = ""
    _in_body: bool = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        *lines, self._unread = (self._unread + data).split(b"\r\n")
        for line in lines:
            self._take(line)
        self._transport.write(self._said)
        self._said = b""

    def _take(self, line: bytes) -> None:
        if self._in_body:
            if line == b".":
                self._end()
        elif line.startswith(b"RCPT"):
            unknown = self._fate(address(line)) == "unknown"
            self._recipient = "" if unknown else address(line)
            self._reply(b"550 5.1.1 Who?\r\n" if unknown else b"250 2.1.5 Ok\r\n")
        elif line.startswith(b"DATA"):
            self._in_body = bool(self._recipient)
            self._reply(b"354 Go\r\n" if self._in_body else b"554 5.5.1 Nobody\r\n")
        else:
            self._recipient = ""
            self._reply(b"250 2.1.0 Ok\r\n")

    def _end(self) -> None:
        self._in_body = False
        if self._fate(self._recipient) == "taken":
            self.books.append(self._recipient)
            self._reply(b"250 2.0.0 queued\r\n")
        else:
            self._reply(b"554 5.7.1 Spam\r\n", is_no_to_dot=True)

    def _fate(self, recipient: str) -> str:
        return self.fates[int(recipient.removeprefix("person").partition("@")[0]) - 1]

    def _reply(self, reply: bytes, *, is_no_to_dot: bool = False) -> None:
        if self._replies == self.at:
            # Where the relay refuses without a word and goes on talking, nobody can know.
            reply = self.extra + reply if self.extra or is_no_to_dot else b""
        self._replies += 1
        self._said += reply


async def hand_all_over(relay: Relay, *, pipelines: bool, opened: bool) -> list[Handed | Lost]:
    ours, theirs = socket.socketpair()
    loop = asyncio.get_running_loop()
    await loop.create_connection(lambda: relay, sock=theirs)
    transport, _ = await loop.create_connection(asyncio.Protocol, sock=ours)
    line = Connection(Wire(transport), {"pipelining": ""} if pipelines else {})
    parcels = [parcel(number) for number in range(1, len(relay.fates) + 1)]
    outcomes: list[Handed | Lost] = []
    for each, following in zip(parcels, [*parcels[1:], None], strict=True):
        try:
            outcomes.append(await line.hand_over(each, at_once, following if opened else None))
        except Lost as lost:
            outcomes.append(lost)
    line.drop()
    await asyncio.sleep(0)
    return outcomes


@pytest.mark.fault(20, "any reply twice or not at all, in one packet", "no reply is another's")
@pytest.mark.fault(21, "any reply twice or not at all, in one packet", "no reply is another's")
@settings(max_examples=300, deadline=None)
@given(
    fates=st.lists(st.sampled_from(FATES), min_size=1, max_size=4),
    at=st.integers(0, 16),
    extra=st.sampled_from([*EXTRA, b""]),
    pipelines=st.booleans(),
    opened=st.booleans(),
)
def test_one_reply_too_many_or_too_few_never_makes_a_wrong_answer(
    fates: list[str], at: int, extra: bytes, pipelines: bool, opened: bool
) -> None:
    relay = Relay(fates, at, extra)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "TIMEOUTS", dict.fromkeys(room.TIMEOUTS, 0.05))
        patch.setattr(room, "RESET_TIMEOUT", 0.05)
        outcomes = run(hand_all_over(relay, pipelines=pipelines, opened=opened))
    assert len(relay.books) == len(set(relay.books))
    for number, outcome in enumerate(outcomes, 1):
        is_in_doubt = isinstance(outcome, Lost) and outcome.phase is Phase.DOT
        is_accepted = isinstance(outcome, tuple) and outcome[1].code < 300
        assert is_in_doubt or is_accepted == (person(number) in relay.books), (number, outcomes)


@pytest.mark.parametrize("opened", [True, False])
@pytest.mark.parametrize("pipelines", [True, False])
def test_without_noise_everybody_meets_his_fate(pipelines: bool, opened: bool) -> None:
    fates = [*FATES, "taken", "unknown", "unknown", "taken"]
    relay = Relay(fates, 1000, b"")
    outcomes = run(hand_all_over(relay, pipelines=pipelines, opened=opened))
    codes = [outcome[1].code for outcome in outcomes if isinstance(outcome, tuple)]
    assert codes == [{"taken": 250, "unknown": 550, "refused": 554}[fate] for fate in fates]
    assert relay.books == [person(n) for n, fate in enumerate(fates, 1) if fate == "taken"]
