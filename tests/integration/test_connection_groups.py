"""The dot of one message and MAIL, RCPT, DATA of the next travel together, and nothing mixes."""

from collections.abc import Sequence

import pytest

from newsletter.message import Envelope
from newsletter.reply import Phase, Reply
from newsletter.smtp import connection as room
from newsletter.smtp.connection import Lost, Parcel, Unfit
from tests.conftest import Scripted
from tests.integration.campaigns import SENDER, connected, person, run
from tests.integration.lines import (
    BODY,
    a_moment,
    at_once,
    both_ways,
    lost_in,
    one_by_one,
    parcel,
    talk_on,
)
from tests.servers.script import Step
from tests.servers.scripted import CLOSE, EXTENSIONS, Hook, Session, on_call

ACCEPTED = (Phase.DOT, Reply(250, "2.0.0", "Ok: queued"))
UNKNOWN = b"550 5.1.1 No such user\r\n"


def behind(number: int) -> bytes:
    """The commands for this person, as they go out in one write."""
    mail = f"MAIL FROM:<{SENDER}> SIZE={len(BODY)}\r\nRCPT TO:<{person(number)}>\r\nDATA\r\n"
    return mail.encode()


def packets(extensions: Sequence[str], scripted: Scripted, script: dict[str, Hook]) -> list[bytes]:
    """What three messages on one line are written as, from the first MAIL on."""
    server = scripted(script, extensions=extensions)

    async def three() -> None:
        line = await connected(server)
        server.packets.clear()
        one, two, three = (parcel(number) for number in (1, 2, 3))
        await line.hand_over(one, a_moment, two)
        await line.hand_over(two, a_moment, three)
        await line.hand_over(three, a_moment)
        await line.quit()

    run(three())
    return server.packets


def test_the_dot_and_the_next_message_are_one_write(scripted: Scripted) -> None:
    assert packets(EXTENSIONS, scripted, {}) == [
        behind(1),
        BODY,
        b".\r\n" + behind(2),
        BODY,
        b".\r\n" + behind(3),
        BODY,
        b".\r\n",
        b"QUIT\r\n",
    ]


@pytest.mark.fault(6, "no PIPELINING is offered", "the same commands, one by one")
def test_without_pipelining_each_command_waits_for_its_reply(scripted: Scripted) -> None:
    singly = [
        line
        for number in (1, 2, 3)
        for line in (*behind(number).splitlines(keepends=True), BODY, b".\r\n")
    ]
    assert packets(one_by_one, scripted, {}) == [*singly, b"QUIT\r\n"]


