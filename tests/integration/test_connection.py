"""What is known of a message when all goes well, when the relay goes away, when it is silent."""

import asyncio
import time

import pytest

from newsletter.reply import Phase, Reply
from newsletter.smtp import connection as room
from newsletter.smtp.connection import Lost
from tests.conftest import Scripted
from tests.integration.campaigns import SENDER, connected, person, run
from tests.integration.lines import (
    BODY,
    LARGE,
    PHASES,
    READ,
    SILENT,
    answered,
    at_once,
    both_ways,
    lost_in,
    parcel,
    slowly,
    talk,
    talk_on,
)
from tests.servers.scripted import BOOK, CLOSE, DROP, Dribble, Hook, Sleep

# It works


@both_ways
@pytest.mark.parametrize("opened", [True, False])
def test_messages_follow_each_other_on_one_connection(
    scripted: Scripted, extensions: list[str], opened: bool
) -> None:
    server = scripted(extensions=extensions)
    assert talk_on(server, 3, opened=opened) == [(Phase.DOT, Reply(250, "2.0.0", "Ok: queued"))] * 3
    assert server.messages == [(SENDER, person(n), BODY) for n in (1, 2, 3)]
    assert server.connections == 1
    assert b"RSET" not in server.commands  # RFC 5321 needs none, and Exim counts them
    assert server.commands[-1] == b"QUIT"


@both_ways
def test_a_large_message_arrives_byte_for_byte(scripted: Scripted, extensions: list[str]) -> None:
    server = scripted(extensions=extensions)
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


@pytest.mark.fault(18, "251, 252 or a bare 250 to the dot", "accepted; the words are kept")
@pytest.mark.parametrize("reply", [b"251 2.1.5 Will forward\r\n", b"252 x\r\n", b"250\r\n"])
def test_any_yes_to_the_dot_is_a_yes(scripted: Scripted, reply: bytes) -> None:
    phase, answer = answered(scripted({".": reply}))
    assert (phase, answer.code) == (Phase.DOT, int(reply[:3]))


def test_a_yes_of_251_to_a_recipient_is_a_yes(scripted: Scripted) -> None:
    server = scripted({"rcpt": b"251 2.1.5 User not local; will forward\r\n"})
    assert answered(server)[0] is Phase.DOT
    assert len(server.messages) == 1


@pytest.mark.fault(18, "a reply of three lines, byte by byte", "accepted; one reply")
@pytest.mark.fault(20, "a reply of three lines, byte by byte", "accepted; one reply")
def test_many_lines_and_single_bytes_are_one_reply(scripted: Scripted) -> None:
    server = scripted({".": Dribble(b"250-2.0.0 queued\r\n250-2.0.0 as\r\n250 2.0.0 7\r\n")})
    assert answered(server) == (Phase.DOT, Reply(250, "2.0.0", "queued as 7"))


@pytest.mark.fault(10, "250 half a second after the dot, as if it were 30", "accepted, one copy")
def test_a_slow_yes_is_a_yes(scripted: Scripted) -> None:
    server = scripted({".": [Sleep(0.5), b"250 2.0.0 Ok\r\n"]})
    assert answered(server)[1].code == 250
    assert len(server.messages) == 1


# The relay goes away


@pytest.mark.fault(7, "reset or hung up at each command", "the phase is known; not in doubt")
@both_ways
@pytest.mark.parametrize("end", [DROP, CLOSE])
@pytest.mark.parametrize("verb", PHASES)
def test_the_phase_in_which_the_relay_went_away_is_known(
    scripted: Scripted, verb: str, end: Hook, extensions: list[str]
) -> None:
    server = scripted({verb: [READ, end]}, extensions=extensions)  # type: ignore[list-item]
    assert lost_in(server) is PHASES[verb]
    assert server.messages == []


@pytest.mark.fault(8, "it takes the message, then resets or hangs up", "in doubt, never a guess")
@pytest.mark.fault(28, "it keeps the message, then ends without a word", "in doubt")
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
    server = scripted({"data": [b"354 Go\r\n", READ, end]})  # type: ignore[list-item]
    assert lost_in(server, intend=slowly) is Phase.BODY


