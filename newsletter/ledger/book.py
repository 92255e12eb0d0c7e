"""What a sender does with the ledger: plan, start, claim, intend, record, finish."""

import asyncio
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

from sqlalchemy import ColumnElement, Connection, insert, select, update

from newsletter.address import Address
from newsletter.audience import Exclusion, Recipient
from newsletter.errors import LedgerError
from newsletter.ledger import schema
from newsletter.ledger.states import WAITING, Delivery, Entry, Plan, State
from newsletter.ledger.writer import Intent, Outcome, Writer
from newsletter.skeleton import Skeleton, load_skeleton, message_id

_delivery = schema.delivery.c


class Book:
    """The ledger of one workspace, open for writing. Everything awaited is durable."""

    def __init__(self, path: Path) -> None:
        self._engine = schema.open_for_writing(path)
        self._writer = Writer(self._engine, asyncio.get_running_loop())
        self._writer.start()
        self._unsettled: set[asyncio.Future[Any]] = set()
        self._fault: BaseException | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self._writer.close)
        self._engine.dispose()

    async def plan(self, plan: Plan) -> int:
        """Write *plan* down, everybody in it, and return the campaign's id."""
        return int(await self._writer.submit(lambda connection: _plan(connection, plan)))

    async def start(self, campaign_id: int, now: float, *, lost: State) -> int:
        """Take the campaign over and return the epoch that later calls must name.

        What an earlier sender left behind: claimed people go back to planned, for nothing was
        sent to them; those who were being handed over become *lost*, in doubt or planned.
        """
        return int(
            await self._writer.submit(lambda connection: _start(connection, campaign_id, now, lost))
        )

    async def claim(
        self, campaign_id: int, epoch: int, limit: int, now: float
    ) -> tuple[Delivery, ...]:
        """Return up to *limit* people who are due, now ours."""
        claimed: tuple[Delivery, ...] = await self._writer.submit(
            lambda connection: _claim(connection, campaign_id, epoch, limit, now)
        )
        return claimed

    async def intend(self, delivery: Delivery, epoch: int) -> None:
        """Write down that the final dot of *delivery* is about to be written."""
        self._raise_fault()
        await self._writer.submit(Intent(delivery.id, epoch))

    def record(self, entry: Entry, epoch: int) -> None:
        """Write down what became of an attempt; durable after the next `settled`."""
        future = self._writer.submit(Outcome(entry, epoch))
        self._unsettled.add(future)
        future.add_done_callback(self._note)

    async def settled(self) -> None:
        """Wait until everything recorded is durable."""
        while self._unsettled:
            await asyncio.wait(tuple(self._unsettled))
        self._raise_fault()

    async def release(self, campaign_id: int, epoch: int) -> None:
        """Give back what was claimed and not begun."""
        await self._writer.submit(lambda connection: _release(connection, campaign_id, epoch))

    async def next_due(self, campaign_id: int) -> float | None:
        """Return when the next planned person is due (Unix time); None: nobody is planned."""
        due: float | None = await self._writer.submit(
            lambda connection: connection.execute(
                select(_delivery.not_before)
                .where(_delivery.campaign_id == campaign_id, _delivery.state == State.PLANNED)
                .order_by(_delivery.not_before)
                .limit(1)
            ).scalar()
        )
        return due

    async def halt(self, campaign_id: int, epoch: int, reason: str) -> None:
        """Write down why the campaign stopped before its end."""
        await self._writer.submit(
            lambda connection: _end(connection, campaign_id, epoch, halted=reason[:500])
        )

    async def cancel(self, campaign_id: int, epoch: int) -> None:
        """Give up whoever waits; those whose reply was lost are in doubt, for it may be there."""
        await self._writer.submit(lambda connection: _cancel(connection, campaign_id, epoch))

    async def finish(self, campaign_id: int, epoch: int, now: float) -> None:
        """Write down that nobody waits any more."""
        await self._writer.submit(
            lambda connection: _end(connection, campaign_id, epoch, halted="", finished_at=now)
        )

    async def skeletons(self, campaign_id: int) -> dict[str, Skeleton]:
        """Return the frozen mail by language; the default language comes first."""
        found: dict[str, Skeleton] = await self._writer.submit(
            lambda connection: {
                row.language: load_skeleton(row.data)
                for row in connection.execute(
                    select(schema.skeleton)
                    .where(schema.skeleton.c.campaign_id == campaign_id)
                    .order_by(schema.skeleton.c.id)
                )
            }
        )
        return found

    def _note(self, future: asyncio.Future[Any]) -> None:
        self._unsettled.discard(future)
        if not future.cancelled() and (fault := future.exception()):
            self._fault = self._fault or fault

    def _raise_fault(self) -> None:
        """Refuse to go on once an outcome could not be kept."""
        if self._fault:
            raise self._fault


