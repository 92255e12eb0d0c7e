"""Nothing is said to a relay that is not secured as asked, and every refusal can be read."""

import asyncio
import base64
import datetime
import logging
import socket
import ssl
import time
import traceback
from pathlib import Path
from typing import Any

import pytest
import trustme

from newsletter.config import Relay
from newsletter.errors import NewsletterError, RelayLost, SetupError
from newsletter.message import Envelope
from newsletter.reply import Phase
from newsletter.smtp import login
from tests.conftest import Scripted
from tests.integration.campaigns import SENDER, person, run
from tests.servers.programs import free_port
from tests.servers.scripted import CLOSE, DROP, ScriptedServer, Session

PASSWORD = "Kr3ft-en-§-Zout"
BODY = b"Subject: x\r\n\r\nHello\r\n"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def certified(authority: trustme.CA, name: str = "127.0.0.1", **more: Any) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name, **more).configure_cert(context)
    return context


def relay(server: ScriptedServer, scheme: str = "smtp", **more: Any) -> Relay:
    return Relay(url=f"{scheme}://127.0.0.1:{server.port}", **more)


def log_in(relay: Relay, password: str = PASSWORD) -> frozenset[str]:
    """Log in, hand one message over and leave; what the relay offered."""

    async def once() -> frozenset[str]:
        line = await login.connect(relay, password)
        phase, reply = await line.hand_over(Envelope(SENDER, person(1)), BODY, no_intent)
        assert (phase, reply.code) == (Phase.DOT, 250)
        await line.quit()
        return line.extensions

    return run(once())


async def no_intent() -> None:
    """Nothing is written down."""


def refusal(relay: Relay, password: str = PASSWORD) -> str:
    return _fault(SetupError, relay, password)


def loss(relay: Relay, password: str = PASSWORD) -> str:
    return _fault(RelayLost, relay, password)


def _fault(kind: type[NewsletterError], relay: Relay, password: str) -> str:
    """The text of the fault, which must be fit to read and must not hold the password."""
    with pytest.raises(kind) as caught:
        run(login.connect(relay, password))
    text = str(caught.value)
    assert text.startswith(f"{relay.url}: ")
    assert text.isascii()
    assert text.isprintable()
    for noise in ("Errno", "_ssl.c", "[SSL", "Error", "Exception", "Multiple"):
        assert noise not in text
    assert not text.endswith((":", ": "))
    if password:
        assert_secret(caught.value, relay.user, password)
    return text


def assert_secret(error: BaseException, user: str, password: str) -> None:
    """Neither the error nor anything that hangs on it holds the password in any spelling."""
    plain = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
    spellings = {password, base64.b64encode(password.encode()).decode(), plain}
    found, queue = [], [error]
    while queue:
        each = queue.pop()
        found += [str(each), repr(each), repr(each.args), repr(vars(each))]
        queue += [cause for cause in (each.__cause__, each.__context__) if cause]
    found += traceback.format_exception(error)
    assert not [text for text in found for spelling in spellings if spelling in text]


# It works


def test_plain_on_loopback(scripted: Scripted) -> None:
    server = scripted()
    assert "pipelining" in log_in(relay(server))
    assert b"EHLO localhost" in server.commands


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_with_tls_and_a_login(authority: trustme.CA, ca_file: Path, scheme: str) -> None:
    tls = certified(authority)
    with serving(scheme, tls, password=PASSWORD) as server:
        log_in(relay(server, scheme, user="newsletter", ca_file=ca_file))
    assert len(server.messages) == 1


def serving(scheme: str, tls: ssl.SSLContext, **more: Any) -> ScriptedServer:
    """A server with STARTTLS, or one that speaks TLS from the first byte."""
    return ScriptedServer(tls=tls, **more) if scheme == "smtp+starttls" else Smtps(tls, **more)


class Smtps(ScriptedServer):
    """TLS before the greeting."""

    def __init__(self, context: ssl.SSLContext, **more: Any) -> None:
        super().__init__(**more)
        self.context = context

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await writer.start_tls(self.context)
        except OSError:
            writer.close()
        else:
            await super()._session(reader, writer)


@pytest.mark.parametrize("offered", ["AUTH PLAIN LOGIN", "AUTH LOGIN", "AUTH LOGIN CRAM-MD5"])
def test_one_mechanism_is_tried_once(scripted: Scripted, offered: str) -> None:
    server = offering(scripted, offered)
    log_in(relay(server, user="newsletter"))
    commands = [line for line in server.commands if line.startswith(b"AUTH")]
    assert len(commands) == 1
    assert commands[0].split()[1] == (b"PLAIN" if "PLAIN" in offered else b"LOGIN")


