"""A token in place of a password: where it comes from, how long it is used, what is never told."""

import asyncio
import base64
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import trustme

from newsletter.config import Relay
from newsletter.errors import NewsletterError, RelayLost, SetupError
from newsletter.smtp import login, oauth
from newsletter.smtp.oauth import Tokens
from tests.conftest import Scripted
from tests.integration.campaigns import run
from tests.integration.logins import PASSWORD, assert_secret, certified, log_in
from tests.servers.programs import free_port
from tests.servers.scripted import Hook, ScriptedServer
from tests.servers.tokens import TokenEndpoint

SECRET = "t0p-s3cret~Client"  # of the client
TOKEN = "eyJ0eXAiOiJKV1QifQ.eyJhIjoxfQ.c2lnbmF0dXJl"
GRANTED = (200, {"token_type": "Bearer", "expires_in": 3599, "access_token": TOKEN})
USER = "nieuws@example.org"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def offering_tokens(scripted: Scripted, **script: Hook) -> ScriptedServer:
    ehlo = b"250-scripted.example.org\r\n250 AUTH XOAUTH2 PLAIN LOGIN\r\n"
    return scripted({"ehlo": ehlo, "auth": b"235 2.7.0 Accepted\r\n", **script}, password=PASSWORD)


def by_command(server: ScriptedServer | None, *command: str) -> Relay:
    port = server.port if server else 25
    return Relay(url=f"smtp://127.0.0.1:{port}", user=USER, oauth_command=command)


def printing(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", f"print({text!r})")


def by_endpoint(url: str, ca_file: Path, port: int = 25) -> Relay:
    return Relay(
        url=f"smtp://127.0.0.1:{port}",
        user=USER,
        oauth_token_url=url,
        oauth_client_id="client",
        oauth_scope="https://outlook.office365.com/.default",
        ca_file=ca_file,
    )


def said_in_auth(server: ScriptedServer) -> list[bytes]:
    commands = [line.split() for line in server.commands if line.startswith(b"AUTH")]
    assert all(mechanism == b"XOAUTH2" for _, mechanism, _ in commands)
    return [base64.b64decode(initial) for _, _, initial in commands]


# It works


def test_the_token_that_a_command_prints_logs_in(scripted: Scripted) -> None:
    server = offering_tokens(scripted)
    relay = by_command(server, *printing(TOKEN))
    log_in(relay, "", Tokens(relay, ""))
    assert said_in_auth(server) == [f"user={USER}\1auth=Bearer {TOKEN}\1\1".encode()]
    assert len(server.messages) == 1


def test_the_endpoint_is_asked_once_for_all_connections(
    scripted: Scripted, authority: trustme.CA, ca_file: Path
) -> None:
    server = offering_tokens(scripted)
    with TokenEndpoint(certified(authority), GRANTED) as endpoint:
        relay = by_endpoint(endpoint.url, ca_file, server.port)

        async def five() -> None:
            tokens = Tokens(relay, SECRET)
            lines = await asyncio.gather(*(login.connect(relay, "", tokens) for _ in range(5)))
            for line in lines:
                await line.quit()

        run(five())
    assert said_in_auth(server) == [f"user={USER}\1auth=Bearer {TOKEN}\1\1".encode()] * 5
    assert endpoint.paths == ["/tenant/token"]
    assert endpoint.asked == [
        {
            "grant_type": "client_credentials",
            "client_id": "client",
            "client_secret": SECRET,
            "scope": "https://outlook.office365.com/.default",
        }
    ]


@pytest.mark.fault(37, "a token that is good for two seconds", "a new one for the next connection")
def test_a_token_near_its_end_is_not_used_again(authority: trustme.CA, ca_file: Path) -> None:
    first = (200, {"access_token": "first", "expires_in": 2})
    second = (200, {"access_token": "second", "expires_in": 3600})
    with TokenEndpoint(certified(authority), first, second) as endpoint:
        tokens = Tokens(by_endpoint(endpoint.url, ca_file), SECRET)

        async def four() -> list[str]:
            found = [await tokens.token(), await tokens.token()]
            await asyncio.sleep(1.1)
            return [*found, await tokens.token(), await tokens.token()]

        assert run(four()) == ["first", "first", "second", "second"]
    assert len(endpoint.asked) == 2


def test_a_printed_token_is_printed_again_after_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth, "OF_A_COMMAND", 0.2)
    tokens = Tokens(by_command(None, sys.executable, "-c", "import time; print(time.time())"), "")

    async def three() -> list[str]:
        found = [await tokens.token(), await tokens.token()]
        await asyncio.sleep(0.3)
        return [*found, await tokens.token()]

    one, same, other = run(three())
    assert one == same != other


