"""One edition of an announcement as the HTML and the text of a mail."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from jinja2 import TemplateError
from markupsafe import Markup

from newsletter import blocks, images, inlining, plaintext
from newsletter import theme as themes
from newsletter.announcement import Edition
from newsletter.blocks import Block, Blocks, Inlines, Slot
from newsletter.errors import AuthorError, Fault, SetupError
from newsletter.theme import Theme

MARGIN = 40  #: pixels left and right of the words on a sheet of full width
TALLEST_PART = 42  #: lines; Word breaks a page inside a table of more than 1,800 pixels

_URL = re.compile(r"(https?|mailto|tel):", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Organisation:
    """Whose mail it is, and where a reader may ask."""

    name: str
    contact: str  #: a mail address


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendering:
    """One edition as HTML and text, with markers where a reader's own words go."""

    language: str
    subject: str
    html: str  #: a complete document; its pictures are `cid:` addresses
    text: str  #: lines of at most 72 columns but for long links
    images: tuple[images.Embedded, ...]
    slots: tuple[Slot, ...]  #: slots[n] is what marker n stands for, in *html* and in *text*


def render(edition: Edition, theme: Theme, organisation: Organisation) -> Rendering:
    """Return *edition* in the look of *theme*; every picture at fault is in one `AuthorError`."""
    slots = tuple(dict.fromkeys(_slots(edition)))
    page = _Page(edition, theme, organisation, {slot: n for n, slot in enumerate(slots)})
    try:
        html, text = page.html(), page.text()
    except TemplateError as error:
        raise SetupError(f"theme `{theme.name}`{_template_line(error)}: {error}") from error
    if page.faults:
        raise AuthorError(dict.fromkeys(page.faults))
    return Rendering(
        language=edition.language,
        subject=edition.subject,
        html=inlining.inline(html),
        text=text,
        images=tuple(page.images.values()),
        slots=slots,
    )


def _slots(edition: Edition) -> Iterator[Slot]:
    for part, _ in (*blocks.walk(edition.greeting), *blocks.walk(edition.body)):
        if isinstance(part, Slot):
            yield part


def _template_line(error: TemplateError) -> str:
    """Return " (mail.html.j2:12)", read from the trace for Jinja does not always say it."""
    place, trace = "", error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.suffix in (".j2", ".css"):
            place = f" ({file.name}:{trace.tb_lineno})"
        trace = trace.tb_next
    return place


class _Page:
    """Puts one edition into the templates of a theme, and gathers its pictures and faults."""

    def __init__(
        self,
        edition: Edition,
        theme: Theme,
        organisation: Organisation,
        numbers: plaintext.Numbers,
    ) -> None:
        self.images: dict[str, images.Embedded] = {}
        self.faults: list[Fault] = []
        self._edition = edition
        self._theme = theme
        self._numbers = numbers
        self._line = 0
        self._headed = False  # a heading came before, so that a question belongs under it
        self._strings = themes.strings(theme, edition.language)
        self._templates = themes.environment(theme)
        self._templates.filters |= {"kind": _kind, "url": self._url, "wrap": plaintext.wrap}
        self._templates.globals |= {
            "blocks": self._blocks,
            "colours": theme.colours,
            "dark": theme.dark,
            "date": _date(edition, self._strings["date"]),
            "edition": edition,
            "fonts": theme.fonts,
            "organisation": organisation,
            "picture": self._picture,
            "strings": self._strings,
            "theme": theme,
            "words": self._words,
        }

    def html(self) -> str:
        image = self._edition.image
        hero = self._picture(image, self._theme.width) if image and image.source else None
        opening, body = _opened(self._edition.body)
        width = self._theme.width - 2 * MARGIN
        return self._templates.get_template("mail.html.j2").render(
            direction=_locale(self._edition.language).text_direction,
            hero=hero,
            lead=self._blocks(opening, width),
            parts=[self._blocks(part, width) for part in self._parts(body)],
        )

    def text(self) -> str:
        opening, body = _opened(self._edition.body)
        image = (self._edition.image,) if self._edition.image else ()
        greeting = (blocks.Paragraph(self._edition.greeting),)
        order = (image, opening) if image and image[0].source else (opening, image)
        parts = [self._plain(part) for part in (*order, greeting, body)]
        return self._templates.get_template("mail.txt.j2").render(parts=parts) + "\n"

    def _plain(self, content: Blocks) -> str:
        return plaintext.text(content, self._numbers, self._strings["picture"])

    def _parts(self, body: Blocks) -> Iterator[Blocks]:
        """Yield *body* in parts that Word shows on one page; a heading begins a part."""
        part: list[Block] = []
        lines = 0
        for block in self._cut(body):
            tall = self._height(block)
            begins = isinstance(block, blocks.Heading) and block.level == 2
            if part and (begins or lines + tall > TALLEST_PART):
                yield tuple(part)
                part, lines = [], 0
            part.append(block)
            lines += tall
        if part:
            yield tuple(part)

    def _cut(self, body: Blocks) -> Iterator[Block]:
        """Yield *body* with an answer that is too tall as several, the first with the question."""
        for block in body:
            if isinstance(block, blocks.Question) and self._height(block) > TALLEST_PART:
                asked = block.question
                for part in self._parts(block.answer):
                    yield blocks.Question(asked, part, line=block.line)
                    asked = ()
            else:
                yield block

    def _height(self, block: Block) -> int:
        picture = 20 if isinstance(block, blocks.Image) else 0
        return self._plain((block,)).count("\n") + 2 + picture

    def _blocks(
        self, content: Blocks, width: int, *, tone: str = "", closed: bool = False
    ) -> Markup:
        """Return *content* as HTML *width* pixels wide; *closed* if a frame ends below it."""
        painted = []
        for index, block in enumerate(content):
            self._line = block.line or self._line
            template = self._templates.get_template(f"blocks/{_kind(block)}.html.j2")
            last = closed and index == len(content) - 1
            rank = self._rank(block)
            painted.append(
                template.render(block=block, width=width, tone=tone, last=last, rank=rank).strip()
            )
        return Markup("\n").join(map(Markup, painted))

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
                return Markup.escape(blocks.marker(self._numbers[inline]))

    def _url(self, url: str) -> str:
        if not _URL.match(url):
            self._fault(f"link `{url}` does not begin with https:, http:, mailto: or tel:")
        return url

    def _picture(self, image: blocks.Image, width: int) -> images.Embedded | None:
        self._line = image.line or self._line
        try:
            file = images.locate(self._edition.path.parent, image.source)
            embedded = images.embed(file, shown_width=width)
        except images.Unusable as error:
            self._fault(str(error))
            return _NOTHING
        self.images.setdefault(embedded.cid, embedded)
        return embedded

    def _fault(self, message: str) -> None:
        place = f"{self._edition.path}:{self._line}" if self._line else str(self._edition.path)
        self.faults.append(Fault(place, message))


# Stands for a picture at fault, so that all other faults are found in the same reading.
_NOTHING = images.Embedded(
    cid="", filename="", content_type="image/png", data=b"", width=1, height=1
)


def _kind(block: Block) -> str:
    return type(block).__name__.lower()


def _date(edition: Edition, pattern: str) -> str:
    if edition.date is None:
        return ""
    return format_date(edition.date, pattern, _locale(edition.language))


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except UnknownLocaleError:  # a territory that Babel does not know
        return Locale.parse(language.split("-")[0])


def _opened(body: Blocks) -> tuple[Blocks, Blocks]:
    """Return the lead that *body* begins with, or nothing, and the rest."""
    return (body[:1], body[1:]) if body and isinstance(body[0], blocks.Lead) else ((), body)
