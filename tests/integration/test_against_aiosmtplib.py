"""Our bytes on the wire against those of aiosmtplib: the same commands, the same data."""

import aiosmtplib
import pytest

from newsletter.message import Envelope, compose
from newsletter.smtp.connection import Parcel
from tests.conftest import Scripted
from tests.integration.campaigns import SENDER, connected, mail, people, run
from tests.integration.lines import at_once, one_by_one
from tests.servers.scripted import EXTENSIONS, ScriptedServer


def said(server: ScriptedServer) -> list[bytes]:
    """The commands after the greeting; keywords may be spelled either way."""
    return [line.upper() for line in server.commands if not line.upper().startswith(b"EHLO")]


@pytest.mark.parametrize(
    "extensions",
    [EXTENSIONS, one_by_one, ["SIZE"], ["8BITMIME", "SMTPUTF8"], []],
    ids=["all", "no pipelining", "size", "eight bits", "nothing"],
)
def test_the_same_message_is_the_same_bytes(scripted: Scripted, extensions: list[str]) -> None:
    skeleton = mail(text="Dag allemaal.\n" + "Zoë zegt: één regel.\n" * 40)
    copies = [
        (str(each.address), compose(skeleton, each, f"<{number}@example.org>"))
        for number, each in enumerate(people(3))
    ]
    ours, theirs = scripted(extensions=extensions), scripted(extensions=extensions)

    async def hand_over() -> None:
        line = await connected(ours)
        parcels = [Parcel(Envelope(SENDER, to), data) for to, data in copies]
        for each, following in zip(parcels, [*parcels[1:], None], strict=True):
            await line.hand_over(each, at_once, following)
        await line.quit()

    async def send() -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=theirs.port, start_tls=False) as smtp:
            for to, data in copies:
                await smtp.sendmail(SENDER, [to], data)

    run(hand_over())
    run(send())
    assert ours.messages == theirs.messages
    assert [data for _, _, data in ours.messages] == [data for _, data in copies]
    assert said(ours) == said(theirs)
