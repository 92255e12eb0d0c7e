"""Write a campaign down before it begins: the frozen mail, and everybody in it or left out."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, insert, select, update

from newsletter.ledger import schema
from newsletter.ledger.states import Plan, State
from newsletter.ledger.stores import Store
from newsletter.skeleton import message_id

CHUNK = 2000  #: people looked at in one go

_PLANNED = (
    "campaign_id address address_key first_name last_name display_name language message_id state"
)


def plan(connection: Connection, store: Store, plan: Plan) -> int:
    """Write *plan* down and return the campaign's id; its people are taken as they come."""
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
            audience_hash="",
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
    store.add(connection, schema.delivery, _PLANNED, _planned(campaign_id, plan))
    store.add(
        connection,
        schema.exclusion,
        "campaign_id address list reason",
        ((campaign_id, each.address, each.list_name, each.reason) for each in plan.exclusions),
    )
    people, audience = frozen(connection, campaign_id)
    connection.execute(
        update(schema.campaign)
        .where(schema.campaign.c.id == campaign_id)
        .values(people=people, audience_hash=audience)
    )
    return campaign_id


def frozen(connection: Connection, campaign_id: int) -> tuple[int, str]:
    """Return how many people a campaign has, and a hash of who they are, in whatever order."""
    delivery = schema.delivery.c
    keys = connection.execute(
        select(delivery.address_key)
        .where(delivery.campaign_id == campaign_id)
        .order_by(delivery.address_key),
        execution_options={"yield_per": CHUNK},
    ).scalars()
    number, found = 0, hashlib.sha256()
    for chunk in keys.partitions():
        found.update(("\n" if number else "").encode() + "\n".join(chunk).encode())
        number += len(chunk)
    return number, found.hexdigest()


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


def _planned(campaign_id: int, plan: Plan) -> Iterator[tuple[Any, ...]]:
    for number, person in enumerate(plan.recipients, 1):
        yield (
            campaign_id,
            str(person.address),
            person.address.key,
            person.first_name,
            person.last_name,
            person.display_name,
            person.language,
            message_id(plan.seed, number, plan.domain),
            State.PLANNED.value,
        )
