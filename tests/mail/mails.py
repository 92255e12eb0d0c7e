"""The mails that every engine is shown: all that can stand in one, in each look and language."""

import base64
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from newsletter import address, announcement, config, message, theme
from newsletter.announcement import Edition
from newsletter.audience import Recipient
from newsletter.campaign import drafting
from newsletter.rendering import Organisation, Rendering, render, stack
from newsletter.rendering.page import Page
from newsletter.skeleton import message_id
from tests import editions

THEMES = sorted(file.parent.name for file in theme.shipped().glob("*/theme.toml"))
LANGUAGES = ("nl", "fr", "en")
INTERVIEW = Path(__file__).parents[1] / "data" / "interview"
SENDER = "communicatie@example.org"
READER = Recipient(
    address=address.parse("anais.peeters@example.org"),
    display_name="Anaïs Peeters",
    first_name="Anaïs",
    lists=(),
)

_SETTINGS = """\
[organisation]
name = "Waterdienst"
languages = ["nl", "fr", "en"]

[sender]
from = "Interne communicatie <communicatie@example.org>"
unsubscribe = "mailto:communicatie@example.org?subject=uitschrijven"
"""


@dataclass(frozen=True)
class Mail:
    """One mail of the matrix as Anaïs gets it."""

    name: str  #: "interview.fr.default"
    rendering: Rendering
    page: str  #: its HTML with the pictures inside, for a browser
    text: str
    eml: bytes


_WHOLE = (
    *(f"{what}.{language}" for what in ("interview", "blocks") for language in LANGUAGES),
    "interview.mul",
    "sink.nl",
)
_KINDS = tuple(f"{kind}.{lang}" for lang in LANGUAGES for kind in editions.sources(lang))

#: Mails as they leave: an interview, one with every block, three languages stacked.
WHOLE = tuple(f"{what}.{look}" for look in THEMES for what in _WHOLE)
#: Those, and a mail for each block alone.
MATRIX = tuple(f"{what}.{look}" for look in THEMES for what in (*_WHOLE, *_KINDS))
#: Everything five times.
MONSTERS = tuple(f"monster.nl.{look}" for look in THEMES)
INTERVIEWS = tuple(name for name in WHOLE if name.startswith("interview.") and "mul" not in name)


@cache
def mail(name: str) -> Mail:
    """Return the mail *name*, one of those above."""
    what, language, look = name.split(".")
    return built(name, _editions(what, language), look)


def built(name: str, written: Sequence[Edition], look: str) -> Mail:
    """Return what *written* becomes, all the way to the bytes that leave."""
    settings, organisation = _settings(), _organisation()
    loaded = theme.load(look, [theme.shipped()])
    one = len(written) == 1
    rendering = (
        render(written[0], loaded, organisation) if one else stack(written, loaded, organisation)
    )
    skeleton = drafting.skeleton(rendering, settings, time.time())
    return Mail(
        name=name,
        rendering=rendering,
        page=message.fill(_with_pictures(rendering), rendering.slots, READER, escape=True),
        text=message.fill(rendering.text, rendering.slots, READER, escape=False),
        eml=message.compose(skeleton, READER, message_id("matrix", 1, "example.org")),
    )


def source(name: str) -> str:
    """Return the HTML of the mail *name* before its style sheet is inlined."""
    what, language, look = name.split(".")
    loaded, written = theme.load(look, [theme.shipped()]), _editions(what, language)
    slots = tuple(mail(name).rendering.slots)
    return Page(written, loaded, _organisation(), {slot: n for n, slot in enumerate(slots)}).html()


def _editions(what: str, language: str) -> tuple[Edition, ...]:
    match what:
        case "sink":
            return (editions.kitchen_sink(_folder()),)
        case "monster":
            return (editions.monster(_folder()),)
        case "blocks":
            body = tuple(block for edition in _each(language).values() for block in edition.body)
            return (replace(editions.kitchen_sink(_folder()), language=language, body=body),)
        case "interview":
            written = announcement.load(INTERVIEW, LANGUAGES).editions
            return tuple(each for each in written if language in (each.language, "mul"))
        case kind:
            return (_each(language)[kind],)


@cache
def _each(language: str) -> dict[str, Edition]:
    return editions.one_of_each(_folder(), language)


@cache
def _folder() -> Path:
    """A folder for painted pictures; it lives as long as the tests do."""
    _KEPT.append(tempfile.TemporaryDirectory())
    return Path(_KEPT[0].name)


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


@cache
def _settings() -> config.Config:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / config.FILE).write_text(_SETTINGS)
        return config.load(Path(folder))


def _organisation() -> Organisation:
    settings = _settings()
    return Organisation(
        name=settings.organisation.name,
        contact=str(drafting.reply_to(settings).address),
        unsubscribe=settings.sender.unsubscribe,
    )


def _with_pictures(rendering: Rendering) -> str:
    html = rendering.html
    for image in rendering.images:
        data = base64.b64encode(image.data).decode()
        html = html.replace(f"cid:{image.cid}", f"data:{image.content_type};base64,{data}")
    return html
