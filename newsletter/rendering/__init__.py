"""An announcement as the HTML and the text of a mail: one edition, or several stacked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from traceback import walk_tb
from types import FrameType

from jinja2 import TemplateError
from lxml import html as lxml_html

from newsletter import blocks, images, inlining
from newsletter.announcement import Edition
from newsletter.blocks import Slot
from newsletter.enclosure import Enclosure
from newsletter.errors import AuthorError, SetupError
from newsletter.rendering.page import Page
from newsletter.rendering.sheet import PLACE, Organisation
from newsletter.theme import Theme

__all__ = ["STACKED", "Organisation", "Rendering", "called", "render", "stack"]

STACKED = "mul"  #: the language of a mail in several: ISO 639-2, "multiple languages"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendering:
    """One mail as HTML and text, with markers where a reader's own words go."""

    language: str  #: "nl"; `STACKED` where there are several
    languages: tuple[str, ...]  #: those that it holds, in this order
    subject: str
    html: str  #: a complete document; its pictures are `cid:` addresses, or published
    text: str  #: lines of at most 72 columns but for long links
    images: tuple[images.Embedded, ...]
    slots: tuple[Slot, ...]  #: slots[n] is what marker n stands for, in *html* and in *text*
    attachments: tuple[Enclosure, ...] = ()
    published: tuple[Enclosure, ...] = ()  #: files that *html* names under the public address
    places: tuple[str, ...] = ()  #: where element n of *html* was written: "ceo.md:12", or ""


def called(language: str, languages: Sequence[str]) -> str:
    """Return what a mail in *language* is called: "nl", or "nl + fr stacked"."""
    return f"{' + '.join(languages)} stacked" if language == STACKED else language


def render(edition: Edition, theme: Theme, organisation: Organisation) -> Rendering:
    """Return *edition* in the look of *theme*; every picture at fault is in one `AuthorError`."""
    return _rendered((edition,), edition.language, theme, organisation)


def stack(editions: Sequence[Edition], theme: Theme, organisation: Organisation) -> Rendering:
    """Return *editions* as one mail, each language under the other with links to jump by."""
    return _rendered(tuple(editions), STACKED, theme, organisation)


def _rendered(
    editions: tuple[Edition, ...], language: str, theme: Theme, organisation: Organisation
) -> Rendering:
    slots = tuple(dict.fromkeys(_slots(editions)))
    page = Page(editions, theme, organisation, {slot: n for n, slot in enumerate(slots)})
    try:
        html, text = page.html(), page.text()
    except Exception as error:  # a theme is code
        if not (isinstance(error, TemplateError | RecursionError) or _is_of_template(error)):
            raise
        raise SetupError(f"theme `{theme.name}`{_template_line(error)}: {error}") from error
    if page.gathering.faults:
        raise AuthorError(dict.fromkeys(page.gathering.faults))
    marked = inlining.inline(html, theme.compiled)
    return Rendering(
        language=language,
        languages=tuple(edition.language for edition in editions),
        subject=page.subject,
        html=PLACE.sub("", marked),
        text=text,
        images=tuple(page.gathering.images.values()),
        slots=slots,
        attachments=tuple(page.gathering.attachments.values()),
        published=tuple(page.gathering.published.values()),
        places=tuple(_places(marked, editions)),
    )


def _slots(editions: Sequence[Edition]) -> Iterator[Slot]:
    for edition in editions:
        for part, _ in (*blocks.walk(edition.greeting), *blocks.walk(edition.body)):
            if isinstance(part, Slot):
                yield part


def _places(marked: str, editions: Sequence[Edition]) -> Iterator[str]:
    """Yield where each element of *marked*, in the order of the document, was written."""
    found: dict[object, str] = {}
    for element in lxml_html.document_fromstring(marked).iter("*"):
        own = PLACE.fullmatch(f' data-place="{element.get("data-place")}"')
        parent = element.getparent()
        if own:
            path, line = editions[int(own[1])].path, int(own[2])
            found[element] = f"{path}:{line}" if line else str(path)
        else:
            found[element] = found.get(parent, "") if parent is not None else ""
        yield found[element]


def _is_of_template(error: Exception) -> bool:
    """Return whether it was raised by what a template says, and not by what it calls."""
    *_, (frame, _) = walk_tb(error.__traceback__)
    return _template(frame) is not None


def _template_line(error: Exception) -> str:
    """Return " (mail.html.j2:12)", read from the trace for Jinja does not always say it."""
    found = ((_template(frame), line) for frame, line in walk_tb(error.__traceback__))
    places = [f" ({name}:{line})" for name, line in found if name]
    return places[-1] if places else ""


def _template(frame: FrameType) -> str | None:
    file = Path(frame.f_code.co_filename)
    return file.name if file.suffix in (".j2", ".css") else None
