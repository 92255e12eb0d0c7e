"""What is known of a message, whatever the relay does while it is handed over."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from newsletter.errors import LedgerError
from newsletter.message import Envelope
from newsletter.reply import Phase, Reply
from newsletter.smtp import connection as room
from newsletter.smtp.connection import Connection, Handed, Lost
from tests.conftest import Scripted
from tests.integration.campaigns import SENDER, connected, person, run, until
from tests.servers.scripted import (
    BOOK,
    CLOSE,
    DROP,
    Dribble,
    Hook,
    ScriptedServer,
    Session,
    Sleep,
    on_call,
)

BODY = b"Subject: x\r\n\r\nHello\r\n"
LARGE = b"Subject: x\r\n\r\n" + (b"x" * 76 + b"\r\n") * 256_000  # 20 MB: more than sockets hold

COMMANDS = ["mail", "rcpt", "data"]
PHASES = {"mail": Phase.MAIL, "rcpt": Phase.RCPT, "data": Phase.DATA, ".": Phase.DOT}

Intend = Callable[[], Awaitable[None]]


async def at_once() -> None:
    """An intent that is durable already."""


async def slowly() -> None:
    await asyncio.sleep(1)


def envelope(number: int = 1) -> Envelope:
    return Envelope(SENDER, person(number))


def talk(
    server: ScriptedServer, body: bytes = BODY, intend: Intend = at_once
) -> tuple[Handed | Lost, bool]:
    """Hand one message over; what came of it, and whether the connection can go on."""

    async def once() -> tuple[Handed | Lost, bool]:
        line = await connected(server)
        try:
            outcome: Handed | Lost = await line.hand_over(envelope(), body, intend)
        except Lost as lost:
            outcome = lost
        is_open = line.is_open
        await line.quit()
        return outcome, is_open

    return run(once())


def lost_in(server: ScriptedServer, body: bytes = BODY, intend: Intend = at_once) -> Phase:
    outcome, is_open = talk(server, body, intend)
    assert isinstance(outcome, Lost), outcome
    assert not is_open
    assert "Errno" not in str(outcome)
    assert str(outcome)
    return outcome.phase


def answered(server: ScriptedServer, body: bytes = BODY, intend: Intend = at_once) -> Handed:
    outcome, _ = talk(server, body, intend)
    assert isinstance(outcome, tuple), outcome
    return outcome


# It works


def test_messages_follow_each_other_on_one_connection(scripted: Scripted) -> None:
    server = scripted()

    async def three() -> None:
        line = await connected(server)
        for number in (1, 2, 3):
            phase, reply = await line.hand_over(envelope(number), BODY, at_once)
            assert (phase, reply) == (Phase.DOT, Reply(250, "2.0.0", "Ok: queued"))
        await line.quit()

    run(three())
    assert server.messages == [(SENDER, person(n), BODY) for n in (1, 2, 3)]
    assert server.connections == 1
    assert b"RSET" not in server.commands  # RFC 5321 needs none, and Exim counts them


def test_a_large_message_arrives_byte_for_byte(scripted: Scripted) -> None:
    server = scripted()
    assert answered(server, LARGE)[1].code == 250
    assert server.messages[0].data == LARGE


def test_the_intent_is_kept_after_the_body_and_before_the_dot(scripted: Scripted) -> None:
    server = scripted()
    seen = []

    async def look() -> None:
        await asyncio.sleep(0.1)
        seen.append((server.commands[-1], list(server.messages)))

    answered(server, intend=look)
    assert seen == [(b"DATA", [])]


@pytest.mark.parametrize("reply", [b"251 2.1.5 Will forward\r\n", b"252 x\r\n", b"250\r\n"])
def test_any_yes_to_the_dot_is_a_yes(scripted: Scripted, reply: bytes) -> None:
    phase, answer = answered(scripted({".": reply}))
    assert (phase, answer.code) == (Phase.DOT, int(reply[:3]))


def test_a_yes_of_251_to_a_recipient_is_a_yes(scripted: Scripted) -> None:
    server = scripted({"rcpt": b"251 2.1.5 User not local; will forward\r\n"})
    assert answered(server)[0] is Phase.DOT
    assert len(server.messages) == 1


def test_many_lines_and_single_bytes_are_one_reply(scripted: Scripted) -> None:
    server = scripted({".": Dribble(b"250-2.0.0 queued\r\n250-2.0.0 as\r\n250 2.0.0 7\r\n")})
    assert answered(server) == (Phase.DOT, Reply(250, "2.0.0", "queued as 7"))


def test_a_slow_yes_is_a_yes(scripted: Scripted) -> None:
    server = scripted({".": [Sleep(0.5), b"250 2.0.0 Ok\r\n"]})
    assert answered(server)[1].code == 250


# The relay goes away


@pytest.mark.parametrize("end", [DROP, CLOSE])
@pytest.mark.parametrize("verb", PHASES)
def test_the_phase_in_which_the_relay_went_away_is_known(
    scripted: Scripted, verb: str, end: Hook
) -> None:
    server = scripted({verb: end})
    assert lost_in(server) is PHASES[verb]
    assert server.messages == []


@pytest.mark.parametrize("end", [DROP, CLOSE])
def test_a_message_taken_without_a_word_is_lost_after_the_dot(
    scripted: Scripted, end: Hook
) -> None:
    server = scripted({".": [BOOK, end]})  # type: ignore[list-item]
    assert lost_in(server) is Phase.DOT
    assert len(server.messages) == 1


@pytest.mark.parametrize("end", [DROP, CLOSE])
def test_a_relay_gone_while_the_intent_is_written_never_saw_the_dot(
    scripted: Scripted, end: Hook
) -> None:
    server = scripted({"data": [b"354 Go\r\n", end]})  # type: ignore[list-item]
    assert lost_in(server, intend=slowly) is Phase.BODY


def test_a_relay_gone_in_the_body_never_saw_the_dot(scripted: Scripted) -> None:
    server = scripted({"data": [b"354 Go\r\n", Sleep(0.05), DROP]})
    intents = []

    async def intend() -> None:
        intents.append(1)

    assert lost_in(server, LARGE, intend) is Phase.BODY
    assert intents == []


@pytest.mark.parametrize("verb", PHASES)
def test_half_a_reply_is_none(scripted: Scripted, verb: str) -> None:
    assert lost_in(scripted({verb: [b"250", CLOSE]})) is PHASES[verb]


def test_a_connection_that_the_relay_closed_meanwhile_says_so(scripted: Scripted) -> None:
    server = scripted({".": [b"250 2.0.0 Ok\r\n", CLOSE]})

    async def twice() -> None:
        line = await connected(server)
        await line.hand_over(envelope(), BODY, at_once)
        await asyncio.sleep(0.05)
        with pytest.raises(Lost, match="closed the connection") as lost:
            await line.hand_over(envelope(2), BODY, at_once)
        assert lost.value.phase is Phase.MAIL

    run(twice())


def test_a_connection_reset_while_idle_is_lost_before_anything(scripted: Scripted) -> None:
    server = scripted({".": [b"250 2.0.0 Ok\r\n", Sleep(0.05), DROP]})

    async def twice() -> None:
        line = await connected(server)
        await line.hand_over(envelope(), BODY, at_once)
        await asyncio.sleep(0.15)
        with pytest.raises(Lost) as lost:
            await line.hand_over(envelope(2), BODY, at_once)
        assert lost.value.phase is Phase.MAIL

    run(twice())


# The relay says nothing


@pytest.mark.parametrize("verb", PHASES)
def test_silence_is_given_up_in_its_phase(
    scripted: Scripted, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(room.TIMEOUTS, PHASES[verb], 0.1)
    server = scripted({verb: [BOOK]})
    outcome, is_open = talk(server)
    assert isinstance(outcome, Lost)
    assert (outcome.phase, is_open) == (PHASES[verb], False)
    assert str(outcome) == "nothing came within 0 seconds"


def test_a_relay_that_stops_reading_is_given_up_before_the_dot(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(room.TIMEOUTS, Phase.BODY, 0.3)
    server = scripted({"data": [b"354 Go\r\n", Sleep(10)]})
    intents = []

    async def intend() -> None:
        intents.append(1)

    assert lost_in(server, LARGE, intend) is Phase.BODY
    assert intents == []


def test_a_reply_dripped_for_too_long_is_given_up(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(room.TIMEOUTS, Phase.MAIL, 0.2)
    server = scripted({"mail": Dribble(b"250-" + b"x" * 1000, pause=0.01)})
    assert lost_in(server) is Phase.MAIL


def test_a_goodbye_waits_for_nobody(scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "QUIT_TIMEOUT", 0.1)
    server = scripted({"quit": []})
    start = time.monotonic()
    assert answered(server)[1].code == 250
    assert time.monotonic() - start < 2


def test_the_time_after_the_dot_is_what_the_rfc_asks() -> None:
    assert room.TIMEOUTS[Phase.DOT] >= 600  # shorter makes duplicates: RFC 1047


# The relay says no


@pytest.mark.parametrize("verb", PHASES)
def test_a_refusal_is_told_with_its_phase_and_the_connection_goes_on(
    scripted: Scripted, verb: str
) -> None:
    server = scripted({verb: on_call({1: b"550 5.1.1 No such user\r\n"})})

    async def twice() -> None:
        line = await connected(server)
        refused = await line.hand_over(envelope(), BODY, at_once)
        assert refused == (PHASES[verb], Reply(550, "5.1.1", "No such user"))
        assert (await line.hand_over(envelope(2), BODY, at_once))[1].code == 250
        await line.quit()

    run(twice())
    assert [booked.recipient for booked in server.messages] == [person(2)]
    assert server.connections == 1


@pytest.mark.parametrize("verb", PHASES)
def test_a_421_is_told_with_its_phase_and_ends_the_connection(
    scripted: Scripted, verb: str
) -> None:
    server = scripted({verb: [b"421 4.3.2 Shutting down\r\n", CLOSE]})
    outcome, is_open = talk(server)
    assert outcome == (PHASES[verb], Reply(421, "4.3.2", "Shutting down"))
    assert not is_open
    assert b"RSET" not in server.commands


@pytest.mark.parametrize("after", [[], DROP, b"500 What?\r\n", b"rubbish\r\n"])
@pytest.mark.parametrize("verb", COMMANDS)
def test_a_refusal_stands_whatever_becomes_of_the_reset(
    scripted: Scripted, verb: str, after: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "RESET_TIMEOUT", 0.1)
    server = scripted({verb: b"550 5.1.1 gone\r\n", "rset": after})
    outcome, is_open = talk(server)
    assert outcome == (PHASES[verb], Reply(550, "5.1.1", "gone"))
    assert not is_open


def test_a_yes_to_data_is_no_yes_and_the_message_stays_here(scripted: Scripted) -> None:
    server = scripted({"data": b"250 2.0.0 Ok: queued\r\n"})
    assert answered(server)[0] is Phase.DATA
    assert server.messages == []
    assert not any(b"Hello" in command for command in server.commands)


@pytest.mark.parametrize("verb", ["mail", "rcpt"])
def test_an_invitation_to_go_on_is_no_yes_to_a_command(scripted: Scripted, verb: str) -> None:
    server = scripted({verb: b"354 Go\r\n"})
    assert answered(server)[0] is PHASES[verb]
    assert server.messages == []


def test_an_invitation_to_go_on_is_no_answer_to_the_dot(scripted: Scripted) -> None:
    server = scripted({".": [BOOK, b"354 Go on\r\n250 2.0.0 Ok\r\n"]})
    assert lost_in(server) is Phase.DOT


@pytest.mark.parametrize(
    "code", [b"550 5.7.1 Spam\r\n", b"552 5.3.4 Too big\r\n", b"451 Later\r\n"]
)
def test_a_refusal_in_the_middle_of_the_body_is_heard(scripted: Scripted, code: bytes) -> None:
    server = scripted({"data": [b"354 Go\r\n", Sleep(0.05), code]})
    phase, reply = answered(server, LARGE, slowly)
    assert (phase, reply.code) == (Phase.BODY, int(code[:3]))
    assert server.messages == []


def test_a_refusal_in_the_middle_of_the_body_is_heard_when_the_relay_then_goes(
    scripted: Scripted,
) -> None:
    server = scripted({"data": [b"354 Go\r\n550 5.7.1 Spam\r\n", Sleep(0.2), CLOSE]})
    phase, reply = answered(server, LARGE, slowly)
    assert (phase, reply.code) == (Phase.BODY, 550)


# The relay says too much


@pytest.mark.parametrize("verb", COMMANDS)
def test_a_reply_too_many_ends_the_connection_before_it_can_shift(
    scripted: Scripted, verb: str
) -> None:
    ordinary = b"354 Go\r\n" if verb == "data" else b"250 Ok\r\n"
    server = scripted({verb: [ordinary + b"250 2.0.0 Ok: queued\r\n"]})
    outcome, is_open = talk(server, intend=slowly)
    assert not is_open
    assert server.messages == []
    phase = outcome.phase if isinstance(outcome, Lost) else outcome[0]
    assert phase is not Phase.DOT


def test_a_yes_before_the_dot_is_not_the_yes_to_it(scripted: Scripted) -> None:
    server = scripted({"data": [b"354 Go\r\n", Sleep(0.1), b"250 2.0.0 Ok: queued\r\n"]})
    assert answered(server, intend=slowly)[0] is Phase.BODY
    assert server.messages == []


def test_a_reply_between_two_messages_ends_the_connection(scripted: Scripted) -> None:
    server = scripted({".": on_call({1: [b"250 2.0.0 Ok\r\n", b"250 2.0.0 Ok\r\n"]})})

    async def twice() -> None:
        line = await connected(server)
        await line.hand_over(envelope(), BODY, at_once)
        await asyncio.sleep(0.05)
        with pytest.raises(Lost, match="nobody asked for: 250") as lost:
            await line.hand_over(envelope(2), BODY, at_once)
        assert lost.value.phase is Phase.MAIL
        assert not line.is_open

    run(twice())
    assert [booked.recipient for booked in server.messages] == [person(1)]


def test_two_refusals_at_once_are_not_taken_for_the_reset(scripted: Scripted) -> None:
    server = scripted({"rcpt": b"550 5.1.1 gone\r\n250 2.0.0 Ok\r\n"})
    outcome, is_open = talk(server)
    assert outcome == (Phase.RCPT, Reply(550, "5.1.1", "gone"))
    assert not is_open


@pytest.mark.parametrize(
    "rubbish",
    [
        b"25O Ok\r\n",
        b"250-a\r\n550 b\r\n",
        b"x" * 10_000,
        b"250-x\r\n" * 200,
        b"\0\0\0\r\n",
        b"caf\xe9\r\n",
    ],
)
@pytest.mark.parametrize("verb", PHASES)
def test_rubbish_ends_the_connection_in_its_phase(
    scripted: Scripted, verb: str, rubbish: bytes
) -> None:
    assert lost_in(scripted({verb: [rubbish]})) is PHASES[verb]


# We stop


def test_where_the_intent_cannot_be_kept_the_dot_is_never_written(scripted: Scripted) -> None:
    server = scripted()

    async def fail() -> None:
        raise LedgerError("the disk is full")

    async def once() -> None:
        line = await connected(server)
        with pytest.raises(LedgerError, match="the disk is full"):
            await line.hand_over(envelope(), BODY, fail)
        assert not line.is_open
        await asyncio.sleep(0.1)

    run(once())
    assert server.messages == []


async def cancelled_when(
    server: ScriptedServer, condition: Callable[[], bool], intend: Intend
) -> Connection:
    """A connection on which a message was being handed over until *condition* held."""
    line = await connected(server)
    task = asyncio.create_task(line.hand_over(envelope(), BODY, intend))
    await until(condition)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return line


@pytest.mark.parametrize("verb", PHASES)
def test_a_cancelled_message_ends_its_connection(scripted: Scripted, verb: str) -> None:
    asked: list[str] = []

    def silent(session: Session, line: bytes) -> list[bytes]:
        asked.append(verb)
        return []

    server = scripted({verb: silent})

    async def once() -> None:
        line = await cancelled_when(server, lambda: bool(asked), at_once)
        assert not line.is_open
        with pytest.raises(Lost) as lost:
            await line.hand_over(envelope(2), BODY, at_once)
        assert lost.value.phase is Phase.MAIL
        await asyncio.sleep(0.05)

    run(once())
    assert server.messages == []


def test_a_message_cancelled_before_its_intent_is_never_sent(scripted: Scripted) -> None:
    server = scripted()
    begun = []

    async def endless() -> None:
        begun.append(1)
        await asyncio.Event().wait()

    async def once() -> None:
        line = await cancelled_when(server, lambda: bool(begun), endless)
        assert not line.is_open
        await asyncio.sleep(0.1)

    run(once())
    assert server.messages == []


def test_an_old_or_idle_connection_is_not_fresh(scripted: Scripted) -> None:
    server = scripted()

    async def once() -> None:
        line = await connected(server)
        assert line.is_fresh(10, 10)
        await asyncio.sleep(0.05)
        assert not line.is_fresh(0.01, 10)
        assert not line.is_fresh(10, 0.01)
        await line.hand_over(envelope(), BODY, at_once)
        assert line.is_fresh(10, 0.04)
        await line.quit()
        assert not line.is_fresh(10, 10)

    run(once())
