"""What an announcement is made of: blocks, the words in them, and the slots for a reader.

All values are frozen and hold text, never markup: a theme decides how a block looks in HTML,
`plaintext` how it reads without. A block's *line* is where its author wrote it (1-based, for
faults and checks); it does not take part in comparison.
"""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum


class Field(StrEnum):
    """The closed set of personal fields that a text may ask for."""

    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    DISPLAY_NAME = "display_name"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Text:
    """Words as they are."""

    content: str


@dataclass(frozen=True, slots=True)
class Strong:
    """Important words."""

    children: "Inlines"


@dataclass(frozen=True, slots=True)
class Emphasis:
    """Stressed words."""

    children: "Inlines"


@dataclass(frozen=True, slots=True)
class Code:
    """Words to type exactly."""

    content: str


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to *url* (http, https, mailto or tel)."""

    children: "Inlines"
    url: str


@dataclass(frozen=True, slots=True)
class LineBreak:
    """A line ended on purpose."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a reader's own *field*, or *fallback* where it is not known."""

    field: Field
    fallback: str


Inline = Text | Strong | Emphasis | Code | Link | LineBreak | Slot
Inlines = tuple[Inline, ...]


def _line() -> int:
    return field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Heading:
    """A sub-heading; *level* 2 or 3, for the title is level 1."""

    level: int
    children: Inlines
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    children: Inlines
    line: int = _line()


@dataclass(frozen=True, slots=True)
class List:
    """Points, numbered when *start* is a number; each item is blocks."""

    items: tuple["Blocks", ...]
    start: int | None = None
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Table:
    """A data table with a header row; an alignment per column: left, center or right."""

    head: tuple[Inlines, ...]
    rows: tuple[tuple[Inlines, ...], ...]
    alignments: tuple[str, ...]
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's own words, and whose (may be empty)."""

    children: "Blocks"
    attribution: Inlines = ()
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Image:
    """A picture: a file beside the announcement, its words for who cannot see it, its caption."""

    source: str
    alt: str
    caption: str = ""
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Button:
    """The one thing to do next."""

    label: str
    url: str
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Question:
    """One turn of an interview: what was asked, and the answer."""

    question: Inlines
    answer: "Blocks"
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Lead:
    """The opening that says it all in a few sentences."""

    children: "Blocks"
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Callout:
    """A boxed notice, with or without a title."""

    title: Inlines
    children: "Blocks"
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Divider:
    """A pause between two parts."""

    line: int = _line()


@dataclass(frozen=True, slots=True)
class Columns:
    """Two or three stories side by side; on a phone, one under the other."""

    columns: tuple["Blocks", ...]
    line: int = _line()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody introduced: portrait, name, role, how to reach them, a few words."""

    name: str
    role: str = ""
    portrait: Image | None = None
    contacts: tuple[Link, ...] = ()
    children: "Blocks" = ()
    line: int = _line()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something to be at; without *starts* it takes whole days."""

    title: str
    date: datetime.date
    until: datetime.date | None = None  #: the last day, where there are several
    starts: datetime.time | None = None  #: on the clock of *timezone*
    ends: datetime.time | None = None
    timezone: str = ""  #: IANA name, "Europe/Brussels"; empty: the organisation's own
    place: str = ""
    children: "Blocks" = ()
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Gallery:
    """Two to four pictures together."""

    images: tuple[Image, ...]
    caption: str = ""
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that says something, and what it counts: "300", "people"."""

    number: str
    label: Inlines


@dataclass(frozen=True, slots=True)
class Figures:
    """A few numbers side by side."""

    figures: tuple[Figure, ...]
    line: int = _line()


@dataclass(frozen=True, slots=True)
class File:
    """Something to download: a file beside the announcement, or an address."""

    label: str
    source: str
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Files:
    """Files to download, with or without a title above them."""

    title: Inlines
    files: tuple[File, ...]
    line: int = _line()


Block = (
    Heading
    | Paragraph
    | List
    | Table
    | Quote
    | Image
    | Button
    | Question
    | Lead
    | Callout
    | Divider
    | Columns
    | Person
    | Event
    | Gallery
    | Figures
    | Files
)
Blocks = tuple[Block, ...]


def walk(content: Blocks | Inlines, line: int = 0) -> Iterator[tuple[Block | Inline, int]]:
    """Yield every block and inline in *content*, however deep, in the order of reading.

    With each comes the line of the block that it is or stands in; *line* where that has none.
    """
    for each in content:
        if isinstance(each, tuple):  # an item of a list, a row or cell of a table
            yield from walk(each, line)
        elif is_dataclass(each):
            own = getattr(each, "line", 0) or line
            yield each, own
            yield from walk(tuple(getattr(each, part.name) for part in fields(each)), own)


# A slot crosses HTML, inlining and line wrapping as one private-use sequence. Authors cannot
# write these characters: `markdown` and `announcement` refuse them.
MARKER = re.compile("\ue000([0-9]+)\ue001")


def marker(number: int) -> str:
    """Return the characters that stand for slot *number* until `message` fills it in."""
    return f"\ue000{number}\ue001"


def plain(inlines: Inlines) -> str:
    """Return *inlines* as bare words; a slot reads as its fallback.

    >>> plain((Text("Dag "), Slot(Field.FIRST_NAME, "collega"), Strong((Text("!"),))))
    'Dag collega!'
    """
    words = []
    for inline in inlines:
        match inline:
            case Text(content) | Code(content):
                words.append(content)
            case Strong(children) | Emphasis(children) | Link(children):
                words.append(plain(children))
            case Slot(fallback=fallback):
                words.append(fallback)
            case LineBreak():
                words.append(" ")
    return "".join(words)
