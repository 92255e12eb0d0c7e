"""Access tokens in place of a password: from a command, or from the token endpoint itself.

OAuth 2.0 client credentials, RFC 6749 section 4.4, as Microsoft 365 wants them; whoever has
another way to a token (Google, a managed identity) names the command that prints one.
"""

import asyncio
import json
import re
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from http.client import HTTPException
from subprocess import DEVNULL, PIPE
from typing import IO

from newsletter.config import Relay
from newsletter.errors import RelayLost, SetupError
from newsletter.smtp.explaining import printable, reason
from newsletter.smtp.trust import tls

TIMEOUT = 30.0  #: seconds until a token must be there
SPARE = 300.0  #: seconds before its end in which a token is not used any more
OF_A_COMMAND = 60.0  #: seconds that a printed token is good for: its end is not known
LONGEST = 65536  #: octets of an answer

_TOKEN = re.compile(r"[!-~]{1,16384}")


class Tokens:
    """The token to log in with; fetched anew shortly before its end, once for all who ask."""

    def __init__(self, relay: Relay, client_secret: str) -> None:
        self._relay = relay
        self._client_secret = client_secret
        self._fetching = asyncio.Lock()
        self.forget()

    def forget(self) -> None:
        """The relay did not want it."""
        self._token, self._good_until = "", 0.0

    async def token(self) -> str:
        """Return a token that is good for a while; `SetupError` or `RelayLost` if none is had."""
        async with self._fetching:
            if time.time() >= self._good_until:
                self._token, seconds = await self._fetched()
                self._good_until = time.time() + seconds
            return self._token

    async def _fetched(self) -> tuple[str, float]:
        if self._relay.oauth_command:
            return await _printed(self._relay.oauth_command), OF_A_COMMAND
        return await asyncio.to_thread(_granted, self._relay, self._client_secret)


async def _printed(command: tuple[str, ...]) -> str:
    """Return what *command* prints; of its own complaints nothing, for they may hold secrets."""
    name = f"`relay.oauth_command` (`{command[0]}`)"
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL
        )
    except OSError as error:
        raise SetupError(f"{name} cannot be run: {error.strerror}") from None
    try:
        async with asyncio.timeout(TIMEOUT):
            printed, _ = await process.communicate()
    except TimeoutError:
        raise RelayLost(f"{name} printed no token within {TIMEOUT:.0f} seconds") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise RelayLost(f"{name} failed with status {process.returncode}; run it to see why")
    token = printed[:LONGEST].decode("ascii", "replace").strip()
    if not _TOKEN.fullmatch(token):
        raise SetupError(f"{name} must print the token and nothing else; run it to see")
    return token


def _granted(relay: Relay, client_secret: str) -> tuple[str, float]:
    """Return the token that the endpoint grants, and for how many seconds it is good."""
    request = urllib.request.Request(  # noqa: S310 - the settings take https alone
        relay.oauth_token_url,
        urllib.parse.urlencode(
            {
                "grant_type": "client_credentials",
                "client_id": relay.oauth_client_id,
                "client_secret": client_secret,
                "scope": relay.oauth_scope,
            }
        ).encode(),
        {"Accept": "application/json"},
    )
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=tls(relay.ca_file)), _NoRedirect
    )
    place = f"`relay.oauth_token_url` ({relay.oauth_token_url})"
    try:
        with opener.open(request, timeout=TIMEOUT) as answer:
            return _read(answer, place)
    except urllib.error.HTTPError as error:
        with error:
            raise _refused(error, place, client_secret) from None
    except (OSError, HTTPException) as error:
        raise _unreached(getattr(error, "reason", error), place) from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The client's secret goes where it was told to go, and nowhere else."""

    def redirect_request(self, *_: object) -> None:
        return None


def _read(answer: IO[bytes], place: str) -> tuple[str, float]:
    try:
        said = json.loads(answer.read(LONGEST))
        token, seconds = said["access_token"], float(said.get("expires_in", 0))
        if not _TOKEN.fullmatch(token):
            raise ValueError
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise SetupError(f"{place} answers without a token; is it the token endpoint?") from None
    return token, max(seconds - SPARE, seconds / 2)


def _unreached(cause: Exception | str, place: str) -> SetupError | RelayLost:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return SetupError(f"{place}: its certificate is not to be trusted: {cause.verify_message}")
    said = reason(cause) if isinstance(cause, Exception) else cause
    return RelayLost(f"{place} gives no token: {said}")


def _refused(
    error: urllib.error.HTTPError, place: str, client_secret: str
) -> SetupError | RelayLost:
    """RFC 6749 section 5.2: 400 and 401 with a reason are for somebody to mend."""
    try:
        said = json.loads(error.read(LONGEST))
        why = f"{said['error']}: {said.get('error_description', '')}"
    except (OSError, HTTPException, ValueError, TypeError, LookupError, AttributeError):
        why = str(error.reason)
    text = f"{place} gives no token: {error.code} {printable(why, [client_secret])}"
    if error.code in (408, 425, 429) or error.code >= 500:
        return RelayLost(text)
    return SetupError(f"{text}; check `relay.oauth_client_id`, its secret and `relay.oauth_scope`")
