"""What goes to the relay is read back once a rendering, for `smtp` sends it as it is."""

import pytest

from newsletter.message import HeaderError, _proofread
from newsletter.skeleton import Skeleton
from tests.integration.campaigns import mail


def spoilt(old: bytes, new: bytes) -> Skeleton:
    made = mail(text="Dag allemaal.")
    chunks = tuple(chunk.replace(old, new) for chunk in made.chunks)
    assert chunks != made.chunks
    return Skeleton(chunks, made.holes)


@pytest.mark.fault(
    60, "a lone dot, or a line that begins with one", "refused before anybody's mail"
)
@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b"Dag allemaal.", b"Dag\r\n.\r\nallemaal", "begins with a dot"),
        (b"Dag allemaal.", b"Dag\r\n..allemaal", "begins with a dot"),
        (b"Dag allemaal.", b"Dag\nallemaal", "a bare CR or LF"),
        (b"Dag allemaal.", b"Dag\rallemaal", "a bare CR or LF"),
        (b"Dag allemaal.", b"x" * 1000, "a line over 998"),
        (b"Dag allemaal.", b"Dag \xc3\xa9\xc3\xa9n", "not 7-bit"),
        (b"--\r\n", b"--", "without its end"),
        (b"Precedence: bulk", b"Bcc: x@example.org", "headers"),
    ],
)
def test_bytes_that_a_relay_would_misread_are_refused(old: bytes, new: bytes, fault: str) -> None:
    with pytest.raises(HeaderError, match=fault):
        _proofread(spoilt(old, new))


def test_a_message_as_we_make_it_passes() -> None:
    _proofread(mail(text=".\n..\n.x\nFrom x"))
