"""The words of a script for the scripted server: what it may do instead of the ordinary reply."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple


class Act(Enum):
    DROP = auto()  #: reset the connection (RST); no byte more
    CLOSE = auto()  #: end the connection in good order (FIN)
    BOOK = auto()  #: take responsibility for the message without saying so


DROP, CLOSE, BOOK = Act.DROP, Act.CLOSE, Act.BOOK


@dataclass(frozen=True)
class Sleep:
    seconds: float


@dataclass(frozen=True)
class Dribble:
    """A reply sent byte by byte."""

    reply: bytes
    pause: float = 0.001


class Booked(NamedTuple):
    """A message for one recipient that the server is answerable for."""

    sender: str
    recipient: str
    data: bytes  #: as sent, without the dots that SMTP adds


Action = bytes | Act | Sleep | Dribble
Step = Action | Sequence[Action]


def actions(step: Step) -> Sequence[Action]:
    return [step] if isinstance(step, bytes | Act | Sleep | Dribble) else step


def reply_in(action: Action) -> bytes:
    match action:
        case bytes():
            return action
        case Dribble():
            return action.reply
    return b""