# The relay does not want it


@pytest.mark.fault(38, "334 with the reason, coded, then 535", "one empty answer, then told")
def test_a_riddle_is_answered_with_nothing_once(scripted: Scripted) -> None:
    riddle = base64.b64encode(b'{"status":"400","schemes":"Bearer"}')
    server = offering_tokens(
        scripted,
        auth=b"334 " + riddle + b"\r\n",
        **{"": b"535 5.7.3 Authentication unsuccessful\r\n"},
    )
    text = refusal(by_command(server, *printing(TOKEN)), SetupError)
    assert "refuses user `nieuws@example.org` with this token (535 5.7.3" in text
    assert [line[:12] for line in server.commands] == [b"EHLO localho", b"AUTH XOAUTH2", b""]


@pytest.mark.fault(38, "334 again and again", "one empty answer, then told")
def test_a_riddle_upon_a_riddle_is_a_refusal(scripted: Scripted) -> None:
    server = offering_tokens(scripted, auth=b"334 e30=\r\n", **{"": b"334 e30=\r\n"})
    assert "with this token (334" in refusal(by_command(server, *printing(TOKEN)), SetupError)
    assert server.commands.count(b"") == 1


def test_a_refused_token_is_forgotten_and_not_tried_again(scripted: Scripted) -> None:
    server = offering_tokens(scripted, auth=b"535 5.7.3 No\r\n")
    relay = by_command(server, sys.executable, "-c", "import time; print(time.time())")
    tokens = Tokens(relay, "")

    async def refused() -> tuple[str, str]:
        before = await tokens.token()
        with pytest.raises(SetupError):
            await login.connect(relay, "", tokens)
        return before, await tokens.token()

    before, after = run(refused())
    assert before != after
    assert len(said_in_auth(server)) == 1


def test_where_no_token_is_taken_no_other_mechanism_is_tried(scripted: Scripted) -> None:
    server = scripted(password=PASSWORD)
    text = refusal(by_command(server, *printing(TOKEN)), SetupError)
    assert "offers no login by token (it offers: plain, login)" in text
    assert not [line for line in server.commands if line.startswith(b"AUTH")]


def test_a_relay_that_repeats_the_token_is_not_quoted(scripted: Scripted) -> None:
    def echo(session: Any, line: bytes) -> bytes:
        return b"535 5.7.3 " + line + b" (" + TOKEN.encode() + b")\r\n"

    refusal(by_command(offering_tokens(scripted, auth=echo), *printing(TOKEN)), SetupError)


def refusal(relay: Relay, kind: type[NewsletterError], secret: str = TOKEN) -> str:
    """What is told when no connection can be had; it never holds the secret."""
    with pytest.raises(kind) as caught:
        run(login.connect(relay, "", Tokens(relay, SECRET)))
    assert str(caught.value).isprintable()
    for each in (secret, SECRET):
        assert_secret(caught.value, USER, each)
    return str(caught.value)


# There is no token


def test_a_command_that_is_not_there_is_named() -> None:
    text = refusal(by_command(None, "/nowhere/token"), SetupError)
    assert text == (
        "`relay.oauth_command` (`/nowhere/token`) cannot be run: No such file or directory"
    )