def audience_hash(recipients: Iterable[Recipient]) -> str:
    """Return a hash of who gets it, in whatever order they were read."""
    keys = sorted(recipient.address.key for recipient in recipients)
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()


def _plan(connection: Connection, plan: Plan) -> int:
    campaign_id: int = connection.execute(
        insert(schema.campaign)
        .values(
            name=_free_name(connection, plan),
            announcement=plan.announcement,
            kind=plan.kind,
            relay=plan.relay,
            return_path=plan.return_path,
            planned_at=plan.planned_at,
            content_hash=plan.content_hash,
            audience_hash=audience_hash(plan.recipients),
            lists=json.dumps(plan.lists),
        )
        .returning(schema.campaign.c.id)
    ).scalar_one()
    connection.execute(
        insert(schema.skeleton),
        [
            {"campaign_id": campaign_id, "language": language, "data": skeleton.dump()}
            for language, skeleton in plan.skeletons
        ],
    )
    connection.execute(
        insert(schema.delivery),
        [
            _planned(campaign_id, message_id(plan.seed, number, plan.domain), recipient)
            for number, recipient in enumerate(plan.recipients, 1)
        ],
    )
    if plan.exclusions:
        connection.execute(
            insert(schema.exclusion), [_excluded(campaign_id, it) for it in plan.exclusions]
        )
    return campaign_id


