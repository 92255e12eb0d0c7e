"""Nothing is said to a relay that is not secured as asked, and every refusal can be read."""

import datetime
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from newsletter.errors import RelayLost, SetupError
from newsletter.reply import Phase
from newsletter.smtp import connection as room
from newsletter.smtp import login
from newsletter.smtp.connection import Lost
from tests.conftest import Scripted
from tests.integration.campaigns import SENDER, run
from tests.integration.lines import LARGE, SILENT, at_once, parcel
from tests.integration.logins import PASSWORD, certified, log_in, refusal, relay, serving
from tests.servers.scripted import Session


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_with_tls_and_a_login(authority: trustme.CA, ca_file: Path, scheme: str) -> None:
    tls = certified(authority)
    with serving(scheme, tls, password=PASSWORD) as server:
        line = log_in(relay(server, scheme, user="newsletter", ca_file=ca_file))
    assert len(server.messages) == 1
    assert line.pipelines
    assert line.largest == 10485760


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_when_the_certificate_expires_is_known(
    authority: trustme.CA, ca_file: Path, scheme: str
) -> None:
    soon = datetime.datetime.now(datetime.UTC).replace(microsecond=0) + datetime.timedelta(days=9)
    tls = certified(authority, not_after=soon)
    with serving(scheme, tls) as server:
        line = log_in(relay(server, scheme, ca_file=ca_file))
    assert line.certificate_expires == soon.timestamp()


@pytest.mark.fault(34, "it expires while a line is open", "it goes on; new ones are refused")
@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_a_certificate_that_expires_during_a_send_ends_no_open_line(
    authority: trustme.CA, ca_file: Path, scheme: str
) -> None:
    tls = certified(authority)
    with serving(scheme, tls) as server:
        trusting = relay(server, scheme, ca_file=ca_file)

        async def twice() -> None:
            line = await login.connect(trusting, "")
            await line.hand_over(parcel(1), at_once)
            authority.issue_cert("127.0.0.1", not_after=YESTERDAY).configure_cert(tls)
            await line.hand_over(parcel(2), at_once)
            with pytest.raises(SetupError, match="certificate has expired"):
                await login.connect(trusting, "")
            await line.quit()

        run(twice())
    assert len(server.messages) == 2


def test_without_tls_no_certificate_expires(scripted: Scripted) -> None:
    assert log_in(relay(scripted())).certificate_expires is None


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_a_large_message_arrives_byte_for_byte_over_tls(
    authority: trustme.CA, ca_file: Path, scheme: str
) -> None:
    with serving(scheme, certified(authority)) as server:

        async def twice() -> None:
            line = await login.connect(relay(server, scheme, ca_file=ca_file), "")
            await line.hand_over(one := parcel(1, LARGE), at_once, two := parcel(2, LARGE))
            await line.hand_over(two, at_once)
            await line.quit()
            assert server.messages == [(SENDER, it.envelope.recipient, LARGE) for it in (one, two)]

        run(twice(), 60)


@pytest.mark.fault(23, "it stops reading 20 MB, over TLS", "given up before the dot")
def test_a_relay_that_stops_reading_over_tls_is_given_up_before_the_dot(
    authority: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(room.TIMEOUTS, Phase.BODY, 0.3)
    tls = certified(authority)
    with serving("smtps", tls, script={"data": [b"354 Go\r\n", SILENT]}) as server:

        async def once() -> Phase:
            line = await login.connect(relay(server, "smtps", ca_file=ca_file), "")
            with pytest.raises(Lost) as lost:
                await line.hand_over(parcel(1, LARGE), at_once)
            return lost.value.phase

        assert run(once()) is Phase.BODY


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


@pytest.mark.fault(32, "replies in one packet with the go-ahead for TLS", "refused; no login")
@pytest.mark.parametrize(
    "injected", [b"250-evil\r\n250 XEVIL\r\n", b"2", b"250 AUTH PLAIN\r\n250 x\r\n"]
)
def test_what_is_slipped_in_behind_the_go_ahead_for_tls_ends_it(
    scripted: Scripted, authority: trustme.CA, ca_file: Path, injected: bytes
) -> None:
    go_ahead = b"220 2.0.0 Go ahead\r\n" + injected
    server = scripted({"starttls": go_ahead}, tls=certified(authority), password=PASSWORD)
    text = refusal(relay(server, "smtp+starttls", user="newsletter", ca_file=ca_file))
    assert "slipped in" in text
    assert [line.split()[0] for line in server.commands] == [b"EHLO", b"STARTTLS"]


def test_a_go_ahead_in_two_lines_is_one_go_ahead(
    scripted: Scripted, authority: trustme.CA, ca_file: Path
) -> None:
    go_ahead = b"220-2.0.0 Ready\r\n220 2.0.0 Go ahead\r\n"
    server = scripted({"starttls": go_ahead}, tls=certified(authority))
    log_in(relay(server, "smtp+starttls", ca_file=ca_file))


# TLS is not what it should be


@pytest.mark.fault(31, "no STARTTLS in the greeting, or 502 to it", "refused; no word more")
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


@pytest.mark.fault(33, "a stranger's, an expired one, another name", "refused with the reason")
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


@pytest.mark.fault(33, "TLS 1.1", "refused")
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