@pytest.mark.fault(6, "PIPELINING offered, and all behind MAIL dropped", "lost before the body")
def test_a_relay_that_drops_what_comes_early_is_given_up(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(room.TIMEOUTS, Phase.RCPT, 0.2)

    def forget(session: Session, line: bytes) -> None:
        session._buffer.clear()

    server = scripted({"mail": forget})
    assert lost_in(server) is Phase.RCPT
    assert server.messages == []


def test_a_refused_message_is_cleaned_up_in_the_write_of_the_next(scripted: Scripted) -> None:
    """RCPT refused, and DATA with it: RSET goes along, and costs no round trip."""
    sent = packets(EXTENSIONS, scripted, {"rcpt": on_call({2: UNKNOWN})})
    assert sent[2:4] == [b".\r\n" + behind(2), b"RSET\r\n" + behind(3)]


@pytest.mark.fault(17, "RCPT 550 and DATA 354, the lone dot 554", "refused; the line goes on")
def test_a_message_for_nobody_is_ended_with_a_lone_dot(scripted: Scripted) -> None:
    script = invited_for_nobody(b"554 5.5.1 No valid recipients\r\n")
    server = scripted(script)
    first, second, third = talk_on(server, 3)
    assert (first, third) == (ACCEPTED, ACCEPTED)
    assert second == (Phase.RCPT, Reply(550, "5.1.1", "No such user"))
    assert [booked.recipient for booked in server.messages] == [person(1), person(3)]
    sent = packets(EXTENSIONS, scripted, invited_for_nobody(b"554 5.5.1 No valid recipients\r\n"))
    assert sent[2:4] == [b".\r\n" + behind(2), b".\r\nRSET\r\n" + behind(3)]


@pytest.mark.fault(17, "RCPT 550 and DATA 354, the lone dot 250", "refused; the line is closed")
def test_an_empty_message_that_was_taken_is_no_acceptance(scripted: Scripted) -> None:
    server = scripted(invited_for_nobody(b"250 2.0.0 Ok: queued\r\n"))
    first, second, third = talk_on(server, 3)
    assert first == ACCEPTED
    assert second == (Phase.RCPT, Reply(550, "5.1.1", "No such user"))
    assert isinstance(third, Lost)
    assert third.phase is Phase.MAIL
    assert [booked.recipient for booked in server.messages] == [person(1)]


def invited_for_nobody(to_the_dot: bytes) -> dict[str, Hook]:
    """The second person is unknown, and yet the relay asks for the text."""

    def dot(session: Session, line: bytes) -> Step | None:
        return None if session.recipients else to_the_dot

    return {"rcpt": on_call({2: UNKNOWN}), "data": b"354 Go\r\n", ".": dot}


def test_a_message_from_nobody_gets_no_dot(scripted: Scripted) -> None:
    """It would be an empty mail."""
    script: dict[str, Hook] = {
        "mail": b"550 5.7.1 Not you\r\n",
        "rcpt": b"250 2.1.5 Ok\r\n",
        "data": b"354 Go\r\n",
    }
    server = scripted(script)
    assert lost_in(server) is Phase.MAIL
    assert server.commands[-1] == b"DATA"
    assert server.messages == []


def test_a_line_that_went_after_a_refusal_takes_nothing_back(scripted: Scripted) -> None:
    server = scripted({"rcpt": on_call({2: [UNKNOWN, CLOSE]})})
    first, second, third = talk_on(server, 3)
    assert first == ACCEPTED
    assert second == (Phase.RCPT, Reply(550, "5.1.1", "No such user"))
    assert isinstance(third, Lost)


# What cannot be said


@both_ways
@pytest.mark.fault(56, "a non-ASCII local part, no SMTPUTF8 offered", "5.6.7; others unaffected")
def test_what_the_relay_cannot_carry_is_not_said_and_hurts_nobody(
    scripted: Scripted, extensions: list[str]
) -> None:
    server = scripted(extensions=extensions)

    async def three() -> None:
        line = await connected(server)
        zoe = Parcel(Envelope(SENDER, "zoë@example.org"), BODY)
        assert await line.hand_over(parcel(1), at_once, zoe) == ACCEPTED
        with pytest.raises(Unfit, match="SMTPUTF8") as unfit:
            await line.hand_over(zoe, at_once, parcel(3))
        assert unfit.value.status == "5.6.7"
        assert line.is_open
        assert await line.hand_over(parcel(3), at_once) == ACCEPTED
        await line.quit()

    run(three())
    assert [booked.recipient for booked in server.messages] == [person(1), person(3)]
    assert server.connections == 1


def test_with_smtputf8_it_is_carried(scripted: Scripted) -> None:
    server = scripted(extensions=[*EXTENSIONS, "SMTPUTF8"])

    async def once() -> None:
        line = await connected(server)
        zoe = Parcel(Envelope(SENDER, "zoë@example.org"), BODY)
        assert await line.hand_over(zoe, at_once) == ACCEPTED
        await line.quit()

    run(once())
    assert [booked.recipient for booked in server.messages] == ["zoë@example.org"]
    assert b"SMTPUTF8" in next(line for line in server.commands if line.startswith(b"MAIL"))
