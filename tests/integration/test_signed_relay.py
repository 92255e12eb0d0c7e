"""Our signatures through a real relay: what comes out is what went in, and still verifies."""

import asyncio
import datetime
from pathlib import Path

from newsletter import message
from newsletter.address import Address
from newsletter.audience import Recipient
from newsletter.config import Relay
from newsletter.dkim import prepare
from newsletter.message import Envelope, Letterhead, Mailbox
from newsletter.rendering import render
from newsletter.smtp import login
from newsletter.smtp.connection import Parcel
from tests import editions
from tests.mails import ORGANISATION, THEME
from tests.servers.postfix import Postfix
from tests.signing import both, verified

_NAMES = ("", "An Peeters", "Anaïs Peeters", "Zoë " * 40, 'Jan "de Man" \\ Peeters', "An " * 70)
_LETTERHEAD = Letterhead(
    sender=Mailbox("Stad", Address("stad", "example.org")),
    reply_to=None,
    list_id="newsletter.example.org",
    date=datetime.datetime(2026, 2, 9, 9, 30, tzinfo=datetime.UTC),
    unsubscribe="https://www.example.org/uit",
)


async def _hand_over(port: int, sent: dict[str, bytes]) -> None:
    line = await login.connect(Relay(url=f"smtp://127.0.0.1:{port}"), "")
    for local, data in sent.items():
        parcel = Parcel(Envelope("stad@example.org", f"{local}@example.org"), data)
        _, reply = await line.hand_over(parcel, _no_ledger)
        assert reply.code == 250
    await line.quit()


async def _no_ledger() -> None:
    pass


def _copies(folder: Path) -> dict[str, bytes]:
    rendering = render(editions.kitchen_sink(folder), THEME, ORGANISATION)
    skeleton = message.skeleton(rendering, _LETTERHEAD)
    prepared = prepare(skeleton, both())
    readers = [_reader(n, name) for n, name in enumerate(_NAMES)]
    return {
        each.address.local: prepared.sign(message.compose(skeleton, each, f"<{n}@example.org>"))
        for n, each in enumerate(readers)
    }


def _reader(number: int, name: str) -> Recipient:
    address = Address(f"lezer{number}", "example.org")
    return Recipient(address=address, display_name=name, first_name=name[:30], lists=())


def test_a_relay_hands_on_what_was_signed(postfix: Postfix, tmp_path: Path) -> None:
    sent = _copies(tmp_path)
    asyncio.run(_hand_over(postfix.port, sent))
    postfix.wait_until_delivered(len(sent))

    arrived = {owner: mails[0].read_bytes() for owner, mails in postfix.mailboxes().items()}
    assert arrived.keys() == sent.keys()
    for owner, data in sent.items():
        on_top, _, ours = arrived[owner].partition(b"DKIM-Signature:")
        assert b"Received: " in on_top
        assert b"DKIM-Signature:" + ours == data.replace(b"\r\n", b"\n")
        assert verified(arrived[owner], *both()) == [True, True]
