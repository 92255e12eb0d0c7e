"""What is known of a message when it is we who stop; and how long a connection is good."""

import asyncio
from collections.abc import Callable

import pytest

from newsletter.errors import LedgerError
from newsletter.reply import Phase
from newsletter.smtp.connection import Connection, Lost
from tests.conftest import Scripted
from tests.integration.campaigns import connected, person, run, until
from tests.integration.lines import PHASES, SILENT, Intend, at_once, both_ways, parcel
from tests.servers.scripted import ScriptedServer, Session, Sleep


def test_where_the_intent_cannot_be_kept_the_dot_is_never_written(scripted: Scripted) -> None:
    server = scripted()

    async def fail() -> None:
        raise LedgerError("the disk is full")

    async def once() -> None:
        line = await connected(server)
        with pytest.raises(LedgerError, match="the disk is full"):
            await line.hand_over(parcel(1), fail, parcel(2))
        assert not line.is_open
        await asyncio.sleep(0.1)

    run(once())
    assert server.messages == []
    assert server.commands[-1] == b"DATA"


async def cancelled_when(
    server: ScriptedServer, condition: Callable[[], bool], intend: Intend
) -> Connection:
    """A connection on which a message was being handed over until *condition* held."""
    line = await connected(server)
    task = asyncio.create_task(line.hand_over(parcel(1), intend, parcel(2)))
    await until(condition)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return line


@pytest.mark.fault(
    27, "cancelled in each phase", "the line is closed; no reply is read for another"
)
@both_ways
@pytest.mark.parametrize("verb", PHASES)
def test_a_cancelled_message_ends_its_connection(
    scripted: Scripted, verb: str, extensions: list[str]
) -> None:
    asked: list[str] = []

    def silent(session: Session, line: bytes) -> Sleep:
        asked.append(verb)
        return SILENT

    server = scripted({verb: silent}, extensions=extensions)

    async def once() -> None:
        line = await cancelled_when(server, lambda: bool(asked), at_once)
        assert not line.is_open
        with pytest.raises(Lost) as lost:
            await line.hand_over(parcel(2), at_once)
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


@pytest.mark.parametrize("leave", ["quit", "drop"])
def test_a_message_that_was_begun_and_is_not_wanted_leaves_no_trace(
    scripted: Scripted, leave: str
) -> None:
    server = scripted()

    async def once() -> None:
        line = await connected(server)
        await line.hand_over(parcel(1), at_once, parcel(2))
        if leave == "quit":
            await line.quit()
        else:
            line.drop()
        await asyncio.sleep(0.05)

    run(once())
    assert [booked.recipient for booked in server.messages] == [person(1)]
    assert b"QUIT\r\n" not in server.packets  # it would be a line of the message


def test_another_message_than_the_one_begun_is_not_sent(scripted: Scripted) -> None:
    server = scripted()

    async def once() -> None:
        line = await connected(server)
        await line.hand_over(parcel(1), at_once, parcel(2))
        with pytest.raises(Lost, match="another message was begun") as lost:
            await line.hand_over(parcel(3), at_once)
        assert lost.value.phase is Phase.MAIL
        assert not line.is_open
        await asyncio.sleep(0.05)

    run(once())
    assert [booked.recipient for booked in server.messages] == [person(1)]


def test_an_old_or_idle_connection_is_not_fresh(scripted: Scripted) -> None:
    server = scripted()

    async def once() -> None:
        line = await connected(server)
        assert line.is_fresh(10, 10)
        await asyncio.sleep(0.05)
        assert not line.is_fresh(0.01, 10)
        assert not line.is_fresh(10, 0.01)
        await line.hand_over(parcel(1), at_once)
        assert line.is_fresh(10, 0.04)
        await line.quit()
        assert not line.is_fresh(10, 10)

    run(once())
