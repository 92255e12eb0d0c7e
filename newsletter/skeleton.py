"""A message as bytes with holes for its reader, which the ledger keeps.

Apart from `message`, which makes and fills it, so that keeping one imports nothing heavy.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from newsletter.blocks import Field, Slot


class Place(StrEnum):
    """Where in the message a hole is, which decides how its value is written."""

    TO = "to"
    MESSAGE_ID = "message_id"
    TEXT = "text"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Hole:
    """Where a reader's own bytes go; *slot* only in the text and HTML parts."""

    place: Place
    slot: Slot | None = None


@dataclass(frozen=True, slots=True)
class Skeleton:
    """One language of a campaign as bytes: chunks with a hole between each two."""

    chunks: tuple[bytes, ...]
    holes: tuple[Hole, ...]

    def dump(self) -> bytes:
        """Return the skeleton as bytes to keep; `load_skeleton` reads them again."""
        holes = [
            [hole.place, hole.slot.field, hole.slot.fallback] if hole.slot else [hole.place]
            for hole in self.holes
        ]
        return b"\0".join([json.dumps(holes).encode(), *self.chunks])


def load_skeleton(dumped: bytes) -> Skeleton:
    """Return the skeleton that was dumped."""
    head, *chunks = dumped.split(b"\0")
    holes = tuple(
        Hole(Place(place), Slot(Field(slot[0]), slot[1]) if slot else None)
        for place, *slot in json.loads(head)
    )
    return Skeleton(tuple(chunks), holes)


def closest(language: str, made: Iterable[str]) -> str | None:
    """Return the first of the languages *made* that *language* reads, whatever the region.

    >>> closest("nl", ["fr", "nl-BE"])
    'nl-BE'
    """
    wanted = language.partition("-")[0]
    return next((each for each in made if each.partition("-")[0] == wanted), None)


def message_id(seed: str, number: int, domain: str) -> str:
    """Return the Message-ID of delivery *number*: fixed at planning, the same at every try."""
    return f"<{seed}.{number}@{domain}>"