@pytest.mark.parametrize("printed", ["", "two words", "é", "x" * 20_000, "a\nb"])
def test_a_command_that_prints_anything_else_is_named(printed: str) -> None:
    text = refusal(by_command(None, *printing(printed)), SetupError)
    assert "must print the token and nothing else" in text
    assert printed == "" or printed not in text


@pytest.mark.fault(37, "the command fails", "tried again later; its words are not shown")
def test_a_command_that_fails_is_tried_later_and_not_quoted() -> None:
    failing = f"import sys; print('{SECRET}', file=sys.stderr); sys.exit('{SECRET}')"
    text = refusal(by_command(None, sys.executable, "-c", failing), RelayLost)
    assert text.endswith("failed with status 1; run it to see why")


def test_a_command_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth, "TIMEOUT", 0.3)
    start = time.monotonic()
    text = refusal(by_command(None, "sleep", "60"), RelayLost)
    assert "printed no token within 0 seconds" in text
    assert time.monotonic() - start < 5


@pytest.mark.fault(37, "the endpoint answers 500 or 503", "tried again later")
@pytest.mark.parametrize("status", [500, 503, 429, 408])
def test_an_endpoint_that_is_down_is_tried_later(
    authority: trustme.CA, ca_file: Path, status: int
) -> None:
    with TokenEndpoint(certified(authority), (status, b"<html>sorry</html>")) as endpoint:
        text = refusal(by_endpoint(endpoint.url, ca_file), RelayLost)
    assert f"gives no token: {status} " in text


def test_an_endpoint_that_is_not_there_is_tried_later(ca_file: Path) -> None:
    relay = by_endpoint(f"https://127.0.0.1:{free_port()}/token", ca_file)
    assert refusal(relay, RelayLost).endswith("gives no token: nothing listens on that port")


@pytest.mark.fault(37, "the endpoint knows no such client", "told with its words, not tried again")
@pytest.mark.parametrize("status", [400, 401])
def test_a_client_that_is_not_known_has_to_be_mended(
    authority: trustme.CA, ca_file: Path, status: int
) -> None:
    said = {
        "error": "invalid_client",
        "error_description": f"AADSTS7000215: Invalid client secret {SECRET}\r\nTrace: \x1b[31m",
    }
    with TokenEndpoint(certified(authority), (status, said)) as endpoint:
        text = refusal(by_endpoint(endpoint.url, ca_file), SetupError)
    assert f"{status} invalid_client: AADSTS7000215: Invalid client secret *** Trace:" in text
    assert "relay.oauth_client_id" in text


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        {"token": "x"},
        {"access_token": 7},
        {"access_token": "x", "expires_in": "soon"},
        {"access_token": "a b"},
        b"[" * 60_000,
        b"x" * 1_000_000,
    ],
)
def test_an_answer_without_a_token_is_none(
    authority: trustme.CA, ca_file: Path, said: object
) -> None:
    with TokenEndpoint(certified(authority), (200, said)) as endpoint:
        text = refusal(by_endpoint(endpoint.url, ca_file), SetupError)
    assert "is it the token endpoint?" in text


def test_the_clients_secret_goes_nowhere_else(authority: trustme.CA, ca_file: Path) -> None:
    for status in (301, 302, 307, 308):
        with TokenEndpoint(certified(authority), (status, b"")) as endpoint:
            assert f"{status}" in refusal(by_endpoint(endpoint.url, ca_file), SetupError)
        assert endpoint.paths == ["/tenant/token"]


def test_an_endpoint_without_a_good_certificate_gets_no_secret(
    authority: trustme.CA, ca_file: Path
) -> None:
    with TokenEndpoint(certified(authority, "login.example.org"), GRANTED) as endpoint:
        text = refusal(by_endpoint(endpoint.url, ca_file), SetupError)
    assert "certificate is not to be trusted" in text
    assert endpoint.asked == []
