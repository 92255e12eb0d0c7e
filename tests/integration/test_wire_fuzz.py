"""A million spoilt bytes: whatever a relay says, it is a reply, or a fault."""

import asyncio
import random

import pytest

from newsletter.reply import LONGEST_TEXT, Reply
from newsletter.smtp.wire import LONGEST_LINE, MOST_UNREAD, Wire
from tests.integration.campaigns import run

SPOKEN = [
    b"250 2.1.0 Ok\r\n",
    b"250 2.1.5 Ok\r\n",
    b"354 End data with <CR><LF>.<CR><LF>\r\n",
    b"250-2.0.0 queued as\r\n250 2.0.0 4F2aBc\r\n",
    b"550-5.1.1 <x@example.org>: Recipient address rejected\r\n550 5.1.1 unknown\r\n",
    b"421 4.4.2 Error: timeout exceeded\r\n",
    b"452 4.5.3 Too many recipients\r\n",
]
TELLING = b"0123456789-\r\n. \0\xff\t25"  #: the bytes that decide something


class Nowhere(asyncio.Transport):
    """Takes bytes and leaves them; the wire under test is fed by hand."""

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        pass

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def is_closing(self) -> bool:
        return False


Heard = tuple[list[Reply], str]


def heard(segments: list[bytes]) -> Heard:
    wire = Wire(Nowhere())
    for segment in segments:
        wire.data_received(segment)
        assert len(wire._buffer) <= LONGEST_LINE + len(segment)
        assert len(wire.unread) <= MOST_UNREAD + 1
    return list(wire.unread), str(wire._fault)


def spoilt(dice: random.Random, number: int) -> bytes:
    stream = bytearray(b"".join(dice.choices(SPOKEN, k=dice.randint(1, MOST_UNREAD))))
    for _ in range(number):
        at = dice.randrange(len(stream))
        byte = dice.choice(TELLING) if dice.random() < 0.7 else dice.randrange(256)
        match dice.randrange(3):
            case 0:
                stream[at] = byte
            case 1:
                stream.insert(at, byte)
            case _ if len(stream) > 1:
                del stream[at]
    return bytes(stream)


def cut(dice: random.Random, stream: bytes) -> list[bytes]:
    edges = sorted(dice.choices(range(len(stream) + 1), k=dice.randint(0, 12)))
    return [stream[a:b] for a, b in zip([0, *edges], [*edges, len(stream)], strict=True)]


@pytest.mark.fault(19, "a million mutated bytes of replies", "a reply, or the line is closed")
@pytest.mark.parametrize("seed", range(4))
def test_a_million_spoilt_bytes(seed: int) -> None:
    dice = random.Random(seed)

    async def listen() -> int:
        number = whole_replies = 0
        while number < 250_000:
            spoil = dice.choice([1, 2, 5, 20, 60])
            stream = spoilt(dice, spoil)
            whole = heard([stream])
            assert heard(cut(dice, stream)) == whole
            number += spoil
            for reply in whole[0]:
                assert 200 <= reply.code <= 599
                assert len(reply.text) <= LONGEST_TEXT
                assert (reply.text + reply.status).isascii()
                assert reply.text == "" or reply.text.isprintable()
            whole_replies += len(whole[0])
        return whole_replies

    assert run(listen(), 60) > 1000
