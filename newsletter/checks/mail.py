"""The finished mail of one reader, read back from its bytes, with where each part was written."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from newsletter.announcement import Edition
from newsletter.checks.finding import Where, path_and_line
from newsletter.checks.passages import fields
from newsletter.rendering import Rendering

_BLOCKS = frozenset("title p h1 h2 h3 h4 h5 h6 li td th div body".split())
_WORDLESS = ("style", "script")


@dataclass(frozen=True, slots=True)
class Prose:
    """Words that belong together: a paragraph, a heading, a cell, what a picture shows."""

    element: HtmlElement
    words: str  #: with single spaces


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail as a reader without a name gets it; in several languages when stacked."""

    editions: tuple[Edition, ...]
    rendering: Rendering
    data: bytes  #: the whole message

    @cached_property
    def message(self) -> Message:
        return message_from_bytes(self.data)

    @cached_property
    def subject(self) -> str:
        folded = self.message.get("Subject", "")
        return str(make_header(decode_header("".join(folded.splitlines()))))

    @cached_property
    def html_part(self) -> Message | None:
        return self._part("text/html")

    @cached_property
    def text_part(self) -> Message | None:
        return self._part("text/plain")

    @cached_property
    def html(self) -> str:
        return _content(self.html_part)

    @cached_property
    def text(self) -> str:
        return _content(self.text_part)

    @cached_property
    def tree(self) -> HtmlElement:
        try:
            return lxml_html.document_fromstring(self.html)
        except etree.ParserError:  # nothing in it; `envelope` says so
            return lxml_html.document_fromstring("<html></html>")

    @cached_property
    def elements(self) -> tuple[HtmlElement, ...]:
        """Return every element of the HTML, in the order of the document."""
        return tuple(self.tree.iter("*"))

    @cached_property
    def links(self) -> tuple[tuple[HtmlElement, str], ...]:
        """Return every link with its address."""
        return tuple(
            (element, element.get("href").strip())
            for element in self.elements
            if element.tag == "a" and element.get("href") is not None
        )

    @cached_property
    def images(self) -> dict[str, bytes]:
        """Return the pictures by what `src` calls them: those inside, and those published."""
        inside = {
            f"cid:{part['Content-ID'].strip('<> ')}": _bytes(part)
            for part in self.message.walk()
            if part["Content-ID"]
        }
        published = {
            element.get("src"): enclosure.data
            for enclosure in self.rendering.published
            for element in self.elements
            if element.tag == "img" and element.get("src", "").endswith(f"/{enclosure.filename}")
        }
        return inside | published

    @cached_property
    def prose(self) -> tuple[Prose, ...]:
        """Return the words of the HTML, as title, paragraphs, cells and the words of pictures."""
        found: dict[HtmlElement, list[str]] = {}
        for block, words in _texts(self.tree):
            found.setdefault(block, []).append(words)
        joined = ((block, " ".join("".join(words).split())) for block, words in found.items())
        return tuple(Prose(block, words) for block, words in joined if words)

    def words(self, element: HtmlElement) -> str:
        """Return what a reader hears of *element*: its words, and those of its pictures."""
        alts = (image.get("alt", "") for image in element.iter("img"))
        return " ".join(" ".join(("".join(element.itertext()), *alts)).split())

    # -- where it was written

    def place(self, element: HtmlElement) -> str:
        """Return where *element* was written: "announcements/ceo.md:12"; at least the file."""
        return self._places.get(element) or str(self._edition(element).path)

    def language(self, element: HtmlElement) -> str:
        """Return the language of the edition that *element* is in."""
        return self._edition(element).language

    def where(self, element: HtmlElement, words: str = "") -> Where:
        """Return where *element* was written, as near to *words* as can be found."""
        edition = self._edition(element)
        line = path_and_line(self._places.get(element, ""))[1]
        if not line and element.tag == "img" and edition.image:
            line = edition.image.line  # the one on top stands in no block
        line = self._line(edition.path, line, words) or line
        return Where(f"{edition.path}:{line}" if line else str(edition.path), edition.language)

    def field(self, edition: Edition, *names: str) -> Where:
        """Return where the first of the front matter's fields *names* is that is there."""
        lines = fields(edition)
        line = next((lines[name] for name in names if name in lines), 1)
        return Where(f"{edition.path}:{line}", edition.language)

    @cached_property
    def whole(self) -> Where:
        """Return where something is that is about all of the mail."""
        return Where(str(self.editions[0].path), self.rendering.language)

    @cached_property
    def _places(self) -> dict[HtmlElement, str]:
        return dict(zip(self.elements, self.rendering.places, strict=False))

    def _edition(self, element: HtmlElement) -> Edition:
        """Return the edition by place, else by the language around *element*."""
        path, _ = path_and_line(self._places.get(element, ""))
        for edition in self.editions:
            if path == str(edition.path):
                return edition
        around = (each.get("lang") for each in (element, *element.iterancestors()))
        language = next(filter(None, around), "")
        alike = (edition for edition in self.editions if edition.language == language)
        return next(alike, self.editions[0])

    def _line(self, path: Path, first: int, words: str) -> int:
        """Return the line with *words* in the block that begins on *first*; 0: on none."""
        if not words:
            return 0
        begun = self._begun.get(str(path), [])
        after = bisect_right(begun, first)
        last = begun[after] if first and after < len(begun) else None
        if path not in self._sources:
            self._sources[path] = _source(path)
        lines = self._sources[path][max(first - 1, 0) : last and last - 1]
        decoded = unquote(words)
        for n, line in enumerate(lines, max(first, 1)):
            if words in line or decoded in line:
                return n
        return 0

    @cached_property
    def _sources(self) -> dict[Path, list[str]]:
        return {}

    @cached_property
    def _begun(self) -> dict[str, list[int]]:
        """Return the lines on which blocks begin, by file, in order."""
        begun: dict[str, set[int]] = {}
        for place in set(self.rendering.places):
            path, line = path_and_line(place)
            begun.setdefault(path, set()).add(line)
        return {path: sorted(lines) for path, lines in begun.items()}

    def _part(self, content_type: str) -> Message | None:
        parts = (
            part
            for part in self.message.walk()
            if part.get_content_type() == content_type
            and part.get_content_disposition() != "attachment"
        )
        return next(parts, None)


def _bytes(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _content(part: Message | None) -> str:
    if part is None:
        return ""
    try:
        content = _bytes(part).decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:  # a charset that there is not; `envelope` says so
        content = _bytes(part).decode("utf-8", "replace")
    return content.replace("\r\n", "\n")


def _source(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError):  # gone since it was read; the finding stands all the same
        return []


def _texts(tree: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """Yield every piece of text with the block that it belongs to, in the order of reading."""
    stack: list[HtmlElement] = [tree]
    for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        if event == "start":
            if element.tag in _BLOCKS:
                stack.append(element)
            if element.tag == "img" and element.get("alt"):
                yield element, element.get("alt")
            if element.tag == "br":
                yield stack[-1], " "
            if element.text and element.tag not in _WORDLESS:
                yield stack[-1], element.text
            continue
        if event == "end" and element.tag in _BLOCKS:
            stack.pop()
        if element.tail:
            yield stack[-1], element.tail
