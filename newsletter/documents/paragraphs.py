"""What every kind of document is read into: a flat list of paragraphs and what is known of each."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What the document itself says a paragraph is."""

    TEXT = "text"
    HEADING = "heading"
    LEAD = "lead"  #: a subtitle
    CAPTION = "caption"  #: the words below a picture, or the words that stand in for it
    BLOCK = "block"  #: a list, a table or a quote, already laid out in Markdown


@dataclass(frozen=True, kw_only=True, slots=True)
class Paragraph:
    """One paragraph, with its words twice: bare, to recognise it, and as Markdown, to write it."""

    text: str
    markdown: str  #: without the asterisks of a paragraph that is *bold* throughout
    place: str  #: "line 14", "paragraph 9"
    kind: Kind = Kind.TEXT
    level: int = 0  #: of a heading, 1 to 6
    bold: bool = False

    @property
    def one_line(self) -> str:
        """The Markdown without line breaks and without bold, for a heading or a question."""
        return " ".join(self.markdown.replace("\\\n", " ").split("\n"))

    @property
    def whole(self) -> str:
        """The Markdown as the document had it."""
        return f"**{self.markdown}**" if self.bold else self.markdown


class UnreadableError(ValueError):
    """The document cannot or must not be read; the text says why and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What a reader took from a document."""

    paragraphs: tuple[Paragraph, ...]
    title: str = ""  #: what the document calls itself, used if no line looks like a title
    pictures: tuple[str, ...] = ()  #: the words that stand in for each picture left out
    unsure: tuple[str, ...] = ()
