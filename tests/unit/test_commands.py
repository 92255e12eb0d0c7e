"""What is said of a message before its body, for each thing that a relay may offer."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.message import Envelope
from newsletter.smtp.commands import Offered, Parcel, Unfit, commands

NOTHING = Offered.of({})


def spoken(
    offered: dict[str, str], recipient: str = "ann@example.org", envid: str = ""
) -> list[str]:
    parcel = Parcel(Envelope("ceo@example.org", recipient), b"x" * 45, envid)
    return [command.decode() for command in commands(parcel, Offered.of(offered))]


def test_to_a_relay_that_offers_nothing_only_the_addresses_are_said() -> None:
    assert spoken({}, envid="id") == [
        "MAIL FROM:<ceo@example.org>\r\n",
        "RCPT TO:<ann@example.org>\r\n",
        "DATA\r\n",
    ]


def test_the_size_is_that_of_the_message_as_it_travels() -> None:
    assert spoken({"size": ""})[0] == "MAIL FROM:<ceo@example.org> SIZE=45\r\n"


def test_with_dsn_the_relay_is_asked_to_report_failures_under_our_name() -> None:
    """RFC 3461: headers only, and who was meant, whatever aliases do to the address."""
    mail, rcpt, _ = spoken({"dsn": ""}, envid="s4.17")
    assert mail == "MAIL FROM:<ceo@example.org> RET=HDRS ENVID=s4.17\r\n"
    assert rcpt == (
        "RCPT TO:<ann@example.org> NOTIFY=FAILURE,DELAY ORCPT=rfc822;ann@example.org\r\n"
    )


def test_without_a_name_for_the_message_none_is_said() -> None:
    assert spoken({"dsn": ""})[0] == "MAIL FROM:<ceo@example.org> RET=HDRS\r\n"


@pytest.mark.parametrize(
    ("text", "coded"), [("a+b=c", "a+2Bb+3Dc"), ("a b\r\n", "a+20b+0D+0A"), ("é", "+C3+A9")]
)
def test_what_would_break_a_parameter_is_coded(text: str, coded: str) -> None:
    assert spoken({"dsn": ""}, envid=text)[0].endswith(f" ENVID={coded}\r\n")


def test_a_plus_in_an_address_is_coded_in_orcpt_alone() -> None:
    _, rcpt, _ = spoken({"dsn": ""}, "ann+news@example.org")
    assert rcpt.startswith("RCPT TO:<ann+news@example.org> ")
    assert "ORCPT=rfc822;ann+2Bnews@example.org" in rcpt


def test_eight_bits_are_never_announced_for_the_message_has_seven() -> None:
    assert "BODY" not in "".join(spoken({"8bitmime": ""}))


def test_letters_beyond_ascii_need_smtputf8_and_say_so() -> None:
    mail, rcpt, _ = spoken({"smtputf8": "", "dsn": ""}, "zoë@example.org")
    assert " SMTPUTF8" in mail
    assert rcpt == "RCPT TO:<zoë@example.org> NOTIFY=FAILURE,DELAY\r\n"
    assert "SMTPUTF8" not in "".join(spoken({"smtputf8": ""}))


def test_letters_beyond_ascii_are_refused_here_where_the_relay_has_no_smtputf8() -> None:
    with pytest.raises(Unfit) as unfit:
        spoken({"8bitmime": ""}, "zoë@example.org")
    assert (unfit.value.status, str(unfit.value)) == ("5.6.7", f"5.6.7 {unfit.value.text}")


@given(st.text())
def test_no_address_says_anything_but_itself(text: str) -> None:
    """Whatever the rooms before let through."""
    try:
        mail, rcpt, data = spoken({"smtputf8": "", "dsn": "", "size": ""}, text, envid=text)
    except Unfit:
        assert re.search(r"[\x00-\x20<>\x7f]", text) or not text.isascii()
    else:
        assert rcpt.startswith(f"RCPT TO:<{text}> NOTIFY=")
        for line in (mail, rcpt):
            assert line.rstrip("\r\n").isprintable() or not text.isprintable()
            assert line.find("\r\n") == len(line) - 2
            assert line.count("<") == line.count(">") == 1
        assert data == "DATA\r\n"


@pytest.mark.parametrize(
    ("said", "largest"),
    [("10240000", 10240000), ("0", None), ("", None), ("a lot", None), ("9" * 40, None)],
)
def test_the_largest_message_is_what_the_relay_says_and_zero_is_no_limit(
    said: str, largest: int | None
) -> None:
    assert Offered.of({"size": said}).largest == largest
    assert NOTHING.largest is None
