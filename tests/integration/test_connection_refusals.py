"""What is known of a message when the relay says no, and when it says more than it was asked."""

import asyncio

import pytest

from newsletter.reply import Phase, Reply
from newsletter.smtp import connection as room
from newsletter.smtp.connection import Handed, Lost
from tests.conftest import Scripted
from tests.integration.campaigns import connected, person, run
from tests.integration.lines import (
    COMMANDS,
    LARGE,
    PHASES,
    READ,
    SILENT,
    a_moment,
    answered,
    at_once,
    both_ways,
    lost_in,
    parcel,
    slowly,
    talk,
    talk_on,
)
from tests.servers.scripted import BOOK, CLOSE, DROP, Hook, Sleep, on_call

GONE = Reply(550, "5.1.1", "No such user")


@pytest.mark.fault(14, "550 to one of three", "that one is refused; the others are accepted")
@both_ways
@pytest.mark.parametrize("verb", PHASES)
def test_a_refusal_is_told_with_its_phase_and_the_connection_goes_on(
    scripted: Scripted, verb: str, extensions: list[str]
) -> None:
    server = scripted({verb: on_call({2: b"550 5.1.1 No such user\r\n"})}, extensions=extensions)
    first, second, third = talk_on(server, 3, opened=False)
    assert second == (PHASES[verb], GONE)
    assert first == third == (Phase.DOT, Reply(250, "2.0.0", "Ok: queued"))
    assert [booked.recipient for booked in server.messages] == [person(1), person(3)]
    assert server.connections == 1
    assert server.commands.count(b"RSET") == (0 if verb == "." else 1)


@both_ways
@pytest.mark.parametrize("verb", PHASES)
def test_a_refused_message_begun_behind_another_hurts_neither(
    scripted: Scripted, verb: str, extensions: list[str]
) -> None:
    server = scripted({verb: on_call({2: b"550 5.1.1 No such user\r\n"})}, extensions=extensions)
    first, second, third = talk_on(server, 3)
    assert second == (PHASES[verb], GONE)
    assert first == third == (Phase.DOT, Reply(250, "2.0.0", "Ok: queued"))
    assert [booked.recipient for booked in server.messages] == [person(1), person(3)]


@pytest.mark.fault(12, "421 to the dot", "refused for now, not in doubt; the line is closed")
@both_ways
@pytest.mark.parametrize("verb", PHASES)
def test_a_421_is_told_with_its_phase_and_ends_the_connection(
    scripted: Scripted, verb: str, extensions: list[str]
) -> None:
    server = scripted({verb: [b"421 4.3.2 Shutting down\r\n", CLOSE]}, extensions=extensions)
    outcome, is_open = talk(server)
    assert outcome == (PHASES[verb], Reply(421, "4.3.2", "Shutting down"))
    assert not is_open
    assert b"RSET" not in server.commands


@pytest.mark.fault(11, "421 to a command of the second message", "it goes back; the first stands")
@both_ways
@pytest.mark.parametrize("verb", PHASES)
def test_a_421_in_the_middle_of_a_batch_is_about_the_message_it_answers(
    scripted: Scripted, verb: str, extensions: list[str]
) -> None:
    server = scripted(
        {verb: on_call({2: [b"421 4.3.2 Too many\r\n", CLOSE]})}, extensions=extensions
    )
    first, second, third = talk_on(server, 3)
    assert first == (Phase.DOT, Reply(250, "2.0.0", "Ok: queued"))
    assert second == (PHASES[verb], Reply(421, "4.3.2", "Too many"))
    assert isinstance(third, Lost)
    assert third.phase is Phase.MAIL
    assert [booked.recipient for booked in server.messages] == [person(1)]


@pytest.mark.fault(
    26, "RSET is not answered, or with 500", "the refusal stands; the line is closed"
)
@both_ways
@pytest.mark.parametrize("after", [SILENT, DROP, b"500 What?\r\n", b"rubbish\r\n", b"421 x\r\n"])
@pytest.mark.parametrize("verb", COMMANDS)
def test_a_refusal_stands_whatever_becomes_of_the_reset(
    scripted: Scripted,
    verb: str,
    after: Hook,
    extensions: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "RESET_TIMEOUT", 0.1)
    server = scripted({verb: b"550 5.1.1 No such user\r\n", "rset": after}, extensions=extensions)
    refused, lost = talk_on(server, 2)
    assert refused == (PHASES[verb], GONE)
    assert isinstance(lost, Lost)  # the next one: nothing was said of it
    assert lost.phase is Phase.MAIL
    assert server.messages == []


def test_a_line_that_refused_eight_is_not_fresh(scripted: Scripted) -> None:
    """Exim closes after ten commands that are no mail, Postfix after twenty errors."""

    async def refused() -> list[bool]:
        line = await connected(server)
        fresh = []
        for number in range(1, 9):
            assert (await line.hand_over(parcel(number), at_once))[1].code == 550
            fresh.append(line.is_fresh(100, 100))
        await line.quit()
        return fresh

    for verb in PHASES:
        server = scripted({verb: b"550 5.1.1 No such user\r\n"})
        assert run(refused()) == [True] * 7 + [False]


@both_ways
def test_a_yes_to_data_is_no_yes_and_the_message_stays_here(
    scripted: Scripted, extensions: list[str]
) -> None:
    server = scripted({"data": b"250 2.0.0 Ok: queued\r\n"}, extensions=extensions)
    assert lost_in(server) is Phase.MAIL  # nothing is known of anybody
    assert server.messages == []
    assert not any(b"Hello" in command for command in server.commands)


