"""The relay is not there, or not ready; somebody else answers; one of its addresses is dead."""

import asyncio
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from newsletter.config import Relay
from newsletter.reply import Phase
from newsletter.smtp import connection as room
from newsletter.smtp import login, reaching
from tests.conftest import Scripted
from tests.integration.campaigns import run
from tests.integration.logins import log_in, loss, refusal, relay
from tests.servers.programs import free_port
from tests.servers.script import Step
from tests.servers.scripted import CLOSE, DROP, Sleep

# The relay is not there, or not ready


@pytest.mark.fault(1, "nothing listens on the port", "said so; nobody was touched")
def test_a_port_where_nothing_listens() -> None:
    text = loss(Relay(url=f"smtp://127.0.0.1:{free_port()}"))
    assert text.endswith("nothing listens on that port")


def test_a_name_with_two_addresses_where_nothing_listens() -> None:
    assert "no answer from the relay" in loss(Relay(url=f"smtp://localhost:{free_port()}"))


@pytest.mark.fault(2, "a name that does not exist", "said so; nobody was touched")
@pytest.mark.parametrize("host", ["nowhere.invalid", "mail..example.org", "x" * 70 + ".org"])
def test_a_host_that_nobody_knows(host: str) -> None:
    assert "no host of that name" in loss(Relay(url=f"smtp://{host}:25", allow_plain=True))


@pytest.mark.fault(3, "554 as greeting", "told with its words; nothing is sent")
@pytest.mark.parametrize("verb", ["connect", "ehlo"])
def test_a_relay_that_turns_us_away_for_good(scripted: Scripted, verb: str) -> None:
    text = refusal(relay(scripted({verb: [b"554 5.7.1 Not from there\r\n", CLOSE]})))
    assert "turns us away: 554 5.7.1 Not from there" in text


@pytest.mark.fault(3, "421 as greeting", "tried again later")
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


@pytest.mark.parametrize(
    ("verb", "timeout"), [("connect", "GREETING_TIMEOUT"), ("ehlo", "LOGIN_TIMEOUT")]
)
def test_a_relay_that_says_nothing(
    scripted: Scripted, verb: str, timeout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, timeout, 0.2)
    assert loss(relay(scripted({verb: []}))).endswith("nothing came in time")


@pytest.mark.fault(4, "a greeting that takes longer than any other reply may", "waited for")
def test_a_relay_may_take_its_time_to_greet(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "LOGIN_TIMEOUT", 0.2)
    greeting: Step = [Sleep(0.5), b"220 scripted.example.org ESMTP\r\n"]
    log_in(relay(scripted({"connect": greeting})))


def test_the_times_are_long_enough_for_a_tarpit() -> None:
    assert (reaching.CONNECT_TIMEOUT, login.GREETING_TIMEOUT, login.LOGIN_TIMEOUT) == (30, 300, 60)


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


# One of its addresses is dead


@pytest.fixture
def dead(scripted: Scripted) -> Iterator[int]:
    """The port of a server at 127.0.0.1; at 127.0.0.2 nobody ever answers on it."""
    server = scripted()
    with socket.socket() as silent:
        silent.bind(("127.0.0.2", server.port))
        silent.listen(0)
        callers = [socket.socket() for _ in range(8)]  # its queue is full, and nobody takes them
        for caller in callers:
            caller.setblocking(False)
            caller.connect_ex(("127.0.0.2", server.port))
        yield server.port
        for caller in callers:
            caller.close()


def with_addresses(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """What the system's resolver says of every name from now on."""

    def resolve(host: str, port: int, *_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (it, port)) for it in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.mark.fault(2, "two addresses, the first of which never answers", "the second is taken")
def test_a_dead_address_costs_a_moment(dead: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with_addresses(monkeypatch, "127.0.0.2", "127.0.0.1")
    start = time.monotonic()
    log_in(Relay(url=f"smtp://mail.example.org:{dead}", allow_plain=True))
    assert time.monotonic() - start < 3


@pytest.mark.fault(2, "two addresses, the first of which refuses", "the second is taken")
def test_an_address_that_refuses_is_passed_over(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_addresses(monkeypatch, "127.0.0.3", "127.0.0.1")
    log_in(Relay(url=f"smtp://mail.example.org:{scripted().port}", allow_plain=True))


def test_where_every_address_is_dead_it_is_given_up(
    dead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaching, "CONNECT_TIMEOUT", 0.5)
    with_addresses(monkeypatch, "127.0.0.2")
    relay = Relay(url=f"smtp://mail.example.org:{dead}", allow_plain=True)
    assert loss(relay).endswith("nothing came in time")


def test_a_peer_that_vanished_is_noticed_but_not_before_the_reply_to_the_dot_is_due() -> None:
    async def options() -> list[int]:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            reached = await reaching.reach("127.0.0.1", listening.getsockname()[1])
            with reached:
                return [
                    reached.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
                    reached.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
                ]

    assert run(options()) == [1, room.TIMEOUTS[Phase.DOT] * 1000]
