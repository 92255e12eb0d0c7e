"""What sends nothing to staff: a mail to one address, and a knock at the relay's door."""

import secrets
import time
from dataclasses import dataclass, replace

from newsletter import address, config, message
from newsletter.audience import Recipient
from newsletter.campaign import languages, publishing
from newsletter.campaign.drafting import draft, sender, skeleton
from newsletter.campaign.line import line
from newsletter.campaign.signing import signers, signing
from newsletter.errors import Halted, UsageError
from newsletter.rendering import called
from newsletter.reply import Reply
from newsletter.skeleton import message_id
from newsletter.smtp.connection import Lost, Parcel
from newsletter.workspace import Workspace


async def test(workspace: Workspace, given: str, to: str) -> tuple[tuple[str, Reply], ...]:
    """Send every edition to *to* alone, marked [TEST]; return the relay's reply to each.

    The mail with all languages goes along where a list asks for it.
    """
    settings = config.load(workspace.root)
    drafted = languages.as_lists_ask(workspace, draft(workspace, given))
    try:
        reader = Recipient(address=address.parse(to), lists=())
    except address.AddressError as error:
        raise UsageError(f"--to {to}: {error}") from None
    own, keys = sender(settings).address, signers(workspace, settings)
    publishing.publish(workspace, drafted.renderings)
    replies = []
    async with line(workspace, settings.relay) as connect:
        connection = await connect()
        for each in drafted.renderings:
            marked = replace(each, subject=f"[TEST] {each.subject}")
            name = message_id(f"test.{secrets.token_hex(8)}", 1, own.domain)
            made = skeleton(marked, settings, time.time())
            data = message.compose(made, reader, name)
            for sign in signing(keys, {each.language: made}).values():
                data = sign(data)
            envelope = message.Envelope(str(own), str(reader.address))
            try:
                _, reply = await connection.hand_over(Parcel(envelope, data), _no_intent)
            except Lost as lost:
                raise Halted(
                    f"the relay broke off ({lost}); it may have arrived: look there, then try again"
                ) from None
            replies.append((called(each.language, each.languages), reply))
        await connection.quit()
    return tuple(replies)


async def _no_intent() -> None:
    """A test is in no ledger: its sender looks for it himself."""


@dataclass(frozen=True, slots=True)
class Door:
    """What a relay shows of itself to somebody who logs in."""

    offers: frozenset[str]
    certificate_expires: float | None  #: Unix time; None: no TLS


async def knock(workspace: Workspace) -> Door:
    """Connect and log in to the relay, and send nothing."""
    settings = config.load(workspace.root)
    async with line(workspace, settings.relay) as connect:
        connection = await connect()
        await connection.quit()
        return Door(connection.extensions, connection.certificate_expires)
