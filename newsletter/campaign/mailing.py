"""Everything a send needs: the mail, the people, and what to know before saying yes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from msgspec import structs

from newsletter import audience, config, message, sources
from newsletter.audience import Audience, Exclusion
from newsletter.campaign import keeping, languages
from newsletter.campaign.drafting import Draft, draft, stacked
from newsletter.campaign.languages import Choice
from newsletter.config import Config, Relay, Security
from newsletter.errors import AudienceError, Fault, UsageError
from newsletter.ledger import reading
from newsletter.ledger.states import Campaign
from newsletter.rendering import STACKED
from newsletter.workspace import Workspace


@dataclass(frozen=True, kw_only=True, slots=True)
class Mailing:
    """Everything a send needs: the mail, the people, and what to know before saying yes."""

    draft: Draft
    lists: tuple[str, ...]
    audience: Audience
    choice: Choice  #: who gets which mail of the draft
    settings: Config
    content_hash: str
    again: dict[str, str]  #: who of the audience got it already: key of address to campaign


def gather(
    workspace: Workspace,
    wanted: Sequence[str],
    excluded: Sequence[str] = (),
    *,
    skip_bad_rows: bool = False,
) -> Audience:
    """Return the people on the lists *wanted* less those on *excluded*, each once."""
    return audience.assemble(
        [sources.read(workspace.recipients, name) for name in dict.fromkeys(wanted)],
        exclude=[sources.read(workspace.recipients, name) for name in dict.fromkeys(excluded)],
        skip_bad_rows=skip_bad_rows,
    )


def prepare(
    workspace: Workspace,
    given: str,
    wanted: Sequence[str],
    excluded: Sequence[str] = (),
    *,
    skip_bad_rows: bool = False,
    again: bool = False,
    relay: Relay | None = None,
) -> Mailing:
    """Return the mailing of *given* to *wanted* (or to the lists that it names itself).

    Who got it already is left out, unless *again*. *relay* goes before the one in the settings.
    """
    settings = config.load(workspace.root)
    if relay:
        settings = structs.replace(settings, relay=relay)
    drafted = draft(workspace, given)
    named = (name for edition in drafted.announcement.editions for name in edition.lists)
    wanted = tuple(wanted) or tuple(dict.fromkeys(named))
    if not wanted:
        known = ", ".join(sources.names(workspace.recipients)) or "none yet"
        raise UsageError(f"to whom? Name a list with `--list`; there are: {known}")
    people = gather(workspace, wanted, excluded, skip_bad_rows=skip_bad_rows)
    content_hash = message.fingerprint(drafted.renderings)
    mailing = Mailing(
        draft=drafted,
        lists=tuple(wanted),
        audience=people,
        choice=languages.choice(workspace, [each.language for each in drafted.renderings]),
        settings=settings,
        content_hash=content_hash,
        again={},
    )
    got_it = reached(workspace, mailing)
    mailing = replace(mailing, again=got_it) if again else _without(mailing, got_it)
    if STACKED not in map(mailing.choice.of, mailing.audience.recipients):
        return mailing
    return replace(mailing, draft=stacked(workspace, drafted))


def sent_before(workspace: Workspace, mailing: Mailing) -> tuple[Campaign, ...]:
    """Return the campaigns that took this announcement to people, the newest first."""
    if mailing.settings.relay.security is Security.INBOX or not keeping.exists(workspace):
        return ()
    with reading.reading(keeping.place(workspace)) as ledger:
        return reading.sent_of(ledger, mailing.draft.announcement.name, mailing.content_hash)


def reached(workspace: Workspace, mailing: Mailing) -> dict[str, str]:
    """Return who of the audience got this announcement: key of address to campaign's name."""
    if not (sent := sent_before(workspace, mailing)):
        return {}
    with reading.reading(keeping.place(workspace)) as ledger:
        found = reading.reached(ledger, sent)
    keys = (recipient.address.key for recipient in mailing.audience.recipients)
    return {key: found[key] for key in keys if key in found}


def _without(mailing: Mailing, got_it: dict[str, str]) -> Mailing:
    if not got_it:
        return mailing
    everybody = mailing.audience.recipients
    left = tuple(each for each in everybody if each.address.key not in got_it)
    if not left:
        lists, names = (
            ", ".join(f"`{name}`" for name in dict.fromkeys(each))
            for each in (mailing.lists, got_it.values())
        )
        raise AudienceError(
            [
                Fault(
                    f"list {lists}",
                    f"nobody is left: all {len(everybody):,} got it already in campaign {names}; "
                    "add `--again` to write to them again",
                )
            ]
        )
    exclusions = (
        Exclusion(
            address=str(each.address),
            reason=f"already got it in campaign `{got_it[each.address.key]}`",
            list_name=each.lists[0],
        )
        for each in everybody
        if each.address.key in got_it
    )
    return replace(
        mailing,
        audience=Audience(recipients=left, exclusions=(*mailing.audience.exclusions, *exclusions)),
    )
