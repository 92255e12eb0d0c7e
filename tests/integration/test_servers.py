"""The servers that other tests lean on do what they are trusted to do."""

import select
import smtplib
import socket
import ssl
import subprocess
import sys
import time
from email import message_from_bytes
from pathlib import Path

import pytest
import trustme

from tests.conftest import Scripted
from tests.servers.exim import Exim
from tests.servers.opensmtpd import OpenSMTPD
from tests.servers.postfix import Postfix
from tests.servers.programs import require
from tests.servers.scripted import (
    ACCEPTED,
    BOOK,
    CLOSE,
    DROP,
    Dribble,
    ScriptedServer,
    Sleep,
    for_recipient,
    on_call,
    read_books,
)
from tests.servers.sink import Sink, flood

SENDER = "ceo@example.org"
MAIL = b"Subject: Hello\r\n\r\nA line.\r\n.A line that starts with a dot.\r\n"


def client(port: int) -> smtplib.SMTP:
    # A name of its own, for smtplib would ask the DNS for one.
    return smtplib.SMTP("127.0.0.1", port, local_hostname="test.example.org", timeout=10)


def send(port: int, *recipients: str) -> None:
    with client(port) as smtp:
        for recipient in recipients:
            smtp.sendmail(SENDER, [recipient], MAIL)


