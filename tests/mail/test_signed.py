"""Every mail of the matrix with signatures of our own: somebody else's verifier takes each."""

import datetime

import pytest

from newsletter import address, message
from newsletter.dkim import prepare
from newsletter.message import Letterhead, Mailbox
from newsletter.skeleton import message_id
from tests.mail.mails import MATRIX, MONSTERS, READER, mail
from tests.signing import both, verified

_LETTERHEAD = Letterhead(
    sender=Mailbox("Interne communicatie", address.parse("communicatie@example.org")),
    reply_to=None,
    list_id="newsletter.example.org",
    date=datetime.datetime(2026, 2, 9, 9, 30, tzinfo=datetime.UTC),
    unsubscribe="mailto:communicatie@example.org?subject=uitschrijven",
)


@pytest.mark.parametrize("name", [*MATRIX, *MONSTERS])
def test_both_signatures_of_a_mail_verify_and_a_changed_word_breaks_them(name: str) -> None:
    skeleton = message.skeleton(mail(name).rendering, _LETTERHEAD)
    copy = message.compose(skeleton, READER, message_id("matrix", 1, "example.org"))
    data = prepare(skeleton, both()).sign(copy)

    assert verified(data, *both()) == [True, True]
    changed = data.replace(b"</body>", b"</bodx>")
    assert changed != data
    assert verified(changed, *both()) == [False, False]
