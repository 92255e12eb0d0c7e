"""Somebody introduced: `::: person Name`, fields, a portrait, a few words."""

import re

from newsletter import address, blocks
from newsletter.blocks import Blocks, Link, Text
from newsletter.markdown import fields
from newsletter.markdown.container import Container
from newsletter.markdown.fields import Entry

FIELDS = ("role", "email", "phone", "link")

_BETWEEN_DIGITS = re.compile(r"[\s./()-]+|\(0\)")
_PHONE = re.compile(r"\+?[0-9]{3,15}")


def read(container: Container) -> Blocks:
    """Read the person of *container*."""
    name = container.plain_title("a person without a name; write `::: person Mira Peeters`")
    entries, rest = fields.read(container, FIELDS, several=("email", "phone", "link"))
    children = container.read(rest)
    portrait = children[0] if children and isinstance(children[0], blocks.Image) else None
    if portrait and portrait.caption:
        container.fault(
            "a portrait has no caption, for the name stands beside it; take it out", portrait.line
        )
    contacts = [_contact(container, entry) for entry in entries if entry.name != "role"]
    return (
        blocks.Person(
            name=name,
            role="".join(entry.plain for entry in entries if entry.name == "role"),
            portrait=portrait,
            contacts=tuple(contact for contact in contacts if contact),
            children=children[1:] if portrait else children,
            line=container.line,
        ),
    )


def _contact(container: Container, entry: Entry) -> Link | None:
    match entry.name:
        case "email":
            return _mail(container, entry)
        case "phone":
            return _phone(container, entry)
        case _:
            return _link(container, entry)


def _mail(container: Container, entry: Entry) -> Link | None:
    words = entry.plain
    try:
        return Link((Text(words),), f"mailto:{address.parse(words)}")
    except address.AddressError as error:
        container.fault(f"`{words}` is no mail address: {error}", entry.line)
        return None


def _phone(container: Container, entry: Entry) -> Link | None:
    words = entry.plain
    digits = _BETWEEN_DIGITS.sub("", words.replace("(0)", ""))
    if not _PHONE.fullmatch(digits):
        container.fault(
            f"`{words}` is no telephone number; write it as in `+32 9 000 00 00`", entry.line
        )
        return None
    return Link((Text(words),), f"tel:{digits}")


def _link(container: Container, entry: Entry) -> Link | None:
    match entry.value:
        case (Link() as link,):
            return link
        case (Text(words),) if not re.search(r"\s", words):
            return Link((Text(words),), container.words.url(words, entry.line))
    container.fault(
        "`link:` is one link; write `link: [About Mira](https://intranet.example.org/mira)`",
        entry.line,
    )
    return None