def exchange(port: int, *commands: bytes) -> bytes:
    """Writes all commands at once and reads until the server ends the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        raw.sendall(b"".join(command + b"\r\n" for command in commands))
        return b"".join(iter(lambda: raw.recv(65536), b""))


def readable(smtp: smtplib.SMTP, within: float) -> bool:
    assert smtp.sock
    return bool(select.select([smtp.sock], [], [], within)[0])


# Postfix


def test_postfix_puts_each_mail_in_the_mailbox_of_its_reader(postfix: Postfix) -> None:
    send(postfix.port, "ann@example.org", "o'hara.bo@example.test", "ann@example.org")
    postfix.wait_until_delivered(3)
    boxes = postfix.mailboxes()
    assert {person: len(mails) for person, mails in boxes.items()} == {"ann": 2, "o'hara.bo": 1}
    delivered = message_from_bytes(boxes["ann"][0].read_bytes())
    assert delivered["Return-Path"] == f"<{SENDER}>"
    assert delivered.get_payload() == "A line.\n.A line that starts with a dot.\n"


def test_postfix_refuses_a_stranger_and_a_foreign_domain(postfix: Postfix) -> None:
    with client(postfix.port) as smtp:
        smtp.ehlo()
        smtp.mail(SENDER)
        assert smtp.rcpt("gone.girl@example.org")[1].startswith(b"5.1.1 ")
        assert smtp.rcpt("someone@elsewhere.test")[1].startswith(b"5.7.1 ")
    assert postfix.mailboxes() == {}


def test_postfix_returns_a_mail_to_its_sender_when_the_reader_has_left(postfix: Postfix) -> None:
    send(postfix.port, "late.bird@example.org")
    postfix.wait_until_delivered(1)
    [(person, [returned])] = postfix.mailboxes().items()
    assert person == "ceo"
    report = message_from_bytes(returned.read_bytes())
    assert report.get_content_type() == "multipart/report"
    assert "Original-Recipient: rfc822;late.bird@example.org" in report.as_string()


def test_waiting_for_a_mail_that_was_never_sent_fails_and_shows_the_log(postfix: Postfix) -> None:
    with pytest.raises(TimeoutError, match="daemon started"):
        postfix.wait_until_delivered(1, timeout=0.1)


def test_nothing_of_postfix_is_left_afterwards() -> None:
    with Postfix() as postfix:
        send(postfix.port, "ann@example.org")
    assert not postfix.home.exists()
    with pytest.raises(ConnectionRefusedError):
        client(postfix.port)


@pytest.mark.slow
def test_postfix_delivers_ten_thousand_mails_to_ten_thousand_people(postfix: Postfix) -> None:
    send(postfix.port, *(f"person{n}@example.org" for n in range(10_000)))
    postfix.wait_until_delivered(10_000, timeout=120)
    boxes = postfix.mailboxes()
    assert len(boxes) == 10_000
    assert all(len(mails) == 1 for mails in boxes.values())


# Exim and OpenSMTPD


def test_exim_takes_mail_refuses_strangers_and_delivers() -> None:
    with Exim() as exim:
        send(exim.port, "ann@example.org", "o'hara.bo@example.org")
        with client(exim.port) as smtp:
            smtp.ehlo()
            smtp.mail(SENDER)
            assert smtp.rcpt("gone.girl@example.org") == (550, b"No such person here")
        exim.wait_until_delivered(2)
        assert exim.taken() == ["ann@example.org", "o'hara.bo@example.org"]
        assert sorted(exim.delivered()) == exim.taken()
    assert not exim.home.exists()


def test_exim_ends_a_line_after_ten_commands_that_are_no_mail() -> None:
    with Exim() as exim, client(exim.port) as smtp:
        replies = [smtp.docmd("RSET")[0] for _ in range(12)]
        assert replies[8] == 250
        assert replies[-1] != 250
        assert "too many nonmail commands" in exim.log_text()


def test_opensmtpd_takes_a_hundred_mails_on_a_line_and_delivers_them() -> None:
    people = [f"person{n}@example.org" for n in range(101)]
    with OpenSMTPD() as opensmtpd:
        with pytest.raises(smtplib.SMTPSenderRefused) as refused:
            send(opensmtpd.port, *people)
        assert refused.value.smtp_code == 452
        opensmtpd.wait_until_delivered(100)
        assert opensmtpd.taken() == people[:100]
        assert sorted(opensmtpd.delivered()) == sorted(people[:100])


# smtp-sink and smtp-source


def test_the_sink_counts_what_it_takes() -> None:
    with Sink() as sink:
        assert flood(sink.port, 200, sessions=3) > 0
        assert sink.messages() == 200


def test_the_sink_obeys_its_options() -> None:
    with Sink("-f", "RCPT") as sink:
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            send(sink.port, "ann@example.org")
        assert sink.messages() == 0


def test_in_ci_a_missing_program_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="needs no-such-program"):
        require("no-such-program")
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="needs no-such-program"):
        require("no-such-program")


# The scripted server


def test_what_the_server_accepts_is_in_its_books_byte_for_byte(scripted: Scripted) -> None:
    server = scripted()
    send(server.port, "ann@example.org", "bo@example.org")
    assert server.messages == [
        (SENDER, "ann@example.org", MAIL),
        (SENDER, "bo@example.org", MAIL),
    ]
    assert server.connections == 1


def test_pipelined_commands_are_answered_in_order(scripted: Scripted) -> None:
    server = scripted()
    talk = (b"EHLO x", b"MAIL FROM:<a@example.org>", b"RCPT TO:<b@example.org>", b"DATA")
    printed = exchange(server.port, *talk, b".", b"NOOP", b"QUIT")
    codes = [line[:3] for line in printed.split(b"\r\n") if line[3:4] == b" "]
    assert codes == [b"220", b"250", b"250", b"250", b"354", b"250", b"250", b"221"]
    assert server.messages == [("a@example.org", "b@example.org", b"")]
    assert server.commands == [*talk, b"NOOP", b"QUIT"]


def test_only_the_named_recipient_is_refused(scripted: Scripted) -> None:
    unknown = {"gone@example.org": b"550 5.1.1 Unknown\r\n"}
    server = scripted({"rcpt": for_recipient(unknown)})
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(server.port, "gone@example.org")
    send(server.port, "ann@example.org")
    assert [booked.recipient for booked in server.messages] == ["ann@example.org"]


def test_a_drop_after_the_dot_is_a_reset_and_no_message(scripted: Scripted) -> None:
    server = scripted({".": DROP})
    with pytest.raises(smtplib.SMTPServerDisconnected, match="reset"):
        send(server.port, "ann@example.org")
    assert server.messages == []


def test_a_server_may_take_a_message_and_never_say_so(scripted: Scripted) -> None:
    server = scripted({".": on_call({2: [BOOK, DROP]})})
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(server.port, "ann@example.org", "bo@example.org")
    assert [booked.recipient for booked in server.messages] == ["ann@example.org", "bo@example.org"]


def test_the_message_is_booked_before_its_reply_is_written(scripted: Scripted) -> None:
    server = scripted({".": [Sleep(0.5), ACCEPTED]})
    with client(server.port) as smtp:
        smtp.ehlo()
        smtp.mail(SENDER)
        smtp.rcpt("ann@example.org")
        smtp.docmd("DATA")
        smtp.send(b"Hello\r\n.\r\n")
        end = time.monotonic() + 5
        while not server.messages and time.monotonic() < end:
            time.sleep(0.001)
        assert not readable(smtp, within=0)
        assert smtp.getreply()[0] == 250
    assert server.messages == [(SENDER, "ann@example.org", b"Hello\r\n")]


def test_a_reply_may_come_byte_by_byte(scripted: Scripted) -> None:
    server = scripted({"connect": Dribble(b"220-slow\r\n220 slow\r\n", pause=0.002)})
    start = time.monotonic()
    send(server.port, "ann@example.org")
    assert time.monotonic() - start >= 0.04
    assert len(server.messages) == 1


def test_silence_is_no_reply_at_all(scripted: Scripted) -> None:
    server = scripted({"noop": []})
    with client(server.port) as smtp:
        smtp.send(b"NOOP\r\n")
        assert not readable(smtp, within=0.2)


def test_a_server_may_say_421_and_hang_up(scripted: Scripted) -> None:
    server = scripted({"mail": [b"421 4.3.2 Shutting down\r\n", CLOSE]})
    assert exchange(server.port, b"MAIL FROM:<a@example.org>").endswith(b"Shutting down\r\n")


def test_a_hook_sees_the_session(scripted: Scripted) -> None:
    server = scripted({"rcpt": lambda session, line: DROP if session.number == 1 else None})
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(server.port, "ann@example.org")
    send(server.port, "ann@example.org")
    assert len(server.messages) == 1


def test_starttls_and_a_login_are_needed_when_they_are_set_up(scripted: Scripted) -> None:
    authority = trustme.CA()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    server = scripted(tls=tls, password="secret")
    with client(server.port) as smtp:
        smtp.ehlo()
        assert not smtp.has_extn("auth")
        smtp.starttls(context=trusting)
        assert smtp.mail(SENDER)[0] == 530
        with pytest.raises(smtplib.SMTPAuthenticationError):
            smtp.login("newsletter", "wrong")
        smtp.login("newsletter", "secret")
        smtp.sendmail(SENDER, ["ann@example.org"], MAIL)
    assert server.messages == [(SENDER, "ann@example.org", MAIL)]


@pytest.mark.parametrize("mechanism", ["auth_plain", "auth_login"])
@pytest.mark.parametrize("initial", [True, False])
def test_both_mechanisms_log_in(scripted: Scripted, mechanism: str, initial: bool) -> None:
    server = scripted(password="secret")
    with client(server.port) as smtp:
        smtp.ehlo()
        smtp.user, smtp.password = "newsletter", "secret"
        name = mechanism.removeprefix("auth_")
        code, _ = smtp.auth(name, getattr(smtp, mechanism), initial_response_ok=initial)
    assert code == 235


def test_clients_that_are_still_there_do_not_keep_the_server(scripted: Scripted) -> None:
    with ScriptedServer({"connect": [b"220 Hello\r\n", Sleep(60)]}) as server:
        smtp = client(server.port)
        start = time.monotonic()
    assert time.monotonic() - start < 5
    smtp.close()


def test_as_a_process_it_outlives_its_clients_and_keeps_books_in_a_file(tmp_path: Path) -> None:
    books = tmp_path / "books"
    command = [sys.executable, "-m", "tests.servers.scripted", "--books", str(books)]
    command += ["--delay-dot", "100"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        port = int(process.stdout.readline())
        start = time.monotonic()
        send(port, "ann@example.org")
        assert time.monotonic() - start >= 0.1
        assert read_books(books) == [(SENDER, "ann@example.org", MAIL)]
        process.communicate(timeout=10)  # closes its standard input
    assert process.returncode == 0