def offering(scripted: Scripted, words: str, **more: Any) -> ScriptedServer:
    return scripted(
        {"ehlo": f"250-scripted.example.org\r\n250 {words}\r\n".encode(), **more},
        password=PASSWORD,
    )


def test_a_server_that_knows_no_ehlo_is_greeted_as_in_1982(scripted: Scripted) -> None:
    server = scripted({"ehlo": b"502 5.5.1 Command not implemented\r\n"})
    assert log_in(relay(server)) == frozenset()
    assert b"HELO localhost" in server.commands


def test_a_server_that_knows_no_ehlo_is_not_trusted_with_a_password(scripted: Scripted) -> None:
    server = scripted({"ehlo": b"502 5.5.1 What?\r\n"}, password=PASSWORD)
    assert "offers no login" in refusal(relay(server, user="newsletter"))
    assert "no STARTTLS" in refusal(relay(server, "smtp+starttls", user="newsletter"))


def test_what_is_sent_before_tls_counts_no_more(
    scripted: Scripted, authority: trustme.CA, ca_file: Path
) -> None:
    """A man in the middle may add to what the relay says, but only until TLS (RFC 3207)."""
    ehlo = b"250-scripted.example.org\r\n250-AUTH LOGIN\r\n250 STARTTLS\r\n"

    def before_tls(session: Session, line: bytes) -> bytes | None:
        return None if session.encrypted else ehlo

    server = scripted({"ehlo": before_tls}, tls=certified(authority), password=PASSWORD)
    log_in(relay(server, "smtp+starttls", user="newsletter", ca_file=ca_file))
    assert [line.split()[1] for line in server.commands if line.startswith(b"AUTH")] == [b"PLAIN"]


def test_what_is_slipped_in_behind_the_go_ahead_for_tls_is_never_heard(
    scripted: Scripted, authority: trustme.CA, ca_file: Path
) -> None:
    injected = b"220 2.0.0 Go ahead\r\n250-evil\r\n250 XEVIL\r\n"
    server = scripted({"starttls": injected}, tls=certified(authority), password=PASSWORD)
    offered = log_in(relay(server, "smtp+starttls", user="newsletter", ca_file=ca_file))
    assert "xevil" not in offered
    assert "pipelining" in offered


# The login is refused


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
    monkeypatch.setattr(login, "CONNECT_TIMEOUT", 0.2)
    server = offering(scripted, "AUTH PLAIN", auth=[])
    assert "nothing came within" in loss(relay(server, user="newsletter"))


# TLS is not what it should be


@pytest.mark.parametrize("reply", [None, b"502 5.5.1 What?\r\n", b"454 4.7.0 Not now\r\n"])
def test_without_starttls_nothing_is_said(scripted: Scripted, reply: bytes | None) -> None:
    """Whether a man in the middle takes the word out of the greeting, or the answer to it."""
    script: dict[str, Any] = {"ehlo": b"250-x\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n"}
    if reply is None:
        script["ehlo"] = b"250-x\r\n250 AUTH PLAIN LOGIN\r\n"
    else:
        script["starttls"] = reply
    server = scripted(script, password=PASSWORD, tls=ssl.create_default_context())
    with pytest.raises((SetupError, RelayLost)):
        run(login.connect(relay(server, "smtp+starttls", user="newsletter"), PASSWORD))
    assert {line.split()[0] for line in server.commands} <= {b"EHLO", b"STARTTLS"}
    assert server.messages == []


def test_a_stripped_starttls_is_named(scripted: Scripted) -> None:
    server = scripted(password=PASSWORD)
    text = refusal(relay(server, "smtp+starttls", user="newsletter"))
    assert "offers no STARTTLS" in text


YESTERDAY = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
@pytest.mark.parametrize(
    ("name", "more", "trusted", "reason"),
    [
        ("127.0.0.1", {}, False, "unable to get local issuer certificate"),
        ("127.0.0.1", {"not_after": YESTERDAY}, True, "certificate has expired"),
        ("mail.example.org", {}, True, "not valid for '127.0.0.1'"),
    ],
    ids=["a stranger", "expired", "another name"],
)
def test_a_bad_certificate_is_refused_with_its_reason(
    authority: trustme.CA,
    ca_file: Path,
    scheme: str,
    name: str,
    more: dict[str, Any],
    trusted: bool,
    reason: str,
) -> None:
    tls = certified(authority, name, **more)
    with serving(scheme, tls, password=PASSWORD) as server:
        text = refusal(
            relay(server, scheme, user="newsletter", ca_file=ca_file if trusted else None)
        )
    assert reason in text
    assert "relay.ca_file" in text
    assert not [line for line in server.commands if line.startswith(b"AUTH")]