def _free_name(connection: Connection, plan: Plan) -> str:
    """Return "ceo", "ceo-2", ...; a rehearsal says so in its name."""
    base = plan.announcement if plan.kind == "live" else f"{plan.announcement}-{plan.kind}"
    taken = set(
        connection.execute(
            select(schema.campaign.c.name).where(
                schema.campaign.c.name.startswith(base, autoescape=True)
            )
        ).scalars()
    )
    names = (base if number == 1 else f"{base}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _planned(campaign_id: int, message_id: str, recipient: Recipient) -> dict[str, Any]:
    return {
        "campaign_id": campaign_id,
        "address": str(recipient.address),
        "address_key": recipient.address.key,
        "first_name": recipient.first_name,
        "last_name": recipient.last_name,
        "display_name": recipient.display_name,
        "language": recipient.language,
        "message_id": message_id,
        "state": State.PLANNED,
    }


def _excluded(campaign_id: int, exclusion: Exclusion) -> dict[str, Any]:
    return {
        "campaign_id": campaign_id,
        "address": exclusion.address,
        "list": exclusion.list_name,
        "reason": exclusion.reason,
    }


def _start(connection: Connection, campaign_id: int, now: float, lost: State) -> int:
    row = connection.execute(
        update(schema.campaign)
        .where(schema.campaign.c.id == campaign_id)
        .values(epoch=schema.campaign.c.epoch + 1, halted="")
        .returning(schema.campaign.c.epoch, schema.campaign.c.started_at)
    ).one()
    if row.started_at is None:
        _set(connection, campaign_id, started_at=now)
    mine = _delivery.campaign_id == campaign_id
    handing_over = (mine, _delivery.state == State.HANDING_OVER)
    if lost is State.PLANNED:  # sent again once; whoever was tried before is held all the same
        _lose(connection, now, lost, *handing_over, _delivery.attempts == 0)
    _lose(connection, now, State.IN_DOUBT, *handing_over)
    connection.execute(
        update(schema.delivery)
        .where(mine, _delivery.state == State.CLAIMED)
        .values(state=State.PLANNED)
    )
    return int(row.epoch)


def _lose(connection: Connection, now: float, becomes: State, *which: ColumnElement[bool]) -> None:
    """Write down of *which* deliveries the reply was lost with the sender."""
    lost = connection.execute(
        update(schema.delivery)
        .where(*which)
        .values(state=becomes, attempts=_delivery.attempts + 1)
        .returning(_delivery.id)
    ).scalars()
    testimony = [
        {
            "delivery_id": delivery_id,
            "at": now,
            "state": becomes,
            "phase": "dot",
            "status": "",
            "text": "the sender ended while the message was being handed over",
        }
        for delivery_id in lost
    ]
    if testimony:
        connection.execute(insert(schema.attempt), testimony)


def _claim(
    connection: Connection, campaign_id: int, epoch: int, limit: int, now: float
) -> tuple[Delivery, ...]:
    _check_epoch(connection, campaign_id, epoch)
    due = (
        select(_delivery.id)
        .where(
            _delivery.campaign_id == campaign_id,
            _delivery.state == State.PLANNED,
            _delivery.not_before <= now,
        )
        .order_by(_delivery.not_before, _delivery.id)
        .limit(limit)
    )
    rows = connection.execute(
        update(schema.delivery)
        .where(_delivery.id.in_(due))
        .values(state=State.CLAIMED, epoch=epoch)
        .returning(*schema.delivery.c)
    ).all()
    return tuple(sorted(map(_claimed, rows), key=lambda delivery: delivery.id))


def _check_epoch(connection: Connection, campaign_id: int, epoch: int) -> None:
    current = connection.execute(
        select(schema.campaign.c.epoch).where(schema.campaign.c.id == campaign_id)
    ).scalar()
    if current != epoch:
        raise LedgerError("another sender has taken this campaign over; this one stops")


def _claimed(row: Any) -> Delivery:
    local, _, domain = row.address.rpartition("@")
    return Delivery(
        id=row.id,
        recipient=Recipient(
            address=Address(local, domain),
            first_name=row.first_name,
            last_name=row.last_name,
            display_name=row.display_name,
            language=row.language,
            lists=(),
        ),
        message_id=row.message_id,
        attempts=row.attempts,
    )


def _release(connection: Connection, campaign_id: int, epoch: int) -> None:
    _check_epoch(connection, campaign_id, epoch)
    connection.execute(
        update(schema.delivery)
        .where(
            _delivery.campaign_id == campaign_id,
            _delivery.state == State.CLAIMED,
            _delivery.epoch == epoch,
        )
        .values(state=State.PLANNED)
    )


def _cancel(connection: Connection, campaign_id: int, epoch: int) -> None:
    _check_epoch(connection, campaign_id, epoch)
    attempt = schema.attempt.c
    no_reply = (attempt.phase == "dot", attempt.code.is_(None))
    lost = _delivery.id.in_(select(attempt.delivery_id).where(*no_reply))
    waiting = (_delivery.campaign_id == campaign_id, _delivery.state.in_(WAITING))
    for which, becomes in (((*waiting, lost), State.IN_DOUBT), (waiting, State.CANCELLED)):
        connection.execute(update(schema.delivery).where(*which).values(state=becomes))


def _end(connection: Connection, campaign_id: int, epoch: int, **values: Any) -> None:
    _check_epoch(connection, campaign_id, epoch)
    _set(connection, campaign_id, **values)


def _set(connection: Connection, campaign_id: int, **values: Any) -> None:
    connection.execute(
        update(schema.campaign).where(schema.campaign.c.id == campaign_id).values(**values)
    )
