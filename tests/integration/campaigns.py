"""Small campaigns, a ledger of their own and connections to scripted servers, for these tests."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from newsletter.address import Address
from newsletter.audience import Exclusion, Recipient
from newsletter.config import Relay
from newsletter.ledger import reading
from newsletter.ledger.states import Counts, Kind, Person, Plan
from newsletter.ledger.stores import Place
from newsletter.message import Letterhead, Mailbox, skeleton
from newsletter.rendering import Rendering
from newsletter.skeleton import Skeleton
from newsletter.smtp import login
from newsletter.smtp.connection import Connection
from tests.servers.scripted import ScriptedServer

T = TypeVar("T")

SENDER = "ceo@example.org"


def run(coroutine: Coroutine[Any, Any, T], seconds: float = 20) -> T:
    """Run to the end, which must come within *seconds*."""

    async def bounded() -> T:
        async with asyncio.timeout(seconds):
            return await coroutine

    return asyncio.run(bounded())


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise TimeoutError("it did not happen in five seconds")


def relay(server: ScriptedServer) -> Relay:
    return Relay(url=f"smtp://127.0.0.1:{server.port}")


async def connected(server: ScriptedServer) -> Connection:
    return await login.connect(relay(server), "")


def person(number: int) -> str:
    return f"person{number}@example.org"


def people(count: int) -> tuple[Recipient, ...]:
    return tuple(
        Recipient(
            address=Address(f"person{n}", "example.org"),
            first_name="Zoë",
            display_name=f"Zoë {n}",
            language="nl",
            lists=("staff",),
        )
        for n in range(1, count + 1)
    )


def mail(language: str = "nl", text: str = "Dag allemaal.") -> Skeleton:
    return skeleton(
        Rendering(
            language=language,
            languages=(language,),
            subject=f"Nieuws ({language})",
            text=text,
            html=f"<p>{text}</p>",
            images=(),
            slots=(),
        ),
        Letterhead(
            sender=Mailbox("Communicatie", Address("ceo", "example.org")),
            reply_to=None,
            list_id="newsletter.example.org",
            date=datetime(2026, 11, 23, 9, tzinfo=UTC),
        ),
    )


def plan(count: int, **changes: Any) -> Plan:
    given = Plan(
        announcement="ceo",
        kind=Kind.LIVE,
        relay="smtp://relay.example.org",
        seed="seed",
        domain="example.org",
        return_path=SENDER,
        planned_at=1000.0,
        content_hash="hash",
        lists=("staff",),
        skeletons=(("nl", mail()),),
        recipients=people(count),
        exclusions=(Exclusion(address="x@example.org", reason="twice", list_name="staff"),),
    )
    return replace(given, **changes)


def till(ledger: Place, campaign_id: int = 1) -> Counts:
    with reading.reading(ledger) as book:
        return reading.counts(book, campaign_id)


def everybody(ledger: Place, campaign_id: int = 1) -> tuple[Person, ...]:
    with reading.reading(ledger) as book:
        return reading.people(book, campaign_id)