@both_ways
@pytest.mark.parametrize("verb", ["mail", "rcpt"])
def test_an_invitation_to_go_on_is_no_yes_to_a_command(
    scripted: Scripted, verb: str, extensions: list[str]
) -> None:
    server = scripted({verb: b"354 Go\r\n"}, extensions=extensions)
    assert lost_in(server) is Phase.MAIL
    assert server.messages == []


def test_an_invitation_to_go_on_is_no_answer_to_the_dot(scripted: Scripted) -> None:
    server = scripted({".": [BOOK, b"354 Go on\r\n250 2.0.0 Ok\r\n"]})
    assert lost_in(server) is Phase.DOT


@pytest.mark.fault(22, "550, 552 or 451 while 20 MB are on their way", "heard, with its words")
@both_ways
@pytest.mark.parametrize(
    "code", [b"550 5.7.1 Spam\r\n", b"552 5.3.4 Too big\r\n", b"451 Later\r\n"]
)
def test_a_refusal_in_the_middle_of_the_body_is_heard(
    scripted: Scripted, code: bytes, extensions: list[str]
) -> None:
    server = scripted({"data": [b"354 Go\r\n", Sleep(0.05), code]}, extensions=extensions)
    phase, reply = answered(server, LARGE, slowly)
    assert (phase, reply.code) == (Phase.BODY, int(code[:3]))
    assert server.messages == []


@pytest.mark.fault(22, "550 in the body, then it reads no more", "heard at once; no dot")
@pytest.mark.parametrize("end", [CLOSE, SILENT])
def test_a_refusal_in_the_middle_of_the_body_is_heard_when_the_relay_then_goes(
    scripted: Scripted, end: Hook
) -> None:
    said = [b"354 Go\r\n550 5.7.1 Spam\r\n", Sleep(0.2), end]
    server = scripted({"data": said})  # type: ignore[dict-item]
    assert answered(server, LARGE, slowly) == (Phase.BODY, Reply(550, "5.7.1", "Spam"))


def test_a_refusal_while_the_intent_is_written_keeps_the_dot_back(scripted: Scripted) -> None:
    server = scripted({"data": [b"354 Go\r\n", Sleep(0.1), b"550 5.7.1 Spam\r\n"]})
    assert answered(server, intend=slowly) == (Phase.BODY, Reply(550, "5.7.1", "Spam"))
    assert server.messages == []


# The relay says too much


@pytest.mark.fault(21, "a second reply behind each first", "the line is closed; nothing shifts")
@both_ways
@pytest.mark.parametrize("extra", [b"250 2.0.0 Ok: queued\r\n", b"354 Go\r\n", b"550 5.1.1 x\r\n"])
@pytest.mark.parametrize("verb", COMMANDS)
def test_a_reply_too_many_ends_the_connection_before_it_can_shift(
    scripted: Scripted, verb: str, extra: bytes, extensions: list[str]
) -> None:
    ordinary = b"354 Go\r\n" if verb == "data" else b"250 Ok\r\n"
    server = scripted({verb: on_call({1: ordinary + extra})}, extensions=extensions)
    first, second = talk_on(server, 2, intend=a_moment)
    assert server.messages == []
    assert phase_of(first) is not Phase.DOT
    assert phase_of(second) is Phase.MAIL
    assert isinstance(second, Lost)


def phase_of(outcome: Handed | Lost) -> Phase:
    return outcome.phase if isinstance(outcome, Lost) else outcome[0]


def test_a_yes_before_the_dot_is_not_the_yes_to_it(scripted: Scripted) -> None:
    server = scripted({"data": [b"354 Go\r\n", Sleep(0.1), b"250 2.0.0 Ok: queued\r\n"]})
    assert lost_in(server, intend=slowly) is Phase.BODY
    assert server.messages == []


@pytest.mark.fault(21, "250 between two messages", "the line is closed; the second goes back")
def test_a_reply_between_two_messages_ends_the_connection(scripted: Scripted) -> None:
    server = scripted({".": on_call({1: [b"250 2.0.0 Ok\r\n", READ, b"250 2.0.0 Ok\r\n"]})})

    async def twice() -> None:
        line = await connected(server)
        await line.hand_over(parcel(1), at_once)
        await asyncio.sleep(0.1)
        with pytest.raises(Lost, match="nobody asked for: 250") as lost:
            await line.hand_over(parcel(2), at_once)
        assert lost.value.phase is Phase.MAIL
        assert not line.is_open

    run(twice())
    assert [booked.recipient for booked in server.messages] == [person(1)]


@both_ways
@pytest.mark.parametrize(
    "said",
    [
        b"250 2.0.0 Ok\r\n550 5.7.1 No\r\n",
        b"550 5.7.1 No\r\n250 2.0.0 Ok\r\n",
        b"421 4.4.2 Bye\r\n250 2.0.0 Ok\r\n",
    ],
)
def test_two_answers_to_one_dot_are_in_doubt(
    scripted: Scripted, said: bytes, extensions: list[str]
) -> None:
    assert lost_in(scripted({".": said}, extensions=extensions)) is Phase.DOT


def test_a_yes_and_a_goodbye_to_one_dot_is_a_yes(scripted: Scripted) -> None:
    server = scripted({".": [b"250 2.0.0 Ok\r\n421 4.4.2 Timeout\r\n", CLOSE]})
    first, second = talk_on(server, 2)
    assert first == (Phase.DOT, Reply(250, "2.0.0", "Ok"))
    assert phase_of(second) is Phase.MAIL


@pytest.mark.fault(19, "rubbish, megabytes without end, NULs", "the line is closed in its phase")
@both_ways
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
    scripted: Scripted, verb: str, rubbish: bytes, extensions: list[str]
) -> None:
    assert lost_in(scripted({verb: [rubbish]}, extensions=extensions)) is PHASES[verb]
