"""An announcement as it will look: rendered, checked, written to files."""

import time
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

from newsletter import address, announcement, checks, config, message, rendering, sources, theme
from newsletter.announcement import Announcement, Edition
from newsletter.audience import Recipient
from newsletter.checks.finding import Finding
from newsletter.checks.mail import Mail
from newsletter.checks.rules import Rules
from newsletter.config import Config, Security
from newsletter.errors import AuthorError, Fault, SetupError
from newsletter.message import HeaderError, Letterhead, Mailbox
from newsletter.rendering import Organisation, Rendering
from newsletter.skeleton import Skeleton, message_id
from newsletter.workspace import NAME_TO_FILL_IN, SENDER_TO_FILL_IN, Workspace


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """An announcement as it will look: every edition with its rendering, and what checks say."""

    announcement: Announcement
    mails: tuple[Mail, ...]  #: one of each language, and perhaps one of all
    findings: tuple[Finding, ...]

    @property
    def renderings(self) -> tuple[Rendering, ...]:
        return tuple(mail.rendering for mail in self.mails)


def draft(workspace: Workspace, given: str) -> Draft:
    """Read, render and check the announcement *given*; raises `AuthorError` with every fault."""
    settings = config.load(workspace.root)
    path = announcement.find(given, workspace.announcements)
    loaded = announcement.load(path, settings.organisation.languages)
    organisation = _organisation(settings)
    rules = _rules(settings)
    mails = []
    for edition in loaded.editions:
        look = theme.load(edition.theme, themes_of(workspace), workspace.compiled)
        rendered = rendering.render(edition, look, organisation)
        mails.append(_finished((edition,), rendered, settings))
    found = [finding for mail in mails for finding in checks.run(mail, rules)]
    found += checks.compare(loaded.editions, settings.organisation.languages, rules)
    found += checks.addressed(loaded.editions, sources.names(workspace.recipients), rules)
    return Draft(announcement=loaded, mails=tuple(mails), findings=checks.in_order(found))


def stacked(workspace: Workspace, drafted: Draft) -> Draft:
    """Return *drafted* with one mail more: every edition in one, in the look of the first."""
    settings = config.load(workspace.root)
    editions = drafted.announcement.editions
    look = theme.load(editions[0].theme, themes_of(workspace), workspace.compiled)
    rendered = rendering.stack(editions, look, _organisation(settings))
    mail = _finished(editions, rendered, settings)
    found = (*drafted.findings, *checks.run(mail, _rules(settings)))
    return replace(drafted, mails=(*drafted.mails, mail), findings=checks.in_order(found))


def _rules(settings: Config) -> Rules:
    today = datetime.now(ZoneInfo(settings.organisation.timezone)).date()
    return checks.rules(settings.checks, today)


def _organisation(settings: Config) -> Organisation:
    return Organisation(
        name=settings.organisation.name,
        contact=str(reply_to(settings).address),
        timezone=settings.organisation.timezone,
        unsubscribe=settings.sender.unsubscribe,
        base_url=settings.images.base_url,
    )


def build(workspace: Workspace, drafted: Draft, out: Path) -> tuple[Path, ...]:
    """Write `<name>.<language>.html`, `.txt` and `.eml` into *out*, as a nameless reader gets it.

    Pictures go beside the HTML, so that it opens in a browser; the .eml is what leaves.
    """
    settings = config.load(workspace.root)
    reader = Recipient(address=sender(settings).address, lists=())
    made = []
    out.mkdir(parents=True, exist_ok=True)
    for finished in drafted.mails:
        each = finished.rendering
        stem = f"{drafted.announcement.name}.{each.language}"
        page = message.fill(each.html, each.slots, reader, escape=True)
        for image in each.images:
            beside = f"{stem}-{image.filename}"
            page = page.replace(f"cid:{image.cid}", quote(beside))
            (out / beside).write_bytes(image.data)
        for file in each.published:
            page = page.replace(f"{settings.images.base_url}/{file.filename}", file.filename)
            (out / file.filename).write_bytes(file.data)
        text = message.fill(each.text, each.slots, reader, escape=False)
        written = {"html": page.encode(), "txt": text.encode(), "eml": finished.data}
        for suffix, content in written.items():
            path = out / f"{stem}.{suffix}"
            path.write_bytes(content)
            made.append(path)
    return tuple(made)


def _finished(editions: tuple[Edition, ...], rendered: Rendering, settings: Config) -> Mail:
    """Return the whole message as a nameless reader gets it."""
    reader = Recipient(address=sender(settings).address, lists=())
    seed = f"build.{message.fingerprint([rendered])[:16]}"
    name = message_id(seed, 1, reader.address.domain)
    data = message.compose(skeleton(rendered, settings, time.time()), reader, name)
    return Mail(editions=editions, rendering=rendered, data=data)


def themes_of(workspace: Workspace) -> tuple[Path, ...]:
    """Return the folders that hold themes: the workspace's own before those shipped."""
    return (workspace.templates, theme.shipped())


def refuse_unfilled(settings: Config) -> None:
    """Raise `SetupError` where real mail would carry what `init` wrote for somebody to fill in."""
    unfilled = (
        ("organisation.name", settings.organisation.name, NAME_TO_FILL_IN),
        ("sender.from", settings.sender.from_, SENDER_TO_FILL_IN),
    )
    faults = [
        f"{config.FILE}: `{setting}` is still `{value}`; put your own there before real mail leaves"
        for setting, value, given in unfilled
        if value == given and settings.relay.security is not Security.INBOX
    ]
    if faults:
        raise SetupError("\n".join(faults))


def skeleton(each: Rendering, settings: Config, now: float) -> Skeleton:
    """Return the message of one edition, dated *now* (Unix time, seconds)."""
    own = sender(settings)
    letterhead = Letterhead(
        sender=own,
        reply_to=reply_to(settings),
        list_id=f"newsletter.{own.address.domain}",
        date=datetime.fromtimestamp(int(now)).astimezone(),
        unsubscribe=settings.sender.unsubscribe,
    )
    try:
        return message.skeleton(each, letterhead)
    except HeaderError as error:
        raise AuthorError([Fault(f"the {each.language} edition", str(error))]) from error


def sender(settings: Config) -> Mailbox:
    """Return the mailbox in From; `SetupError` if it is none."""
    return _mailbox(settings.sender.from_, "sender.from")


def reply_to(settings: Config) -> Mailbox:
    """Return the mailbox that answers and questions go to."""
    return _mailbox(settings.sender.reply_to or settings.sender.from_, "sender.reply_to")


def _mailbox(text: str, setting: str) -> Mailbox:
    name, found = parseaddr(text)
    try:
        return Mailbox(name, address.parse(found))
    except address.AddressError as error:
        raise SetupError(
            f"{config.FILE}: {setting} `{text}`: {error}; write `Name <name@example.org>`"
        ) from None
