"""Is the set-up ready to send? Each part is looked at, whatever is wrong with the others."""

import asyncio
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from newsletter import config, sources, theme
from newsletter.campaign import drafting, keeping, signing, trying
from newsletter.config import Relay, Security
from newsletter.errors import AudienceError, NewsletterError, SetupError
from newsletter.ledger import keeping as ledgers
from newsletter.profiles import PROFILES
from newsletter.sources import policies
from newsletter.workspace import Workspace

EXPIRES_SOON = 14 * 86400.0  #: seconds


@dataclass(frozen=True, slots=True)
class Examined:
    """One part of the set-up: what was seen, and what is wrong with it if anything is."""

    name: str
    says: str
    fault: str = ""


def examine(workspace: Workspace) -> tuple[Examined, ...]:
    """Look at every part of the set-up; the relay is greeted and logged in to, nothing is sent."""
    parts: tuple[tuple[str, Callable[[Workspace], str]], ...] = (
        ("settings", _settings),
        ("theme", _theme),
        ("lists", _lists),
        ("ledger", _ledger),
        ("dkim", _dkim),
        ("relay", _relay),
    )
    return tuple(_examined(name, look, workspace) for name, look in parts)


def _examined(name: str, look: Callable[[Workspace], str], workspace: Workspace) -> Examined:
    try:
        return Examined(name, look(workspace))
    except (NewsletterError, OSError) as error:
        return Examined(name, str(error), fault=str(error))


def _settings(workspace: Workspace) -> str:
    settings = config.load(workspace.root)
    drafting.refuse_unfilled(settings)
    return f"{settings.organisation.name}, from {drafting.sender(settings)}"


def _theme(workspace: Workspace) -> str:
    folders = drafting.themes_of(workspace)
    names = [theme.load(name, folders).name for name in theme.names(folders)]
    return f"{', '.join(f'`{name}`' for name in names)} can be read"


def _lists(workspace: Workspace) -> str:
    names = sources.names(workspace.recipients)
    found = [sources.read(workspace.recipients, name) for name in names]
    policies.read(workspace.recipients, names)
    if not found:
        return f"none yet in {workspace.recipients}"
    if faults := [fault for each in found for fault in each.faults]:
        raise AudienceError(faults)
    return ", ".join(f"{each.name} ({len(each.rows):,} people)" for each in found)


def _ledger(workspace: Workspace) -> str:
    place = keeping.place(workspace)
    if keeping.exists(workspace):
        ledgers.refuse_unfit(place)
    return ledgers.about(place)


def _dkim(workspace: Workspace) -> str:
    settings = config.load(workspace.root)
    if not settings.dkim.domain:
        return "no key here; normally the relay signs"
    keys = signing.signers(workspace, settings)
    _check_alignment(settings.dkim.domain, drafting.sender(settings).address.domain)
    sample = hashlib.sha256(b"sample").digest()
    if not all(each.verifies(each.sign(sample), sample) for each in keys):
        raise SetupError("a signature of ours does not verify; make a new key")
    algorithms = " and ".join(each.algorithm for each in keys)
    records = "".join(f"\n       {each.record}" for each in keys)
    return f"{algorithms} for {settings.dkim.domain}: a sample verifies with this in DNS:{records}"


def _check_alignment(signed: str, sender: str) -> None:
    """DMARC counts a signature of the domain in From, of one above it or of one below it."""
    if not (f".{sender}".endswith(f".{signed}") or signed.endswith(f".{sender}")):
        raise SetupError(
            f"`dkim.domain` is `{signed}`, but From is of `{sender}`: DMARC does not count such a "
            f"signature; make a key for `{sender}`"
        )


def _relay(workspace: Workspace) -> str:
    settings = config.load(workspace.root)
    door = asyncio.run(trying.knock(workspace))
    login = f", logged in as {settings.relay.user}" if settings.relay.user else ""
    return (
        f"{settings.relay.url} lets us in{login}, {settings.relay.most_connections} connections, "
        f"{_limits(settings.relay)}; it offers {', '.join(sorted(door.offers))}"
        f"{_certificate(door.certificate_expires, time.time())}"
    )


def _certificate(expires: float | None, now: float) -> str:
    """Return until when the relay's certificate is good; its keeper should hear of it in time."""
    if expires is None:
        return ""
    day = date.fromtimestamp(expires)
    if expires - now > EXPIRES_SOON:
        return f"; its certificate is good until {day}"
    return f"; CAREFUL: its certificate ends on {day}, and then nothing leaves: tell its keeper"


def _limits(relay: Relay) -> str:
    """Return the limits that hold, and where they are from."""
    limits = " and ".join(map(str, relay.limits)) or "no limit"
    if relay.rate:
        return f"{limits} (relay.rate)"
    if relay.security is Security.INBOX:
        return limits
    return f"{limits} (profile {relay.profile}, as of {PROFILES[relay.profile].as_of})"
