"""Signatures of our own, from the two openssl lines to the mail that arrives."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import Scripted
from tests.servers.scripted import BOOK, DROP, on_call
from tests.signing import ed25519_key, pem, put, rsa_key, verified_by
from tests.workplace import Workplace

SETUP = 3
SETTINGS = (
    "[dkim]",
    'domain = "example.org"',
    'selector = "news2026"',
    'key_file = "dkim.pem"',
    'ed25519_selector = "news2026e"',
    'ed25519_key_file = "dkim-ed25519.pem"',
)


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    made = Workplace(tmp_path / "workspace")
    made.relay("inbox:", *SETTINGS)
    put(made.root / "dkim.pem", pem(rsa_key()))
    put(made.root / "dkim-ed25519.pem", pem(ed25519_key()))
    return made


def said(workplace: Workplace, status: int = 0) -> str:
    """Return what the doctor says of signing."""
    printed = workplace.run("doctor", status=status).stdout
    (found,) = re.findall(r"^(?:ok|fault) +dkim: .*(?:\n .*)*", printed, re.M)
    return str(found)


def records(workplace: Workplace) -> list[str]:
    return re.findall(r"^ +(\S+ IN TXT .*)$", said(workplace), re.M)


def test_the_doctor_shows_what_has_to_stand_in_dns(workplace: Workplace) -> None:
    assert said(workplace).startswith(
        "ok     dkim: rsa-sha256 and ed25519-sha256 for example.org: a sample verifies with this "
        "in DNS:\n       news2026._domainkey.example.org. IN TXT ( "
    )
    assert len(records(workplace)) == 2


def test_without_a_key_the_doctor_says_who_signs(workplace: Workplace) -> None:
    workplace.relay("inbox:")
    assert said(workplace) == "ok     dkim: no key here; normally the relay signs"


def test_the_doctor_finds_a_key_that_others_can_read(workplace: Workplace) -> None:
    (workplace.root / "dkim.pem").chmod(0o644)
    assert "others can read the key that signs the mail; run `chmod 600" in said(workplace, SETUP)


@pytest.mark.parametrize(
    ("domain", "counts"),
    [
        ("example.org", True),
        ("news.example.org", True),
        ("example.com", False),
        ("anexample.org", False),
        ("ple.org", False),
    ],
)
def test_the_doctor_finds_a_domain_that_dmarc_does_not_count(
    workplace: Workplace, domain: str, counts: bool
) -> None:
    workplace.relay("inbox:", *SETTINGS)
    settings = workplace.root / "newsletter.toml"
    settings.write_text(settings.read_text().replace('"example.org"', f'"{domain}"'))
    found = said(workplace, 0 if counts else SETUP)
    assert ("but From is of `example.org`: DMARC does not count such a signature" in found) is (
        not counts
    )


# -- what leaves


def test_every_copy_is_signed_and_one_sent_again_has_the_same_bytes(
    workplace: Workplace, scripted: Scripted
) -> None:
    relay = scripted({".": on_call({5: [BOOK, DROP]})})
    workplace.relay(
        f"smtp://127.0.0.1:{relay.port}", "[delivery]", 'in_doubt = "resend"', *SETTINGS
    )
    workplace.announce()
    workplace.add_list("staff", range(40))

    workplace.run("send", "kantine", "--list", "staff", "--yes")

    known = records(workplace)
    assert len(relay.messages) == 41
    assert all(verified_by(each.data, known) == [True, True] for each in relay.messages)
    copies = Counter(each.recipient for each in relay.messages)
    assert sorted(copies.values()) == [1] * 39 + [2]
    assert len({each.data for each in relay.messages}) == 40


def test_a_test_and_a_rehearsal_are_signed_as_the_real_mail_is(
    workplace: Workplace, scripted: Scripted
) -> None:
    workplace.announce()
    workplace.add_list("staff", range(3))
    workplace.run("send", "kantine", "--list", "staff")
    relay = scripted()
    workplace.relay(f"smtp://127.0.0.1:{relay.port}", *SETTINGS)
    workplace.run("test", "kantine", "--to", "jan@example.org")

    known = records(workplace)
    mails = [*(path.read_bytes() for path in workplace.kept()), relay.messages[0].data]
    assert [verified_by(each, known) for each in mails] == [[True, True]] * 4


def test_a_key_that_cannot_be_used_leaves_no_campaign_behind(
    workplace: Workplace, scripted: Scripted
) -> None:
    relay = scripted()
    workplace.relay(f"smtp://127.0.0.1:{relay.port}", *SETTINGS)
    workplace.announce()
    workplace.add_list("staff", range(3))
    put(workplace.root / "dkim.pem", pem(rsa_key(1024)))

    for command in (
        ("send", "kantine", "--list", "staff", "--yes"),
        ("test", "kantine", "--to", "jan@example.org"),
    ):
        told = workplace.run(*command, status=SETUP).stderr
        assert "dkim.pem: a key of 1024 bits" in told
    assert workplace.json("status")["campaigns"] == []
    assert relay.messages == []
