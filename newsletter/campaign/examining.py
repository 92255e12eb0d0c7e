"""Is the set-up ready to send? Each part is looked at, whatever is wrong with the others."""

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from newsletter import config, sources, theme
from newsletter.campaign import drafting, sending
from newsletter.errors import AudienceError, LedgerError, NewsletterError
from newsletter.ledger import reading
from newsletter.sources import policies
from newsletter.workspace import Workspace

SAFE_SQLITE = (3, 51, 3)  #: older ones can corrupt a WAL that two connections reset at once


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
    if workspace.ledger.exists():
        with reading.reading(workspace.ledger) as ledger:
            if damage := reading.damage(ledger):
                raise LedgerError(
                    f"{workspace.ledger} is damaged: {damage[0]}; put your last copy of it back"
                )
    says = f"{workspace.ledger}, SQLite {sqlite3.sqlite_version}"
    if sqlite3.sqlite_version_info < SAFE_SQLITE:
        says += " (works; 3.51.3 or later mends a rare fault that we avoid)"
    return says


def _relay(workspace: Workspace) -> str:
    settings = config.load(workspace.root)
    offers = asyncio.run(sending.knock(workspace))
    login = f", logged in as {settings.relay.user}" if settings.relay.user else ""
    return (
        f"{settings.relay.url} lets us in{login}, {settings.relay.most_connections} connections; "
        f"it offers {', '.join(sorted(offers))}"
    )
