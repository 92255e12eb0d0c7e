"""Read newsletter.toml and the environment, once, into frozen values.

The environment wins over the file (`NEWSLETTER_RELAY_URL`); a password is never in the file.
"""

import os
import tomllib
from pathlib import Path

from newsletter.config import reading
from newsletter.config.relay import Relay, Secret, Security
from newsletter.config.sections import Checks, Config, Database, Dkim, Metrics
from newsletter.errors import SetupError

__all__ = [
    "FILE",
    "Checks",
    "Config",
    "Database",
    "Dkim",
    "Metrics",
    "Relay",
    "Secret",
    "Security",
    "client_secret",
    "load",
    "password",
    "secret",
]

FILE = "newsletter.toml"


def load(folder: Path) -> Config:
    """Return the settings of the workspace *folder*; `SetupError` names file, line and mend."""
    path = folder / FILE
    try:
        source = path.read_text(encoding="utf-8-sig")
        values = tomllib.loads(source)
    except FileNotFoundError:
        raise SetupError(f"{path} is not there; `newsletter init {folder}` makes it") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SetupError(f"{path}:{line}: not UTF-8; save the file as UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SetupError(
            f'{path}: cannot be read as TOML, write `name = "value"`: {error}'
        ) from None
    read = reading.Reading(reading.File(path, source, values), os.environ)
    config = read.config()
    _check_plain(config.relay, read.place("relay", "url"))
    _check_oauth(config.relay, read)
    _check_signing(config.dkim, read)
    return config


def password(of: Relay | Database, folder: Path) -> str:
    """Return the password of a relay or a database; from the environment, else from its file."""
    if of.password.text or of.password_file is None:
        return of.password.text
    return secret(folder / of.password_file, f"the {type(of).__name__.lower()}'s password")


def client_secret(relay: Relay, folder: Path) -> str:
    """Return the secret for the token endpoint; from the environment, else from its file."""
    if relay.oauth_client_secret.text or relay.oauth_client_secret_file is None:
        return relay.oauth_client_secret.text
    return secret(folder / relay.oauth_client_secret_file, "the secret for the token endpoint")


def secret(path: Path, what: str) -> str:
    """Return what stands in a file that nobody else may read; no message repeats it."""
    try:
        if path.stat().st_mode & 0o077:
            raise SetupError(f"{path}: others can read {what}; run `chmod 600 {path}`")
        found = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SetupError(f"{path}: {error.strerror}; it should hold {what}") from None
    except UnicodeDecodeError:  # its text would show the secret
        raise SetupError(f"{path}: not UTF-8; it should hold {what}") from None
    if not found:
        raise SetupError(f"{path}: empty; it should hold {what}")
    return found


def _check_plain(relay: Relay, place: str) -> None:
    if relay.security is Security.PLAIN and not relay.is_loopback and not relay.allow_plain:
        raise SetupError(
            f"{place}: `relay.url`: `{relay.url}` would send everything readable over the network; "
            "write `smtp+starttls://` or `smtps://`, or set `allow_plain = true` if you must"
        )
    if relay.security is Security.PLAIN and not relay.is_loopback and relay.user:
        raise SetupError(
            f"{place}: `relay.url`: `{relay.url}` would send the password of `{relay.user}` "
            "readable over the network; write `smtp+starttls://` or `smtps://`, or take `user` out"
        )


def _check_oauth(relay: Relay, read: reading.Reading) -> None:
    """Refuse half a way to a token, and two ways at once."""
    if not relay.uses_oauth:
        return
    place = read.place("relay", "oauth_command" if relay.oauth_command else "oauth_token_url")
    if relay.oauth_command and relay.oauth_token_url:
        raise SetupError(f"{place}: `relay.oauth_command` or `relay.oauth_token_url`, not both")
    if relay.password.text or relay.password_file:
        raise SetupError(f"{place}: a token or a password, not both; take `relay.password` out")
    missing = [] if relay.user else ["relay.user"]
    if relay.oauth_token_url:
        needed = ("oauth_client_id", "oauth_scope")
        missing += [f"relay.{name}" for name in needed if not getattr(relay, name)]
        if not (relay.oauth_client_secret.text or relay.oauth_client_secret_file):
            missing.append("relay.oauth_client_secret_file")
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        raise SetupError(f"{place}: {names}: missing; add it below `[relay]`")


def _check_signing(dkim: Dkim, read: reading.Reading) -> None:
    """Refuse half a key: a signature needs all its settings, or there is none."""
    if dkim == Dkim():
        return
    needed = ["domain", "selector", "key_file"]
    if dkim.ed25519_selector or dkim.ed25519_key_file:  # not alone: few programs verify these
        needed += ["ed25519_selector", "ed25519_key_file"]
    if missing := [name for name in needed if not getattr(dkim, name)]:
        names = ", ".join(f"`dkim.{name}`" for name in missing)
        raise SetupError(f"{read.place('dkim')}: {names}: missing; add it below `[dkim]`")
    if dkim.selector == dkim.ed25519_selector:
        raise SetupError(
            f"{read.place('dkim', 'ed25519_selector')}: `dkim.ed25519_selector`: "
            f"`{dkim.selector}` is the selector of the other key; write another one"
        )
