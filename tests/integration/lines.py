"""Handing messages over to scripted servers, and what came of it."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from newsletter.message import Envelope
from newsletter.reply import Phase
from newsletter.smtp.connection import Handed, Lost, Parcel
from tests.integration.campaigns import SENDER, connected, person, run
from tests.servers.scripted import EXTENSIONS, ScriptedServer, Sleep

BODY = b"Subject: x\r\n\r\nHello\r\n"
LARGE = b"Subject: x\r\n\r\n" + (b"x" * 76 + b"\r\n") * 256_000  # 20 MB: more than sockets hold

COMMANDS = ["mail", "rcpt", "data"]
PHASES = {"mail": Phase.MAIL, "rcpt": Phase.RCPT, "data": Phase.DATA, ".": Phase.DOT}

#: A reset overtakes the replies before it; after so long they have been read.
READ = Sleep(0.05)
#: Says nothing more on this line.
SILENT = Sleep(60)

Intend = Callable[[], Awaitable[None]]

one_by_one = [word for word in EXTENSIONS if word != "PIPELINING"]
both_ways = pytest.mark.parametrize(
    "extensions", [EXTENSIONS, one_by_one], ids=["in groups", "one by one"]
)


async def at_once() -> None:
    """An intent that is durable already."""


async def slowly() -> None:
    await asyncio.sleep(1)


async def a_moment() -> None:
    """An intent that takes longer than a packet."""
    await asyncio.sleep(0.05)


def parcel(number: int = 1, data: bytes = BODY) -> Parcel:
    return Parcel(Envelope(SENDER, person(number)), data)


def talk(
    server: ScriptedServer, body: bytes = BODY, intend: Intend = at_once
) -> tuple[Handed | Lost, bool]:
    """Hand one message over; what came of it, and whether the connection can go on."""

    async def once() -> tuple[Handed | Lost, bool]:
        line = await connected(server)
        try:
            outcome: Handed | Lost = await line.hand_over(parcel(data=body), intend)
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


def talk_on(
    server: ScriptedServer, messages: int, *, opened: bool = True, intend: Intend = at_once
) -> list[Handed | Lost]:
    """Hand so many over on one connection, each begun behind the one before."""
    outcomes: list[Handed | Lost] = []

    async def all_of_them() -> None:
        line = await connected(server)
        parcels = [parcel(number) for number in range(1, messages + 1)]
        for each, following in zip(parcels, [*parcels[1:], None], strict=True):
            try:
                outcomes.append(await line.hand_over(each, intend, following if opened else None))
            except Lost as lost:
                outcomes.append(lost)
        await line.quit()

    run(all_of_them())
    return outcomes
