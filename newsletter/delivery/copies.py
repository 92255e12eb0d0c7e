"""One person's message, made and signed just before it goes."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from newsletter.ledger.states import Delivery
from newsletter.message import Envelope, HeaderError, compose
from newsletter.skeleton import Skeleton, closest
from newsletter.smtp.connection import Connection, Parcel

SHARE = 8  #: messages that one thread signs in one go


@dataclass(slots=True, eq=False)
class Copy:
    """One person's row, and the message for it."""

    delivery: Delivery
    parcel: Parcel
    refused_before: int = 0  #: how many refusals there had been when the relay heard of this one
    counted_on: Connection | None = None  #: where the relay's limits let it go


@dataclass(frozen=True, slots=True)
class Unmade:
    """Nothing can be sent to this person, and why."""

    delivery: Delivery
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Press:
    """What is the same for everybody, and what makes a copy of it for one."""

    return_path: str
    skeletons: Mapping[str, Skeleton]  #: by language, as a recipient's row names it
    sign: Mapping[str, Callable[[bytes], bytes]] = field(default_factory=dict)  #: by language

    async def make(self, deliveries: Sequence[Delivery]) -> list[Copy | Unmade]:
        """Return the copies for *deliveries*, in their order."""
        if not self.sign:
            return self._made(deliveries)
        # In threads: a signature is one long multiplication, which needs no Python.
        shares = [deliveries[n : n + SHARE] for n in range(0, len(deliveries), SHARE)]
        made = await asyncio.gather(*(asyncio.to_thread(self._made, share) for share in shares))
        return [each for share in made for each in share]

    def _made(self, deliveries: Sequence[Delivery]) -> list[Copy | Unmade]:
        return [self._copy(delivery) for delivery in deliveries]

    def _copy(self, delivery: Delivery) -> Copy | Unmade:
        reader = delivery.recipient
        language = closest(reader.language, self.skeletons) or next(iter(self.skeletons))
        try:
            data = compose(self.skeletons[language], reader, delivery.message_id)
        except HeaderError as error:
            return Unmade(delivery, str(error))
        if self.sign:
            data = self.sign[language](data)
        envelope = Envelope(self.return_path, str(reader.address))
        return Copy(delivery, Parcel(envelope, data, _envid(delivery)))


def _envid(delivery: Delivery) -> str:
    """Return what reports about this delivery will name: RFC 3461 section 4.4."""
    return delivery.message_id.strip("<>").partition("@")[0]
