"""One edition in the templates of a theme: a sheet of HTML, and its text."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment
from markupsafe import Markup

from newsletter import blocks, calendar, enclosure, plaintext
from newsletter import images as pictures
from newsletter import theme as themes
from newsletter.announcement import Edition
from newsletter.blocks import Block, Blocks, Inlines, Slot
from newsletter.enclosure import Enclosure, Unusable
from newsletter.errors import Fault
from newsletter.rendering import wording
from newsletter.rendering.gathering import Gathering
from newsletter.rendering.parts import parts
from newsletter.theme import Theme

MARGIN = 40  #: pixels left and right of the words on a sheet of full width

# Where an element was written: the number of its edition, and the line. The private-use character
# cannot stand in an author's words, so that none of them are taken for it.
PLACE = re.compile(' data-place="\ue002([0-9]+):([0-9]+)"')

_URL = re.compile(r"(https?|mailto|tel):", re.IGNORECASE)
_FIRST_TAG = re.compile(r"<[a-z0-9]+(?P<inner> data-place)?")
_PICTURE_LINES = 20  # that a picture takes, about


@dataclass(frozen=True, kw_only=True, slots=True)
class Organisation:
    """Whose mail it is, and where a reader may ask."""

    name: str
    contact: str  #: a mail address
    timezone: str = "Europe/Brussels"  #: of events that name none
    unsubscribe: str = ""  #: an address to leave the list by; empty: nobody can
    base_url: str = ""  #: where files are published; empty: they travel in the message


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """What the sheets of one mail share."""

    theme: Theme
    templates: Environment
    organisation: Organisation
    numbers: plaintext.Numbers
    logo: Mapping[str, Any] | None
    footer: tuple[Inlines, ...]
    gathering: Gathering
    sheets: int  #: how many there are


class Sheet:
    """One edition of a mail, in its own language."""

    def __init__(self, setting: Setting, number: int, edition: Edition) -> None:
        self._setting = setting
        self._gathering = setting.gathering
        self._number = number
        self._edition = edition
        self._width = setting.theme.width
        self._line = 0
        self._invitations: dict[blocks.Event, Mapping[str, str]] = {}  # each costs milliseconds
        self._headed = False  # a heading came before, so that a question belongs under it
        self._locale = wording.locale_of(edition.language)
        self._strings = themes.strings(setting.theme, edition.language)
        self._mail = plaintext.Mail(
            strings=self._strings,
            when=self._when,
            calendar=self._calendar,
            enclosed=self._enclosed,
            numbers=setting.numbers,
        )
        self._context: dict[str, Any] = {
            "blocks": self._blocks,
            "calendar": self._calendar,
            "colours": setting.theme.colours,
            "dark": setting.theme.dark,
            "date": self._date(),
            "day": lambda event: wording.leaf(event, self._locale),
            "edition": edition,
            "enclosed": self._enclosed,
            "fonts": setting.theme.fonts,
            "footer": [self._words(line) for line in setting.footer],
            "logo": setting.logo,
            "organisation": setting.organisation,
            "picture": self._picture,
            "sheets": setting.sheets,
            "strings": self._strings,
            "theme": setting.theme,
            "url": self._url,
            "when": self._when,
            "words": self._words,
        }

    def heading(self) -> Mapping[str, str]:
        """Return what stands around the sheet: its language and its name, which way it runs."""
        return {
            "language": self._edition.language,
            "direction": self._locale.text_direction,
            "name": str(self._locale.language_name).capitalize(),
            "below": self._strings["below"],
        }

    def html(self) -> str:
        image = self._edition.image
        hero = self._picture(image, self._width) if image and image.source else None
        opening, body = _opened(self._edition.body)
        width = self._width - 2 * MARGIN
        return self._template(
            "sheet.html.j2",
            hero=hero,
            lead=self._blocks(opening, width),
            parts=[self._blocks(part, width) for part in parts(body, self._height)],
        )

    def text(self) -> str:
        opening, body = _opened(self._edition.body)
        image = (self._edition.image,) if self._edition.image else ()
        greeting = (blocks.Paragraph(self._edition.greeting),)
        order = (image, opening) if image and image[0].source else (opening, image)
        addresses: plaintext.Addresses = []
        numbered = self._setting.theme.text_links == "numbered"
        mail = replace(self._mail, addresses=addresses) if numbered else self._mail
        return self._template(
            "sheet.txt.j2",
            parts=[plaintext.text(part, mail) for part in (*order, greeting, body)],
            footer=[
                plaintext.words(line, mail.numbers, mail.addresses) for line in self._setting.footer
            ],
            references=plaintext.references(addresses),
        )

    def _template(self, name: str, **more: object) -> str:
        return self._setting.templates.get_template(name).render(self._context | more)

    def _height(self, block: Block) -> int:
        shown = sum(isinstance(part, blocks.Image) for part, _ in blocks.walk((block,)))
        return plaintext.text((block,), self._mail).count("\n") + 2 + shown * _PICTURE_LINES

    def _blocks(
        self, content: Blocks, width: int, *, tone: str = "", closed: bool = False
    ) -> Markup:
        """Return *content* as HTML *width* pixels wide; *closed* if a frame ends below it."""
        return Markup("\n").join(
            self._block(block, width, tone, last=closed and n == len(content) - 1)
            for n, block in enumerate(content)
        )

    def _block(self, block: Block, width: int, tone: str, *, last: bool) -> Markup:
        self._line = block.line or self._line
        place = f' data-place="\ue002{self._number}:{self._line}"'
        html = self._template(
            f"blocks/{kind(block)}.html.j2",
            block=block,
            width=width,
            tone=tone,
            last=last,
            rank=self._rank(block),
        )
        # Where a block begins with another, such as a lead with its paragraph, that one is meant.
        placed = _FIRST_TAG.sub(
            lambda tag: tag[0] if tag["inner"] else tag[0] + place, html.strip(), count=1
        )
        return Markup(placed)  # noqa: S704  # a template escaped it

    def _rank(self, block: Block) -> int:
        """Return the level of a heading such that none is skipped."""
        match block:
            case blocks.Heading(level=2):
                self._headed = True
                return 2
            case blocks.Heading() | blocks.Question():
                return 3 if self._headed else 2
            case _:
                return 0

    def _words(self, inlines: Inlines) -> Markup:
        return Markup("").join(self._word(inline) for inline in inlines)

    def _word(self, inline: blocks.Inline) -> Markup:
        match inline:
            case blocks.Text(content):
                return Markup.escape(content)
            case blocks.Code(content):
                return Markup("<code>{}</code>").format(content)
            case blocks.Strong(children):
                return Markup("<strong>{}</strong>").format(self._words(children))
            case blocks.Emphasis(children):
                return Markup("<em>{}</em>").format(self._words(children))
            case blocks.Link(children, url):
                link = Markup('<a class="link" href="{}">{}</a>')
                return link.format(self._url(url), self._words(children))
            case blocks.LineBreak():
                return Markup("<br>")
            case Slot():
                return Markup.escape(blocks.marker(self._setting.numbers[inline]))

    def _date(self) -> str:
        day = self._edition.date
        return wording.date(day, self._strings, self._locale) if day else ""

    def _when(self, event: blocks.Event) -> str:
        return wording.when(event, self._setting.organisation.timezone, self._strings, self._locale)

    def _url(self, url: str) -> str:
        if not _URL.match(url):
            self._fault(f"link `{url}` does not begin with https:, http:, mailto: or tel:")
        return url

    def _picture(self, image: blocks.Image, width: int) -> pictures.Embedded:
        self._line = image.line or self._line
        try:
            file = pictures.locate(self._edition.path.parent, image.source)
            return self._gathering.embed(file, width)
        except Unusable as error:
            self._fault(str(error))
            return _NOTHING

    def _enclosed(self, file: blocks.File) -> Mapping[str, str]:
        """Return what there is to say of *file*, and its address unless it travels in the mail."""
        self._line = file.line or self._line
        if _URL.match(file.source):
            name = PurePosixPath(urlsplit(file.source).path).name
            return {"href": file.source, "filename": name, "kind": _suffix(name), "size": ""}
        folder = self._edition.path.parent
        return self._attempted(lambda: enclosure.enclose(folder, file.source))

    def _calendar(self, event: blocks.Event) -> Mapping[str, str]:
        """Return the same of the file that puts *event* into a reader's calendar."""
        if event not in self._invitations:
            self._line = event.line or self._line
            self._invitations[event] = self._attempted(lambda: self._invitation(event))
        return self._invitations[event]

    def _invitation(self, event: blocks.Event) -> Enclosure:
        organisation = self._setting.organisation
        return calendar.invitation(
            event,
            organisation=organisation.name,
            contact=organisation.contact,
            timezone=organisation.timezone,
            description=plaintext.text(event.children, replace(self._mail, numbers=None)),
        )

    def _attempted(self, enclosed: Callable[[], Enclosure]) -> Mapping[str, str]:
        try:
            file = enclosed()
        except Unusable as error:
            self._fault(str(error))
            return dict.fromkeys(("href", "filename", "kind", "size"), "")
        filename, href = self._gathering.enclose(file)
        return {
            "href": href,
            "filename": filename,
            "kind": _suffix(file.filename),
            "size": wording.size(len(file.data), self._locale),
        }

    def _fault(self, message: str) -> None:
        path = self._edition.path
        self._gathering.faults.append(
            Fault(f"{path}:{self._line}" if self._line else str(path), message)
        )


# Stands for a picture at fault, so that all other faults are found in the same reading.
_NOTHING = pictures.Embedded(
    cid="", filename="", content_type="image/png", data=b"", width=1, height=1
)


def _suffix(filename: str) -> str:
    """Return "PDF" of "report.pdf"."""
    return PurePosixPath(filename).suffix.removeprefix(".").upper()


def kind(block: Block) -> str:
    """Return the name of the template for *block*."""
    return type(block).__name__.lower()


def _opened(body: Blocks) -> tuple[Blocks, Blocks]:
    """Return the lead that *body* begins with, or nothing, and the rest."""
    return (body[:1], body[1:]) if body and isinstance(body[0], blocks.Lead) else ((), body)
