"""One mechanism is tried once, and every refusal can be read."""

import base64
import logging

import pytest

from newsletter.errors import SetupError
from newsletter.smtp import login
from tests.conftest import Scripted
from tests.integration.campaigns import run
from tests.integration.logins import PASSWORD, log_in, loss, offering, refusal, relay
from tests.servers.scripted import Session

# It works


def test_plain_on_loopback(scripted: Scripted) -> None:
    server = scripted()
    assert "pipelining" in log_in(relay(server)).extensions
    assert b"EHLO localhost" in server.commands


@pytest.mark.parametrize("offered", ["AUTH PLAIN LOGIN", "AUTH LOGIN", "AUTH LOGIN CRAM-MD5"])
def test_one_mechanism_is_tried_once(scripted: Scripted, offered: str) -> None:
    server = offering(scripted, offered)
    log_in(relay(server, user="newsletter"))
    commands = [line for line in server.commands if line.startswith(b"AUTH")]
    assert len(commands) == 1
    assert commands[0].split()[1] == (b"PLAIN" if "PLAIN" in offered else b"LOGIN")


@pytest.mark.fault(5, "502 to EHLO", "HELO; it works without any extension")
def test_a_server_that_knows_no_ehlo_is_greeted_as_in_1982(scripted: Scripted) -> None:
    server = scripted({"ehlo": b"502 5.5.1 Command not implemented\r\n"})
    line = log_in(relay(server))
    assert (line.extensions, line.pipelines, line.largest) == (frozenset(), False, None)
    assert b"HELO localhost" in server.commands


def test_a_server_that_knows_no_ehlo_is_not_trusted_with_a_password(scripted: Scripted) -> None:
    server = scripted({"ehlo": b"502 5.5.1 What?\r\n"}, password=PASSWORD)
    assert "offers no login" in refusal(relay(server, user="newsletter"))
    assert "no STARTTLS" in refusal(relay(server, "smtp+starttls", user="newsletter"))


# The login is refused


@pytest.mark.fault(35, "535 to AUTH, three mechanisms offered", "one try; told as a wrong setting")
def test_a_wrong_password_is_one_try_and_told_to_nobody(
    scripted: Scripted, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = offering(scripted, "AUTH PLAIN LOGIN CRAM-MD5")
    text = refusal(relay(server, user="newsletter"), wrong := "hunter2-§")
    assert "`newsletter`" in text
    assert "535 5.7.8 Wrong" in text
    assert "NEWSLETTER_RELAY_PASSWORD" in text
    assert len([line for line in server.commands if line.startswith(b"AUTH")]) == 1
    assert wrong not in caplog.text
    assert base64.b64encode(wrong.encode()).decode() not in caplog.text


def test_a_relay_that_repeats_the_password_is_not_quoted(scripted: Scripted) -> None:
    def echo(session: Session, line: bytes) -> bytes:
        return b"501 5.5.2 Syntax error: " + line + b" (password " + PASSWORD.encode() + b")\r\n"

    for words in ("AUTH PLAIN", "AUTH LOGIN"):
        refusal(relay(offering(scripted, words, auth=echo), user="newsletter"))


@pytest.mark.fault(36, "454 to AUTH", "one try; tried again later")
@pytest.mark.parametrize("words", ["AUTH PLAIN", "AUTH LOGIN"])
def test_a_relay_that_cannot_check_a_login_now_is_tried_later(
    scripted: Scripted, words: str
) -> None:
    server = offering(scripted, words, auth=b"454 4.7.0 Temporary authentication failure\r\n")
    assert "454 4.7.0 Temporary" in loss(relay(server, user="newsletter"))
    assert len([line for line in server.commands if line.startswith(b"AUTH")]) == 1


@pytest.mark.parametrize(
    "reply",
    [
        b"535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled\r\n",
        b"550 5.7.30 Basic authentication is not supported\r\n",
    ],
)
def test_the_relays_own_reason_is_told(scripted: Scripted, reply: bytes) -> None:
    server = offering(scripted, "AUTH PLAIN", auth=reply)
    assert reply.decode().strip() in refusal(relay(server, user="newsletter"))


@pytest.mark.parametrize("words", ["SIZE 1000", "AUTH CRAM-MD5", "AUTH XOAUTH2 NTLM"])
def test_without_a_login_by_password_none_is_tried(scripted: Scripted, words: str) -> None:
    server = offering(scripted, words)
    assert "offers no login by password" in refusal(relay(server, user="newsletter"))
    assert not [line for line in server.commands if line.startswith(b"AUTH")]


def test_a_password_that_is_not_utf_8_is_told_apart_from_a_wrong_one(scripted: Scripted) -> None:
    server = scripted(password=PASSWORD)
    with pytest.raises(SetupError, match="not UTF-8") as caught:
        run(login.connect(relay(server, user="newsletter"), "geheim\udce9"))
    assert caught.value.__context__ is None
    assert "geheim" not in str(caught.value)


def test_a_silent_relay_after_a_password_is_lost(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "LOGIN_TIMEOUT", 0.2)
    server = offering(scripted, "AUTH PLAIN", auth=[])
    assert "nothing came in time" in loss(relay(server, user="newsletter"))