def test_a_relay_gone_in_the_body_never_saw_the_dot(scripted: Scripted) -> None:
    server = scripted({"data": [b"354 Go\r\n", READ, DROP]})
    intents = []

    async def intend() -> None:
        intents.append(1)

    assert lost_in(server, LARGE, intend) is Phase.BODY
    assert intents == []


@both_ways
@pytest.mark.parametrize("verb", PHASES)
def test_half_a_reply_is_none(scripted: Scripted, verb: str, extensions: list[str]) -> None:
    server = scripted({verb: [b"250", CLOSE]}, extensions=extensions)
    assert lost_in(server) is PHASES[verb]


def test_a_connection_that_the_relay_closed_meanwhile_says_so(scripted: Scripted) -> None:
    server = scripted({".": [b"250 2.0.0 Ok\r\n", CLOSE]})

    async def twice() -> None:
        line = await connected(server)
        await line.hand_over(parcel(1), at_once)
        await asyncio.sleep(0.05)
        with pytest.raises(Lost, match="closed the connection") as lost:
            await line.hand_over(parcel(2), at_once)
        assert lost.value.phase is Phase.MAIL

    run(twice())


@pytest.mark.fault(25, "reset after a message, before the next", "lost in MAIL: nobody is charged")
def test_a_connection_reset_while_idle_is_lost_before_anything(scripted: Scripted) -> None:
    server = scripted({".": [b"250 2.0.0 Ok\r\n", READ, DROP]})

    async def twice() -> None:
        line = await connected(server)
        await line.hand_over(parcel(1), at_once)
        await asyncio.sleep(0.15)
        with pytest.raises(Lost) as lost:
            await line.hand_over(parcel(2), at_once)
        assert lost.value.phase is Phase.MAIL

    run(twice())


# The relay says nothing


@pytest.mark.fault(9, "no reply to the dot within the time set", "in doubt, and the line is closed")
@both_ways
@pytest.mark.parametrize("verb", PHASES)
def test_silence_is_given_up_in_its_phase(
    scripted: Scripted, verb: str, extensions: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(room.TIMEOUTS, PHASES[verb], 0.1)
    server = scripted({verb: [BOOK, SILENT]}, extensions=extensions)
    outcome, is_open = talk(server)
    assert isinstance(outcome, Lost)
    assert (outcome.phase, is_open) == (PHASES[verb], False)
    assert str(outcome) == "nothing came within 0 seconds"


@pytest.mark.fault(23, "it stops reading in the body", "given up before the dot: not in doubt")
def test_a_relay_that_stops_reading_is_given_up_before_the_dot(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(room.TIMEOUTS, Phase.BODY, 0.3)
    server = scripted({"data": [b"354 Go\r\n", SILENT]})
    intents = []

    async def intend() -> None:
        intents.append(1)

    assert lost_in(server, LARGE, intend) is Phase.BODY
    assert intents == []


def test_a_relay_that_reads_slowly_is_waited_for(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time for the body counts anew whenever some of it went."""
    monkeypatch.setitem(room.TIMEOUTS, Phase.BODY, 0.5)
    server = scripted(pause=0.005)
    start = time.monotonic()
    assert answered(server, LARGE)[1].code == 250
    assert time.monotonic() - start > 1.0
    assert server.messages[0].data == LARGE


@both_ways
def test_a_reply_dripped_for_too_long_is_given_up(
    scripted: Scripted, extensions: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(room.TIMEOUTS, Phase.MAIL, 0.2)
    server = scripted({"mail": Dribble(b"250-" + b"x" * 1000, pause=0.01)}, extensions=extensions)
    assert lost_in(server) is Phase.MAIL


def test_a_goodbye_waits_for_nobody(scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "QUIT_TIMEOUT", 0.1)
    server = scripted({"quit": []})
    start = time.monotonic()
    assert answered(server)[1].code == 250
    assert time.monotonic() - start < 2


def test_the_times_are_those_of_the_rfc() -> None:
    """RFC 5321 section 4.5.3.2; a shorter one after the dot makes duplicates: RFC 1047."""
    assert room.TIMEOUTS == {
        Phase.MAIL: 300,
        Phase.RCPT: 300,
        Phase.DATA: 120,
        Phase.BODY: 180,
        Phase.DOT: 600,
    }