def test_old_tls_is_refused(scripted: Scripted, authority: trustme.CA, ca_file: Path) -> None:
    tls = certified(authority)
    tls.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        tls.minimum_version = tls.maximum_version = ssl.TLSVersion.TLSv1_1
    server = scripted(tls=tls, password=PASSWORD)
    with pytest.raises((SetupError, RelayLost)):
        run(
            login.connect(
                relay(server, "smtp+starttls", user="newsletter", ca_file=ca_file), PASSWORD
            )
        )
    assert server.commands == [b"EHLO localhost", b"STARTTLS"]


def test_tls_on_a_port_without_it_says_which_ports_have_it(scripted: Scripted) -> None:
    text = refusal(relay(scripted(), "smtps"))
    assert "no TLS on this port" in text
    assert "465" in text


def test_a_ca_file_that_is_none_is_named(scripted: Scripted, tmp_path: Path) -> None:
    for content in (None, "not a certificate"):
        path = tmp_path / f"{content}.pem"
        if content:
            path.write_text(content)
        with pytest.raises(SetupError) as caught:
            run(login.connect(relay(scripted(), "smtps", ca_file=path), ""))
        assert str(path) in str(caught.value)
        assert "[" not in str(caught.value)


# The relay is not there, or not ready


def test_a_port_where_nothing_listens() -> None:
    text = loss(Relay(url=f"smtp://127.0.0.1:{free_port()}"))
    assert text.endswith("nothing listens on that port")


def test_a_name_with_two_addresses_where_nothing_listens() -> None:
    assert "no answer from the relay" in loss(Relay(url=f"smtp://localhost:{free_port()}"))


@pytest.mark.parametrize("host", ["nowhere.invalid", "mail..example.org", "x" * 70 + ".org"])
def test_a_host_that_nobody_knows(host: str) -> None:
    assert "no host of that name" in loss(Relay(url=f"smtp://{host}:25", allow_plain=True))


@pytest.mark.parametrize("verb", ["connect", "ehlo"])
def test_a_relay_that_turns_us_away_for_good(scripted: Scripted, verb: str) -> None:
    text = refusal(relay(scripted({verb: [b"554 5.7.1 Not from there\r\n", CLOSE]})))
    assert "turns us away: 554 5.7.1 Not from there" in text


@pytest.mark.parametrize("verb", ["connect", "ehlo"])
def test_a_relay_that_is_busy(scripted: Scripted, verb: str) -> None:
    text = loss(relay(scripted({verb: [b"421 4.3.2 Too many connections\r\n", CLOSE]})))
    assert "not ready: 421 4.3.2 Too many" in text


def test_a_refusal_in_any_letters_and_colours_can_be_printed(scripted: Scripted) -> None:
    said = b"554-Geen toegang, caf\xe9\r\n554 \x1b[31mrood\x07 \xe2\x82\xac\r\n"
    text = refusal(relay(scripted({"connect": [said, CLOSE]})))
    assert "Geen toegang" in text


@pytest.mark.parametrize(
    "greeting",
    [b"SSH-2.0-OpenSSH_9.2\r\n", b"25O Hello\r\n", b"\0\xff\r\n", b"x" * 100_000, b"999 x\r\n"],
)
def test_something_that_is_no_mail_server(scripted: Scripted, greeting: bytes) -> None:
    assert "no mail server" in loss(relay(scripted({"connect": [greeting]})))


@pytest.mark.parametrize("verb", ["connect", "ehlo"])
@pytest.mark.parametrize("end", [DROP, CLOSE])
def test_a_relay_that_hangs_up(scripted: Scripted, verb: str, end: Any) -> None:
    assert loss(relay(scripted({verb: end}))).endswith("it closed the connection")


@pytest.mark.parametrize("verb", ["connect", "ehlo"])
def test_a_relay_that_says_nothing(
    scripted: Scripted, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "CONNECT_TIMEOUT", 0.2)
    assert "nothing came within" in loss(relay(scripted({verb: []})))


def test_a_login_that_is_cancelled_leaves_no_connection(scripted: Scripted) -> None:
    server = scripted({"ehlo": []})

    async def once() -> None:
        task = asyncio.create_task(login.connect(relay(server), ""))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(once())
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
        assert client.recv(3) == b"220"
    assert time.monotonic() - start < 1
